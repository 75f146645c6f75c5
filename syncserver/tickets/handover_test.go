package tickets_test

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// handover walks a unit and ends the inspection with a verdict, "" for none.
func (w *world) handover(unit domain.UnitID, verdict domain.Answer) {
	w.t.Helper()
	task := ident.Derive[domain.Task]("handover", unit.String())
	w.create(w.project, domain.EntityTask, task.Any(), domain.Task{UnitID: unit, State: domain.TaskOpen, Stage: domain.StageHandover})
	inspection := ident.Derive[domain.Inspection]("i", unit.String())
	w.inspector.record(domain.EntityInspection, inspection.Any(), syncproto.Recorded, domain.Inspection{
		UnitID: unit, State: domain.InspectionOpen, Stage: domain.StageHandover, TaskID: task,
	})
	if verdict != "" {
		w.inspector.record(domain.EntityResult, ident.Derive[any]("r", unit.String()), syncproto.Recorded, domain.Result{
			InspectionID: inspection, Item: "HO-030", Answer: verdict, UnitID: unit,
		})
	}
	w.inspector.record(domain.EntityInspection, inspection.Any(), syncproto.Amended, domain.Inspection{State: domain.InspectionCompleted})
	if got := get[domain.Task](w, domain.EntityTask, task.Any()).State; got != domain.TaskDone {
		w.t.Errorf("the task is %s", got)
	}
}

// withPipes makes somebody liable for the critical defect of the tests.
func withPipes(w *world) {
	w.create(w.project, domain.EntityScope, id[any]("pipes"), domain.ContractScope{PartyID: w.rival, Trades: []string{"给排水"}, WarrantyStart: "2026-08-01"})
}

// Accepting delivers the flat on the project's calendar day; an open critical
// defect forbids it, in whatever hands its repair is (domain spec 3.7).
func TestHandoverOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*world)
		verdict domain.Answer
		want    domain.UnitState
		why     string
	}{
		"accepted":               {nil, domain.AnswerPass, domain.UnitDelivered, "reason.handover.accepted"},
		"accepted with a list":   {func(w *world) { w.raised("d", w.empty, stiffDoor) }, domain.AnswerPass, domain.UnitDelivered, "reason.handover.accepted"},
		"refused":                {nil, domain.AnswerFail, domain.UnitRefused, "reason.handover.refused"},
		"no verdict":             {nil, "", domain.UnitInspected, "reason.handover.no_verdict"},
		"critical, recorded":     {func(w *world) { w.raised("d", w.empty, pipeBurst) }, domain.AnswerPass, domain.UnitInspected, "reason.handover.open_critical"},
		"critical, being done":   {func(w *world) { withPipes(w); w.assigned("d", w.empty, pipeBurst) }, domain.AnswerPass, domain.UnitInspected, "reason.handover.open_critical"},
		"critical, another flat": {func(w *world) { w.raised("d", w.livedIn, pipeBurst) }, domain.AnswerPass, domain.UnitDelivered, "reason.handover.accepted"},
		"critical, suspended": {func(w *world) {
			withPipes(w)
			w.coordinator.move(w.assigned("d", w.empty, pipeBurst), domain.RepairSuspend, "material")
		}, domain.AnswerPass, domain.UnitInspected, "reason.handover.open_critical"},
		"critical, given up": {func(w *world) {
			withPipes(w)
			w.manager.move(w.assigned("d", w.empty, pipeBurst), domain.RepairGiveUp, "cannot")
		}, domain.AnswerPass, domain.UnitInspected, "reason.handover.open_critical"},
		"critical, with a third party": {func(w *world) {
			withPipes(w)
			ticket := w.assigned("d", w.empty, pipeBurst)
			w.evidence(ticket)
			w.now += 3 * hour
			w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(""))
			w.coordinator.maintain(w.ticket(ticket).MaintenanceID, domain.MaintenanceDispatch, 0)
		}, domain.AnswerPass, domain.UnitInspected, "reason.handover.open_critical"},
		"critical, cancelled": {func(w *world) { w.manager.move(w.raised("d", w.empty, pipeBurst), domain.RepairCancel, "mistake") }, domain.AnswerPass, domain.UnitDelivered, "reason.handover.accepted"},
		"critical, allowed": {func(w *world) {
			w.configure(w.project.Any(), "handover.open_critical_max", "1")
			w.raised("d", w.empty, pipeBurst)
		}, domain.AnswerPass, domain.UnitDelivered, "reason.handover.accepted"},
	} {
		w := newWorld(t)
		if c.prepare != nil {
			c.prepare(w)
		}
		w.now += 15 * hour // midnight in Shanghai has passed, in UTC not
		w.handover(w.empty, c.verdict)
		u := get[domain.Unit](w, domain.EntityUnit, w.empty.Any())
		delivered := domain.Date("")
		if c.want == domain.UnitDelivered {
			delivered = "2026-09-27"
		}
		if u.State != c.want || u.DeliveredOn != delivered {
			t.Errorf("%s: %s, delivered on %q", name, u.State, u.DeliveredOn)
		}
		events := list[domain.Event](w, domain.EntityEvent, w.empty.Any())
		if len(events) != 1 || events[0].Record.Why.Key != c.why || events[0].Record.To != string(c.want) {
			t.Errorf("%s: %+v", name, events)
		}
	}
}

// A verdict that changes after the handover moves the flat on, once, and takes no
// delivery back.
func TestVerdictChangesLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verdict, later domain.Answer
		want           domain.UnitState
		events         int
	}{
		"refused, then accepted":   {domain.AnswerFail, domain.AnswerPass, domain.UnitDelivered, 2},
		"the same again":           {domain.AnswerFail, domain.AnswerFail, domain.UnitRefused, 1},
		"none, then refused":       {"", domain.AnswerFail, domain.UnitRefused, 2},
		"delivered, then refused":  {domain.AnswerPass, domain.AnswerFail, domain.UnitDelivered, 1},
		"refused, then not to say": {domain.AnswerFail, domain.AnswerNotApplicable, domain.UnitInspected, 2},
	} {
		w := newWorld(t)
		w.handover(w.empty, c.verdict)
		kind := syncproto.Amended
		if c.verdict == "" {
			kind = syncproto.Recorded
		}
		w.inspector.record(domain.EntityResult, ident.Derive[any]("r", w.empty.String()), kind, domain.Result{
			InspectionID: ident.Derive[domain.Inspection]("i", w.empty.String()), Item: "HO-030", Answer: c.later, UnitID: w.empty,
		})
		if u := get[domain.Unit](w, domain.EntityUnit, w.empty.Any()); u.State != c.want || (u.DeliveredOn == "") != (c.want != domain.UnitDelivered) {
			t.Errorf("%s: %s, delivered on %q", name, u.State, u.DeliveredOn)
		}
		if events := list[domain.Event](w, domain.EntityEvent, w.empty.Any()); len(events) != c.events {
			t.Errorf("%s: %d events", name, len(events))
		}
	}
}

// What is no other verdict moves nothing, nor does that of an earlier handover.
func TestVerdictThatCountsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verdict, inspection := ident.Derive[any]("r", w.empty.String()), ident.Derive[domain.Inspection]("i", w.empty.String())
	amend := func(answer domain.Answer, note string) {
		w.inspector.record(domain.EntityResult, verdict, syncproto.Amended, domain.Result{
			InspectionID: inspection, Item: "HO-030", Answer: answer, Note: note, UnitID: w.empty,
		})
	}
	is := func(what string, want domain.UnitState) {
		t.Helper()
		if u := get[domain.Unit](w, domain.EntityUnit, w.empty.Any()); u.State != want {
			t.Errorf("%s: %s", what, u.State)
		}
	}
	w.handover(w.empty, domain.AnswerFail)
	w.coordinator.record(domain.EntityUnit, w.empty.Any(), syncproto.Amended, domain.Unit{State: domain.UnitBooked})
	amend(domain.AnswerFail, "样例备注")
	is("a note", domain.UnitBooked)
	w.now += hour
	second := id[domain.Inspection]("second")
	w.inspector.record(domain.EntityInspection, second.Any(), syncproto.Recorded, domain.Inspection{
		UnitID: w.empty, State: domain.InspectionCompleted, Stage: domain.StageHandover, CompletedAt: w.now,
	})
	is("a second handover", domain.UnitInspected)
	amend(domain.AnswerPass, "")
	is("the first one's verdict", domain.UnitInspected)
}

// Other stages end their task and leave the flat's state alone; a delivered
// flat stays delivered.
func TestOtherInspectionsDeliverNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	task := id[domain.Task]("compare")
	w.create(w.project, domain.EntityTask, task.Any(), domain.Task{UnitID: w.empty, State: domain.TaskOpen, Stage: domain.StageShowflatCompare})
	w.inspector.record(domain.EntityInspection, id[any]("i"), syncproto.Recorded, domain.Inspection{
		UnitID: w.empty, State: domain.InspectionCompleted, Stage: domain.StageShowflatCompare, TaskID: task,
	})
	if u := get[domain.Unit](w, domain.EntityUnit, w.empty.Any()); u.State != domain.UnitBooked {
		t.Errorf("%s", u.State)
	}
	if k := get[domain.Task](w, domain.EntityTask, task.Any()); k.State != domain.TaskDone {
		t.Errorf("%s", k.State)
	}
	w.handover(w.livedIn, domain.AnswerFail)
	if u := get[domain.Unit](w, domain.EntityUnit, w.livedIn.Any()); u.State != domain.UnitDelivered || u.DeliveredOn != "2026-09-01" {
		t.Errorf("%+v", u)
	}
}
