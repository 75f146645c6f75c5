package field

import (
	"cmp"
	"context"
	"slices"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// asked is the questions of a task's inspection with the answers so far.
type asked struct {
	task       domain.Task
	inspection domain.InspectionID
	state      domain.InspectionState
	questions  []catalog.Question
	baseline   domain.Baseline
	results    map[[2]string]domain.Result
}

func (s *Session) asked(ctx context.Context, snap Snapshot, f flat, task domain.TaskID) (asked, error) {
	a := asked{inspection: s.device.Inspect.InspectionOf(task), results: map[[2]string]domain.Result{}}
	var err error
	if a.task, err = need(ctx, snap, domain.EntityTask, task); err != nil {
		return a, err
	}
	inspection, _, err := get(ctx, snap, domain.EntityInspection, a.inspection)
	if err != nil {
		return a, err
	}
	a.state = inspection.State
	if a.task.State == domain.TaskDone {
		a.state = domain.InspectionCompleted
	}
	if a.baseline, _, err = get(ctx, snap, domain.EntityBaseline, a.task.BaselineID); err != nil {
		return a, err
	}
	results, err := list[domain.Result](ctx, snap, domain.EntityResult, Filter{Parent: a.inspection.Any()})
	for _, r := range results {
		a.results[[2]string{r.Record.Item, r.Record.Room}] = r.Record
	}
	a.questions = inOrder(f.Catalogue.Questions(a.task.Stage, f.Unit.FitOut, f.Rooms))
	return a, err
}

// inOrder keeps the rooms in their order and puts within each what belongs to
// this occasion before the measurements that every occasion may take.
func inOrder(questions []catalog.Question) []catalog.Question {
	rooms := map[string]int{}
	for _, q := range questions {
		if _, ok := rooms[q.Room.Code]; !ok {
			rooms[q.Room.Code] = len(rooms)
		}
	}
	general := func(q catalog.Question) int {
		if q.Item.Part == catalog.PartBoth {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(questions, func(a, b catalog.Question) int {
		return cmp.Or(cmp.Compare(rooms[a.Room.Code], rooms[b.Room.Code]), cmp.Compare(general(a), general(b)))
	})
	return questions
}

func (a asked) result(q catalog.Question) (domain.Result, bool) {
	r, ok := a.results[[2]string{q.Item.Code, q.Room.Code}]
	// An answer that was taken back leaves its record without one.
	return r, ok && r.Answer != ""
}

// shown is how the item looks in the show flat.
func (a asked) shown(q catalog.Question) (domain.BaselineItem, bool) {
	i := slices.IndexFunc(a.baseline.Items, func(b domain.BaselineItem) bool { return b.Item == q.Item.Code && b.Room == q.Room.Code })
	if i < 0 {
		return domain.BaselineItem{}, false
	}
	return a.baseline.Items[i], true
}

// mandatory items conclude the inspection: without their answer nobody knows
// its outcome. Everything else may stay "not inspected", which is an honest
// answer of its own.
func mandatory(item catalog.Item) bool {
	return slices.ContainsFunc(item.Options, func(o catalog.Option) bool { return o.Answer == domain.AnswerFail })
}

// closingOf says what stands against completing and what only warns.
func (s *Session) closingOf(ctx context.Context, snap Snapshot, r wording.Reader, f flat, a asked) (*Closing, error) {
	c := &Closing{}
	open, critical, photos := 0, 0, 0
	for _, q := range a.questions {
		given, ok := a.result(q)
		switch {
		case !ok && mandatory(q.Item):
			c.Mandatory = append(c.Mandatory, r.Text("field.closing.item", "item", q.Item.Name(r.Locale), "room", roomName(r, f.Rooms, q.Room.Code)))
			if c.Room == "" {
				c.Room, c.Row = q.Room.Code, rowID(q)
			}
			open++
		case !ok:
			open++
			if q.Item.FailSeverity == domain.Critical {
				critical++
			}
		case q.Item.PhotoAlways && given.Answer != domain.AnswerNotApplicable:
			n, err := photosOf(ctx, snap, s.device.Inspect.ResultOf(a.inspection, q.Item.Code, q.Room.Code).Any())
			if err != nil {
				return nil, err
			}
			if n == 0 {
				photos++
			}
		}
	}
	if open > 0 {
		c.Warnings = append(c.Warnings, r.Text("field.closing.open", "count", decimal(open)))
	}
	if critical > 0 {
		c.Warnings = append(c.Warnings, r.Text("field.closing.critical", "count", decimal(critical)))
	}
	if photos > 0 {
		c.Warnings = append(c.Warnings, r.Text("field.closing.photos", "count", decimal(photos)))
	}
	bare, err := defectsWithoutPhotos(ctx, snap, f.ID)
	if err != nil {
		return nil, err
	}
	if bare > 0 {
		c.Warnings = append(c.Warnings, r.Text("field.closing.defect_photos", "count", decimal(bare)))
	}
	c.May = len(c.Mandatory) == 0
	return c, nil
}

func photosOf(ctx context.Context, snap Snapshot, parent domain.AnyID) (int, error) {
	rows, err := snap.List(ctx, domain.EntityAttachment, Filter{Parent: parent})
	return len(rows), err
}

func defectsWithoutPhotos(ctx context.Context, snap Snapshot, unit domain.UnitID) (int, error) {
	defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{Parent: unit.Any()})
	bare := 0
	for _, d := range defects {
		n, err := photosOf(ctx, snap, d.ID.Any())
		if err != nil {
			return 0, err
		}
		if n < d.Record.Severity.PhotosWanted() {
			bare++
		}
	}
	return bare, err
}

// AskComplete lists what completing means; Stay takes the question back.
func (m *Unit) AskComplete() {
	m.do(func(context.Context) error { m.closing = true; return nil })
}

// Stay goes on inspecting.
func (m *Unit) Stay() {
	m.do(func(context.Context) error { m.closing = false; return nil })
}

// Complete ends the inspection unless a mandatory item is open.
func (m *Unit) Complete() {
	m.do(func(ctx context.Context) error {
		var project domain.ProjectID
		may := false
		err := m.device.Records.View(ctx, func(snap Snapshot) error {
			f, err := m.flat(ctx, snap, m.unit)
			if err != nil {
				return err
			}
			project = f.Project
			a, err := m.asked(ctx, snap, f, m.task)
			if err != nil {
				return err
			}
			may = a.state != domain.InspectionCompleted
			for _, q := range a.questions {
				if _, ok := a.result(q); !ok && mandatory(q.Item) {
					may = false
				}
			}
			return nil
		})
		if err != nil || !may {
			return err
		}
		id, err := m.device.Inspect.Start(ctx, project, m.task)
		if err != nil {
			return err
		}
		if err := m.device.Inspect.Complete(ctx, project, id); err != nil {
			return err
		}
		m.closing = false
		return nil
	})
}
