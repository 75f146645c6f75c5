package field

import (
	"cmp"
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// PlanState is a unit's plan with its pins.
type PlanState struct {
	Title string
	// Plan is the drawing; Here whether its bytes are on this device.
	Plan     Picture
	Revision string
	Here     bool
	HasPlan  bool
	Pins     []PinMark
	// Hint says what a tap does.
	Hint string
	// Rooms are offered instead of a tap where there is no plan.
	Rooms []Chip
}

// PinMark is one defect on the plan; X and Y are shares of its width and height.
type PinMark struct {
	ID       string
	X, Y     float32
	Label    string
	Tone     Tone
	Selected bool
}

// PlanScreen shows a plan; a tap adds a defect or sets the pin of a form.
type PlanScreen struct {
	*screen[PlanState]
	unit  domain.UnitID
	task  domain.TaskID
	draft string
}

// Plan opens the plan of a unit; with a draft, a tap sets that form's pin.
func (s *Session) Plan(unit domain.UnitID, task domain.TaskID, draft string) *PlanScreen {
	m := &PlanScreen{unit: unit, task: task, draft: draft}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *PlanScreen) state(ctx context.Context) (st PlanState, err error) {
	var form Form
	if m.draft != "" {
		if form, _, err = m.device.Drafts.Get(ctx, m.draft); err != nil {
			return st, err
		}
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		f, err := m.flat(ctx, snap, m.unit)
		if err != nil {
			return err
		}
		r := m.read()
		st = PlanState{Title: unitName(f.Unit), HasPlan: f.HasPlan, Hint: r.Text("field.plan.hint_add")}
		if m.draft != "" {
			st.Hint = r.Text("field.plan.hint_pin")
		}
		if !f.HasPlan {
			st.Hint = r.Text("field.plan.none")
			for _, room := range f.Rooms {
				st.Rooms = append(st.Rooms, Chip{ID: room.Code, Text: room.Name(r.Chinese()), Chosen: room.Code == form.Room})
			}
			return nil
		}
		st.Plan = Picture{Blob: f.Plan.SHA256}
		st.Here = m.device.Pictures.Has(st.Plan)
		st.Revision = r.Text("field.plan.revision", "layout", f.Unit.Layout, "revision", decimal(f.Plan.Revision))
		st.Pins, err = m.pins(ctx, snap, r, f)
		if form.Pin != nil && form.Pin.PlanID == f.PlanID {
			st.Pins = append(st.Pins, mark(*form.Pin, PinMark{ID: m.draft, Tone: TonePending, Selected: true, Label: r.Text("field.plan.new_pin")}))
		}
		return err
	})
	return st, err
}

// pins marks the defects of this revision of the plan. A pin on another
// revision would stand in the wrong place.
func (m *PlanScreen) pins(ctx context.Context, snap Snapshot, r wording.Reader, f flat) ([]PinMark, error) {
	defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{Parent: m.unit.Any()})
	if err != nil {
		return nil, err
	}
	tickets, err := ticketsByDefect(ctx, snap, m.unit)
	if err != nil {
		return nil, err
	}
	var pins []PinMark
	for i, d := range defects {
		if d.Record.Pin == nil || d.Record.Pin.PlanID != f.PlanID {
			continue
		}
		tone, _ := defectState(r, d, tickets)
		pins = append(pins, mark(*d.Record.Pin, PinMark{ID: d.ID.String(), Tone: tone, Label: decimal(i + 1)}))
	}
	return pins, nil
}

func mark(pin domain.Pin, m PinMark) PinMark {
	m.X, m.Y = float32(pin.X)/domain.PinScale, float32(pin.Y)/domain.PinScale
	return m
}

// Tap sets the pin of the form, or begins a new one there. The room follows from
// the pin.
func (m *PlanScreen) Tap(x, y float32) {
	m.do(func(ctx context.Context) error {
		var f flat
		err := m.device.Records.View(ctx, func(snap Snapshot) (err error) {
			f, err = m.flat(ctx, snap, m.unit)
			return err
		})
		if err != nil || !f.HasPlan {
			return err
		}
		pin := domain.Pin{PlanID: f.PlanID, X: int64(x * domain.PinScale), Y: int64(y * domain.PinScale)}
		return m.place(ctx, func(form *Form) {
			form.Pin = &pin
			if room, ok := f.Plan.RoomAt(pin); ok {
				form.Room = room.Code
			}
		})
	})
}

// ChooseRoom stands for a tap where there is no plan.
func (m *PlanScreen) ChooseRoom(code string) {
	m.do(func(ctx context.Context) error {
		return m.place(ctx, func(form *Form) { form.Room = code })
	})
}

func (m *PlanScreen) place(ctx context.Context, set func(*Form)) error {
	if m.draft == "" {
		form, err := m.blankForm(ctx, m.unit, m.task)
		if err != nil {
			return err
		}
		set(&form)
		return m.openForm(ctx, form)
	}
	form, ok, err := m.device.Drafts.Get(ctx, m.draft)
	if err != nil || !ok {
		return cmp.Or(err, ErrGone)
	}
	set(&form)
	if err := m.device.Drafts.Save(ctx, form); err != nil {
		return err
	}
	m.goBack()
	return nil
}

// OpenPin shows the defect of a pin.
func (m *PlanScreen) OpenPin(id string) {
	m.do(func(context.Context) error {
		if id == m.draft {
			m.goBack()
			return nil
		}
		defect, err := domain.ParseID[domain.Defect](id)
		if err == nil {
			m.goTo(Route{Place: PlaceDefect, Defect: defect})
		}
		return err
	})
}
