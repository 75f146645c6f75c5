package catalog

import (
	"slices"

	"keyturn/shared/domain"
)

type stageChecklist struct {
	parts   []string
	fitOuts []domain.FitOut
	// without names areas and elements that the stage leaves out.
	without []string
}

// Question is one checklist item in one room.
type Question struct {
	Item Item
	Room domain.Room
}

// WholeUnitRoom is the code of the room that stands for the unit as a whole.
const WholeUnitRoom = "UNIT"

// Questions lists every applicable item for every matching room: room by room
// in the order given, within a room the stage's parts in their order, then the
// unit as a whole. An unknown fit-out asks
// everything; a stage without a checklist (re-inspection) asks nothing.
func (c *Catalogue) Questions(stage domain.Stage, fit domain.FitOut, rooms []domain.Room) []Question {
	checklist, ok := c.stages[stage]
	if !ok || fit != "" && !slices.Contains(checklist.fitOuts, fit) {
		return nil
	}
	var items []Item
	for _, item := range c.items {
		if checklist.asks(item) && (fit == "" || slices.Contains(item.FitOuts, fit)) {
			items = append(items, item)
		}
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		return slices.Index(checklist.parts, string(a.Part)) - slices.Index(checklist.parts, string(b.Part))
	})
	var list []Question
	found := map[string]bool{}
	for _, room := range rooms {
		if room.Type == domain.RoomWhole {
			continue
		}
		for _, item := range items {
			if slices.Contains(item.Rooms, room.Type) {
				found[item.Code] = true
				list = append(list, Question{item, room})
			}
		}
	}
	whole := c.wholeUnit()
	for _, item := range items {
		lost := item.fallback == domain.RoomWhole && !found[item.Code]
		if lost || slices.Contains(item.Rooms, domain.RoomWhole) {
			list = append(list, Question{item, whole})
		}
	}
	return list
}

func (s stageChecklist) asks(item Item) bool {
	return slices.Contains(s.parts, string(item.Part)) &&
		!slices.Contains(s.without, item.Area) && !slices.Contains(s.without, item.Element)
}

func (c *Catalogue) wholeUnit() domain.Room {
	names := c.roomTypes[string(domain.RoomWhole)]
	return domain.Room{Code: WholeUnitRoom, Type: domain.RoomWhole, NameZH: names.nameZH, NameEN: names.nameEN}
}

// loadStages wants a row for every stage; parts "-" is a stage without
// checklist.
func (c *Catalogue) loadStages(l *loader) {
	const file = "stage_checklists.csv"
	c.stages = map[domain.Stage]stageChecklist{}
	for _, r := range unique(l.table(file, "stage", "parts", "fit_outs", "without", "tag", "note"), "stage") {
		r.tag("tag")
		stage := domain.Stage(r.text("stage"))
		if !slices.Contains(domain.Stages(), stage) {
			r.fault("stage", ErrUnresolved)
		}
		s := stageChecklist{fitOuts: fitOuts(r, "fit_outs"), without: r.list("without")}
		if r.must("parts") != "-" {
			s.parts = r.list("parts")
		}
		for _, part := range s.parts {
			if !slices.ContainsFunc(c.items, func(i Item) bool { return string(i.Part) == part }) {
				r.fault("parts", ErrUnresolved)
			}
		}
		for _, word := range s.without {
			if !slices.ContainsFunc(c.items, func(i Item) bool { return i.Area == word || i.Element == word }) {
				r.fault("without", ErrUnresolved)
			}
		}
		c.stages[stage] = s
	}
	for _, stage := range domain.Stages() {
		if _, ok := c.stages[stage]; !ok {
			l.faults = append(l.faults, &Fault{File: file, Column: "stage", Value: string(stage), Err: ErrMissing})
		}
	}
}
