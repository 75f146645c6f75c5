package localstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// Whatever the order in which own edits, other people's, answers, pages and
// lost rights come, the screen shows the server's log up to the cursor with the
// device's own pending ops on top; and when all is quiet, exactly the log.
func TestAnyInterleaving(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		// Each run is one transaction that is undone, also when it panics.
		undo := errors.New("the next run starts from the same state")
		err := w.store.Update(context.Background(), func(tx *localstore.Tx) error {
			m := &model{t: t, tx: tx, server: map[domain.AnyID]merge.Record{}, follows: true}
			t.Repeat(map[string]func(*rapid.T){
				"own edit":          m.ownEdit,
				"own group":         m.ownGroup,
				"own withdrawal":    m.ownWithdrawal,
				"others' edit":      m.othersEdit,
				"server takes":      m.serverTakes,
				"answer arrives":    m.answerArrives,
				"page arrives":      m.pageArrives,
				"page comes again":  m.pageComesAgain,
				"rights come or go": m.rightsChange,
				"":                  m.screenIsRight,
			})
			m.settle()
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

// names are the defects that people edit.
var names = []string{"one", "two", "three"}

// model is what the device should show, told by the ops and the log alone.
type model struct {
	t  *rapid.T
	tx *localstore.Tx
	// ops are the device's own, in order; taken is how many the server has.
	ops   []*ownOp
	taken int
	// answers are on their way.
	answers []syncproto.Answer
	log     []syncproto.Logged
	server  map[domain.AnyID]merge.Record
	cursor  uint64
	follows bool
	edits   int
}

type ownOp struct {
	op       syncproto.Op
	place    uint64 // in the log, 0 if it is not there
	rejected bool
	answered bool
	// done: the log brought it back.
	done bool
}

func (m *model) fatal(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) change(t *rapid.T, kind syncproto.Kind) localstore.Change {
	name := rapid.SampledFrom(names).Draw(t, "defect")
	m.edits++
	d := domain.Defect{}
	text := fmt.Sprint("edit ", m.edits)
	switch rapid.IntRange(0, 3).Draw(t, "field") {
	case 0:
		d.Description = text
	case 1:
		d.Room = text
	case 2:
		d.Severity = domain.Severity(rapid.IntRange(1, 4).Draw(t, "severity"))
	default:
		d.Description, d.Element, d.Severity = text, text, domain.Minor
	}
	c := localstore.Change{Project: project, Entity: domain.EntityDefect, ID: ident.Derive[any](name), Kind: kind}
	if kind == syncproto.Withdrawn {
		return c
	}
	var err error
	c.Fields, err = syncproto.Encode(d)
	m.fatal(err)
	return c
}

// kind is what a person can do to a record as it is shown.
func (m *model) kind(id domain.AnyID) syncproto.Kind {
	if m.shown(id).Exists() {
		return syncproto.Amended
	}
	return syncproto.Recorded
}

func (m *model) record(changes ...localstore.Change) {
	for i := range changes {
		if changes[i].Kind != syncproto.Withdrawn {
			changes[i].Kind = m.kind(changes[i].ID)
		}
	}
	_, err := m.tx.Record(context.Background(), changes...)
	m.fatal(err)
	sent, err := m.tx.Sent(context.Background())
	m.fatal(err)
	for _, s := range sent[len(sent)-len(changes):] {
		m.ops = append(m.ops, &ownOp{op: s.Op})
	}
}

func (m *model) ownEdit(t *rapid.T) { m.record(m.change(t, syncproto.Amended)) }

func (m *model) ownGroup(t *rapid.T) {
	a, b := m.change(t, syncproto.Amended), m.change(t, syncproto.Amended)
	if a.ID == b.ID {
		t.Skip("a group of one record")
	}
	m.record(a, b)
}

func (m *model) ownWithdrawal(t *rapid.T) {
	c := m.change(t, syncproto.Withdrawn)
	if !m.shown(c.ID).Exists() || rapid.IntRange(0, 4).Draw(t, "really") > 0 {
		t.Skip("nothing to withdraw")
	}
	m.record(c)
}

// append puts an op into the server's log.
func (m *model) append(op syncproto.Op) uint64 {
	place := uint64(len(m.log) + 1)
	m.log = append(m.log, syncproto.Logged{Seq: place, Op: op})
	m.server[op.ID], _ = merge.Apply(m.server[op.ID], op, place)
	return place
}

func (m *model) othersEdit(t *rapid.T) {
	c := m.change(t, syncproto.Amended)
	if !m.server[c.ID].Exists() {
		c.Kind = syncproto.Recorded
	}
	seen := rapid.Uint64Range(0, uint64(len(m.log))).Draw(t, "seen")
	m.append(syncproto.Op{
		Device: other, Seq: uint64(m.edits), Actor: person, Scope: field, Entity: c.Entity, ID: c.ID, Kind: c.Kind, Fields: c.Fields,
		HLC: rapid.Uint64Range(1, 1<<60).Draw(t, "clock"), BaseSeq: seen, Schema: 1,
	})
}

// serverTakes lets the server decide the next group of the device.
func (m *model) serverTakes(t *rapid.T) {
	if m.taken == len(m.ops) {
		t.Skip("nothing was sent")
	}
	group := m.ops[m.taken : m.taken+1]
	if end := group[0].op.Group; end != 0 {
		group = m.ops[m.taken:end]
	}
	m.taken += len(group)
	rejected := rapid.IntRange(0, 5).Draw(t, "rejected") == 0
	for _, o := range group {
		rejected = rejected || o.op.Kind != syncproto.Recorded && !m.server[o.op.ID].Exists()
	}
	for _, o := range group {
		a := syncproto.Answer{Seq: o.op.Seq, Status: syncproto.Applied}
		if o.rejected = rejected; rejected {
			a.Status, a.Code = syncproto.Rejected, syncproto.CodeForbidden
		} else {
			o.place = m.append(o.op)
			a.LogSeq = o.place
		}
		m.answers = append(m.answers, a)
	}
}

// answerArrives, perhaps twice: after a cut the push is repeated.
func (m *model) answerArrives(t *rapid.T) {
	if len(m.answers) == 0 {
		t.Skip("no answer is on its way")
	}
	a := m.answers[0]
	m.answers = m.answers[1:]
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.fatal(m.tx.Answer(context.Background(), a))
		if a.Status == syncproto.Applied {
			a.Status = syncproto.Dup
		}
	}
	m.ops[a.Seq-1].answered = true
}

func (m *model) pageArrives(t *rapid.T) {
	m.page(m.cursor, rapid.Uint64Range(m.cursor, uint64(len(m.log))).Draw(t, "up to"))
}

func (m *model) pageComesAgain(t *rapid.T) {
	after := rapid.Uint64Range(0, uint64(len(m.log))).Draw(t, "after")
	m.page(after, rapid.Uint64Range(after, uint64(len(m.log))).Draw(t, "up to"))
}

func (m *model) page(after, last uint64) {
	p := &syncproto.Page{Scope: field, Epoch: "e1", PrevSeq: after, LastSeq: last, Head: uint64(len(m.log)), Changes: slices.Clone(m.log[after:last])}
	ok, err := m.tx.Apply(context.Background(), p)
	m.fatal(err)
	if ok != (m.follows && after == m.cursor) {
		m.t.Fatalf("the page (%d,%d] was applied: %v, with the cursor at %d", after, last, ok, m.cursor)
	}
	if !ok {
		return
	}
	m.cursor = last
	for _, o := range m.ops {
		o.done = o.done || o.place != 0 && o.place <= m.cursor
	}
}

// rightsChange drops the scope or follows it again from the start.
func (m *model) rightsChange(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		t.Skip("not now")
	}
	if m.follows {
		m.fatal(m.tx.DropScope(context.Background(), field))
	} else {
		m.fatal(m.tx.FollowScope(context.Background(), syncproto.Head{Scope: field, Seq: uint64(len(m.log))}))
	}
	m.follows, m.cursor = !m.follows, 0
}

// shown is the log up to the cursor with the pending ops on top.
func (m *model) shown(id domain.AnyID) (r merge.Record) {
	for _, l := range m.log[:m.cursor] {
		if l.Op.ID == id {
			r, _ = merge.Apply(r, l.Op, l.Seq)
		}
	}
	for _, o := range m.ops {
		if o.op.ID == id && !o.done && !(o.rejected && o.answered) {
			r = merge.Overlay(r, o.op)
		}
	}
	return r
}

func (m *model) screenIsRight(t *rapid.T) {
	rows, err := m.tx.Records(context.Background(), domain.EntityDefect, localstore.Filter{})
	m.fatal(err)
	for _, name := range names {
		id := ident.Derive[any](name)
		want := m.shown(id)
		i := slices.IndexFunc(rows, func(r merge.Record) bool { return r.ID == id })
		visible := want.Exists() && !want.Withdrawn
		if (i >= 0) != visible {
			t.Fatalf("%s is on the screen: %v, want %v", name, i >= 0, visible)
		}
		if visible && !rows[i].Fields.Equal(want.Fields) {
			t.Fatalf("%s shows %v, want %v", name, rows[i].Fields, want.Fields)
		}
	}
}

// settle lets everything arrive: the device then holds the log's state byte for
// byte, and what was refused is listed.
func (m *model) settle() {
	if !m.follows {
		m.fatal(m.tx.FollowScope(context.Background(), syncproto.Head{Scope: field, Seq: uint64(len(m.log))}))
		m.follows, m.cursor = true, 0
	}
	for m.taken < len(m.ops) {
		m.serverTakes(m.t)
	}
	for len(m.answers) > 0 {
		m.answerArrives(m.t)
	}
	m.page(m.cursor, uint64(len(m.log)))
	m.screenIsRight(m.t)
	rows, err := m.tx.Records(context.Background(), domain.EntityDefect, localstore.Filter{})
	m.fatal(err)
	for _, r := range rows {
		got, err := r.Encode()
		m.fatal(err)
		want, err := m.server[r.ID].Encode()
		m.fatal(err)
		if !bytes.Equal(got, want) {
			m.t.Fatalf("at rest the device holds %+v, the server %+v", r, m.server[r.ID])
		}
	}
	attention, err := m.tx.NeedsAttention(context.Background())
	m.fatal(err)
	p, err := m.tx.Progress(context.Background())
	m.fatal(err)
	rejected := 0
	for _, o := range m.ops {
		if o.rejected {
			rejected++
		}
	}
	if len(attention) != rejected || p.Attention != rejected || !p.AllConfirmed() || p.Behind != 0 || p.Records != len(m.ops) {
		m.t.Fatalf("%d need attention, want %d; %+v", len(attention), rejected, p)
	}
}
