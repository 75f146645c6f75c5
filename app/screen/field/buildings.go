package field

import (
	"cmp"
	"context"
	"slices"

	"keyturn/shared/domain"
)

// BuildingsState is one building as a matrix of its units.
type BuildingsState struct {
	// Tabs are the buildings.
	Tabs []Chip
	// Groups are the entrances of the chosen building.
	Groups []string
	Cells  []UnitCell
	// Floors names the storeys in Cells.
	Floors map[int]string
	// Legend explains the glyphs, each with its count in this building.
	Legend []Chip
	Empty  string
}

// UnitCell is one unit of the matrix.
type UnitCell struct {
	ID, Label            string
	Floor, Group, Column int
	Tone                 Tone
	// Defects counts those that are not settled.
	Defects int
}

// Buildings shows the building matrix.
type Buildings struct {
	*screen[BuildingsState]
	chosen string
}

// Buildings opens the screen.
func (s *Session) Buildings() *Buildings {
	m := &Buildings{}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Buildings) state(ctx context.Context) (st BuildingsState, err error) {
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		buildings, err := list[domain.Building](ctx, snap, domain.EntityBuilding, Filter{})
		if err != nil || len(buildings) == 0 {
			st.Empty = m.Text("field.buildings.none")
			return err
		}
		slices.SortFunc(buildings, func(a, b listed[domain.Building]) int { return naturally(a.Record.Name, b.Record.Name) })
		if m.chosen == "" {
			m.chosen = buildings[0].ID.String()
		}
		for _, b := range buildings {
			st.Tabs = append(st.Tabs, Chip{ID: b.ID.String(), Text: b.Record.Name, Chosen: b.ID.String() == m.chosen})
		}
		chosen, err := domain.ParseID[domain.Building](m.chosen)
		if err != nil {
			return err
		}
		units, err := list[domain.Unit](ctx, snap, domain.EntityUnit, Filter{Parent: chosen.Any()})
		if err != nil {
			return err
		}
		defects, err := snap.UnsettledDefects(ctx, chosen, settledStates)
		if err != nil {
			return err
		}
		m.arrange(&st, units, defects)
		return nil
	})
	return st, err
}

func (m *Buildings) arrange(st *BuildingsState, units []listed[domain.Unit], defects map[domain.UnitID]int) {
	r := m.read()
	slices.SortFunc(units, func(a, b listed[domain.Unit]) int {
		return cmp.Or(naturally(a.Record.Entrance, b.Record.Entrance), cmp.Compare(a.Record.Floor, b.Record.Floor),
			naturally(a.Record.Number, b.Record.Number))
	})
	st.Floors = map[int]string{}
	counts := map[domain.UnitState]int{}
	column := 0
	for i, u := range units {
		if !slices.Contains(st.Groups, u.Record.Entrance) {
			st.Groups = append(st.Groups, u.Record.Entrance)
		}
		if i == 0 || units[i-1].Record.Floor != u.Record.Floor || units[i-1].Record.Entrance != u.Record.Entrance {
			column = 0
		}
		tone, _ := unitState(r, u.Record.State)
		st.Cells = append(st.Cells, UnitCell{
			ID: u.ID.String(), Label: u.Record.Number, Floor: u.Record.Floor, Group: slices.Index(st.Groups, u.Record.Entrance),
			Column: column, Tone: tone, Defects: defects[u.ID],
		})
		column++
		st.Floors[u.Record.Floor] = floorName(r, u.Record.Floor)
		counts[cmp.Or(u.Record.State, domain.UnitPending)]++
	}
	for _, s := range []domain.UnitState{domain.UnitPending, domain.UnitBooked, domain.UnitInspected, domain.UnitRefused, domain.UnitDelivered} {
		if counts[s] > 0 {
			tone, text := unitState(r, s)
			st.Legend = append(st.Legend, Chip{ID: string(s), Text: r.Text("field.buildings.legend", "state", text, "count", decimal(counts[s])), Tone: tone})
		}
	}
}

// Choose shows another building.
func (m *Buildings) Choose(id string) {
	m.do(func(context.Context) error { m.chosen = id; return nil })
}

// OpenUnit opens a unit.
func (m *Buildings) OpenUnit(id string) {
	m.do(func(context.Context) error {
		unit, err := domain.ParseID[domain.Unit](id)
		if err == nil {
			m.goTo(Route{Place: PlaceUnit, Unit: unit})
		}
		return err
	})
}
