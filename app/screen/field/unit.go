package field

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// UnitState is one flat.
type UnitState struct {
	Title string
	Facts []Fact
	Tone  Tone
	State string
	Tasks []Chip
	// TaskDone: the chosen task's inspection is complete; its checklist is read
	// only.
	TaskDone bool
	Rooms    []RoomLine
	// Progress is answered of all questions of the chosen task.
	Answered, Questions int
	Progress            string
	Defects             []DefectLine
	HasPlan             bool
	// NoPlan says that the rooms are only the usual ones of the layout.
	NoPlan string
	// Closing is set while the inspector is asked whether to complete.
	Closing *Closing
}

// Fact is a captioned value.
type Fact struct{ Label, Value string }

// RoomLine is one room with its progress.
type RoomLine struct {
	Code, Name       string
	Answered, Failed int
	Total            int
	Tone             Tone
	Progress         string
}

// DefectLine is one defect of a list.
type DefectLine struct {
	ID, Title, Detail string
	Tone              Tone
	State             string
}

// Closing lists what completing an inspection means.
type Closing struct {
	// Mandatory items must be answered first; they block.
	Mandatory []string
	// Room and Row are where the first of them is asked.
	Room, Row string
	// Warnings never block.
	Warnings []string
	// May: nothing blocks.
	May bool
}

// Unit shows one flat.
type Unit struct {
	*screen[UnitState]
	unit    domain.UnitID
	task    domain.TaskID
	closing bool
}

// Unit opens the screen; task may be zero.
func (s *Session) Unit(unit domain.UnitID, task domain.TaskID) *Unit {
	m := &Unit{unit: unit, task: task}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Unit) state(ctx context.Context) (st UnitState, err error) {
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		f, err := m.flat(ctx, snap, m.unit)
		if err != nil {
			return err
		}
		r := m.read()
		st.Title = unitName(f.Unit)
		st.Tone, st.State = unitState(r, f.Unit.State)
		st.HasPlan = f.HasPlan
		if !f.HasPlan {
			st.NoPlan = r.Text("field.unit.standard_rooms")
		}
		if st.Facts, err = facts(ctx, snap, r, f); err != nil {
			return err
		}
		if err := m.tasks(ctx, snap, r, &st); err != nil {
			return err
		}
		if err := m.progress(ctx, snap, r, f, &st); err != nil {
			return err
		}
		st.Defects, err = m.defects(ctx, snap, r, f)
		return err
	})
	return st, err
}

func facts(ctx context.Context, snap Snapshot, r wording.Reader, f flat) ([]Fact, error) {
	all := []Fact{
		{r.Text("field.unit.layout"), f.Unit.Layout},
		{r.Text("field.unit.area"), areaText(r, f.Unit)},
		{r.Text("field.unit.fit_out"), fitOutText(r, f.Unit.FitOut)},
		{r.Text("field.unit.owner"), ownerText(f.Unit)},
	}
	appointments, err := list[domain.Appointment](ctx, snap, domain.EntityAppointment, Filter{Parent: f.ID.Any()})
	for _, a := range appointments {
		text := strings.TrimSpace(string(a.Record.Date) + " " + a.Record.Slot)
		if a.Record.Inspector != "" {
			text += " · " + a.Record.Inspector
		}
		all = append(all, Fact{r.Text("field.unit.appointment"), text})
	}
	if f.Unit.Note != "" {
		all = append(all, Fact{r.Text("field.unit.note"), f.Unit.Note})
	}
	return slices.DeleteFunc(all, func(f Fact) bool { return f.Value == "" }), err
}

func fitOutText(r wording.Reader, f domain.FitOut) string {
	if f == "" {
		return ""
	}
	return r.Text("field.fit_out." + string(f))
}

func areaText(r wording.Reader, u domain.Unit) string {
	area := cmp.Or(u.SurveyedAreaCM2, u.ContractAreaCM2)
	if area == 0 {
		return ""
	}
	return r.Text("field.unit.square_metres", "area", thousandths(area/10))
}

func ownerText(u domain.Unit) string {
	return strings.TrimSpace(u.OwnerMasked + " " + u.PhoneMasked)
}

// tasks lists the unit's tasks that a checklist belongs to; the first open one
// is chosen unless the inspector came for another.
func (m *Unit) tasks(ctx context.Context, snap Snapshot, r wording.Reader, st *UnitState) error {
	tasks, err := list[domain.Task](ctx, snap, domain.EntityTask, Filter{Parent: m.unit.Any()})
	if err != nil {
		return err
	}
	tasks = slices.DeleteFunc(tasks, func(t listed[domain.Task]) bool { return t.Record.Stage == domain.StageReinspect })
	slices.SortStableFunc(tasks, func(a, b listed[domain.Task]) int {
		return cmp.Or(cmp.Compare(b.Record.State, a.Record.State), cmp.Compare(a.Record.DueOn, b.Record.DueOn))
	})
	if m.task.IsZero() && len(tasks) > 0 {
		m.task = tasks[0].ID
	}
	for _, t := range tasks {
		done, err := m.completed(ctx, snap, t.ID)
		if err != nil {
			return err
		}
		chip := Chip{ID: t.ID.String(), Text: stageName(r, t.Record.Stage), Chosen: t.ID == m.task, Tone: TonePending}
		if t.Record.DueOn != "" {
			chip.Text += " " + string(t.Record.DueOn)
		}
		if done || t.Record.State == domain.TaskDone {
			chip.Tone, chip.Text = ToneOK, chip.Text+" · "+r.Text("field.task.done")
		}
		if chip.Chosen {
			st.TaskDone = chip.Tone == ToneOK
		}
		st.Tasks = append(st.Tasks, chip)
	}
	return nil
}

// progress counts the questions of the chosen task room by room.
func (m *Unit) progress(ctx context.Context, snap Snapshot, r wording.Reader, f flat, st *UnitState) error {
	if m.task.IsZero() {
		return nil
	}
	asked, err := m.asked(ctx, snap, f, m.task)
	if err != nil {
		return err
	}
	rooms := map[string]*RoomLine{}
	var order []string
	for _, q := range asked.questions {
		line, ok := rooms[q.Room.Code]
		if !ok {
			line = &RoomLine{Code: q.Room.Code, Name: roomName(r, f.Rooms, q.Room.Code)}
			rooms[q.Room.Code] = line
			order = append(order, q.Room.Code)
		}
		line.Total++
		st.Questions++
		if given, ok := asked.result(q); ok {
			line.Answered++
			st.Answered++
			if given.Answer == domain.AnswerFail {
				line.Failed++
			}
		}
	}
	for _, code := range order {
		line := rooms[code]
		line.Progress = r.Text("field.unit.room_progress", "answered", decimal(line.Answered), "total", decimal(line.Total), "failed", decimal(line.Failed))
		switch {
		case line.Failed > 0:
			line.Tone = ToneBad
		case line.Answered == line.Total:
			line.Tone = ToneOK
		case line.Answered > 0:
			line.Tone = TonePending
		}
		st.Rooms = append(st.Rooms, *line)
	}
	st.Progress = r.Text("field.unit.progress", "answered", decimal(st.Answered), "total", decimal(st.Questions))
	if m.closing {
		st.Closing, err = m.closingOf(ctx, snap, r, f, asked)
	}
	return err
}

func (m *Unit) defects(ctx context.Context, snap Snapshot, r wording.Reader, f flat) ([]DefectLine, error) {
	defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{Parent: m.unit.Any()})
	if err != nil {
		return nil, err
	}
	byDefect, err := ticketsByDefect(ctx, snap, m.unit)
	if err != nil {
		return nil, err
	}
	lines := make([]DefectLine, 0, len(defects))
	for _, d := range slices.Backward(defects) {
		line := DefectLine{ID: d.ID.String(), Title: defectName(r, f.Catalogue, d.Record.LibraryCode, d.Record.Description)}
		details := []string{roomName(r, f.Rooms, d.Record.Room), severityName(r, d.Record.Severity)}
		line.Tone, line.State = defectState(r, d, byDefect)
		if t, ok := byDefect[d.ID]; ok {
			details = append(details, t.Record.Number)
		}
		line.Detail = strings.Join(details, " · ")
		lines = append(lines, line)
	}
	return lines, nil
}

// defectState is the ticket's status, or how far the defect has come to the
// server before there is one.
func defectState(r wording.Reader, d listed[domain.Defect], tickets map[domain.DefectID]listed[domain.Ticket]) (Tone, string) {
	switch t, ok := tickets[d.ID]; {
	case ok:
		return repairStatus(r, t.Record.Status)
	case d.Confirmed:
		return ToneInfo, r.Text("field.defect.confirmed")
	default:
		return TonePending, r.Text("field.defect.waiting")
	}
}

func ticketsByDefect(ctx context.Context, snap Snapshot, unit domain.UnitID) (map[domain.DefectID]listed[domain.Ticket], error) {
	tickets, err := list[domain.Ticket](ctx, snap, domain.EntityTicket, Filter{Parent: unit.Any()})
	byDefect := make(map[domain.DefectID]listed[domain.Ticket], len(tickets))
	for _, t := range tickets {
		byDefect[t.Record.DefectID] = t
	}
	return byDefect, err
}

// ChooseTask shows another task of the unit.
func (m *Unit) ChooseTask(id string) {
	m.do(func(context.Context) (err error) {
		m.task, err = domain.ParseID[domain.Task](id)
		m.closing = false
		return err
	})
}

// OpenRoom begins or continues the inspection in a room.
func (m *Unit) OpenRoom(code string) {
	m.do(func(context.Context) error {
		m.goTo(Route{Place: PlaceChecklist, Unit: m.unit, Task: m.task, Room: code})
		return nil
	})
}

// AnswerNow goes to a question that blocks completing.
func (m *Unit) AnswerNow(room, row string) {
	m.do(func(context.Context) error {
		m.closing = false
		m.goTo(Route{Place: PlaceChecklist, Unit: m.unit, Task: m.task, Room: room, Row: row})
		return nil
	})
}

// OpenDefect shows a defect.
func (m *Unit) OpenDefect(id string) {
	m.do(func(context.Context) error {
		defect, err := domain.ParseID[domain.Defect](id)
		if err == nil {
			m.goTo(Route{Place: PlaceDefect, Defect: defect})
		}
		return err
	})
}

// OpenPlan shows the plan with its pins.
func (m *Unit) OpenPlan() { m.Go(Route{Place: PlacePlan, Unit: m.unit, Task: m.task}) }

// AddDefect opens an empty form.
func (m *Unit) AddDefect() {
	m.do(func(ctx context.Context) error { return m.newForm(ctx, m.unit, m.task, nil) })
}
