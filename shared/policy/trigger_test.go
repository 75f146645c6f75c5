package policy_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// served is a rectification notice delivered at an instant.
func served(at domain.Instant) domain.Notice {
	return domain.Notice{
		Kind: domain.NoticeRectification, State: domain.NoticeDelivered, PartyID: id[domain.Party](1), Number: "ZG-1",
		IssuedAt: at - hour, DeliveredAt: at, ProofID: id[domain.Attachment](1),
	}
}

func triggers(hits []policy.TriggerHit) []domain.Trigger {
	var list []domain.Trigger
	for _, h := range hits {
		list = append(list, h.Trigger)
	}
	return list
}

type triggerCase struct {
	change func(*policy.TriggerFacts)
	now    domain.Instant
	want   []domain.Trigger
	reason string
}

func runTriggers(t *testing.T, cases map[string]triggerCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			f := policy.TriggerFacts{Ticket: open(), Now: tc.now}
			f.Ticket.FinishDue = start + 60*day
			tc.change(&f)
			got := policy.Triggers(f, config(t, nil))
			if !slices.Equal(triggers(got), tc.want) {
				t.Fatalf("got %v, want %v", triggers(got), tc.want)
			}
			if len(got) > 0 {
				checkReason(t, got[0].Reason, tc.reason)
			}
		})
	}
}

func TestTriggersAttendance(t *testing.T) {
	notice := func(at domain.Instant, change ...func(*domain.Notice)) func(*policy.TriggerFacts) {
		return func(f *policy.TriggerFacts) {
			n := served(at)
			for _, c := range change {
				c(&n)
			}
			f.Notices = []domain.Notice{n}
		}
	}
	t1, t12 := []domain.Trigger{"T1"}, []domain.Trigger{"T1", "T2"}
	const why = "reason.trigger.t1_no_attendance"
	runTriggers(t, map[string]triggerCase{
		"no notice":             {func(*policy.TriggerFacts) {}, start + 9*day, nil, ""},
		"1 ms before":           {notice(start + 30*hour), start + 54*hour - 1, nil, ""},
		"at the limit":          {notice(start + 30*hour), start + 54*hour, t1, why},
		"early notice":          {notice(start + 2*hour), start + 48*hour - 1, nil, ""},
		"early notice, 48 h":    {notice(start + 2*hour), start + 48*hour, t1, why},
		"issued, not delivered": {notice(start+30*hour, func(n *domain.Notice) { n.State = domain.NoticeIssued }), start + 9*day, nil, ""},
		"delivery without time": {notice(start+30*hour, func(n *domain.Notice) { n.DeliveredAt = 0 }), start + 9*day, nil, ""},
		"a reminder only":       {notice(start+30*hour, func(n *domain.Notice) { n.Kind = domain.NoticeReminder }), start + 9*day, nil, ""},
		"to another firm":       {notice(start+30*hour, func(n *domain.Notice) { n.PartyID = id[domain.Party](9) }), start + 9*day, nil, ""},
		"before reassignment":   {notice(start - hour), start + 9*day, nil, ""},
		"came at the limit": {func(f *policy.TriggerFacts) {
			notice(start + 30*hour)(f)
			f.Ticket.AttendedAt = start + 54*hour
		}, start + 9*day, nil, ""},
		"came too late": {func(f *policy.TriggerFacts) {
			notice(start + 30*hour)(f)
			f.Ticket.AttendedAt = start + 54*hour + 1
		}, start + 9*day, t1, why},
		"suspended meanwhile": {func(f *policy.TriggerFacts) {
			notice(start + 30*hour)(f)
			f.Suspensions = []policy.Span{{From: start + 40*hour, To: start + 50*hour}}
		}, start + 64*hour - 1, nil, ""},
		"after the suspension": {func(f *policy.TriggerFacts) {
			notice(start + 30*hour)(f)
			f.Suspensions = []policy.Span{{From: start + 40*hour, To: start + 50*hour}}
		}, start + 64*hour, t1, why},
		"suspended now": {func(f *policy.TriggerFacts) {
			notice(start + 30*hour)(f)
			f.Ticket.Status, f.Ticket.SuspendedAt = domain.RepairSuspended, start+50*hour
		}, start + 9*day, nil, ""},
		"T2 1 ms before": {notice(start + 30*hour), start + 30*hour + 7*day - 1, t1, why},
		"T2":             {notice(start + 30*hour), start + 30*hour + 7*day, t12, why},
		"two notices, the first counts": {func(f *policy.TriggerFacts) {
			f.Notices = []domain.Notice{served(start + 5*day), served(start + 30*hour)}
		}, start + 54*hour, t1, why},
	})
}

func TestTriggersOthers(t *testing.T) {
	ticket := func(change func(*domain.Ticket)) func(*policy.TriggerFacts) {
		return func(f *policy.TriggerFacts) { change(&f.Ticket) }
	}
	missed := func(class domain.SLAClass, attended domain.Instant) func(*policy.TriggerFacts) {
		return ticket(func(t *domain.Ticket) { t.SLAClass, t.OnSiteDue, t.AttendedAt = class, start+2*hour, attended })
	}
	overdue := func(change func(*policy.TriggerFacts)) func(*policy.TriggerFacts) {
		return func(f *policy.TriggerFacts) {
			f.Ticket.FinishDue = start + 10*day
			if change != nil {
				change(f)
			}
		}
	}
	calls := func(reached bool, at ...domain.Instant) func(*policy.TriggerFacts) {
		return func(f *policy.TriggerFacts) {
			for i, a := range at {
				f.Contacts = append(f.Contacts, domain.Contact{At: a, Reached: reached && i == len(at)-1})
			}
		}
	}
	one := func(name domain.Trigger) []domain.Trigger { return []domain.Trigger{name} }
	runTriggers(t, map[string]triggerCase{
		"T3 1 ms before":     {missed(domain.P1, 0), start + 2*hour - 1, nil, ""},
		"T3":                 {missed(domain.P1, 0), start + 2*hour, one("T3"), "reason.trigger.t3_emergency_missed"},
		"T3 P1S":             {missed(domain.P1S, 0), start + 2*hour, one("T3"), "reason.trigger.t3_emergency_missed"},
		"T3 not for P2":      {missed(domain.P2, 0), start + 9*hour, nil, ""},
		"T3 came in time":    {missed(domain.P1, start+2*hour), start + 9*hour, nil, ""},
		"T3 came late":       {missed(domain.P1, start+2*hour+1), start + 9*hour, one("T3"), "reason.trigger.t3_emergency_missed"},
		"T4 one failure":     {ticket(func(t *domain.Ticket) { t.FailedReinspections = 1 }), start, nil, ""},
		"T4":                 {ticket(func(t *domain.Ticket) { t.FailedReinspections = 2 }), start, one("T4"), "reason.trigger.t4_failed_reinspections"},
		"T5 1 ms before":     {overdue(nil), start + 13*day - 1, nil, ""},
		"T5":                 {overdue(nil), start + 13*day, one("T5"), "reason.trigger.t5_overdue"},
		"T5 extended":        {overdue(func(f *policy.TriggerFacts) { f.ExtensionApproved = true }), start + 20*day, nil, ""},
		"T5 finished before": {overdue(ticket(func(t *domain.Ticket) { t.Status, t.FinishedAt = domain.RepairPassed, start+13*day })), start + 20*day, nil, ""},
		"T5 finished after":  {overdue(ticket(func(t *domain.Ticket) { t.Status, t.FinishedAt = domain.RepairPassed, start+13*day+1 })), start + 20*day, one("T5"), "reason.trigger.t5_overdue"},
		"T5 failed rework":   {overdue(ticket(func(t *domain.Ticket) { t.Status, t.FinishedAt = domain.RepairInProgress, start+9*day })), start + 13*day, one("T5"), "reason.trigger.t5_overdue"},
		"T6 refusal":         {ticket(func(t *domain.Ticket) { t.RefusedInWriting = true }), start, one("T6"), "reason.trigger.t6_refused"},
		"T6 insolvency":      {func(f *policy.TriggerFacts) { f.Insolvent = true }, start, one("T6"), "reason.trigger.t6_insolvent"},
		"T6 47:59":           {calls(false, start+hour, start+49*hour-1), start + 9*day, nil, ""},
		"T6 48 h":            {calls(false, start+hour, start+20*hour, start+49*hour), start + 9*day, one("T6"), "reason.trigger.t6_unreachable"},
		"T6 one call only":   {calls(false, start+hour), start + 9*day, nil, ""},
		"T6 reached at last": {calls(true, start+hour, start+49*hour, start+50*hour), start + 9*day, nil, ""},
		"T6 call to come":    {calls(false, start+hour, start+60*hour), start + 50*hour, nil, ""},
		"T6 came meanwhile": {func(f *policy.TriggerFacts) {
			calls(false, start+hour, start+49*hour)(f)
			f.Ticket.AttendedAt = start + 2*hour
		}, start + 9*day, nil, ""},
		"T7": {func(f *policy.TriggerFacts) { f.DisputedByTwo = true }, start, one("T7"), "reason.trigger.t7_disputed"},
		"T8": {ticket(func(t *domain.Ticket) { t.ChargeToDeveloper, t.ContractorEnd = true, "2025-01-01" }), start, one("T8"), "reason.trigger.t8_expired"},
		"T9": {func(f *policy.TriggerFacts) { f.OwnerRefusesFirm = true }, start, one("T9"), "reason.trigger.t9_owner_refuses"},
		"not assigned": {func(f *policy.TriggerFacts) {
			missed(domain.P1, 0)(f)
			f.Ticket.AssignedAt = 0
		}, start + 9*day, nil, ""},
	})
}
