package walktest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/screen/desk"
	"keyturn/app/screen/field"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
)

// sessionEnds lets more time pass than a session lives (PROTOCOL.md 2.2).
func sessionEnds(_ *testing.T, w *world) *world {
	w.clock.Advance(401 * 24 * time.Hour)
	return w
}

// serverForgets puts a server that has the project, but has never heard of the
// device, behind the address that the device knows.
func serverForgets(t *testing.T, w *world) *world {
	t.Helper()
	other := newWorld(t)
	if other.project != w.project {
		t.Fatalf("the project is %s on one server and %s on the other", w.project, other.project)
	}
	w.network.Cut()
	w.network.servers = other.network.servers
	w.network.Mend()
	return other
}

// path notes where a tablet's session wants to go.
type path chan field.Route

func (p path) Open(r field.Route) { p <- r }
func (p path) Back()              { p <- field.Route{} }

// leads waits for the next step; no place is the way back.
func (p path) leads(t *testing.T, to field.Place) {
	t.Helper()
	select {
	case r := <-p:
		if r.Place != to {
			t.Fatalf("it leads to %q, not %q", r.Place, to)
		}
	case <-time.After(patience):
		t.Fatalf("it leads nowhere, not to %q", to)
	}
}

// asked is one State of the page where a code is entered.
type asked struct {
	field.EnrolState
	problem *field.Problem
}

// TestTabletEntersANewCode: a tablet with work from before and after it was shut
// out says so, takes a new code on its Sync page and is let in as the device
// that it was; everything arrives once.
func TestTabletEntersANewCode(t *testing.T) {
	for name, shutOut := range map[string]func(*testing.T, *world) *world{"session ended": sessionEnds, "unknown device": serverForgets} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tablet, work := w.ready("inspector1")
			tablet.Runner.Changed = func(syncer.Status) { tablet.Store.Ring() } // as the program does
			w.offline(tablet, work)
			ctx := context.WithoutCancel(t.Context())
			tablet.Connect(ctx)
			tablet.allConfirmed()
			tablet.Disconnect()
			before := tablet.identity()

			w = shutOut(t, w)
			recordDefect(t, tablet, w.project, work.Unit, "recorded while it was shut out")
			session := tablet.session()
			steps := make(path, 10)
			session.Navigate(steps)
			sync, corner := session.Sync(), session.Badge()
			shown, badge := follow(t, sync), follow(t, corner)
			tablet.Connect(ctx)
			told := shown.until("it says that it is refused", func(s field.SyncState) bool { return s.Link.Refused != nil }).Link.Refused
			if !strings.Contains(told.Safe, "nothing is lost") || !strings.Contains(told.Next, "new code") {
				t.Errorf("%+v", told)
			}
			badge.until("the corner says so", func(b field.SyncBadge) bool { return b.Refused && b.Tone == field.ToneBad })
			sync.EnrolAgain()
			steps.leads(t, field.PlaceEnrol)

			enrol := session.Enrol()
			page := &page[asked]{t: t, states: make(chan asked, 1)}
			enrol.Listen(func(s field.EnrolState, p *field.Problem) { page.show(asked{s, p}) })
			first := page.until("the page", func(asked) bool { return true })
			if !first.Again || first.Server != before.Server {
				t.Errorf("%+v, enrolled at %s", first, before.Server)
			}
			enrol.Submit("http://127.0.0.1:1", "0000-0000-0000-0000", "Tablet 3")
			page.until("another server is refused", func(a asked) bool {
				return a.problem != nil && !a.Busy && strings.Contains(a.problem.Happened, "belongs to another server")
			})
			enrol.Submit(first.Server, "0000-0000-0000-0000", "Tablet 3")
			page.until("the wrong code is refused", func(a asked) bool {
				return a.problem != nil && !a.Busy && strings.Contains(a.problem.Happened, "wrong, used or expired")
			})
			if tablet.identity().SessionToken != before.SessionToken {
				t.Error("a refused code changed the identity")
			}
			enrol.Submit(first.Server, w.code("inspector1"), "Tablet 3")
			steps.leads(t, "")
			if again := page.until("the name", func(a asked) bool { return !a.Busy && a.Name != "" }); again.Name != "Tablet 3" {
				t.Errorf("it forgot its name: %+v", again)
			}
			shown.until("connected", func(s field.SyncState) bool { return s.Link.Online && s.Link.Refused == nil })
			badge.until("the corner is content", func(b field.SyncBadge) bool { return !b.Refused })
			tablet.allConfirmed()
			w.allArrivedOnce(tablet, before)
		})
	}
}

// allArrivedOnce compares the server with what the device has made.
func (w *world) allArrivedOnce(tablet *device, before localstore.Identity) {
	w.t.Helper()
	t := w.t
	if now := tablet.identity(); now.Device != before.Device || now.SessionToken == before.SessionToken {
		t.Errorf("device %s became %s, new session: %v", before.Device, now.Device, now.SessionToken != before.SessionToken)
	}
	next := uint64(0)
	must(t, tablet.Store.View(t.Context(), func(tx *localstore.Tx) (err error) {
		next, err = tx.NextWaiting(t.Context())
		return err
	}))
	arrived := w.central(before.Device)
	if arrived.defects != 3 || arrived.next != next || arrived.ready != arrived.attachments || arrived.tickets != 3 {
		t.Errorf("%+v of three defects, next op %d", arrived, next)
	}
	tablet.Disconnect()
	tablet.Connect(context.WithoutCancel(t.Context()))
	fresh := w.enrol("inspector2")
	fresh.allConfirmed()
	tablet.allConfirmed()
	sameRecords(t, tablet, fresh)
	if again := w.central(before.Device); again != arrived {
		t.Errorf("another connection changed %+v to %+v", arrived, again)
	}
}

// TestDeskEntersANewCode: the same for the coordinator's desk.
func TestDeskEntersANewCode(t *testing.T) {
	w := newWorld(t)
	office := w.enrol("coordinator1")
	office.allConfirmed()
	office.Disconnect()
	before := office.identity()
	office.Runner.Changed = func(syncer.Status) { office.Store.Ring() }
	unit := list[domain.Unit](office, domain.EntityUnit, localstore.Filter{})[0].ID
	w = sessionEnds(t, w)
	id := recordDefect(t, office, w.project, unit, "recorded while it was shut out")

	screen, shown := office.desktop()
	office.Connect(context.WithoutCancel(t.Context()))
	strip := shown.until("it says that it is refused", func(s desk.State) bool { return s.Strip.Refused }).Strip
	if strip.Tone != desk.ToneBad || strip.Server != before.Server || !strings.Contains(strip.Why, "new code") {
		t.Errorf("%+v", strip)
	}
	for server, wants := range map[string]string{strip.Server: "invalid or used", "keyturn": "not valid", "http://127.0.0.1:1": "belongs to another server"} {
		err := screen.Enrol(t.Context(), server, "0000-0000-0000-0000", "desk")
		var problem *desk.Problem
		if !errors.As(err, &problem) || !strings.Contains(problem.Text, wants) {
			t.Errorf("%s: %v, want %q", server, err, wants)
		}
	}
	w.network.Cut()
	var problem *desk.Problem
	if err := screen.Enrol(t.Context(), strip.Server, "0000-0000-0000-0000", "desk"); !errors.As(err, &problem) || !strings.Contains(problem.Text, "no network") {
		t.Errorf("without a network: %v", err)
	}
	w.network.Mend()
	must(t, screen.Enrol(t.Context(), strip.Server, w.code("coordinator1"), "desk"))
	shown.until("online", func(s desk.State) bool { return s.Strip.Online && !s.Strip.Refused })
	office.allConfirmed()
	if now := office.identity(); now.Device != before.Device {
		t.Errorf("device %s became %s", before.Device, now.Device)
	}
	fresh := w.enrol("inspector1")
	fresh.allConfirmed()
	if got := one(fresh, domain.EntityDefect, id); got.Description != "recorded while it was shut out" {
		t.Errorf("%+v", got)
	}
}
