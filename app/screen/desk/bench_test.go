package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	reference "keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// bench is a desk at work on a device in memory, in a synctest bubble.
type bench struct {
	*desk.Desk
	t      *testing.T
	device *desktest.Device
	last   desk.State
	// shown counts the states.
	shown int
	stop  func()
}

// sit starts a desk.
func sit(t *testing.T, device *desktest.Device, locale string) *bench {
	t.Helper()
	cat, err := catalog.Load(reference.FS)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Desk: desk.New(device.Deps(cat, texts, locale)), t: t, device: device}
	ctx, cancel := context.WithCancel(context.Background())
	states, done := make(chan desk.State), make(chan error, 1)
	go func() { done <- b.Run(ctx, func(s desk.State) { states <- s }) }()
	go func() {
		for s := range states {
			b.last, b.shown = s, b.shown+1
		}
	}()
	stopped := false
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		close(states)
	}
	t.Cleanup(b.stop)
	return b
}

// state is what is shown once everything is at rest.
func (b *bench) state() desk.State {
	b.t.Helper()
	synctest.Wait()
	if b.last.Problem != "" {
		b.t.Fatalf("problem: %s", b.last.Problem)
	}
	return b.last
}

// pass lets fake time go by.
func (b *bench) pass(d time.Duration) {
	b.t.Helper()
	<-time.After(d)
}

// ticket opens a ticket.
func (b *bench) ticket(n int) *desk.Ticket {
	b.t.Helper()
	b.Select(desktest.TicketID(n))
	s := b.state()
	if s.Ticket == nil || s.Ticket.ID != desktest.TicketID(n) {
		b.t.Fatalf("ticket %d is not shown", n)
	}
	return s.Ticket
}

func numbers(s desk.State) []string {
	var list []string
	for _, r := range s.Board.Rows {
		list = append(list, strings.TrimLeft(strings.TrimPrefix(r.Number, "WX-2026-"), "0"))
	}
	return list
}

func counts(s desk.State) map[desk.GroupID]int {
	list := map[desk.GroupID]int{}
	for _, g := range s.Board.Groups {
		if g.Count > 0 {
			list[g.ID] = g.Count
		}
	}
	return list
}

// action finds an action by its id.
func action(t *testing.T, id string, lists ...[]desk.Action) desk.Action {
	t.Helper()
	for _, list := range lists {
		if i := slices.IndexFunc(list, func(a desk.Action) bool { return a.ID == id }); i >= 0 {
			return list[i]
		}
	}
	t.Fatalf("no action %s", id)
	return desk.Action{}
}

func ids(list []desk.Action) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.ID)
	}
	return out
}

func with(records ...desktest.Record) []desktest.Record { return append(desktest.Master(), records...) }

// at is a ticket of the given number in a status.
func at(n int, status domain.RepairStatus) desktest.Record {
	return desktest.Put(n, desktest.Ticket(n, status))
}
