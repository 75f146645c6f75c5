package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

func value(t *testing.T, label string, facts []desk.Fact) desk.Fact {
	t.Helper()
	i := slices.IndexFunc(facts, func(f desk.Fact) bool { return f.Label == label })
	if i < 0 {
		t.Fatalf("no %q in %+v", label, facts)
	}
	return facts[i]
}

func TestTicketSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story := desktest.Engaged(12)
		b := sit(t, desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(story.Records...)...), wording.English)
		k := b.ticket(12)
		for _, c := range []struct{ label, value, reason string }{
			{"Liable", "样例门窗公司", "is responsible for Doors in"},
			{"Warranty", "contractor until 2028-06-30 · homeowner until 2028-09-26", "2028-09-26"},
			{"Cost borne by", "the contractor", ""},
			{"SLA class", "P1", "3"},
		} {
			f := value(t, c.label, k.Decisions)
			if !strings.Contains(f.Value, c.value) || !strings.Contains(f.Reason, c.reason) {
				t.Errorf("%s: %+v, want %q because %q", c.label, f, c.value, c.reason)
			}
		}
		if f := value(t, "On site", k.Dues); f.Reason != "15 h overdue" || f.Tone != desk.ToneBad || f.Value != "2026-09-27 00:00" {
			t.Errorf("on-site due: %+v", f)
		}
		if f := value(t, "Readings", k.Evidence.Facts); f.Value != "3.5 / 2.75" {
			t.Errorf("readings: %+v", f)
		}
		if f := value(t, "Item", k.Evidence.Facts); f.Value == "HO-010" || !strings.Contains(f.Reason, "failed") || !strings.Contains(f.Reason, "3.5") {
			t.Errorf("item: %+v", f)
		}
		if p := k.Evidence.Plan; p == nil || p.X != 0.61 || p.Y != 0.22 || p.Label != "Entrance hall" {
			t.Errorf("plan: %+v", p)
		}
		if k.Evidence.Missing != "" || len(k.Evidence.Before) != 2 {
			t.Errorf("evidence: %+v", k.Evidence)
		}
	})
}

func TestTimelineLettersAndContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sit(t, desktest.NewDevice(desktest.Opening.Add(48*time.Hour), with(desktest.Engaged(12).Records...)...), wording.English)
		k := b.ticket(12)
		first, last := k.Timeline[len(k.Timeline)-1], k.Timeline[0]
		if len(k.Timeline) != 6 || first.Who != "System" || first.Move != "Unassigned" || !strings.Contains(first.What, "WX-2026-000012") {
			t.Errorf("the oldest event is last: %+v", first)
		}
		if last.What != "Contractor contacted (phone)" || last.Why != "无人接听" || last.Who != "样例协调员" {
			t.Errorf("the newest event is first: %+v", last)
		}
		if accepted := k.Timeline[3]; accepted.Move != "Assigned → Accepted" {
			t.Errorf("from and to: %+v", accepted)
		}
		n := k.Notices[0]
		if !strings.Contains(n.Text, "整改通知单") || n.Tone != desk.ToneOK || len(n.Proof) != 1 || len(n.Actions) != 0 {
			t.Errorf("a delivered notice is frozen and done: %+v", n)
		}
		if c := k.Contacts[0]; c.Channel != "phone" || c.Reached || c.Outcome != "Not reached" || c.Note != "无人接听" {
			t.Errorf("contact: %+v", c)
		}
	})
}

func TestPhotosOfflineAndOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(desktest.Engaged(12).Records...)...)
		d.SetFile(desktest.PhotoSHA, []byte("here"))
		b := sit(t, d, wording.English)
		states := func() []desk.PhotoState {
			var list []desk.PhotoState
			for _, p := range b.state().Ticket.Evidence.Before {
				list = append(list, p.State)
			}
			return list
		}
		b.ticket(12)
		if got := states(); !slices.Equal(got, []desk.PhotoState{desk.PhotoHere, desk.PhotoHere}) {
			t.Errorf("online both can be had: %v", got)
		}
		d.SetLink(desk.Link{Err: errors.New("no route")})
		b.pass(time.Second)
		if got := states(); !slices.Equal(got, []desk.PhotoState{desk.PhotoHere, desk.PhotoMissing}) {
			t.Errorf("offline one is missing: %v", got)
		}
		if _, err := b.Picture(t.Context(), b.state().Ticket.Evidence.Before[1].ID); err == nil {
			t.Error("a photo that is nowhere was shown")
		}
		if _, err := b.Picture(t.Context(), b.state().Ticket.Evidence.Before[0].ID); err == nil {
			t.Error("a text was shown as a photo")
		}
		if _, err := b.Picture(t.Context(), "../../etc/passwd"); err == nil {
			t.Error("a file that no ticket names was opened")
		}
	})
}

func TestActionsFollowTheStateMachine(t *testing.T) {
	for status, want := range map[domain.RepairStatus]string{
		domain.RepairRecorded:         "assign cancel out_of_warranty",
		domain.RepairAssigned:         "accept dispute suspend give_up cancel out_of_warranty | log_contact attend issue_notice record_refusal",
		domain.RepairDisputed:         "reassign uphold suspend give_up | log_contact attend issue_notice record_refusal",
		domain.RepairAccepted:         "survey suspend give_up | log_contact attend issue_notice record_refusal",
		domain.RepairInProgress:       "suspend finish give_up | log_contact attend issue_notice record_refusal",
		domain.RepairSuspended:        "resume | log_contact",
		domain.RepairPendingReinspect: "suspend pass fail give_up | log_contact attend issue_notice record_refusal",
		domain.RepairPassed:           "suspend confirm refuse give_up | log_contact attend issue_notice record_refusal",
		domain.RepairClosed:           "reopen",
		domain.RepairThirdParty:       " | log_contact",
		domain.RepairHardToFix:        "settle | log_contact",
		domain.RepairCancelled:        "",
	} {
		t.Run(string(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := sit(t, desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(2, status))...), wording.English)
				k := b.ticket(2)
				got := strings.Join(ids(k.Steps), " ")
				if side := strings.Join(ids(k.Side), " "); side != "" && status != domain.RepairRecorded {
					got += " | " + side
				}
				if got != want {
					t.Errorf("%q, want %q", got, want)
				}
			})
		})
	}
}

func TestBlockedActionsSayWhy(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*domain.Ticket)
		status domain.RepairStatus
		number int
		action string
		why    string
	}{
		{"free", func(*domain.Ticket) {}, domain.RepairAccepted, 3, "survey", ""},
		{"a leak needs a water test", func(*domain.Ticket) {}, domain.RepairPendingReinspect, 1, "pass", "the water test was repeated"},
		{"repairer is re-inspector", func(k *domain.Ticket) { k.FinishedBy = desktest.Coordinator }, domain.RepairPendingReinspect, 3, "pass", "the re-inspector is not the repairer"},
		{"somebody else re-inspects", func(k *domain.Ticket) { k.FinishedBy = desktest.Manager }, domain.RepairPendingReinspect, 3, "pass", ""},
		{"reopened too late", func(k *domain.Ticket) { k.ClosedAt = desktest.Opening.Add(-100 * 24 * time.Hour) }, domain.RepairClosed, 3, "reopen", "within 90 days of closing"},
		{"reopened in time", func(*domain.Ticket) {}, domain.RepairClosed, 3, "reopen", ""},
		{"attended", func(k *domain.Ticket) { k.AttendedAt = desktest.Opening }, domain.RepairAccepted, 3, "attend", "attendance recorded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := desktest.Ticket(c.number, c.status)
				c.change(&k)
				b := sit(t, desktest.NewDevice(desktest.Opening.Add(80*time.Hour), with(desktest.Put(c.number, k))...), wording.English)
				shown := b.ticket(c.number)
				a := action(t, c.action, shown.Steps, shown.Side)
				if got := strings.Join(a.Blocked, "; "); c.why == "" && got != "" || !strings.Contains(got, c.why) {
					t.Errorf("blocked by %q, want %q", got, c.why)
				}
			})
		})
	}
}

func TestMoneyClosingAndRulingsNeedTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(2, domain.RepairAssigned), at(3, domain.RepairDisputed))...)
		d.SetLink(desk.Link{Err: errors.New("no route")})
		b := sit(t, d, wording.English)
		for n, decisive := range map[int][]string{2: {"give_up", "cancel", "out_of_warranty"}, 3: {"reassign", "uphold", "give_up"}} {
			k := b.ticket(n)
			for _, a := range append(k.Steps, k.Side...) {
				blocked := strings.Contains(strings.Join(a.Blocked, " "), "needs the network")
				if blocked != slices.Contains(decisive, a.ID) {
					t.Errorf("%s offline: %v", a.ID, a.Blocked)
				}
			}
		}
		d.SetLink(desk.Link{Online: true})
		b.pass(time.Second)
		if a := action(t, "uphold", b.ticket(3).Steps); len(a.Blocked) > 0 {
			t.Errorf("online again: %v", a.Blocked)
		}
	})
}

func TestDuplicateAndReview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := desktest.Ticket(4, domain.RepairPendingReinspect)
		k.DuplicateOf, k.Review = desktest.TicketID(2), []string{"review.verdict_out_of_turn"}
		b := sit(t, desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(2, domain.RepairAssigned), desktest.Put(4, k))...), wording.English)
		shown := b.ticket(4)
		if shown.Evidence.Duplicate != desktest.TicketID(2) || shown.Evidence.DuplicateLabel != "Possible duplicate of WX-2026-000002 (Assigned)" {
			t.Errorf("duplicate: %+v", shown.Evidence)
		}
		if len(shown.Review) != 1 || shown.Review[0] != "The verdict does not fit the ticket's status" || shown.Side[0].ID != domain.ActionReviewed {
			t.Errorf("review: %v %v", shown.Review, ids(shown.Side))
		}
	})
}
