package tickets_test

import (
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// A week in which nobody comes: each step is taken once at its time, however
// often the timer ticks.
func TestEscalationStepsOnceEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor) // P3: on site within a day, done within seven
	for _, c := range []struct {
		until domain.Instant
		steps []string
	}{
		{day - hour, nil},
		{day, []string{policy.StepNoAttendance, policy.StepOnSiteMissed}},
		{7*day/2 - hour, []string{policy.StepNoAttendance, policy.StepOnSiteMissed}},
		{7 * day / 2, []string{policy.StepNoAttendance, policy.StepOnSiteMissed, policy.StepRemind50}},
		{6 * day, []string{policy.StepNoAttendance, policy.StepOnSiteMissed, policy.StepRemind50, policy.StepWarn80}},
		{7 * day, []string{policy.StepNoAttendance, policy.StepOnSiteMissed, policy.StepRemind50, policy.StepWarn80, policy.StepBreach100}},
		{8 * day, []string{policy.StepNoAttendance, policy.StepOnSiteMissed, policy.StepRemind50, policy.StepWarn80, policy.StepBreach100, policy.StepManager24}},
		{12 * day, []string{policy.StepNoAttendance, policy.StepOnSiteMissed, policy.StepRemind50, policy.StepWarn80, policy.StepBreach100, policy.StepManager24, policy.StepGM72}},
	} {
		w.pass(w.ticket(ticket).AssignedAt + c.until - w.now)
		w.tick() // a second tick at the same moment
		if got := w.ticket(ticket).Escalated; !slices.Equal(got, c.steps) {
			t.Errorf("after %d hours: %v, want %v", c.until/hour, got, c.steps)
		}
	}
	for _, step := range w.ticket(ticket).Escalated {
		if n := w.count(ticket.Any(), "event.escalated."+step); n != 1 {
			t.Errorf("%s stands %d times in the timeline", step, n)
		}
	}
	if got := w.notices(ticket); got[domain.NoticeReminder] != 1 || got[domain.NoticeRectification] != 1 {
		t.Errorf("notices %v", got)
	}
}

// A tick at which nothing is due writes nothing; a late one catches up at once.
func TestTickAfterADowntime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	if logged := w.tick(); len(logged) != 0 {
		t.Errorf("%d entries at once", len(logged))
	}
	w.now += 30 * day
	first := w.tick()
	if k := w.ticket(ticket); len(k.Escalated) != 7 || k.Status != domain.RepairAccepted {
		t.Errorf("%s, %v", k.Status, k.Escalated)
	}
	if len(first) == 0 {
		t.Error("connected devices hear of nothing")
	}
	if again := w.tick(); len(again) != 0 {
		t.Errorf("the next tick wrote %d entries", len(again))
	}
}

func TestAVisitStopsTheCallsForOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.coordinator.move(ticket, domain.RepairAccept, "")
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionAttend})
	w.pass(4 * day)
	if got := w.ticket(ticket).Escalated; !slices.Equal(got, []string{policy.StepRemind50}) || len(w.notices(ticket)) != 0 {
		t.Errorf("%v, notices %v", got, w.notices(ticket))
	}
}

// A new contractor starts afresh: its own steps and its own notices.
func TestNoticesOncePerAssignment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.coordinator.move(ticket, domain.RepairDispute, "not ours")
	w.pass(2 * day)
	if got := w.notices(ticket); got[domain.NoticeRectification] != 1 {
		t.Fatalf("the clock of a disputed ticket keeps running: %v", got)
	}
	w.manager.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(domain.RepairReassign), PartyID: w.rival, Note: "theirs"})
	if got := w.ticket(ticket).Escalated; len(got) != 0 {
		t.Errorf("steps of the contractor before: %v", got)
	}
	w.pass(2 * day)
	parties := map[domain.PartyID]int{}
	numbers := map[string]bool{}
	for _, n := range list[domain.Notice](w, domain.EntityNotice, ticket.Any()) {
		parties[n.Record.PartyID]++
		numbers[n.Record.Number] = true
		if !strings.HasPrefix(n.Record.Text, "zh-Hans letter."+string(n.Record.Kind)) || !strings.Contains(n.Record.Text, n.Record.Number) {
			t.Errorf("the letter: %s", n.Record.Text)
		}
	}
	if parties[w.doors] != 2 || parties[w.rival] != 2 || len(numbers) != 4 {
		t.Errorf("notices by party: %v, numbers %v", parties, numbers)
	}
}

// A notice issued by hand is the one: the timer issues no second.
func TestNoticeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	for range 2 {
		w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionNotify})
	}
	issued := w.now
	w.pass(2 * day)
	rows := list[domain.Notice](w, domain.EntityNotice, ticket.Any())
	var kept []domain.Notice
	for _, n := range rows {
		if n.Record.Kind == domain.NoticeRectification {
			kept = append(kept, n.Record)
		}
	}
	if len(kept) != 1 || kept[0].IssuedAt != issued || kept[0].DueAt != issued+day || kept[0].Number != "ZG-2026-000001" || kept[0].PartyID != w.doors {
		t.Errorf("%+v", kept)
	}
	if w.count(ticket.Any(), "event.notice.rectification") != 1 {
		t.Errorf("timeline %v", w.timeline(ticket.Any()))
	}
}

// The letter is frozen: it keeps the words that it was sent with.
func TestLetterNamesWhatPeopleNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("jammed", w.livedIn, stiffDoor)
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionNotify})
	text := list[domain.Notice](w, domain.EntityNotice, ticket.Any())[0].Record.Text
	for _, part := range []string{
		"contractor:Sample Doors", "project:Sample Garden", "company:Sample Estates", "ticket:WX-2026-000001", "unit:1# 1 102", "room:玄关",
		"defect:户内门变形、开关不畅, jammed", "assigned:2026-09-26 09:00", "due:2026-09-27 09:00",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the letter lacks %s: %s", part, text)
		}
	}
}

func TestProofOfDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.now += hour
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionNotify})
	notice := list[domain.Notice](w, domain.EntityNotice, ticket.Any())[0]
	issued := w.now
	w.now += 3 * hour
	proof := w.coordinator.attach(notice.ID.Any(), domain.RoleProof)
	other := w.coordinator.attach(ticket.Any(), domain.RoleProof)
	delivered := syncproto.Command{Action: domain.ActionDelivered, ProofID: proof}
	for name, c := range map[string]struct {
		who  *person
		cmd  syncproto.Command
		want []string
	}{
		"an inspector":      {w.inspector, delivered, []string{"forbidden", "work_tickets"}},
		"no proof":          {w.coordinator, syncproto.Command{Action: domain.ActionDelivered}, []string{"guard_unmet", "guard.proof_attached"}},
		"another's proof":   {w.coordinator, syncproto.Command{Action: domain.ActionDelivered, ProofID: other}, []string{"guard_unmet", "guard.proof_attached"}},
		"before it existed": {w.coordinator, syncproto.Command{Action: domain.ActionDelivered, ProofID: proof, At: issued - 1}, []string{"guard_unmet", "guard.delivery_time"}},
		"in the future":     {w.coordinator, syncproto.Command{Action: domain.ActionDelivered, ProofID: proof, At: w.now + hour}, []string{"guard_unmet", "guard.delivery_time"}},
		"something else":    {w.coordinator, syncproto.Command{Action: "tear_up"}, []string{"unknown_kind", "tear_up"}},
	} {
		if got := c.who.refused(domain.EntityNotice, notice.ID.Any(), c.cmd); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	delivered.At = issued + hour
	w.coordinator.ask(domain.EntityNotice, notice.ID.Any(), delivered)
	if n := get[domain.Notice](w, domain.EntityNotice, notice.ID.Any()); n.State != domain.NoticeDelivered || n.DeliveredAt != issued+hour || n.ProofID != proof {
		t.Errorf("%+v", n)
	}
	if got := w.coordinator.refused(domain.EntityNotice, notice.ID.Any(), delivered); got[0] != "bad_transition" {
		t.Errorf("delivered twice: %v", got)
	}
}
