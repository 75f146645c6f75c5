package walktest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// TestSyncPageCarriesWork drives the sync page: it exports without a network,
// and after the import and a sync it saves the signed receipt.
func TestSyncPageCarriesWork(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	session, err := field.NewSession(t.Context(), oncore.Device(t.Context(), tablet.Core, tablet.dir), "en")
	must(t, err)
	defer session.Close()
	page := session.Sync()
	shown := make(chan field.SyncState, 1000)
	page.Listen(func(s field.SyncState, p *field.Problem) {
		if p != nil {
			t.Errorf("%+v", *p)
		}
		shown <- s
	})
	defer page.Listen(nil)
	until := func(what string, holds func(field.SyncState) bool) field.SyncState {
		t.Helper()
		deadline := time.After(patience)
		for {
			select {
			case s := <-shown:
				if holds(s) {
					return s
				}
			case <-deadline:
				t.Fatalf("%s: not within %s", what, patience)
			}
		}
	}
	save := func(name string) (path string, to field.Target) {
		t.Helper()
		path = filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		must(t, err)
		return path, field.Target{WriteCloser: f, Name: name, Discard: func() error { return os.Remove(path) }}
	}
	before := until("something to export", func(s field.SyncState) bool { return s.Export.FileName != "" })
	if before.Signed.FileName != "" {
		t.Errorf("a receipt before any sync: %+v", before.Signed)
	}
	path, to := save(before.Export.FileName)
	page.Export(to)
	until("the export", func(s field.SyncState) bool {
		return s.Export.Tone == field.ToneOK && strings.Contains(s.Export.Result, before.Export.FileName)
	})
	if taken := w.imports(path); taken.Applied == 0 || taken.Stored != 4 {
		t.Errorf("%+v", taken)
	}

	tablet.Connect(context.WithoutCancel(t.Context()))
	tablet.allConfirmed()
	page.Now()
	after := until("the receipt", func(s field.SyncState) bool { return s.Signed.FileName != "" && s.Export.FileName == "" })
	path, to = save(after.Signed.FileName)
	page.SaveSigned(to)
	until("the saved receipt", func(s field.SyncState) bool { return strings.Contains(s.SavedAs, after.Signed.FileName) })
	file, err := os.ReadFile(path)
	must(t, err)
	keys, err := w.server.Receipts.Keys(t.Context())
	must(t, err)
	if _, err := receipt.Verify(file, keys); err != nil {
		t.Error(err)
	}
	path, to = save("nothing.bundle")
	page.Export(to)
	until("nothing to export", func(s field.SyncState) bool { return strings.Contains(s.Export.Result, "Nothing to export") })
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty file is left: %v", err)
	}
}
