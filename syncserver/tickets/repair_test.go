package tickets_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// A repair from the assignment to the homeowner's word, each step with its line
// in the timeline.
func TestRepairToItsEnd(t *testing.T) {
	w := newWorld(t)
	ticket := w.raised("d", w.livedIn, stiffDoor)
	w.now += hour
	w.coordinator.move(ticket, domain.RepairAssign, "")
	if k := w.is(ticket, domain.RepairAssigned); k.AssignedAt != w.now || k.RespondDue != w.now+8*hour || k.OnSiteDue != w.now+day || k.FinishDue != w.now+7*day {
		t.Errorf("%+v", k)
	}
	w.now += hour
	w.coordinator.move(ticket, domain.RepairAccept, "")
	if k := w.is(ticket, domain.RepairAccepted); k.RespondedAt != w.now {
		t.Errorf("%+v", k)
	}
	w.now += hour
	w.coordinator.move(ticket, domain.RepairSurvey, "")
	if k := w.is(ticket, domain.RepairSurveyed); k.AttendedAt != w.now {
		t.Errorf("%+v", k)
	}
	w.now += hour
	w.coordinator.move(ticket, domain.RepairStart, "")
	w.coordinator.cannot(ticket, domain.RepairFinish, "", "guard_unmet", "guard.method_note", "guard.after_photos")
	w.coordinator.attach(ticket.Any(), domain.RoleAfter)
	w.coordinator.move(ticket, domain.RepairFinish, "planed the leaf")
	if k := w.is(ticket, domain.RepairPendingReinspect); k.FinishedAt != w.now || k.FinishedBy != w.coordinator.id {
		t.Errorf("%+v", k)
	}
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 open"}) {
		t.Errorf("tasks %v", got)
	}
	w.now += hour
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	if k := w.is(ticket, domain.RepairPassed); k.PassedAt != w.now {
		t.Errorf("%+v", k)
	}
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done"}) {
		t.Errorf("tasks %v", got)
	}
	w.now += hour
	w.inspector.owner(ticket, false, "")
	if k := w.is(ticket, domain.RepairClosed); k.ClosedAt != w.now || k.Attempt != 1 {
		t.Errorf("%+v", k)
	}
	want := []string{
		"event.raised", "event.repair.assign", "event.repair.accept", "event.repair.survey", "event.repair.start", "event.repair.finish",
		"event.repair.pass", "event.repair.confirm", "event.repair.close",
	}
	if got := w.timeline(ticket.Any()); !slices.Equal(got[:len(want)-2], want[:len(want)-2]) || len(got) != len(want) {
		t.Errorf("timeline %v", got)
	}
}

// Every action asks for its capability; an inspector moves no ticket and a
// coordinator rules on nothing.
func TestActionsNeedTheirCapability(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	recorded := w.raised("recorded", w.empty, lockFault)
	disputed := w.assigned("disputed", w.empty, stiffDoor)
	w.coordinator.move(disputed, domain.RepairDispute, "not ours")
	for _, c := range []struct {
		who    *person
		ticket domain.TicketID
		action string
		want   []string
	}{
		{w.inspector, recorded, string(domain.RepairAssign), []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, string(domain.RepairAccept), []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, string(domain.RepairSuspend), []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionAttend, []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionContact, []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionNotify, []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionRefusal, []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionReviewed, []string{"forbidden", "work_tickets"}},
		{w.inspector, ticket, domain.ActionPropose, []string{"forbidden", "work_tickets"}},
		{w.coordinator, ticket, string(domain.RepairCancel), []string{"forbidden", "supervise_tickets"}},
		{w.coordinator, ticket, string(domain.RepairDeclineExpiry), []string{"forbidden", "supervise_tickets"}},
		{w.coordinator, ticket, string(domain.RepairGiveUp), []string{"forbidden", "rule_liability"}},
		{w.coordinator, disputed, string(domain.RepairUphold), []string{"forbidden", "rule_liability"}},
		{w.coordinator, disputed, string(domain.RepairReassign), []string{"forbidden", "rule_liability"}},
		{w.admin, ticket, string(domain.RepairAccept), []string{"forbidden", "work_tickets"}},
		// Nobody engages, returns or closes by hand.
		{w.manager, ticket, string(domain.RepairEngage), []string{"bad_transition", "ASSIGNED", "engage"}},
		{w.manager, ticket, string(domain.RepairReturn), []string{"bad_transition", "ASSIGNED", "return"}},
		{w.manager, ticket, string(domain.RepairClose), []string{"bad_transition", "ASSIGNED", "close"}},
		{w.manager, ticket, "dance", []string{"bad_transition", "ASSIGNED", "dance"}},
		{w.manager, id[domain.Ticket]("none"), string(domain.RepairAssign), []string{"record_missing", "ticket"}},
	} {
		got := c.who.refused(domain.EntityTicket, c.ticket.Any(), syncproto.Command{Action: c.action, Note: "x"})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.action, got, c.want)
		}
	}
	w.is(ticket, domain.RepairAssigned)
	for e, want := range map[domain.Entity]string{domain.EntityUnit: "unknown_kind", domain.EntityMaintenance: "record_missing", domain.EntityNotice: "record_missing", domain.EntityBackCharge: "record_missing"} {
		if got := w.manager.refused(e, id[any]("none"), syncproto.Command{Action: "close"}); got[0] != want {
			t.Errorf("a command on %s: %v", e, got)
		}
	}
}

// Actions out of turn are refused by the state machine whoever asks.
func TestActionsOutOfTurn(t *testing.T) {
	w := newWorld(t)
	ticket := w.raised("d", w.livedIn, stiffDoor)
	for _, action := range []domain.RepairAction{domain.RepairAccept, domain.RepairSurvey, domain.RepairStart, domain.RepairFinish, domain.RepairPass, domain.RepairReopen, domain.RepairSuspend} {
		w.manager.cannot(ticket, action, "x", "bad_transition", "RECORDED", string(action))
	}
	for _, action := range []string{domain.ActionAttend, domain.ActionNotify, domain.ActionPropose} {
		if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: action}); got[0] != "bad_transition" {
			t.Errorf("%s: %v", action, got)
		}
	}
}

func TestDisputeAndRuling(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	assigned := w.ticket(ticket)
	w.now += hour
	w.coordinator.cannot(ticket, domain.RepairDispute, "", "guard_unmet", "guard.reason_given")
	w.coordinator.move(ticket, domain.RepairDispute, "the wall is not ours")
	if k := w.is(ticket, domain.RepairDisputed); k.FinishDue != assigned.FinishDue {
		t.Error("the clock did not keep running")
	}
	reassign := func(party domain.PartyID, note string) syncproto.Command {
		return syncproto.Command{Action: string(domain.RepairReassign), PartyID: party, Note: note}
	}
	for name, c := range map[string]struct {
		cmd  syncproto.Command
		want []string
	}{
		"to the same":   {reassign(w.doors, "x"), []string{"guard_unmet", "guard.contractor_changed"}},
		"to nobody new": {reassign(domain.PartyID{}, "x"), []string{"guard_unmet", "guard.contractor_changed"}},
		"no ruling":     {reassign(w.rival, ""), []string{"guard_unmet", "guard.reason_given"}},
		"a third party": {reassign(w.thirdParty, "x"), []string{"guard_unmet", "guard.contractor_known"}},
	} {
		if got := w.manager.refused(domain.EntityTicket, ticket.Any(), c.cmd); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	w.now += day
	w.manager.ask(domain.EntityTicket, ticket.Any(), reassign(w.rival, "the rival hung it"))
	k := w.is(ticket, domain.RepairAssigned)
	if k.ContractorID != w.rival || k.AssignedAt != w.now || k.FinishDue != w.now+7*day || k.LiabilityReason.Key != "reason.liability.by_hand" {
		t.Errorf("%+v", k)
	}
	if e := k.Raised(); e.Why.Args["party"] != "Sample Doors" {
		t.Errorf("whom it went to first is lost: %+v", e)
	}
	// The ruling is stored with its words.
	ruled := false
	for _, e := range list[domain.Event](w, domain.EntityEvent, ticket.Any()) {
		ruled = ruled || e.Record.What.Key == "event.repair.reassign" && e.Record.Why.Args["note"] == "the rival hung it" && e.Record.Actor == w.manager.id
	}
	if !ruled {
		t.Error("the ruling is not in the timeline")
	}

	upheld := w.assigned("upheld", w.empty, stiffDoor)
	w.coordinator.move(upheld, domain.RepairDispute, "not ours")
	w.manager.move(upheld, domain.RepairUphold, "yours")
	if k := w.is(upheld, domain.RepairAccepted); k.ContractorID != w.doors {
		t.Errorf("%+v", k)
	}
}

// A suspension stops the clock: the dues move by its length, and no step is
// taken meanwhile.
func TestSuspensionStopsTheClock(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	before := w.ticket(ticket)
	w.coordinator.move(ticket, domain.RepairAccept, "")
	w.pass(10 * hour)
	w.coordinator.cannot(ticket, domain.RepairSuspend, "", "guard_unmet", "guard.reason_given")
	w.coordinator.move(ticket, domain.RepairSuspend, "no entry")
	if k := w.is(ticket, domain.RepairSuspended); k.StatusBefore != domain.RepairAccepted || k.SuspendedAt != w.now {
		t.Errorf("%+v", k)
	}
	w.coordinator.cannot(ticket, domain.RepairSurvey, "", "bad_transition", "SUSPENDED", "survey")
	w.coordinator.cannot(ticket, domain.RepairSuspend, "again", "bad_transition", "SUSPENDED", "suspend")
	w.pass(5 * day)
	if k := w.ticket(ticket); len(k.Escalated) != 0 || len(w.notices(ticket)) != 0 {
		t.Errorf("while suspended: %v, notices %v", k.Escalated, w.notices(ticket))
	}
	w.coordinator.move(ticket, domain.RepairResume, "")
	k := w.is(ticket, domain.RepairAccepted)
	if k.OnSiteDue != before.OnSiteDue+5*day || k.FinishDue != before.FinishDue+5*day || k.RespondDue != before.RespondDue || k.SuspendedAt.Set() || k.StatusBefore != "" {
		t.Errorf("%+v", k)
	}
	if k.PromisedBy != before.PromisedBy {
		t.Error("the promise to the homeowner moved")
	}
	w.pass(13 * hour) // 23 running hours
	if k := w.ticket(ticket); len(k.Escalated) != 0 {
		t.Errorf("too early: %v", k.Escalated)
	}
	w.pass(2 * hour)
	if k := w.ticket(ticket); !slices.Contains(k.Escalated, "no_attendance") || !slices.Contains(k.Escalated, "onsite_missed") {
		t.Errorf("after 25 running hours: %v", k.Escalated)
	}
}

func TestLongSuspensionIsReviewed(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.coordinator.move(ticket, domain.RepairSuspend, "material")
	w.now += 15 * day
	w.tick()
	if n := w.count(ticket.Any(), "event.escalated.suspend_review"); n != 0 {
		t.Errorf("reviewed %d times within the limit", n)
	}
	w.pass(3 * hour)
	if n := w.count(ticket.Any(), "event.escalated.suspend_review"); n != 1 {
		t.Errorf("reviewed %d times", n)
	}
}

// A failed re-inspection goes back to the contractor, counts, and its repetition
// is a task of its own.
func TestFailedReinspection(t *testing.T) {
	w := newWorld(t)
	ticket := w.finished("d", w.livedIn, stiffDoor)
	w.inspector.verdict(ticket, domain.AnswerFail, false)
	if k := w.is(ticket, domain.RepairInProgress); k.Attempt != 2 || k.FailedReinspections != 1 || k.FinishedAt.Set() {
		t.Errorf("%+v", k)
	}
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done"}) {
		t.Errorf("tasks %v", got)
	}
	w.repaired(ticket)
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done", "2 open"}) {
		t.Errorf("tasks %v", got)
	}
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	w.is(ticket, domain.RepairPassed)
}

// A leak passes only after a water test: the verdict stays on record, a
// coordinator is asked, and the re-inspection is still to be done.
func TestLeakNeedsAWaterTest(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("leak", w.livedIn, windowLeak)
	w.coordinator.move(ticket, domain.RepairAccept, "")
	w.coordinator.move(ticket, domain.RepairSurvey, "")
	w.coordinator.cannot(ticket, domain.RepairStart, "", "guard_unmet", "guard.plan_given")
	w.repaired(ticket)
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	k := w.is(ticket, domain.RepairPendingReinspect)
	if !slices.Equal(k.Review, []string{"guard.water_test"}) || w.count(ticket.Any(), "event.needs_review") != 1 {
		t.Errorf("review %v, timeline %v", k.Review, w.timeline(ticket.Any()))
	}
	if n := len(list[domain.Reinspection](w, domain.EntityReinspection, ticket.Any())); n != 1 {
		t.Errorf("%d verdicts on record", n)
	}
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 open"}) {
		t.Errorf("tasks %v", got)
	}
	w.inspector.verdict(ticket, domain.AnswerPass, true)
	if k := w.is(ticket, domain.RepairPassed); len(k.Review) != 0 {
		t.Errorf("%v", k.Review)
	}
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done"}) {
		t.Errorf("tasks %v", got)
	}
}

// Nobody passes a repair that they reported done, neither on a tablet nor at
// the desk.
func TestRepairerIsNotTheReinspector(t *testing.T) {
	w := newWorld(t)
	ticket := w.finished("d", w.livedIn, stiffDoor)
	w.coordinator.verdict(ticket, domain.AnswerPass, false)
	if k := w.is(ticket, domain.RepairPendingReinspect); !slices.Equal(k.Review, []string{"guard.reinspector_not_repairer"}) {
		t.Errorf("%v", k.Review)
	}
	w.coordinator.cannot(ticket, domain.RepairPass, "", "guard_unmet", "guard.reinspector_not_repairer")
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 open"}) {
		t.Errorf("the task went with a verdict that does not count: %v", got)
	}
	w.second.verdict(ticket, domain.AnswerPass, false)
	w.is(ticket, domain.RepairPassed)
}

// A verdict given at the desk ends the tablets' task like one of their own; a
// suspension keeps it.
func TestVerdictAtTheDeskEndsTheTask(t *testing.T) {
	w := newWorld(t)
	ticket := w.finished("d", w.livedIn, stiffDoor)
	w.coordinator.move(ticket, domain.RepairSuspend, "no entry")
	w.coordinator.move(ticket, domain.RepairResume, "")
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 open"}) {
		t.Errorf("after a suspension: %v", got)
	}
	w.manager.move(ticket, domain.RepairFail, "")
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done"}) {
		t.Errorf("after a failure: %v", got)
	}
	w.repaired(ticket)
	w.manager.move(ticket, domain.RepairPass, "")
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done", "2 done"}) {
		t.Errorf("after a pass: %v", got)
	}
}

// A verdict on what is not waiting for one stays on record and asks for a look.
func TestVerdictOutOfTurn(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	if k := w.is(ticket, domain.RepairAssigned); !slices.Equal(k.Review, []string{"review.verdict_out_of_turn"}) {
		t.Errorf("%v", k.Review)
	}
	late := w.finished("late", w.empty, stiffDoor)
	w.inspector.verdict(late, domain.AnswerFail, false)
	w.repaired(late)
	w.second.record(domain.EntityReinspection, id[any]("of the first attempt"), syncproto.Recorded, domain.Reinspection{TicketID: late, Answer: domain.AnswerPass, Attempt: 1})
	if k := w.is(late, domain.RepairPendingReinspect); !slices.Equal(k.Review, []string{"review.verdict_out_of_turn"}) {
		t.Errorf("%v", k.Review)
	}
	if got := w.tasks(late); !slices.Equal(got, []string{"1 done", "2 open"}) {
		t.Errorf("tasks %v", got)
	}
	w.inspector.owner(late, false, "")
	if k := w.is(late, domain.RepairPendingReinspect); !slices.Equal(k.Review, []string{"review.answer_out_of_turn"}) {
		t.Errorf("%v", k.Review)
	}
}

func TestCancelAndOutOfWarranty(t *testing.T) {
	w := newWorld(t)
	for action, want := range map[domain.RepairAction]domain.RepairStatus{domain.RepairCancel: domain.RepairCancelled, domain.RepairDeclineExpiry: domain.RepairOutOfWarranty} {
		recorded, assigned := w.raised("r"+string(action), w.livedIn, stiffDoor), w.assigned("a"+string(action), w.empty, stiffDoor)
		for _, ticket := range []domain.TicketID{recorded, assigned} {
			w.manager.cannot(ticket, action, "", "guard_unmet", "guard.reason_given")
			w.manager.move(ticket, action, "why")
			if k := w.is(ticket, want); k.ClosedAt != w.now {
				t.Errorf("%+v", k)
			}
			w.manager.cannot(ticket, domain.RepairAssign, "x", "bad_transition", string(want), "assign")
			w.manager.cannot(ticket, domain.RepairReopen, "x", "bad_transition", string(want), "reopen")
		}
		working := w.assigned("w"+string(action), w.livedIn, lockFault)
		w.coordinator.move(working, domain.RepairAccept, "")
		w.manager.cannot(working, action, "why", "bad_transition", "ACCEPTED", string(action))
	}
}

func TestHardToFixEndsInASettlement(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.manager.cannot(ticket, domain.RepairGiveUp, "", "guard_unmet", "guard.reason_given")
	w.manager.move(ticket, domain.RepairGiveUp, "the frame is part of the wall")
	w.is(ticket, domain.RepairHardToFix)
	w.manager.cannot(ticket, domain.RepairSettle, "", "guard_unmet", "guard.settlement_agreed")
	w.manager.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(domain.RepairSettle), AmountFen: 50_000})
	if k := w.is(ticket, domain.RepairClosed); k.ClosedAt != w.now {
		t.Errorf("%+v", k)
	}
}

// Within 90 days the same defect is reopened and counts as a re-repair: its
// re-inspection is a new one.
func TestReopen(t *testing.T) {
	w := newWorld(t)
	ticket := w.finished("d", w.livedIn, stiffDoor)
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	w.inspector.owner(ticket, false, "")
	w.is(ticket, domain.RepairClosed)
	closed := w.now
	w.now = closed + 90*day
	w.coordinator.cannot(ticket, domain.RepairReopen, "", "guard_unmet", "guard.reason_given")
	w.coordinator.move(ticket, domain.RepairReopen, "stiff again")
	k := w.is(ticket, domain.RepairAssigned)
	if k.AssignedAt != w.now || k.FinishDue != w.now+7*day || k.ClosedAt.Set() || k.PassedAt.Set() || k.FinishedAt.Set() || k.Attempt != 2 || len(k.Escalated) != 0 {
		t.Errorf("%+v", k)
	}
	w.coordinator.move(ticket, domain.RepairAccept, "")
	w.coordinator.move(ticket, domain.RepairSurvey, "")
	w.repaired(ticket)
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done", "2 open"}) {
		t.Errorf("tasks %v", got)
	}
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	w.inspector.owner(ticket, false, "")
	w.is(ticket, domain.RepairClosed)
	w.now += 90*day + 1
	w.coordinator.cannot(ticket, domain.RepairReopen, "again", "guard_unmet", "guard.reopen_window")
}

func TestContactLogAndWrittenRefusal(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	for _, reached := range []bool{false, true} {
		w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionContact, Channel: "phone", Reached: reached, Note: "rang"})
	}
	if rows := list[domain.Contact](w, domain.EntityContact, ticket.Any()); len(rows) != 2 || rows[0].Record.Channel != "phone" || rows[0].Record.By != w.coordinator.id || rows[0].Record.At != w.now {
		t.Errorf("%+v", rows)
	}
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionAttend})
	first := w.now
	w.now += hour
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionAttend})
	if k := w.ticket(ticket); k.AttendedAt != first {
		t.Error("the first visit is not the one that counts")
	}
	refusal := syncproto.Command{Action: domain.ActionRefusal}
	elsewhere := w.coordinator.attach(w.livedIn.Any(), domain.RoleProof)
	for name, proof := range map[string]domain.AttachmentID{"none": {}, "made up": id[domain.Attachment]("?"), "of something else": elsewhere} {
		refusal.ProofID = proof
		if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), refusal); !slices.Equal(got, []string{"guard_unmet", "guard.proof_attached"}) {
			t.Errorf("proof %s: %v", name, got)
		}
	}
	refusal.ProofID = w.coordinator.attach(ticket.Any(), domain.RoleProof)
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), refusal)
	if !w.ticket(ticket).RefusedInWriting {
		t.Error("the refusal is not noted")
	}
}
