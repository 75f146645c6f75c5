package catalog

import (
	"errors"
	"io/fs"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// Catalogue is the checked reference data. It is immutable.
type Catalogue struct {
	// Version is the start of the SHA-256 over all tables.
	Version string

	items      []Item
	itemIndex  map[string]int
	defects    []LibraryDefect
	defectRank map[string]int
	forItem    map[string][]string

	roomTypes  map[string]roomType
	stages     map[domain.Stage]stageChecklist
	profiles   []Profile
	trades     map[string][]string
	tradeNames map[string][2]string

	classes   []WarrantyClass
	terms     map[[2]string]policy.WarrantyTerm
	slas      map[domain.SLAClass]policy.SLALimits
	processes []Process
	defaults  policy.Config

	layouts   []layoutCount
	standards []standardRoom
	index     []searchEntry
}

// Load reads and checks the whole catalogue. The error joins one *Fault for
// each thing that is wrong; a faulty catalogue is never returned.
func Load(fsys fs.FS) (*Catalogue, error) {
	l := newLoader(fsys)
	c := &Catalogue{}
	for _, step := range []func(*loader){
		c.loadRoomTypes,
		c.loadItems,
		c.loadClasses,
		c.loadTerms,
		c.loadSLA,
		c.loadDefects,
		c.loadItemDefects,
		c.loadTradeNames,
		c.loadTrades,
		c.loadConfig,
		c.loadVariables,
		c.loadOptions,
		c.loadProfiles,
		c.loadStages,
		c.loadLayouts,
		c.loadProcesses,
	} {
		if step(l); l.unreadable {
			break // what follows would only complain of the missing table
		}
	}
	if len(l.faults) > 0 {
		return nil, errors.Join(l.faults...)
	}
	c.Version = l.version()
	c.index = buildIndex(c.defects)
	return c, nil
}

// Item by its code.
func (c *Catalogue) Item(code string) (Item, bool) {
	i, ok := c.itemIndex[code]
	if !ok {
		return Item{}, false
	}
	return c.items[i], true
}

// Items lists all checklist items in catalogue order.
func (c *Catalogue) Items() []Item { return slices.Clone(c.items) }

// Defect of the library by its code.
func (c *Catalogue) Defect(code string) (LibraryDefect, bool) {
	i, ok := c.defectRank[code]
	if !ok {
		return LibraryDefect{}, false
	}
	return c.defects[i], true
}

// DefectsFor lists the library defects that a failure of the item may mean,
// best first; none for items whose failure is no defect.
func (c *Catalogue) DefectsFor(item string) []LibraryDefect {
	var list []LibraryDefect
	for _, code := range c.forItem[item] {
		list = append(list, c.defects[c.defectRank[code]])
	}
	return list
}

// DefectsIn is DefectsFor with those first that occur in the room type.
func (c *Catalogue) DefectsIn(item string, room domain.RoomType) []LibraryDefect {
	list := c.DefectsFor(item)
	slices.SortStableFunc(list, func(a, b LibraryDefect) int {
		return -compareBool(slices.Contains(a.RoomTypes, room), slices.Contains(b.RoomTypes, room))
	})
	return list
}

// WarrantyTerm of a class and sub-type; a class with a single term ignores the
// sub-type, so that a free-text defect needs the class only.
func (c *Catalogue) WarrantyTerm(class, subType string) (policy.WarrantyTerm, bool) {
	if t, ok := c.terms[[2]string{class, subType}]; ok {
		return t, true
	}
	if t, ok := c.terms[[2]string{class, ""}]; ok {
		return t, true
	}
	t, ok := c.terms[[2]string{class, otherSub}]
	return t, ok && subType == ""
}

// otherSub is the sub-type for what a class does not name.
const otherSub = "OTHER"

// SLALimits of a class.
func (c *Catalogue) SLALimits(class domain.SLAClass) (policy.SLALimits, bool) {
	l, ok := c.slas[class]
	return l, ok
}

// Defaults is the company level configuration with its source tags.
func (c *Catalogue) Defaults() policy.Config { return c.defaults }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
