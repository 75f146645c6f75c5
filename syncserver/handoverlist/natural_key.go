package handoverlist

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	buildingSuffixes = []string{"#楼", "号楼", "号", "栋", "幢", "座", "楼", "#"}
	buildingPrefixes = []string{"BUILDING", "BLOCK", "TOWER", "NO."}
	entranceSuffixes = []string{"单元"}
	entrancePrefixes = []string{"ENTRANCE", "UNIT", "STAIRWELL"}
	numberSuffixes   = []string{"室", "号"}
	hanDigits        = map[string]string{"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10"}
)

// buildingKey is what stays the same when "1#" is written "1号楼" or "01栋".
func buildingKey(name string) string { return placeKey(name, buildingPrefixes, buildingSuffixes) }

// entranceKey makes "1单元", "一单元" and "1" one entrance.
func entranceKey(name string) string { return placeKey(name, entrancePrefixes, entranceSuffixes) }

// numberKey makes "101室" and "101" one number; leading zeros count.
func numberKey(name string) string {
	key := compact(name)
	for _, s := range numberSuffixes {
		key = strings.TrimSuffix(key, s)
	}
	return key
}

func placeKey(name string, prefixes, suffixes []string) string {
	key := compact(name)
	for _, p := range prefixes {
		key = strings.TrimPrefix(key, p)
	}
	for _, s := range suffixes {
		if rest, has := strings.CutSuffix(key, s); has {
			key = rest
			break
		}
	}
	if digit, has := hanDigits[key]; has {
		return digit
	}
	if n, err := strconv.Atoi(key); err == nil && n >= 0 {
		return strconv.Itoa(n)
	}
	if key == "" {
		return compact(name)
	}
	return key
}

func compact(name string) string { return strings.ToUpper(strings.ReplaceAll(name, " ", "")) }

// unitKey knows a unit within its project.
type unitKey struct{ building, entrance, number string }

// unitName is a unit for people: "1# 1单元 101".
func unitName(building, entrance, number string) string {
	return strings.Join(strings.Fields(building+" "+entrance+" "+number), " ")
}

var (
	plainFloor    = regexp.MustCompile(`^第?(-?\d{1,3})(?:\.0+)?\s*(?:层|楼|F)?$`)
	basementFloor = regexp.MustCompile(`^(?:B|负|地下)(\d)\s*(?:层|楼|F)?$`)
	floorOfNumber = regexp.MustCompile(`^(\d{1,3})\d{2}[A-Z]?$`)
)

// maxFloor is beyond the tallest residential towers.
const maxFloor = 150

// parseFloor reads "26", "26层", "B1" (as -1).
func parseFloor(text string) (floor int, ok bool) {
	text = strings.ToUpper(text)
	sign := 1
	m := plainFloor.FindStringSubmatch(text)
	if m == nil {
		m, sign = basementFloor.FindStringSubmatch(text), -1
	}
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return sign * n, err == nil && n != 0 && -9 <= n && n <= maxFloor
}

// floorFromNumber takes the floor from a number such as 2602; ok is false for
// numbers that don't show one.
func floorFromNumber(key string) (floor int, ok bool) {
	m := floorOfNumber.FindStringSubmatch(key)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil && 0 < n && n <= maxFloor
}

// A prime marks a layout of its own, often the mirrored one.
var codeForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?:户型|LAYOUT|TYPE)\s*([A-Z]{1,3}\d{0,2}['′’]?)(?:\s|$)`),
	regexp.MustCompile(`^([A-Z]{1,3}\d{0,2}['′’]?)\s*(?:户型|型|LAYOUT|TYPE)`),
	regexp.MustCompile(`^([A-Z]\d{0,2}['′’]?)(?:\s|$)`),
}

// layoutCode is the letters, and a following number, that name a layout: B of
// "B户型 三室两厅两卫" and of "Layout B". It is empty for layouts without a code.
func layoutCode(name string) string {
	name = strings.ToUpper(name)
	for _, form := range codeForms {
		if m := form.FindStringSubmatch(name); m != nil {
			return m[1]
		}
	}
	return ""
}

// layoutKey knows a layout within its project.
func layoutKey(name string) string {
	if code := layoutCode(name); code != "" {
		return code
	}
	return compact(name)
}
