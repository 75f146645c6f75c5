package walktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/bundle"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// offline records a morning's work on a device without a network: answers, and
// two defects, one of them with two photos.
func (w *world) offline(d *device, work assignment) {
	w.t.Helper()
	inspection, err := d.Field.Start(w.t.Context(), work.Project, work.Task)
	must(w.t, err)
	_, err = d.Field.Answer(w.t.Context(), fieldwork.Answered{
		Project: work.Project, Inspection: inspection, Unit: work.Unit, Item: "HO-011", Room: "LIV1", Answer: domain.AnswerPass,
	})
	must(w.t, err)
	must(w.t, doorDefect(w.t.Context(), d.Core, work, inspection))
	must(w.t, readingDefect(w.t.Context(), d.Core, work, inspection))
}

// ready enrols a device, lets it download the project and cuts the network.
func (w *world) ready(login string) (*device, assignment) {
	w.t.Helper()
	d := w.enrol(login)
	d.until("the project is here", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		p, err := t.Progress(ctx)
		return p.Have > 0 && p.Behind == 0, err
	})
	work := w.choose(d)
	d.Disconnect()
	return d, work
}

// export writes a device's bundle to a file.
func (d *device) export() (path string, b *core.BundleExport) {
	d.t.Helper()
	path = filepath.Join(d.t.TempDir(), "sample.bundle")
	f, err := os.Create(path)
	must(d.t, err)
	b, err = d.NewBundle(d.t.Context(), f)
	must(d.t, err)
	for done := false; !done; {
		done, err = b.Step(d.t.Context())
		must(d.t, err)
	}
	must(d.t, f.Close())
	return path, b
}

// imports brings a bundle in as the operator's command does.
func (w *world) imports(path string) service.BundleTaken {
	w.t.Helper()
	b, err := w.server.OpenBundle(w.t.Context(), path)
	must(w.t, err)
	defer func() { must(w.t, b.Close()) }()
	taken, err := w.server.ImportBundle(w.t.Context(), b)
	must(w.t, err)
	return taken
}

// central is what the server holds, in numbers that any doubling would change.
type central struct{ heads, next, defects, attachments, ready, tickets uint64 }

func (w *world) central(d domain.DeviceID) (c central) {
	w.t.Helper()
	must(w.t, w.server.Store.View(w.t.Context(), func(tx *store.Tx) error {
		ctx := w.t.Context()
		device, err := tx.Device(ctx, d)
		must(w.t, err)
		c.next = device.NextSeq
		for _, a := range domain.Audiences() {
			head, err := tx.Head(ctx, syncproto.Scope{Project: w.project, Audience: a})
			must(w.t, err)
			c.heads += head
		}
		for e, count := range map[domain.Entity]*uint64{domain.EntityDefect: &c.defects, domain.EntityAttachment: &c.attachments, domain.EntityTicket: &c.tickets} {
			rows, err := tx.Records(ctx, e, store.Filter{Project: w.project})
			must(w.t, err)
			*count = uint64(len(rows))
			for _, r := range rows {
				if e == domain.EntityAttachment && r.Fields.State() == string(domain.AttachmentReady) {
					c.ready++
				}
			}
		}
		return nil
	}))
	return c
}

func (d *device) identity() localstore.Identity {
	d.t.Helper()
	id, err := d.Store.Identity(d.t.Context())
	must(d.t, err)
	return id
}

// TestBundle carries a day's work to the office in a file, twice, and syncs
// afterwards as if nothing had happened.
func TestBundle(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	before := w.central(tablet.identity().Device)
	path, exported := tablet.export()
	if exported.Records == 0 || exported.Photos != 4 || exported.Missing != 0 {
		t.Fatalf("exported %+v", exported)
	}

	first := w.imports(path)
	if first.Applied != exported.Records || first.Dup+first.Conflicts+first.InReview+len(first.Rejected) != 0 ||
		first.Stored != 4 || first.Held+first.Unnamed+first.Again != 0 {
		t.Errorf("first import: %+v of %+v", first, exported)
	}
	imported := w.central(tablet.identity().Device)
	if imported.defects != before.defects+2 || imported.tickets != before.tickets+2 || imported.ready != before.ready+2 || imported.next != uint64(exported.Records)+1 {
		t.Errorf("from %+v to %+v", before, imported)
	}

	second := w.imports(path)
	if second.Dup != exported.Records || second.Applied != 0 || second.Held != 4 || second.Stored != 0 {
		t.Errorf("second import: %+v", second)
	}
	if again := w.central(tablet.identity().Device); again != imported {
		t.Errorf("the second import changed %+v to %+v", imported, again)
	}

	// The device knows nothing of this yet and syncs as ever.
	must(t, tablet.Store.View(t.Context(), func(tx *localstore.Tx) error {
		p, err := tx.Progress(t.Context())
		if p.RecordsConfirmed != 0 || p.PhotosConfirmed != 0 {
			t.Errorf("confirmed before it synced: %+v", p)
		}
		return err
	}))
	tablet.Connect(context.WithoutCancel(t.Context()))
	tablet.allConfirmed()
	if again := w.central(tablet.identity().Device); again != imported {
		t.Errorf("the sync changed %+v to %+v", imported, again)
	}
	tablet.Disconnect()
	var nothing bytes.Buffer
	if _, err := tablet.NewBundle(t.Context(), &nothing); !errors.Is(err, core.ErrNothingToExport) {
		t.Errorf("after the sync: %v", err)
	}

	// A file from before the sync is good still, and so is one of later work
	// whose beginning lies in between.
	if third := w.imports(path); third.Dup != exported.Records || third.Held != 4 {
		t.Errorf("third import: %+v", third)
	}
	w.offline(tablet, work)
	path, exported = tablet.export()
	if next := w.imports(path); next.Applied != exported.Records || next.Stored+next.Held != exported.Photos {
		t.Errorf("the next day's: %+v of %+v", next, exported)
	}
}

// TestBundleAfterABrokenSync: the connection broke within a photo and after part
// of the ops; file and sync complete each other.
func TestBundleAfterABrokenSync(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	path, exported := tablet.export()
	device := tablet.identity().Device
	// What the server got before the break: the first ops, unanswered as far as
	// the device knows, and the beginning of a photo.
	must(t, tablet.Store.View(t.Context(), func(tx *localstore.Tx) error {
		push, err := tx.Waiting(t.Context(), 1, 3, syncproto.MaxPushBytes)
		must(t, err)
		uploads, err := tx.UnconfirmedUploads(t.Context())
		must(t, err)
		f, err := tablet.Photos.Open(uploads[0].Upload)
		must(t, err)
		defer func() { must(t, f.Close()) }()
		half := make([]byte, uploads[0].Bytes/2)
		_, err = f.Read(half)
		must(t, err)
		_, err = w.server.Blobs.Append(t.Context(), uploads[0].SHA256, 0, uploads[0].Bytes, half)
		must(t, err)
		w.pushed(device, push)
		return nil
	}))
	taken := w.imports(path)
	if taken.Applied+taken.Dup != exported.Records || taken.Dup == 0 || taken.Applied == 0 || taken.Stored != 4 {
		t.Errorf("%+v of %+v", taken, exported)
	}
	tablet.Connect(context.WithoutCancel(t.Context()))
	tablet.allConfirmed()
}

// pushed brings ops to the server without their device noticing, in a file of
// their own.
func (w *world) pushed(device domain.DeviceID, push syncproto.Push) {
	w.t.Helper()
	var file bytes.Buffer
	b, err := bundle.NewWriter(&file, bundle.Header{Device: device, NextSeq: push.Ops[0].Seq}, w.secret(device), zeros{})
	must(w.t, err)
	must(w.t, b.Push(push))
	_, err = b.Close()
	must(w.t, err)
	path := filepath.Join(w.t.TempDir(), "part.bundle")
	must(w.t, os.WriteFile(path, file.Bytes(), 0o600))
	w.imports(path)
}

// zeros is a poor source of randomness, good enough where nothing is secret.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// secret is what the server stores of a device's token.
func (w *world) secret(device domain.DeviceID) (s bundle.Secret) {
	w.t.Helper()
	must(w.t, w.server.Store.View(w.t.Context(), func(tx *store.Tx) error {
		d, err := tx.Device(w.t.Context(), device)
		must(w.t, err)
		s, err = bundle.SecretFrom(d.TokenHash)
		return err
	}))
	return s
}

// TestBundleOfAnotherIsRefused: cut, damaged, changed and foreign files are
// refused with their reason, and nothing is written.
func TestBundleOfAnotherIsRefused(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	other, _ := w.ready("inspector2")
	w.offline(tablet, work)
	path, _ := tablet.export()
	good, err := os.ReadFile(path)
	must(t, err)
	device, stranger := tablet.identity().Device, domain.DeviceID{1}
	before := w.central(device)
	sum := func(b []byte) []byte { // a forger gives the file its matching hash
		h := sha256.Sum256(b[:len(b)-sha256.Size])
		return append(b[:len(b)-sha256.Size], h[:]...)
	}
	middle := len(good) / 2
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   error
	}{
		"cut":           {func(b []byte) []byte { return b[:middle] }, bundle.ErrTruncated},
		"cut by a byte": {func(b []byte) []byte { return b[:len(b)-1] }, bundle.ErrTruncated},
		"damaged":       {func(b []byte) []byte { b[middle] ^= 1; return b }, bundle.ErrDamaged},
		"changed":       {func(b []byte) []byte { b[middle] ^= 1; return sum(b) }, bundle.ErrForged},
		"said to be another's": {func(b []byte) []byte {
			id := other.identity().Device
			return sum(bytes.Replace(b, device[:], id[:], 1))
		}, bundle.ErrForged},
		"of a stranger":  {func(b []byte) []byte { return sum(bytes.Replace(b, device[:], stranger[:], 1)) }, service.ErrUnknownDevice},
		"something else": {func([]byte) []byte { return binary.BigEndian.AppendUint64([]byte("a picture, say, of a cat"), 1) }, bundle.ErrFormat},
		"empty":          {func([]byte) []byte { return nil }, bundle.ErrFormat},
	} {
		changed := filepath.Join(t.TempDir(), "changed.bundle")
		must(t, os.WriteFile(changed, c.change(bytes.Clone(good)), 0o600))
		if _, err := w.server.OpenBundle(t.Context(), changed); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if after := w.central(device); after != before {
		t.Errorf("something was written: %+v, then %+v", before, after)
	}
	// The good one still counts.
	if taken := w.imports(path); taken.Applied == 0 {
		t.Errorf("%+v", taken)
	}
}

// TestBundleOfARevokedDevice: what a lost and revoked tablet had recorded goes
// to review with its photos.
func TestBundleOfARevokedDevice(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	path, exported := tablet.export()
	device := tablet.identity().Device
	before := w.central(device)
	must(t, w.server.Revoke(t.Context(), device))
	taken := w.imports(path)
	if taken.InReview != exported.Records || taken.Applied != 0 || taken.Stored != exported.Photos || taken.Unnamed != 0 {
		t.Errorf("%+v of %+v", taken, exported)
	}
	after := w.central(device)
	if after.defects != before.defects || after.next != uint64(exported.Records)+1 {
		t.Errorf("from %+v to %+v", before, after)
	}
}

// TestBundleWithAGap: work whose beginning the server never got is not taken out
// of order.
func TestBundleWithAGap(t *testing.T) {
	w := newWorld(t)
	tablet, work := w.ready("inspector1")
	w.offline(tablet, work)
	must(t, tablet.Store.Update(t.Context(), func(tx *localstore.Tx) error { // as if it had been answered, by a server that has lost it
		for seq := range uint64(3) {
			must(t, tx.Answer(t.Context(), syncproto.Answer{Seq: seq + 1, Status: syncproto.Applied, LogSeq: seq + 1}))
		}
		return nil
	}))
	path, _ := tablet.export()
	before := w.central(tablet.identity().Device)
	b, err := w.server.OpenBundle(t.Context(), path)
	must(t, err)
	defer func() { must(t, b.Close()) }()
	if _, err := w.server.ImportBundle(t.Context(), b); !errors.Is(err, service.ErrGap) {
		t.Error(err)
	}
	if after := w.central(tablet.identity().Device); after != before {
		t.Errorf("from %+v to %+v", before, after)
	}
}
