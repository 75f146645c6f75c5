package policy_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// open is an assigned ticket with ten days to finish.
func open() domain.Ticket {
	return domain.Ticket{
		Status: domain.RepairAssigned, ContractorID: id[domain.Party](1), SLAClass: domain.P3, RecordedAt: start,
		AssignedAt: start, RespondDue: start + 8*hour, OnSiteDue: start + 20*hour, FinishDue: start + 10*day,
	}
}

func steps(list []policy.Escalation) []string {
	var names []string
	for _, e := range list {
		names = append(names, e.Step)
	}
	return names
}

func TestEscalations(t *testing.T) {
	attended := func(t *domain.Ticket) { t.AttendedAt = start + hour }
	for name, tc := range map[string]struct {
		change func(*domain.Ticket)
		now    domain.Instant
		want   []string
	}{
		"nothing yet":           {attended, start + 5*day - 1, nil},
		"half at the instant":   {attended, start + 5*day, []string{"remind50"}},
		"just before 80 %":      {attended, start + 8*day - 1, []string{"remind50"}},
		"80 %":                  {attended, start + 8*day, []string{"remind50", "warn80"}},
		"1 ms before finish":    {attended, start + 10*day - 1, []string{"remind50", "warn80"}},
		"breach":                {attended, start + 10*day, []string{"remind50", "warn80", "breach100"}},
		"manager":               {attended, start + 11*day, []string{"remind50", "warn80", "breach100", "manager24"}},
		"general manager":       {attended, start + 13*day, []string{"remind50", "warn80", "breach100", "manager24", "gm72"}},
		"taken steps stay away": {func(t *domain.Ticket) { attended(t); t.Escalated = []string{"remind50", "breach100"} }, start + 11*day, []string{"warn80", "manager24"}},
		"before on-site limit":  {nil, start + 20*hour - 1, nil},
		"on-site missed":        {nil, start + 20*hour, []string{"onsite_missed"}},
		"before first 24 h":     {nil, start + day - 1, []string{"onsite_missed"}},
		"no attendance":         {nil, start + day, []string{"onsite_missed", "no_attendance"}},
		"disputed runs on":      {func(t *domain.Ticket) { attended(t); t.Status = domain.RepairDisputed }, start + 5*day, []string{"remind50"}},
		"suspended pauses":      {func(t *domain.Ticket) { t.Status = domain.RepairSuspended }, start + 20*day, nil},
		"waiting for re-inspection": {
			func(t *domain.Ticket) { t.Status, t.FinishedAt = domain.RepairPendingReinspect, start+9*day }, start + 20*day, nil,
		},
		"third party took over": {func(t *domain.Ticket) { t.Status = domain.RepairThirdParty }, start + 20*day, nil},
		"not assigned":          {func(t *domain.Ticket) { t.AssignedAt = 0 }, start + 20*day, nil},
		"no finish limit":       {func(t *domain.Ticket) { attended(t); t.FinishDue = 0 }, start + 20*day, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := open()
			if tc.change != nil {
				tc.change(&ticket)
			}
			got := policy.Escalations(ticket, tc.now, config(t, nil))
			if !slices.Equal(steps(got), tc.want) {
				t.Errorf("got %v, want %v", steps(got), tc.want)
			}
			for _, e := range got {
				checkReason(t, e.Reason, "reason.escalation."+e.Step)
				if e.At > tc.now {
					t.Errorf("%s is in the future", e.Step)
				}
			}
		})
	}
}

// TestEscalationsSuspended: two suspended days move every step by two days.
func TestEscalationsSuspended(t *testing.T) {
	ticket := policy.Shift(open(), 48*60*60*1e9)
	spans := []policy.Span{{From: start + 12*hour, To: start + 36*hour}, {From: start + 30*hour, To: start + 60*hour}}
	want := map[string]domain.Instant{
		"onsite_missed": start + 68*hour, "no_attendance": start + 72*hour, "remind50": start + 7*day, "warn80": start + 10*day,
		"breach100": start + 12*day, "manager24": start + 13*day, "gm72": start + 15*day,
	}
	got := policy.Escalations(ticket, start+15*day, config(t, nil), spans...)
	if len(got) != len(want) {
		t.Fatalf("steps %v", steps(got))
	}
	for _, e := range got {
		if e.At != want[e.Step] {
			t.Errorf("%s at %s, want %s", e.Step, rfc(e.At), rfc(want[e.Step]))
		}
	}
}
