package walktest

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/shared/domain"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
)

// receipted waits for a signed receipt that covers everything the device made.
func (d *device) receipted(after domain.Instant) core.Receipt {
	d.t.Helper()
	var held core.Receipt
	d.until("a signed receipt", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		next, err := t.NextWaiting(ctx)
		if err != nil {
			return false, err
		}
		r, ok, err := d.Receipts.Newest(ctx)
		held = r
		return ok && r.To+1 == next && r.Awaited == 0 && r.SignedAt > after, err
	})
	return held
}

// TestSignedReceipt: once everything is confirmed, the device has the server's
// word for it, signed, which anybody can check with the public keys alone.
func TestSignedReceipt(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	tablet.Connect(context.WithoutCancel(t.Context()))
	tablet.allConfirmed()
	held := tablet.receipted(0)
	file, err := tablet.Receipts.File(t.Context())
	must(t, err)
	keys, err := w.server.Receipts.Keys(t.Context())
	must(t, err)

	v, err := receipt.Verify(file, keys)
	must(t, err)
	r := v.Receipts[0]
	if len(v.Receipts) != 1 || r.Issuer != receipt.Central || r.Server != keys.Server() || r.Device != tablet.identity().Device || held.Records != len(r.Ops) {
		t.Errorf("%+v, in short %+v", r, held)
	}
	// It lists exactly what the device made, down to the bytes.
	must(t, tablet.Store.View(t.Context(), func(tx *localstore.Tx) error {
		bodies, err := tx.AnsweredBodies(t.Context(), 0, 1_000_000)
		must(t, err)
		if len(bodies) != len(r.Ops) {
			t.Errorf("%d ops, %d in the receipt", len(bodies), len(r.Ops))
			return nil
		}
		for i, b := range bodies {
			if op := r.Ops[i]; op.Seq != b.Seq || op.SHA256 != sha256.Sum256(b.Body) || op.Status != syncproto.Applied {
				t.Errorf("op %d: %+v", b.Seq, op)
			}
		}
		return nil
	}))
	sizes := map[domain.Hash]int64{}
	for _, p := range r.Photos {
		sizes[p.SHA256] = p.Bytes
	}
	for _, a := range list[domain.Attachment](tablet, domain.EntityAttachment, localstore.Filter{}) {
		if sizes[a.Record.SHA256] != a.Record.Bytes || sizes[a.Record.WorkSHA256] != a.Record.WorkBytes {
			t.Errorf("photo %s is not in the receipt", a.Record.SHA256)
		}
	}
	if len(sizes) != 4 {
		t.Errorf("%d photo files", len(sizes))
	}

	changed := append([]byte(nil), file...)
	changed[len(changed)/2] ^= 1
	if _, err := receipt.Verify(changed, keys); err == nil {
		t.Error("a changed receipt verifies")
	}

	// The operator rotates the key: the device follows, old and new verify.
	w.clock.Advance(time.Hour)
	rotated, err := w.server.Receipts.Rotate(t.Context())
	must(t, err)
	w.clock.Advance(time.Hour)
	w.offline(tablet, work)
	tablet.allConfirmed()
	tablet.Receipts.Want()
	newer := tablet.receipted(held.SignedAt)
	if newer.Server != held.Server {
		t.Error("the server became another by rotating its key")
	}
	file2, err := tablet.Receipts.File(t.Context())
	must(t, err)
	for _, f := range [][]byte{file, file2} {
		if _, err := receipt.Verify(f, rotated); err != nil {
			t.Error(err)
		}
	}
	if v, err := receipt.Verify(file2, keys); err != nil || len(v.Keys) != 2 {
		t.Errorf("whoever has the old keys cannot follow: %v", err)
	}
}

// TestReceiptOfAnotherServer: a device that has pinned a key believes no other,
// and its screen says so.
func TestReceiptOfAnotherServer(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	tablet.Connect(context.WithoutCancel(t.Context()))
	tablet.allConfirmed()
	held := tablet.receipted(0)
	stranger, err := receipt.NewSigner(zeros{}, receipt.Central, 1)
	must(t, err)
	false1, err := stranger.Seal(receipt.Receipt{Device: tablet.identity().Device, From: 1, To: 0})
	must(t, err)
	keys, err := w.server.Receipts.Keys(t.Context())
	must(t, err)
	if _, err := receipt.Verify(false1, keys); !errors.Is(err, receipt.ErrUntrusted) {
		t.Error(err)
	}
	// What the screen shows of the good one.
	session, err := field.NewSession(t.Context(), oncore.Device(t.Context(), tablet.Core, tablet.dir), "en")
	must(t, err)
	defer session.Close()
	shown := make(chan field.SyncState, 100)
	page := session.Sync()
	page.Listen(func(s field.SyncState, _ *field.Problem) { shown <- s })
	defer page.Listen(nil)
	s := <-shown
	if s.Signed.Tone != field.ToneOK || s.Signed.FileName == "" || s.Export.FileName != "" {
		t.Errorf("signed %+v, export %+v for %+v", s.Signed, s.Export, held)
	}
}
