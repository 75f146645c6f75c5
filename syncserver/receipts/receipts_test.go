package receipts_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/receipts"
	"keyturn/syncserver/store"
)

var (
	tablet  = ident.Derive[domain.Device]("tablet")
	project = ident.Derive[domain.Project]("sample")
)

const noon domain.Instant = 1_790_000_000_000

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a database with one device and an issuer on a directory.
type world struct {
	*receipts.Issuer
	t   *testing.T
	now domain.Instant
	seq uint64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	w := &world{t: t, now: noon, seq: 1}
	w.Issuer = &receipts.Issuer{Store: s, Dir: filepath.Join(t.TempDir(), "data"), Now: func() domain.Instant { return w.now }}
	w.update(func(tx *store.Tx) error {
		return errors.Join(tx.SetMeta(t.Context(), intake.MetaEpoch, "epoch-1"),
			tx.AddDevice(t.Context(), store.Device{ID: tablet, TokenHash: []byte("hash"), NextSeq: 1}))
	})
	return w
}

func (w *world) update(work func(*store.Tx) error) {
	w.t.Helper()
	must(w.t, w.Store.Update(w.t.Context(), work))
}

// receive stores an op as the engine does.
func (w *world) receive(e domain.Entity, record any, status syncproto.Status) (body []byte) {
	w.t.Helper()
	fields, err := syncproto.Encode(record)
	must(w.t, err)
	info, _ := e.Info()
	op := syncproto.Op{
		Device: tablet, Seq: w.seq, Scope: syncproto.Scope{Project: project, Audience: info.Audience}, Entity: e,
		ID: domain.AnyID{byte(w.seq)}, Kind: syncproto.Recorded, Fields: fields, Schema: 1,
	}
	body, err = syncproto.Marshal(op)
	must(w.t, err)
	w.update(func(tx *store.Tx) error {
		r := store.Received{Body: body, Answer: syncproto.Answer{Seq: w.seq, Status: status, LogSeq: w.seq}}
		return errors.Join(tx.SaveReceived(w.t.Context(), tablet, r, w.now), tx.SetNextSeq(w.t.Context(), tablet, w.seq+1))
	})
	w.seq++
	return body
}

func (w *world) issue(from uint64) (receipt.Receipt, []byte) {
	w.t.Helper()
	file, err := w.Issue(w.t.Context(), tablet, from)
	must(w.t, err)
	keys, err := w.Keys(w.t.Context())
	must(w.t, err)
	v, err := receipt.Verify(file, keys)
	must(w.t, err)
	return v.Receipts[0], file
}

func TestReceiptSaysWhatIsHeld(t *testing.T) {
	w := newWorld(t)
	if r, _ := w.issue(1); r.From != 1 || r.To != 0 || len(r.Ops) != 0 {
		t.Errorf("before any op: %+v", r)
	}
	here, missing, working, refused := domain.Hash{1}, domain.Hash{2}, domain.Hash{3}, domain.Hash{4}
	defect := w.receive(domain.EntityDefect, domain.Defect{Description: "sample"}, syncproto.Applied)
	w.receive(domain.EntityAttachment, domain.Attachment{SHA256: here, WorkSHA256: missing}, syncproto.Conflict)
	w.receive(domain.EntityAttachment, domain.Attachment{SHA256: working}, syncproto.Quarantined)
	w.receive(domain.EntityAttachment, domain.Attachment{SHA256: refused}, syncproto.Rejected)
	w.receive(domain.EntityHomeowner, domain.Homeowner{}, syncproto.Applied)
	w.receive(domain.EntityBaseline, domain.Baseline{Items: []domain.BaselineItem{{Photo: here}, {}}}, syncproto.Applied)
	w.update(func(tx *store.Tx) error {
		return errors.Join(tx.PutBlob(t.Context(), here, 10, w.now), tx.PutBlob(t.Context(), working, 20, w.now), tx.PutBlob(t.Context(), refused, 30, w.now))
	})
	r, _ := w.issue(1)
	if r.Issuer != receipt.Central || r.Device != tablet || r.Epoch != "epoch-1" || r.SignedAt != noon || r.From != 1 || r.To != 6 || len(r.Ops) != 6 {
		t.Errorf("%+v", r)
	}
	if op := r.Ops[0]; op.SHA256 != sha256.Sum256(defect) || op.Entity != domain.EntityDefect || op.ID != (domain.AnyID{1}) || op.LogSeq != 1 || op.ReceivedAt != noon {
		t.Errorf("%+v", op)
	}
	if r.Count(syncproto.Applied) != 3 || r.Count(syncproto.Rejected) != 1 || len(r.Scopes) != 2 || r.Scopes[r.Ops[4].Scope].Audience != domain.AudiencePeople {
		t.Errorf("%+v", r)
	}
	if len(r.Photos) != 2 || r.Photos[0].SHA256 != here || r.Photos[0].Bytes != 10 || r.Photos[1].SHA256 != working || len(r.Awaited) != 1 || r.Awaited[0] != missing {
		t.Errorf("photos %+v, awaited %v", r.Photos, r.Awaited)
	}
	if r, _ := w.issue(5); r.From != 5 || r.To != 6 || len(r.Ops) != 2 {
		t.Errorf("from the fifth: %+v", r)
	}
	if r, _ := w.issue(100); r.From != 7 || r.To != 6 {
		t.Errorf("from beyond: %+v", r)
	}
	if _, err := w.Issue(t.Context(), ident.Derive[domain.Device]("stranger"), 1); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

// One receipt reaches only so far; the next goes on where it ends.
func TestLongHistory(t *testing.T) {
	w := newWorld(t)
	items := make([]domain.BaselineItem, 1000)
	for op := range 60 {
		for i := range items {
			items[i].Photo = domain.Hash{1, byte(op), byte(i >> 8), byte(i)}
		}
		w.receive(domain.EntityBaseline, domain.Baseline{Items: items}, syncproto.Applied)
	}
	var file []byte
	next := uint64(1)
	parts := 0
	for ; next < w.seq; parts++ {
		r, b := w.issue(next)
		if r.From != next || r.To < r.From || len(r.Awaited) > receipt.MaxPhotos {
			t.Fatalf("from %d: %d to %d, %d photos", next, r.From, r.To, len(r.Awaited))
		}
		next, file = r.To+1, append(file, b...)
	}
	keys, err := w.Keys(t.Context())
	must(t, err)
	if v, err := receipt.Verify(file, keys); err != nil || len(v.Receipts) != 2 || parts != 2 {
		t.Errorf("%d parts, %v", parts, err)
	}
}

func TestKeyFiles(t *testing.T) {
	w := newWorld(t)
	w.receive(domain.EntityDefect, domain.Defect{}, syncproto.Applied)
	_, before := w.issue(1)
	secret := filepath.Join(w.Dir, receipts.SecretFile)
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	w.now += 1000
	keys, err := w.Rotate(t.Context())
	must(t, err)
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("after rotation: %v, %v", info, err)
	}
	w.now += 1000
	// Another process on the same directory signs with the new key at once.
	running := &receipts.Issuer{Store: w.Store, Dir: w.Dir, Now: w.Now}
	after, err := running.Issue(t.Context(), tablet, 1)
	must(t, err)
	public, err := os.ReadFile(filepath.Join(w.Dir, receipts.PublicFile))
	must(t, err)
	published, err := receipt.DecodeKeys(public)
	if err != nil || len(published) != 2 || len(keys) != 2 {
		t.Errorf("%d keys, %v", len(published), err)
	}
	for _, file := range [][]byte{before, after} {
		if _, err := receipt.Verify(file, published); err != nil {
			t.Error(err)
		}
	}
	// The public file is only a copy.
	must(t, os.WriteFile(filepath.Join(w.Dir, receipts.PublicFile), []byte("lost"), 0o600))
	w.issue(1)
	if again, err := os.ReadFile(filepath.Join(w.Dir, receipts.PublicFile)); err != nil || string(again) != string(public) {
		t.Errorf("not brought up to date: %v", err)
	}
	// A damaged secret is an error, not a reason for a new key.
	must(t, os.WriteFile(secret, []byte("broken"), 0o600))
	if _, err := w.Issue(t.Context(), tablet, 1); !errors.Is(err, receipt.ErrKeys) {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(w.Dir, "*.new-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// Several servers on one database sign with one key; another directory's key is
// refused until somebody says that it takes over.
func TestOneKeyForADatabase(t *testing.T) {
	w := newWorld(t)
	_, before := w.issue(1)
	second := &receipts.Issuer{Store: w.Store, Dir: filepath.Join(t.TempDir(), "other"), Now: w.Now}
	if _, err := second.Issue(t.Context(), tablet, 1); !errors.Is(err, receipts.ErrForeignKey) {
		t.Error(err)
	}
	if _, err := second.Rotate(t.Context()); !errors.Is(err, receipts.ErrForeignKey) {
		t.Error(err)
	}
	copied, err := os.ReadFile(filepath.Join(w.Dir, receipts.SecretFile))
	must(t, err)
	third := &receipts.Issuer{Store: w.Store, Dir: t.TempDir(), Now: w.Now}
	must(t, os.WriteFile(filepath.Join(third.Dir, receipts.SecretFile), copied, 0o600))
	if _, err := third.Issue(t.Context(), tablet, 1); err != nil {
		t.Error(err)
	}
	keys, err := second.Adopt(t.Context())
	must(t, err)
	if _, err := w.Issue(t.Context(), tablet, 1); !errors.Is(err, receipts.ErrForeignKey) {
		t.Errorf("the former key still signs: %v", err)
	}
	if _, err := receipt.Verify(before, keys); !errors.Is(err, receipt.ErrUntrusted) {
		t.Error(err)
	}
}

// Whoever comes first makes the key, and everybody uses it.
func TestFirstUseAtOnce(t *testing.T) {
	w := newWorld(t)
	servers := make(chan domain.Hash, 20)
	var group sync.WaitGroup
	for range cap(servers) {
		own := &receipts.Issuer{Store: w.Store, Dir: w.Dir, Now: w.Now}
		group.Go(func() {
			keys, err := own.Keys(t.Context())
			if err != nil {
				t.Error(err)
			}
			servers <- keys.Server()
		})
	}
	group.Wait()
	first := <-servers
	for range cap(servers) - 1 {
		if other := <-servers; other != first {
			t.Fatal("two keys")
		}
	}
	if _, err := os.Stat(filepath.Join(w.Dir, receipts.SecretFile)); errors.Is(err, fs.ErrNotExist) {
		t.Error("no key")
	}
}
