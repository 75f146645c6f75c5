package policy_test

import (
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

var limits = map[domain.SLAClass]policy.SLALimits{
	domain.P1:  {Class: domain.P1, Respond: 30 * time.Minute, OnSite: 2 * time.Hour, MakeSafe: 24 * time.Hour, FixDays: 3},
	domain.P1S: {Class: domain.P1S, Respond: 30 * time.Minute, OnSite: 2 * time.Hour, MakeSafe: 24 * time.Hour, FixDays: 30},
	domain.P2:  {Class: domain.P2, Respond: 2 * time.Hour, OnSite: 24 * time.Hour, FixDays: 3},
	domain.P3:  {Class: domain.P3, Respond: 8 * time.Hour, OnSite: 24 * time.Hour, FixDays: 7},
	domain.P5:  {Class: domain.P5, Respond: 24 * time.Hour, OnSite: 72 * time.Hour, FixDays: 60},
}

func TestDeadlines(t *testing.T) {
	const half = hour / 2
	for name, tc := range map[string]struct {
		class                             domain.SLAClass
		contract                          int64
		respond, onSite, makeSafe, finish domain.Instant
		reason                            string
	}{
		"P1":                       {domain.P1, 0, half, 2 * hour, day, 3 * day, "reason.sla.class"},
		"P1 not lengthened":        {domain.P1, 24, half, 2 * hour, day, 3 * day, "reason.sla.contract_ignored"},
		"P1S not lengthened":       {domain.P1S, 1, half, 2 * hour, day, 30 * day, "reason.sla.contract_ignored"},
		"P2 not lengthened":        {domain.P2, 12, 2 * hour, day, 0, 3 * day, "reason.sla.contract_ignored"},
		"P2 shortened":             {domain.P2, 1, hour, day, 0, 3 * day, "reason.sla.contract_shorter"},
		"P3 equal":                 {domain.P3, 8, 8 * hour, day, 0, 7 * day, "reason.sla.class"},
		"P3 shortened":             {domain.P3, 4, 4 * hour, day, 0, 7 * day, "reason.sla.contract_shorter"},
		"P3 lengthened":            {domain.P3, 24, day, day, 0, 7 * day, "reason.sla.contract_longer"},
		"P3 response past on-site": {domain.P3, 36, 36 * hour, 36 * hour, 0, 7 * day, "reason.sla.contract_longer"},
		"P5 lengthened":            {domain.P5, 48, 2 * day, 3 * day, 0, 60 * day, "reason.sla.contract_longer"},
		"negative is none":         {domain.P3, -5, 8 * hour, day, 0, 7 * day, "reason.sla.class"},
	} {
		t.Run(name, func(t *testing.T) {
			assigned := start + 5*hour
			s := policy.Deadlines(limits[tc.class], start, assigned, tc.contract, config(t, nil), shanghai(t, nil, nil))
			at := func(offset domain.Instant) domain.Instant {
				if offset == 0 {
					return 0
				}
				return assigned + offset
			}
			if s.RespondDue != at(tc.respond) || s.OnSiteDue != at(tc.onSite) || s.MakeSafeDue != at(tc.makeSafe) || s.FinishDue != at(tc.finish) {
				t.Errorf("respond %s, on site %s, safe %s, finish %s", rfc(s.RespondDue), rfc(s.OnSiteDue), rfc(s.MakeSafeDue), rfc(s.FinishDue))
			}
			checkReason(t, s.Reason, tc.reason)
		})
	}
}

func TestDeadlinesClocks(t *testing.T) {
	cfg := config(t, nil)
	// 23:30 on 30 September in Shanghai; the homeowner's clock starts there and then.
	recorded := domain.At(time.Date(2026, 9, 30, 15, 30, 0, 0, time.UTC))
	s := policy.Deadlines(limits[domain.P3], recorded, 0, 0, cfg, shanghai(t, nil, nil))
	if s.PromisedBy != "2026-10-07" || s.RespondDue.Set() || s.FinishDue.Set() {
		t.Errorf("unassigned: promised %s, respond %v", s.PromisedBy, s.RespondDue)
	}
	if s = policy.Deadlines(limits[domain.P5], recorded, start, 0, cfg, shanghai(t, nil, nil)); s.PromisedBy != "2026-10-30" {
		t.Errorf("the promise is at most 30 days: %s", s.PromisedBy)
	}
	if s = policy.Deadlines(limits[domain.P3], 0, start, 0, cfg, policy.Calendar{}); s.PromisedBy != "" {
		t.Errorf("no capture, no promise: %s", s.PromisedBy)
	}
	working := limits[domain.P3]
	working.FixWorkdays = true
	holidays := shanghai(t, []domain.Date{"2026-10-01", "2026-10-02"}, nil)
	if s = policy.Deadlines(working, start, start, 0, cfg, holidays); s.FinishDue != start+11*day {
		t.Errorf("7 working days over a holiday end %s", rfc(s.FinishDue))
	}
}

func TestDeadlinesConfigured(t *testing.T) {
	extra := []policy.Setting{
		{Key: policy.SLAKey(domain.P2, policy.SLARespondMinutes), Value: "45", Unit: "minutes", Tag: "P"},
		{Key: policy.SLAKey(domain.P2, policy.SLAFixDays), Value: "5", Unit: "days", Tag: "P"},
	}
	cfg, err := policy.NewConfig(append(extra, settings...))
	if err != nil {
		t.Fatal(err)
	}
	s := policy.Deadlines(limits[domain.P2], start, start, 0, cfg, policy.Calendar{})
	if s.RespondDue != start+hour*3/4 || s.FinishDue != start+5*day || s.OnSiteDue != start+day {
		t.Errorf("configured limits ignored: %+v", s)
	}
	if s.Reason.Args["respond_hours"] != "0.75" {
		t.Errorf("reason says %s h", s.Reason.Args["respond_hours"])
	}
}

func TestShift(t *testing.T) {
	ticket := domain.Ticket{
		RespondDue: start + hour, OnSiteDue: start + 2*hour, MakeSafeDue: start + day, FinishDue: start + 3*day, PromisedBy: "2026-10-07",
	}
	got := policy.Shift(ticket, 90*time.Minute)
	const by = 3 * hour / 2
	if got.RespondDue != ticket.RespondDue+by || got.OnSiteDue != ticket.OnSiteDue+by || got.MakeSafeDue != ticket.MakeSafeDue+by ||
		got.FinishDue != ticket.FinishDue+by || got.PromisedBy != ticket.PromisedBy {
		t.Errorf("shifted %+v", got)
	}
	ticket.RespondedAt, ticket.AttendedAt = start+3*hour, start+4*hour
	got = policy.Shift(ticket, 5*time.Hour)
	if got.RespondDue != ticket.RespondDue || got.OnSiteDue != ticket.OnSiteDue {
		t.Error("a late response became timely")
	}
	ticket.MakeSafeDue = 0
	if got = policy.Shift(ticket, time.Hour); got.MakeSafeDue.Set() || policy.Shift(ticket, -time.Hour).FinishDue != ticket.FinishDue {
		t.Error("no limit or a negative pause moved")
	}
}
