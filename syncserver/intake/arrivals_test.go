package intake_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Photos that arrive while another is being recorded share a transaction. Each
// is told when its own is durable, and what was appended is heard once, whole
// and in order.
func TestArrivalsShareATransaction(t *testing.T) {
	const photos = 40
	w := newWorld(t)
	d := w.inspector("tablet")
	for i := range photos {
		d.push(d.op(domain.EntityAttachment, fmt.Sprint(i), syncproto.Recorded, domain.Attachment{State: domain.AttachmentPending, SHA256: domain.Hash{1, byte(i)}}))
	}
	broken := w.brokenAttachment(domain.Hash{2})
	hold, began := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	transactions := 0
	w.engine.Now = func() domain.Instant {
		mu.Lock()
		transactions++
		first := transactions == 1
		mu.Unlock()
		if first {
			close(began)
			<-hold
		}
		return w.now
	}
	var heard []uint64
	var work, joining sync.WaitGroup
	hear := func(logged []syncproto.Logged) {
		mu.Lock()
		defer mu.Unlock()
		for _, l := range logged {
			heard = append(heard, l.Seq)
		}
	}
	arrive := func(sha domain.Hash, fails bool) {
		joining.Done()
		logged, err := w.engine.BlobArrived(t.Context(), sha, 10)
		if (err != nil) != fails {
			t.Errorf("%s: %v", sha, err)
		}
		hear(logged)
	}
	joining.Add(1)
	work.Go(func() { arrive(domain.Hash{1}, false) })
	<-began
	joining.Add(photos)
	for i := 1; i < photos; i++ {
		work.Go(func() { arrive(domain.Hash{1, byte(i)}, false) })
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	work.Go(func() {
		joining.Done()
		logged, _ := w.engine.BlobArrived(gone, domain.Hash{1, 1}, 10) // its client has left; that harms nobody
		hear(logged)
	})
	joining.Wait()
	close(hold)
	work.Wait()
	slices.Sort(heard)
	if len(slices.Compact(heard)) != photos {
		t.Errorf("heard %v", heard)
	}
	for i := range photos {
		if got := w.stateOf(fmt.Sprint(i)); got != domain.AttachmentReady {
			t.Errorf("photo %d is %s", i, got)
		}
	}
	if transactions > photos/2 {
		t.Errorf("%d transactions for %d photos", transactions, photos)
	}

	// One that cannot be recorded fails alone.
	for i := range 8 {
		d.push(d.op(domain.EntityAttachment, fmt.Sprint("more", i), syncproto.Recorded, domain.Attachment{State: domain.AttachmentPending, SHA256: domain.Hash{3, byte(i)}}))
	}
	joining.Add(9)
	work.Go(func() { arrive(broken, true) })
	for i := range 8 {
		work.Go(func() { arrive(domain.Hash{3, byte(i)}, false) })
	}
	work.Wait()
	for i := range 8 {
		if got := w.stateOf(fmt.Sprint("more", i)); got != domain.AttachmentReady {
			t.Errorf("photo %d beside a broken record is %s", i, got)
		}
	}
}

// brokenAttachment plants a record that names a blob and that cannot be read.
func (w *world) brokenAttachment(sha domain.Hash) domain.Hash {
	w.t.Helper()
	scope := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	text, err := syncproto.Marshal("not a number")
	must(w.t, err)
	r := w.record(domain.EntityAttachment, "0")
	r.ID, r.Scope, r.Fields = ident.Derive[any]("broken"), scope, syncproto.Fields{6: text}
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.Lock(ctx, w.project))
		must(w.t, tx.AddBlobRef(ctx, sha, store.BlobRef{Scope: scope, Entity: domain.EntityAttachment, ID: r.ID}))
		return tx.PutRecord(ctx, r)
	})
	return sha
}
