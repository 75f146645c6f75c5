package drilltest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// reconcile closes the books: everything that any device showed as saved is on
// the server once, every device shows what the server has, photos are there.
func (w *world) reconcile() {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.t, w.server.Store.View(ctx, func(tx *store.Tx) error {
		for _, d := range w.devices {
			w.outbox(ctx, tx, d)
			w.rows(ctx, tx, d)
		}
		w.once(ctx, tx)
		w.tickets(ctx, tx)
		w.photos(ctx, tx)
		return nil
	}))
}

// outbox: the server has received every op of the device, and applied it.
func (w *world) outbox(ctx context.Context, tx *store.Tx, d *device) {
	w.t.Helper()
	must(w.t, d.Store.View(ctx, func(t *localstore.Tx) error {
		sent, err := t.Sent(ctx)
		must(w.t, err)
		for _, s := range sent {
			r, err := tx.Received(ctx, d.id, s.Op.Seq)
			if err != nil || r.Answer.Status != syncproto.Applied || s.State != localstore.OpDone {
				w.t.Errorf("%s: op %d is in state %d, the server noted %+v, %v", d.login, s.Op.Seq, s.State, r.Answer, err)
			}
		}
		held, err := tx.Device(ctx, d.id)
		if err != nil || held.NextSeq != uint64(len(sent)+1) {
			w.t.Errorf("%s recorded %d ops, the server expects number %d: %v", d.login, len(sent), held.NextSeq, err)
		}
		return nil
	}))
}

// scopes lists what a device follows.
func scopes(ctx context.Context, d *device) (list []syncproto.Scope) {
	d.t.Helper()
	must(d.t, d.Store.View(ctx, func(t *localstore.Tx) error {
		cursors, err := t.Cursors(ctx)
		for _, c := range cursors {
			list = append(list, c.Scope)
		}
		return err
	}))
	return list
}

// rows: a device's records are byte for byte the server's.
func (w *world) rows(ctx context.Context, tx *store.Tx, d *device) {
	w.t.Helper()
	compared := 0
	for _, scope := range scopes(ctx, d) {
		for e := domain.EntityProject; ; e++ {
			info, ok := e.Info()
			if !ok {
				break
			}
			if info.Audience != scope.Audience {
				continue
			}
			want, err := tx.Records(ctx, e, store.Filter{Project: scope.Project})
			must(w.t, err)
			var got []merge.Record
			must(w.t, d.Store.View(ctx, func(t *localstore.Tx) error {
				got, err = t.Records(ctx, e, localstore.Filter{Project: scope.Project})
				return err
			}))
			same := slices.EqualFunc(got, want, func(a, b merge.Record) bool {
				x, errX := a.Encode()
				y, errY := b.Encode()
				must(w.t, errors.Join(errX, errY))
				return string(x) == string(y)
			})
			if compared += len(want); !same {
				w.t.Errorf("%s shows %d records of %s, the server has %d, or they differ", d.login, len(got), e, len(want))
			}
		}
	}
	if compared == 0 {
		w.t.Errorf("%s: nothing was compared", d.login)
	}
}

// once: each op of a device stands in the logs once, and their numbers run on
// without a gap.
func (w *world) once(ctx context.Context, tx *store.Tx) {
	w.t.Helper()
	tables := store.DumpTables()
	log := tables[slices.IndexFunc(tables, func(t store.Table) bool { return t.Name == "log" })]
	seqs, times := map[string][]int64{}, map[domain.DeviceID]map[uint64]int{}
	must(w.t, tx.DumpRows(ctx, log, func(row []any) error {
		scope := row[0].(string)
		seqs[scope] = append(seqs[scope], row[1].(int64))
		var op syncproto.Op
		must(w.t, syncproto.Unmarshal(row[2].([]byte), &op))
		if op.Device == ident.ServerDevice {
			return nil // which numbers its ops for each scope
		}
		if times[op.Device] == nil {
			times[op.Device] = map[uint64]int{}
		}
		times[op.Device][op.Seq]++
		return nil
	}))
	for scope, list := range seqs {
		slices.Sort(list)
		if list[0] != 1 || list[len(list)-1] != int64(len(list)) {
			w.t.Errorf("%d entries of %s have the numbers %d to %d", len(list), scope, list[0], list[len(list)-1])
		}
	}
	for _, d := range w.devices {
		for seq, n := range times[d.id] {
			if n != 1 {
				w.t.Errorf("%s: op %d took effect %d times", d.login, seq, n)
			}
		}
		if len(times[d.id]) < len(d.saved) {
			w.t.Errorf("%s: %d of its ops are in the log", d.login, len(times[d.id]))
		}
	}
}

// tickets: one for each defect, no number twice.
func (w *world) tickets(ctx context.Context, tx *store.Tx) {
	w.t.Helper()
	list, err := intake.List[domain.Ticket](ctx, tx, domain.EntityTicket, store.Filter{})
	must(w.t, err)
	numbers, of, saved := map[string]bool{}, map[domain.DefectID]int{}, 0
	for _, k := range list {
		numbers[k.Record.Number] = true
		of[k.Record.DefectID]++
	}
	for _, d := range w.devices {
		saved += len(d.saved)
		for id := range d.saved {
			if of[id] != 1 {
				w.t.Errorf("defect %s of %s has %d tickets", id, d.login, of[id])
			}
		}
	}
	if len(list) != saved || len(numbers) != saved {
		w.t.Errorf("%d defects, %d tickets with %d numbers", saved, len(list), len(numbers))
	}
}

// photos: all that was shown as saved is ready, and the bytes are right.
func (w *world) photos(ctx context.Context, tx *store.Tx) {
	w.t.Helper()
	list, err := intake.List[domain.Attachment](ctx, tx, domain.EntityAttachment, store.Filter{})
	must(w.t, err)
	ready := map[domain.Hash]bool{}
	for _, a := range list {
		ready[a.Record.SHA256] = a.Record.State == domain.AttachmentReady
		for _, sha := range []domain.Hash{a.Record.SHA256, a.Record.WorkSHA256} {
			w.bytes(ctx, sha)
		}
	}
	for _, d := range w.devices {
		for id, hashes := range d.saved {
			for _, sha := range hashes {
				if !ready[sha] {
					w.t.Errorf("photo %s of %s's defect %s is not ready", sha, d.login, id)
				}
			}
		}
	}
}

func (w *world) bytes(ctx context.Context, sha domain.Hash) {
	w.t.Helper()
	f, _, err := w.blobs().Open(ctx, sha)
	if err != nil {
		w.t.Errorf("photo %s: %v", sha, err)
		return
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil || domain.Hash(h.Sum(nil)) != sha {
		w.t.Errorf("photo %s has other bytes: %v", sha, err)
	}
}

// refused: a device that was enrolled after the backup is told so and keeps what
// it has.
func (d *device) refused() {
	d.t.Helper()
	d.Connect(context.WithoutCancel(d.t.Context()))
	deadline := time.After(patience)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		var refused *syncer.Refused
		if errors.As(d.Runner.Status().Err, &refused) {
			if refused.Status != http.StatusUnauthorized || refused.Code != syncproto.CodeUnauthorised {
				d.t.Errorf("a device of after the backup: %v", refused)
			}
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			d.t.Fatalf("a device of after the backup: status %+v", d.Runner.Status())
		}
	}
}
