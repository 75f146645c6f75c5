package handoverlist

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxRange is more buildings than any project has.
const maxRange = 200

var (
	rangeParts    = regexp.MustCompile(`^(.+?)\s*(?:-|~|—|–|至|到)\s*(.+)$`)
	numberAndRest = regexp.MustCompile(`^0*(\d{1,4})(\D*)$`)
	allBuildings  = []string{"全部", "全部楼栋", "所有", "所有楼栋", "全区", "整个项目", "all", "allbuildings"}
)

// expandBuildings lists the buildings of "1#-3#、5#". known gives the names
// that the unit table uses, by building key, in its order of buildings. A range
// holds every number between its ends, also those that no unit is known of:
// the list may cover another phase.
func expandBuildings(text string, known *buildingNames) (names []string, ok bool) {
	add := func(name string) {
		name = known.name(name)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, item := range items(text) {
		if slices.Contains(allBuildings, fold(item)) {
			for _, n := range known.names {
				add(n)
			}
			continue
		}
		m := rangeParts.FindStringSubmatch(item)
		if known.has(item) || m == nil && strings.Trim(item, "-~—–") == item {
			add(item)
			continue
		}
		if m == nil {
			return nil, false
		}
		from, err := strconv.Atoi(buildingKey(m[1]))
		end := numberAndRest.FindStringSubmatch(m[2])
		if err != nil || end == nil {
			return nil, false
		}
		to, err := strconv.Atoi(end[1])
		if err != nil || buildingKey(m[2]) != end[1] || from > to || to-from >= maxRange {
			return nil, false
		}
		for n := from; n <= to; n++ {
			add(strconv.Itoa(n) + end[2])
		}
	}
	return names, len(names) > 0 && len(names) <= maxRange
}

// buildingNames holds the names of a book's buildings as first written.
type buildingNames struct {
	names []string
	byKey map[string]string
}

func newBuildingNames() *buildingNames { return &buildingNames{byKey: map[string]string{}} }

func (b *buildingNames) learn(name string) {
	key := buildingKey(name)
	if _, known := b.byKey[key]; !known {
		b.byKey[key] = name
		b.names = append(b.names, name)
	}
}

func (b *buildingNames) has(name string) bool { _, known := b.byKey[buildingKey(name)]; return known }

// name is the name that the unit table uses for a building, or the given one.
func (b *buildingNames) name(name string) string {
	if first, known := b.byKey[buildingKey(name)]; known {
		return first
	}
	return strings.TrimSpace(name)
}
