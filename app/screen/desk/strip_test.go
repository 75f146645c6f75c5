package desk_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

func TestStripSaysWhyThereIsNoConnection(t *testing.T) {
	for _, c := range []struct {
		link desk.Link
		want string
	}{
		{desk.Link{Online: true}, ""},
		{desk.Link{}, "connecting to the server"},
		{desk.Link{Err: desk.ErrNotEnrolled}, "this device is not enrolled"},
		{desk.Link{Err: &desk.Refused{Code: syncproto.CodeRevoked}}, "This device has been revoked"},
		{desk.Link{Err: &desk.Refused{Code: syncproto.CodeUnauthorised}}, "what you do is kept here; ask for a new code"},
		{desk.Link{Err: &desk.Refused{Code: "untrusted"}}, "The server cannot prove that it is yours: check the address, or ask the administrator"},
		{desk.Link{Err: &desk.Refused{Code: "a_code_of_tomorrow"}}, "a_code_of_tomorrow"},
		{desk.Link{Err: errors.New("dial tcp: no route")}, "no network; what you do is kept here and sent later"},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := desktest.NewDevice(desktest.Opening, desktest.Master()...)
			d.SetLink(c.link)
			d.SetProgress(desk.Progress{Have: 40, Behind: 60, RecordsWaiting: 2, PhotosWaiting: 1})
			s := sit(t, d, wording.English).state().Strip
			if s.Online != c.link.Online || s.Why != c.want {
				t.Errorf("%+v: %q, want %q", c.link, s.Why, c.want)
			}
			if refused := c.link.Err != nil && c.link.Err.Error() == "refused: unauthorised"; s.Refused != refused || s.Server != "https://keyturn.example" {
				t.Errorf("%+v: refused %v at %s", c.link, s.Refused, s.Server)
			}
			if s.Waiting != "Waiting: 2 records, 1 photos" || s.Loading != "Loading 40/100" || s.Person != "样例协调员" {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestRefusalsInWords(t *testing.T) {
	id := desktest.TicketID(12).Any()
	for _, c := range []struct {
		name    string
		action  string
		code    syncproto.Code
		details []string
		title   string
		reason  string
		lists   string
	}{
		{"guards and facts", domain.ActionPropose, syncproto.CodeGuard, []string{"guard.engagement_gate", "fact.notice"}, "Propose third party", "Not possible yet; missing:", "the engagement gate is met, Rectification notice"},
		{"right", "uphold", syncproto.CodeForbidden, []string{string(domain.CanRuleLiability)}, "Uphold liability", "You do not have the right: ruling on liability", ""},
		{"state", "accept", syncproto.CodeBadTransition, []string{"CLOSED", "accept"}, "Accept for contractor", "Not possible in the present state (Closed)", ""},
		{"other state", domain.ActionPropose, syncproto.CodeBadTransition, []string{"maintenance_open"}, "Propose third party", "Not possible in the present state", "A third-party ticket is open already"},
		{"unknown code", "accept", "a_code_of_tomorrow", nil, "Accept for contractor", "a_code_of_tomorrow", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(desktest.Engaged(12).Records...)...)
				if err := d.Refuse(7, domain.EntityTicket, id, syncproto.Command{Action: c.action}, c.code, c.details...); err != nil {
					t.Fatal(err)
				}
				b := sit(t, d, wording.English)
				k := b.ticket(12)
				s := b.state()
				if len(s.Strip.Attention) != 1 || len(k.Refusals) != 1 {
					t.Fatalf("attention %+v, ticket %+v", s.Strip.Attention, k.Refusals)
				}
				r := k.Refusals[0]
				if r.Title != "WX-2026-000012 · "+c.title || r.Reason != c.reason || strings.Join(r.Details, ", ") != c.lists || r.Ticket != desktest.TicketID(12) {
					t.Errorf("%+v", r)
				}
				if err := b.Dismiss(t.Context(), r.Seq); err != nil {
					t.Fatal(err)
				}
				b.pass(time.Second)
				if s := b.state(); len(s.Strip.Attention) != 0 || len(s.Ticket.Refusals) != 0 {
					t.Errorf("dismissed, but shown: %+v", s.Strip.Attention)
				}
				b.stop()
				if s := sit(t, d, wording.English).state(); len(s.Strip.Attention) != 0 {
					t.Error("dismissed for this run only")
				}
			})
		})
	}
}

func TestRetryComesOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening, desktest.Master()...)
		d.SetLink(desk.Link{Err: errors.New("no route")})
		b := sit(t, d, wording.English)
		b.state()
		b.Retry()
		b.pass(time.Second)
		if s := b.state(); !s.Strip.Online {
			t.Errorf("%+v", s.Strip)
		}
	})
}

func TestNewCodeInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening, desktest.Master()...)
		d.SetLink(desk.Link{Err: &desk.Refused{Code: syncproto.CodeUnauthorised}})
		b := sit(t, d, wording.Chinese)
		var problem *desk.Problem
		if err := b.Enrol(t.Context(), "https://keyturn.example", "used", "desk"); !errors.As(err, &problem) || problem.Text != "登记码无效或已使用" {
			t.Errorf("%v", err)
		}
		if s := b.state(); !s.Strip.Refused {
			t.Errorf("%+v", s.Strip)
		}
		if err := b.Enrol(t.Context(), "https://keyturn.example", desktest.NewCode, "desk"); err != nil {
			t.Fatal(err)
		}
		b.pass(time.Second)
		if s := b.state(); !s.Strip.Online || s.Strip.Refused {
			t.Errorf("%+v", s.Strip)
		}
	})
}
