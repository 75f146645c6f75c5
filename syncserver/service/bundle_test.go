package service_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/shared/bundle"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/service"
)

// enrolled is a device of an inspector of the project.
func (w *world) enrolled() accounts.Enrolled {
	w.t.Helper()
	person, err := w.AddStaff(w.t.Context(), w.project, service.Staff{Login: "a", Name: "Sample Inspector", Role: "inspector"})
	must(w.t, err)
	w.now = w.now.Add(time.Second) // a grant holds from the moment after
	code, err := w.Accounts.NewCode(w.t.Context(), person, time.Hour)
	must(w.t, err)
	e, err := w.Accounts.Enrol(w.t.Context(), code, accounts.Newcomer{Name: "sample tablet"})
	must(w.t, err)
	return e
}

// carried writes a bundle of one attachment per photo; named is the op that each
// photo claims to belong to, 0 for its own.
func (w *world) carried(e accounts.Enrolled, named uint64, photos ...[]byte) string {
	w.t.Helper()
	var out bytes.Buffer
	b, err := bundle.NewWriter(&out, bundle.Header{Device: e.Device, NextSeq: 1}, bundle.SecretOf(e.DeviceToken), rand.Reader)
	must(w.t, err)
	for i, photo := range photos {
		seq := uint64(i) + 1
		fields, err := syncproto.Encode(domain.Attachment{State: domain.AttachmentPending, Kind: domain.KindPhoto, SHA256: sha256.Sum256(photo), Bytes: int64(len(photo))})
		must(w.t, err)
		must(w.t, b.Push(syncproto.Push{Ops: []syncproto.Op{{
			Device: e.Device, Seq: seq, Actor: e.Person, CapturedAt: 1, HLC: seq, Scope: syncproto.Scope{Project: w.project, Audience: domain.AudienceField},
			Entity: domain.EntityAttachment, ID: domain.AnyID{byte(seq)}, Kind: syncproto.Recorded, Fields: fields, Schema: 1,
		}}}))
	}
	for i, photo := range photos {
		op := named
		if op == 0 {
			op = uint64(i) + 1
		}
		must(w.t, b.Photo(bundle.Photo{SHA256: sha256.Sum256(photo), Bytes: int64(len(photo)), Op: op}, bytes.NewReader(photo)))
	}
	_, err = b.Close()
	must(w.t, err)
	path := filepath.Join(w.t.TempDir(), "sample.bundle")
	must(w.t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

func (w *world) bundled(path string) (service.BundleTaken, error) {
	w.t.Helper()
	b, err := w.OpenBundle(w.t.Context(), path)
	must(w.t, err)
	defer func() { must(w.t, b.Close()) }()
	return w.ImportBundle(w.t.Context(), b)
}

// Bytes are stored only for a record that names them: a device cannot fill the
// server with anything else.
func TestBundlesPhotosBelongToRecords(t *testing.T) {
	w := newWorld(t)
	e := w.enrolled()
	one, two := bytes.Repeat([]byte{1}, 300_000), bytes.Repeat([]byte{2}, 300_001)
	taken, err := w.bundled(w.carried(e, 1, one, two)) // the second claims the first one's record
	must(t, err)
	if taken.Applied != 2 || taken.Stored != 1 || taken.Unnamed != 1 {
		t.Errorf("%+v", taken)
	}
	if _, whole, err := w.Blobs.Offset(t.Context(), sha256.Sum256(two)); err != nil || whole {
		t.Errorf("it was stored all the same: %v", err)
	}
	if taken, err = w.bundled(w.carried(e, 99, one, two)); err != nil || taken.Unnamed != 2 || taken.Dup != 2 {
		t.Errorf("of an op that never came: %+v, %v", taken, err)
	}
	if taken, err = w.bundled(w.carried(e, 0, one, two)); err != nil || taken.Stored != 1 || taken.Held != 1 {
		t.Errorf("of their own: %+v, %v", taken, err)
	}
}

// The beginning of a photo that a broken sync left is continued; one with wrong
// bytes is thrown away, which the operator is told.
func TestBundleContinuesUploads(t *testing.T) {
	w := newWorld(t)
	e := w.enrolled()
	sound, broken := bytes.Repeat([]byte{3}, 600_000), bytes.Repeat([]byte{4}, 600_000)
	for photo, begun := range map[string][]byte{string(sound): sound[:400_000], string(broken): bytes.Repeat([]byte{5}, 1000)} {
		_, err := w.Blobs.Append(t.Context(), sha256.Sum256([]byte(photo)), 0, int64(len(photo)), begun)
		must(t, err)
	}
	path := w.carried(e, 0, sound, broken)
	taken, err := w.bundled(path)
	if !errors.Is(err, service.ErrAgain) || taken.Stored != 1 || taken.Again != 1 {
		t.Errorf("%+v, %v", taken, err)
	}
	if taken, err = w.bundled(path); err != nil || taken.Stored != 1 || taken.Held != 1 {
		t.Errorf("again: %+v, %v", taken, err)
	}
}

// The same numbers with other content are two devices that share an identity.
func TestBundleOfACopiedDevice(t *testing.T) {
	w := newWorld(t)
	e := w.enrolled()
	_, err := w.bundled(w.carried(e, 0, []byte("one")))
	must(t, err)
	before := len(w.log())
	if taken, err := w.bundled(w.carried(e, 0, []byte("another"))); !errors.Is(err, service.ErrPushRefused) || taken.Stored != 0 {
		t.Errorf("%+v, %v", taken, err)
	}
	if after := len(w.log()); after != before {
		t.Errorf("%d log entries, then %d", before, after)
	}
}
