package ident_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

func TestNewIDsSortByTime(t *testing.T) {
	now := time.Date(2026, 9, 26, 9, 0, 0, 0, time.UTC)
	s := ident.NewSource(func() time.Time { return now }, nil)
	var made []domain.DefectID
	for range 50 {
		id, err := ident.New[domain.Defect](s)
		if err != nil {
			t.Fatal(err)
		}
		if id[6]>>4 != 7 || id[8]>>6 != 2 {
			t.Fatalf("%s is no version 7 id", id)
		}
		made = append(made, id)
		now = now.Add(time.Millisecond)
	}
	if !slices.IsSortedFunc(made, func(a, b domain.DefectID) int { return bytes.Compare(a[:], b[:]) }) {
		t.Error("later ids do not sort later")
	}
}

// A clock that stands still, or goes back, repeats no id.
func TestNewIDsAreDistinctWithoutAClock(t *testing.T) {
	still := time.Date(2026, 9, 26, 9, 0, 0, 0, time.UTC)
	s := ident.NewSource(func() time.Time { return still }, nil)
	var mu sync.Mutex
	seen := map[domain.DefectID]bool{}
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 500 {
				id, err := ident.New[domain.Defect](s)
				mu.Lock()
				if err != nil || seen[id] {
					t.Errorf("%s again, or %v", id, err)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	work.Wait()
}

func TestNoRandomnessIsAnError(t *testing.T) {
	broken := errors.New("no entropy")
	s := ident.NewSource(time.Now, io.MultiReader(iotest.ErrReader(broken)))
	if id, err := ident.New[domain.Defect](s); !errors.Is(err, broken) || !id.IsZero() {
		t.Errorf("%s, %v", id, err)
	}
}

func TestTwins(t *testing.T) {
	defect := ident.Derive[domain.Defect]("x")
	ticket := ident.Twin[domain.Ticket](defect)
	if ticket.Any() == defect.Any() || !bytes.Equal(ticket[:15], defect[:15]) || ident.Twin[domain.Defect](ticket) != defect {
		t.Errorf("%s is no twin of %s", ticket, defect)
	}
}

func TestDerivedIDs(t *testing.T) {
	a := ident.Derive[domain.Ticket]("ticket", "x")
	if a != ident.Derive[domain.Ticket]("ticket", "x") {
		t.Error("the same parts gave another id")
	}
	if a[6]>>4 != 5 {
		t.Errorf("%s is no version 5 id", a)
	}
	// Where one part ends and the next begins matters.
	for _, other := range [][]string{{"ticket", "y"}, {"ticketx"}, {"ticket", "x", ""}, {"x", "ticket"}, {"ticket"}, {}} {
		if ident.Derive[domain.Ticket](other...) == a {
			t.Errorf("%q gives the id of ticket, x", other)
		}
	}
	// Written down: what exists once must exist once after an update, too.
	if got := ident.Derive[domain.Device]("server").String(); got != "1a4ef740-00a7-524e-a392-92da93ddee88" {
		t.Errorf("the server's device id is now %s", got)
	}
}
