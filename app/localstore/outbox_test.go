package localstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// What is recorded is on the screen at once, unconfirmed until the server's log
// has brought it back.
func TestRecordedIsShownAtOnce(t *testing.T) {
	w := newWorld(t)
	seq := w.creates("d", domain.Defect{UnitID: ident.Derive[domain.Unit]("u"), Description: "first", State: domain.DefectOpen})
	w.shows("d", "first")
	confirmed := func(want bool) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			list, err := localstore.List[domain.Defect](ctx, tx, domain.EntityDefect, localstore.Filter{
				Parent: ident.Derive[any]("u"), States: []string{string(domain.DefectOpen)}, Project: project,
			})
			if err != nil || len(list) != 1 || list[0].Confirmed != want {
				t.Errorf("%+v, %v", list, err)
			}
			return nil
		})
	}
	confirmed(false)
	w.amends("d", domain.Defect{Description: "second"})
	w.shows("d", "second")
	w.answer(w.accept(seq))
	confirmed(false)
	w.pull()
	confirmed(true)
	w.shows("d", "second") // its edit still waits
	if d, _ := w.shown("d"); d.State != domain.DefectOpen {
		t.Errorf("%+v", d)
	}
}

func TestOpsAreNumberedAndStamped(t *testing.T) {
	w := newWorld(t)
	w.creates("a", domain.Defect{Description: "a"})
	first := w.record(change(t, "b", syncproto.Recorded, domain.Defect{Description: "b"}), change(t, "c", syncproto.Recorded, domain.Defect{Description: "c"}))
	w.now -= 1000 // the clock goes back
	w.amends("a", domain.Defect{Description: "A"})
	if first != 2 {
		t.Errorf("the group starts at %d", first)
	}
	var hlc uint64
	for seq, group := range map[uint64]uint64{1: 0, 2: 3, 3: 3, 4: 0} {
		if got := w.sent(seq).Op; got.Group != group || got.Device != tablet || got.Actor != person || got.Scope != field || got.Schema != syncproto.SchemaVersion {
			t.Errorf("op %d: %+v", seq, got)
		}
	}
	for seq := uint64(1); seq <= 4; seq++ {
		if got := w.sent(seq).Op.HLC; got <= hlc {
			t.Errorf("op %d has the clock %d after %d", seq, got, hlc)
		} else {
			hlc = got
		}
	}
	// A clock that is known to be wrong orders by the right time; what people see
	// keeps the raw one.
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.SetClockAhead(ctx, 3_600_000) })
	w.now += 7_200_000
	w.amends("a", domain.Defect{Description: "later"})
	op := w.sent(5).Op
	if op.HLC>>16 != uint64(w.now-3_600_000) || op.CapturedAt != w.now {
		t.Errorf("ordered at %d, captured at %d, now %d", op.HLC>>16, op.CapturedAt, w.now)
	}
}

// A clock that ran years ahead and was put right does not order this device's
// edits last for years.
func TestClockThatWasPutRight(t *testing.T) {
	w := newWorld(t)
	w.now += 1 << 38
	w.creates("a", domain.Defect{Description: "a"})
	w.now -= 1 << 38
	w.amends("a", domain.Defect{Description: "b"})
	if at := domain.Instant(w.sent(2).Op.HLC >> 16); at > w.now+syncproto.MaxAhead {
		t.Errorf("ordered %s in the future", at.Sub(w.now))
	}
}

func TestRecordRefuses(t *testing.T) {
	w := newWorld(t)
	many := slices.Repeat([]localstore.Change{change(t, "d", syncproto.Recorded, domain.Defect{Description: "x"})}, syncproto.MaxBatchOps+1)
	bad := change(t, "d", syncproto.Recorded, domain.Defect{Description: "x"})
	bad.Fields[9] = []byte{0x61, 'x'}
	unknown := change(t, "d", syncproto.Recorded, domain.Defect{Description: "x"})
	unknown.Entity = 250
	for name, c := range map[string]struct {
		changes []localstore.Change
		want    error
	}{
		"too long":           {[]localstore.Change{change(t, "d", syncproto.Recorded, domain.Defect{Description: strings.Repeat("长", syncproto.MaxOpBytes/3)})}, localstore.ErrTooLong},
		"too many":           {many, localstore.ErrTooLong},
		"wrong types":        {[]localstore.Change{bad}, localstore.ErrInvalid},
		"no fields":          {[]localstore.Change{change(t, "d", syncproto.Amended, domain.Defect{})}, localstore.ErrInvalid},
		"an unknown entity":  {[]localstore.Change{unknown}, nil},
		"one of a group bad": {[]localstore.Change{change(t, "ok", syncproto.Recorded, domain.Defect{Description: "x"}), bad}, localstore.ErrInvalid},
	} {
		err := w.store.Update(t.Context(), func(tx *localstore.Tx) error {
			_, err := tx.Record(t.Context(), c.changes...)
			return err
		})
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.shows("ok", "")
	if p := w.progress(); p.Records != 0 {
		t.Errorf("%d ops of refused changes", p.Records)
	}
	fresh, err := localstore.Open(t.Context(), t.TempDir(), func() domain.Instant { return 1 })
	must(t, err)
	defer func() { must(t, fresh.Close()) }()
	err = fresh.Update(t.Context(), func(tx *localstore.Tx) error {
		_, err := tx.Record(t.Context(), bad)
		return err
	})
	if !errors.Is(err, localstore.ErrNotEnrolled) {
		t.Errorf("before enrolment: %v", err)
	}
}

// A rejected op leaves the screen and stays for people to see, with the reason.
func TestRejectedOpNeedsAttention(t *testing.T) {
	w := newWorld(t)
	created := w.creates("kept", domain.Defect{Description: "kept"})
	w.answer(w.accept(created))
	w.pull()
	edit := w.amends("kept", domain.Defect{Description: "refused edit"})
	lost := w.creates("refused", domain.Defect{Description: "refused record"})
	w.answer(
		syncproto.Answer{Seq: edit, Status: syncproto.Rejected, Code: syncproto.CodeForbidden, Details: []string{"x"}},
		syncproto.Answer{Seq: lost, Status: syncproto.Rejected, Code: syncproto.CodeBadFields},
	)
	w.shows("kept", "kept")
	w.shows("refused", "")
	got := w.attention()
	if len(got) != 2 || got[0].Op.Seq != edit || got[0].Code != syncproto.CodeForbidden || !slices.Equal(got[0].Details, []string{"x"}) || got[0].State != localstore.OpRejected || got[1].Op.Seq != lost {
		t.Errorf("%+v", got)
	}
	if d, err := syncproto.Decode[domain.Defect](got[1].Op.Fields); err != nil || d.Description != "refused record" {
		t.Errorf("what was refused is not kept in full: %+v, %v", d, err)
	}
	if p := w.progress(); p.Attention != 2 || p.Records != 3 || p.RecordsConfirmed != 3 || !p.AllConfirmed() {
		t.Errorf("%+v", p)
	}
	w.others("kept", syncproto.Amended, domain.Defect{Description: "by others"})
	w.pull()
	w.shows("kept", "by others")
}

// An op in the server's review inbox is neither lost nor waiting.
func TestOpInReview(t *testing.T) {
	w := newWorld(t)
	seq := w.creates("d", domain.Defect{Description: "mine"})
	w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember})
	got := w.attention()
	if len(got) != 1 || got[0].State != localstore.OpInReview || got[0].Code != syncproto.CodeNoMember {
		t.Errorf("%+v", got)
	}
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if push, err := tx.Waiting(ctx, 1, 10, 1<<20); err != nil || len(push.Ops) != 0 {
			t.Errorf("%d ops wait, %v", len(push.Ops), err)
		}
		return nil
	})
}

// Commands show nothing; they are done when answered.
func TestCommands(t *testing.T) {
	w := newWorld(t)
	fields, err := syncproto.Encode(syncproto.Command{Action: "assign"})
	must(t, err)
	seq := w.record(localstore.Change{Project: project, Entity: domain.EntityTicket, ID: ident.Derive[any]("t"), Kind: syncproto.Commanded, Fields: fields})
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if rows, err := tx.Records(ctx, domain.EntityTicket, localstore.Filter{}); err != nil || len(rows) != 0 {
			t.Errorf("a command is shown as a record: %+v, %v", rows, err)
		}
		return nil
	})
	w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Applied})
	if got := w.sent(seq); got.State != localstore.OpDone {
		t.Errorf("%+v", got)
	}
}

// A push takes whole groups only, within its limits.
func TestWaitingNeverSplitsGroups(t *testing.T) {
	w := newWorld(t)
	single := func(n int) {
		for range n {
			w.creates(fmt.Sprint("s", w.progress().Records), domain.Defect{Description: "single"})
		}
	}
	together := func(n int) {
		var group []localstore.Change
		for i := range n {
			group = append(group, change(t, fmt.Sprint("g", w.progress().Records, i), syncproto.Recorded, domain.Defect{Description: "group"}))
		}
		w.record(group...)
	}
	single(2)   // 1, 2
	together(3) // 3 to 5
	single(1)   // 6
	together(4) // 7 to 10
	size := func(seq uint64) int {
		b, err := syncproto.Marshal(w.sent(seq).Op)
		must(t, err)
		return len(b)
	}
	bytes := func(from, to uint64) (sum int) {
		for seq := from; seq <= to; seq++ {
			sum += size(seq)
		}
		return sum
	}
	for name, c := range map[string]struct {
		from       uint64
		ops, bytes int
		last       uint64
	}{
		"everything":              {1, 100, 1 << 20, 10},
		"cut by count in a group": {1, 4, 1 << 20, 2},
		"cut at a group's end":    {1, 5, 1 << 20, 5},
		"one op short of a group": {1, 9, 1 << 20, 6},
		"cut by bytes in a group": {1, 100, bytes(1, 4), 2},
		"cut by bytes before it":  {1, 100, bytes(1, 2), 2},
		"the first always comes":  {1, 100, 1, 1},
		"a group comes first":     {3, 100, 1, 5},
		"from the middle":         {6, 100, 1 << 20, 10},
		"nothing left":            {11, 100, 1 << 20, 0},
	} {
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			push, err := tx.Waiting(ctx, c.from, c.ops, c.bytes)
			must(t, err)
			ops := push.Ops
			last := uint64(0)
			for i, op := range ops {
				if op.Seq != c.from+uint64(i) {
					t.Errorf("%s: op %d at place %d", name, op.Seq, i)
				}
				last = op.Seq
			}
			if last != c.last {
				t.Errorf("%s: up to %d, want %d", name, last, c.last)
			}
			if len(ops) > 0 && ops[len(ops)-1].Group > last {
				t.Errorf("%s: the group up to %d was cut at %d", name, ops[len(ops)-1].Group, last)
			}
			return nil
		})
	}
	w.answer(w.accept(1), w.accept(2))
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if next, err := tx.NextWaiting(ctx); err != nil || next != 3 {
			t.Errorf("next waiting %d, %v", next, err)
		}
		return nil
	})
}

// A server restored from a backup has forgotten answers: the ops wait again and
// are on the screen again, the rejected ones too.
func TestForgottenAnswers(t *testing.T) {
	w := newWorld(t)
	for i := range 4 {
		w.creates(fmt.Sprint("d", i+1), domain.Defect{Description: fmt.Sprint("d", i+1)})
	}
	w.answer(w.accept(1), w.accept(2), syncproto.Answer{Seq: 3, Status: syncproto.Rejected, Code: syncproto.CodeForbidden})
	w.pull()
	w.shows("d3", "")
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.Unanswer(ctx, 2) })
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		push, err := tx.Waiting(ctx, 1, 10, 1<<20)
		must(t, err)
		if len(push.Ops) != 3 || push.Ops[0].Seq != 2 {
			t.Errorf("%d ops wait", len(push.Ops))
		}
		return nil
	})
	for i := range 4 {
		w.shows(fmt.Sprint("d", i+1), fmt.Sprint("d", i+1))
	}
	if len(w.attention()) != 0 {
		t.Errorf("%+v", w.attention())
	}
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.Unanswer(ctx, 99) })
	if got := w.sent(1); got.State != localstore.OpDone {
		t.Errorf("what the server remembers waits again: %+v", got)
	}
}
