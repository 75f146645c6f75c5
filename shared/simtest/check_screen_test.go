package simtest

import (
	"bytes"
	"context"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// shownEntities are compared after each step; at rest all are.
var shownEntities = []domain.Entity{
	domain.EntityDefect, domain.EntityAttachment, domain.EntityUnit, domain.EntityHomeowner, domain.EntityResult, domain.EntityTicket,
}

type recordKey struct {
	entity domain.Entity
	id     domain.AnyID
}

// replica is the server's state of a scope up to a device's cursor.
type replica struct {
	epoch   string
	seq     uint64
	records map[recordKey]merge.Record
}

// follow replays the log up to a cursor.
func (r *replica) follow(log []syncproto.Logged, c syncproto.Cursor) {
	if r.epoch != c.Epoch || r.seq > c.Seq || r.records == nil {
		*r = replica{epoch: c.Epoch, records: map[recordKey]merge.Record{}}
	}
	for _, l := range log[r.seq:c.Seq] {
		k := recordKey{l.Op.Entity, l.Op.ID}
		r.records[k], _ = merge.Apply(r.records[k], l.Op, l.Seq)
	}
	r.seq = c.Seq
}

// check compares the device with what it was shown and sent: its copy is the log
// up to its cursors with its own pending ops on top, nothing more, and it tells
// the truth about each op.
func (d *device) check() {
	d.view(func(ctx context.Context, t *localstore.Tx) error {
		sent, err := t.Sent(ctx)
		d.w.must(err, "sent ops")
		cursors, err := t.Cursors(ctx)
		d.w.must(err, "cursors")
		d.checkKept(sent)
		d.checkFates(sent, cursors)
		want := d.expected(sent, cursors)
		for _, e := range shownEntities {
			rows, err := t.Records(ctx, e, localstore.Filter{})
			d.w.must(err, "records")
			d.checkShown(e, rows, want, reviewed(sent))
		}
		return nil
	})
}

// checkKept: what was shown as saved is there, in order.
func (d *device) checkKept(sent []localstore.SentOp) {
	for i, key := range d.kept {
		if i >= len(sent) || !d.w.authoredAs(sent[i].Op, d.w.authored[key].op) {
			d.w.fail("%s lost op %d, which it showed as saved", d.name, key.seq)
		}
	}
}

// expected is what the device should hold, by record.
func (d *device) expected(sent []localstore.SentOp, cursors []syncproto.Cursor) map[recordKey]merge.Record {
	want := map[recordKey]merge.Record{}
	for _, c := range cursors {
		r := d.replicas[c.Scope]
		if r == nil {
			r = &replica{}
			d.replicas[c.Scope] = r
		}
		if c.Seq == 0 {
			*r = replica{}
			continue
		}
		h := d.w.cloud.named(c.Epoch)
		if h == nil || c.Seq > uint64(len(h.logs[c.Scope])) {
			d.w.fail("%s has applied %s up to %d of %q, which is beyond the log", d.name, c.Scope, c.Seq, c.Epoch)
		}
		r.follow(h.logs[c.Scope], c)
		for k, v := range r.records {
			want[k] = v
		}
	}
	for _, o := range sent {
		if o.State == localstore.OpWaiting || o.State == localstore.OpConfirmed {
			overlay(want, o.Op)
		}
	}
	d.checkOwnEdits(sent, want)
	return want
}

func overlay(want map[recordKey]merge.Record, op syncproto.Op) {
	if op.Kind != syncproto.Commanded {
		k := recordKey{op.Entity, op.ID}
		want[k] = merge.Overlay(want[k], op)
	}
}

// checkOwnEdits: the newest pending value of a field is the one that the
// expected screen shows.
func (d *device) checkOwnEdits(sent []localstore.SentOp, want map[recordKey]merge.Record) {
	done := map[recordKey]map[uint64]bool{}
	for _, o := range slices.Backward(sent) {
		if o.State > localstore.OpConfirmed || o.Op.Kind == syncproto.Commanded {
			continue
		}
		k := recordKey{o.Op.Entity, o.Op.ID}
		if done[k] == nil {
			done[k] = map[uint64]bool{}
		}
		for key, value := range o.Op.Fields {
			if shown := want[k].Fields[key]; !done[k][key] && !bytes.Equal(shown, value) && !syncproto.IsNull(value) {
				d.w.fail("%s: the pending op %d is undone in field %d", d.name, o.Op.Seq, key)
			}
			done[k][key] = true
		}
	}
}

// reviewed are the records with ops in the server's review inbox: whether they
// are shown meanwhile is the app's choice.
func reviewed(sent []localstore.SentOp) map[recordKey]bool {
	keys := map[recordKey]bool{}
	for _, o := range sent {
		if o.State == localstore.OpInReview {
			keys[recordKey{o.Op.Entity, o.Op.ID}] = true
		}
	}
	return keys
}

// checkShown compares the rows of an entity.
func (d *device) checkShown(e domain.Entity, rows []merge.Record, want map[recordKey]merge.Record, open map[recordKey]bool) {
	visible := 0
	for k, r := range want {
		if k.entity == e && r.Exists() && !r.Withdrawn && !open[k] {
			visible++
		}
	}
	shown := 0
	for _, got := range rows {
		k := recordKey{e, got.ID}
		if open[k] {
			continue
		}
		shown++
		w, ok := want[k]
		switch {
		case !ok || w.Withdrawn:
			d.w.fail("%s shows %s %s, which is none of its scopes' and not its own", d.name, e, got.ID)
		case !w.Fields.Equal(got.Fields):
			d.w.fail("%s shows %s %s as %v instead of %v", d.name, e, got.ID, got.Fields, w.Fields)
		}
	}
	if shown != visible {
		d.w.fail("%s shows %d records of %s instead of %d", d.name, shown, e, visible)
	}
}
