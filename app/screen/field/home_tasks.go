package field

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// groups sorts the open tasks. Only those that are shown cost more than that: a
// project may have thousands.
func (m *Home) groups(ctx context.Context, snap Snapshot, r wording.Reader, units *unitsAsked, me string) ([]TaskGroup, error) {
	tasks, err := list[domain.Task](ctx, snap, domain.EntityTask, Filter{States: []string{string(domain.TaskOpen)}})
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if _, err := units.ask(ctx, t.Record.UnitID); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(tasks, func(a, b listed[domain.Task]) int {
		at, of := units.known[a.Record.UnitID], units.known[b.Record.UnitID]
		return cmp.Or(cmp.Compare(a.Record.DueOn, b.Record.DueOn), cmp.Compare(mine(b.Record, me), mine(a.Record, me)),
			naturally(at.slot, of.slot), naturally(at.name, of.name))
	})
	today := m.today()
	byGroup := map[string][]listed[domain.Task]{}
	for _, t := range tasks {
		group := groupOf(t.Record, today)
		byGroup[group] = append(byGroup[group], t)
	}
	var groups []TaskGroup
	for _, id := range groupIDs {
		all := byGroup[id]
		if len(all) == 0 {
			continue
		}
		shown := all
		if !m.open[id] && len(all) > tasksShown+1 {
			shown = all[:tasksShown]
		}
		g := TaskGroup{ID: id, Title: r.Text("field.home.group."+id, "count", strconv.Itoa(len(all))), More: len(all) - len(shown)}
		for _, t := range shown {
			line, err := m.taskLine(ctx, snap, r, t, units.known[t.Record.UnitID], today)
			if err != nil {
				return nil, err
			}
			g.Tasks = append(g.Tasks, line)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func (m *Home) taskLine(ctx context.Context, snap Snapshot, r wording.Reader, t listed[domain.Task], u askedUnit, today domain.Date) (TaskLine, error) {
	line := TaskLine{ID: t.ID.String(), Title: u.name, Detail: taskDetail(r, t.Record, u.unit, u.slot)}
	line.Tone, line.State = taskTone(r, t.Record, today)
	done, err := m.completed(ctx, snap, t.ID)
	if done {
		line.Tone, line.State = TonePending, r.Text("field.task.completed")
	}
	return line, err
}

// unitsAsked reads what tasks need of units, each unit once.
type unitsAsked struct {
	snap  Snapshot
	known map[domain.UnitID]askedUnit
}

// askedUnit is a unit with its name and its appointed time of day.
type askedUnit struct {
	unit       domain.Unit
	name, slot string
}

func (k *unitsAsked) ask(ctx context.Context, id domain.UnitID) (u askedUnit, err error) {
	u, ok := k.known[id]
	if ok || id.IsZero() { // an open task of no unit has no name and no appointment
		return u, nil
	}
	if u.unit, _, err = get(ctx, k.snap, domain.EntityUnit, id); err != nil {
		return u, err
	}
	u.name = unitName(u.unit)
	appointments, err := list[domain.Appointment](ctx, k.snap, domain.EntityAppointment, Filter{Parent: id.Any()})
	for _, a := range appointments {
		u.slot = a.Record.Slot
	}
	k.known[id] = u
	return u, err
}

// completed tells whether the task's inspection is ended here, whether or not
// the server knows yet.
func (s *Session) completed(ctx context.Context, snap Snapshot, task domain.TaskID) (bool, error) {
	in, ok, err := get(ctx, snap, domain.EntityInspection, s.device.Inspect.InspectionOf(task))
	return ok && in.State == domain.InspectionCompleted, err
}

func mine(t domain.Task, me string) int {
	if t.Inspector == "" || t.Inspector == me {
		return 1
	}
	return 0
}

// Groups of tasks in the order of the screen.
var groupIDs = []string{"reinspect", "today", "compare", "next", "other"}

func groupOf(t domain.Task, today domain.Date) string {
	switch {
	case t.Stage == domain.StageReinspect:
		return "reinspect"
	case t.Stage == domain.StageShowflatCompare:
		return "compare"
	case t.Stage != domain.StageHandover:
		return "other"
	case t.DueOn <= today:
		return "today"
	default:
		return "next"
	}
}

func taskDetail(r wording.Reader, t domain.Task, u domain.Unit, slot string) string {
	parts := []string{stageName(r, t.Stage)}
	if u.Layout != "" {
		parts = append(parts, u.Layout)
	}
	if t.DueOn != "" {
		due := string(t.DueOn)
		if t.Stage == domain.StageHandover && slot != "" {
			due += " " + slot
		}
		parts = append(parts, due)
	}
	if t.Inspector != "" {
		parts = append(parts, t.Inspector)
	}
	return strings.Join(parts, " · ")
}

func taskTone(r wording.Reader, t domain.Task, today domain.Date) (Tone, string) {
	switch {
	case t.DueOn != "" && t.DueOn < today:
		return ToneWarn, r.Text("field.task.overdue")
	case t.DueOn == today:
		return ToneInfo, r.Text("field.task.today")
	default:
		return ToneNeutral, r.Text("field.task.open")
	}
}
