package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// What was backed up is in the restored database, whichever kind the two are,
// with a new epoch and without open enrolment codes.
func TestBackupAndRestore(t *testing.T) {
	for _, from := range []database{sqlite, postgres} {
		for _, to := range []database{sqlite, postgres} {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				w := newWorld(t, from)
				for i := range 5 {
					w.attach(fmt.Sprint(i))
				}
				made := w.backup(true)
				v, err := Verify(t.Context(), made.Path, nil)
				must(t, err)
				if v.InBackup != 5 || len(v.Blobs) != 5 || v.Epoch != "first" || !slices.Equal(v.Counts, made.Counts) {
					t.Errorf("verified %+v", v)
				}
				s := newSite(t, to)
				r, err := s.Restore(t.Context(), made.Path)
				must(t, err)
				if r.Copied != 5 || r.Held != 0 || len(r.Missing) != 0 || len(r.Devices) != 1 || len(r.Epoch) != 16 {
					t.Errorf("restored %+v", r)
				}
				restored := s.opened(t)
				sameRows(t, rowsOf(t, w.store), rowsOf(t, restored), r.Epoch)
				sameHeads(t, w.store, restored)
				key, err := os.ReadFile(filepath.Join(s.keys, "receipt.key"))
				if err != nil || string(key) != "secret" {
					t.Errorf("the key is %q, %v", key, err)
				}
				for _, b := range v.Blobs {
					if _, whole, err := s.disk.Offset(t.Context(), b.SHA256); err != nil || !whole {
						t.Errorf("photo %s: %v, %v", b.SHA256, whole, err)
					}
				}
			})
		}
	}
}

// sameHeads: the restored logs end where those backed up ended, and part there.
func sameHeads(t *testing.T, was, is *store.Store) {
	t.Helper()
	read := func(s *store.Store) (heads []syncproto.Head) {
		must(t, s.View(t.Context(), func(tx *store.Tx) (err error) {
			heads, err = tx.Heads(t.Context())
			return err
		}))
		slices.SortFunc(heads, func(a, b syncproto.Head) int { return strings.Compare(a.Scope.String(), b.Scope.String()) })
		return heads
	}
	heads := read(is)
	if len(heads) == 0 || !slices.Equal(heads, read(was)) {
		t.Errorf("heads %v, were %v", heads, read(was))
	}
	must(t, is.View(t.Context(), func(tx *store.Tx) error {
		for _, h := range heads {
			if common, _, err := tx.Common(t.Context(), h.Scope); err != nil || common != h.Seq {
				t.Errorf("%s parts at %d of %d, %v", h.Scope, common, h.Seq, err)
			}
		}
		return nil
	}))
}

// sameRows compares all tables; epoch, enrolment codes and where the epochs part
// must differ.
func sameRows(t *testing.T, was, is map[string]map[string]int, epoch string) {
	t.Helper()
	for name, rows := range was {
		same := maps.Equal(rows, is[name])
		if name != "meta" && name != "enrolments" && name != "heads" && !same {
			t.Errorf("%s: %d rows, were %d, or others", name, len(is[name]), len(rows))
		}
	}
	if len(was["records"]) == 0 || len(was["log"]) == 0 || len(was["blob_refs"]) == 0 {
		t.Error("nothing was compared")
	}
	if text := fmt.Sprint(is["meta"]); !strings.Contains(text, epoch) || strings.Contains(text, "first") {
		t.Errorf("meta is %s", text)
	}
	if text := fmt.Sprint(is["enrolments"]); len(is["enrolments"]) != 1 || strings.Contains(text, ", 0}:1") {
		t.Errorf("enrolments: %s", text)
	}
}

// A backup may be older than the photo store, or the photos may be gone: what
// is missing waits for the devices, and everybody can see it.
func TestPhotosThatAreGoneWaitAgain(t *testing.T) {
	w := newWorld(t, sqlite)
	kept, keptSHA := w.attach("kept")
	lost, lostSHA := w.attach("lost")
	made := w.backup(false)
	if v, err := Verify(t.Context(), made.Path, w.disk); err != nil || v.InStore != 2 || len(v.Missing) != 0 {
		t.Errorf("verified with the photo store: %+v, %v", v, err)
	}
	if v, err := Verify(t.Context(), made.Path, nil); err != nil || len(v.Missing) != 2 {
		t.Errorf("verified without: %+v, %v", v, err)
	}
	s := newSite(t, sqlite)
	_, err := s.disk.Put(t.Context(), []byte("photo kept"))
	must(t, err)
	r, err := s.Restore(t.Context(), made.Path)
	must(t, err)
	if r.Held != 1 || len(r.Missing) != 1 || r.Missing[0].SHA256 != lostSHA || len(r.Missing[0].Of) != 1 || r.Missing[0].Of[0].ID != lost {
		t.Fatalf("restored %+v", r)
	}
	st := s.opened(t)
	states(t, st, map[domain.AnyID]domain.AttachmentState{kept: domain.AttachmentReady, lost: domain.AttachmentPending})
	must(t, st.View(t.Context(), func(tx *store.Tx) error {
		for sha, want := range map[domain.Hash]bool{keptSHA: true, lostSHA: false} {
			if has, err := tx.HasBlob(t.Context(), sha); err != nil || has != want {
				t.Errorf("has %s: %v, %v", sha, has, err)
			}
		}
		return nil
	}))
	_, err = w.engine(st).BlobArrived(t.Context(), lostSHA, 10)
	must(t, err)
	states(t, st, map[domain.AnyID]domain.AttachmentState{kept: domain.AttachmentReady, lost: domain.AttachmentReady})
}

func states(t *testing.T, s *store.Store, want map[domain.AnyID]domain.AttachmentState) {
	t.Helper()
	must(t, s.View(t.Context(), func(tx *store.Tx) error {
		for id, state := range want {
			a, ok, err := intake.Get[domain.Attachment](t.Context(), tx, domain.EntityAttachment, id)
			if err != nil || !ok || a.State != state {
				t.Errorf("attachment %s is %q, should be %q: %v", id, a.State, state, err)
			}
		}
		return nil
	}))
}

// A photo that an earlier backup holds is linked, also when the store has lost
// it meanwhile; the next backup copies only what is new.
func TestBackupsShareTheirPhotos(t *testing.T) {
	w := newWorld(t, sqlite)
	_, first := w.attach("first")
	source := w.source()
	source.Photos = elsewhere{w.disk}
	create := func() *Made {
		t.Helper()
		w.now = w.now.Add(1e9)
		made, err := source.Create(t.Context(), w.backups, true)
		must(t, err)
		return made
	}
	one := create()
	if one.Copied != 1 || one.Linked != 0 || one.CopiedBytes != int64(len("photo first")) {
		t.Errorf("first backup %+v", one)
	}
	w.attach("second")
	must(t, os.Remove(filepath.Join(w.photos, first.String()[:2], first.String())))
	two := create()
	if two.Copied != 1 || two.Linked != 1 || len(two.Absent) != 0 {
		t.Errorf("second backup %+v", two)
	}
	a, errA := os.Stat(photoFile(one.Path, first))
	b, errB := os.Stat(photoFile(two.Path, first))
	must(t, errors.Join(errA, errB))
	if !os.SameFile(a, b) || a.Mode().Perm() != 0o600 {
		t.Errorf("the photo was copied, or is for everybody: %s", a.Mode())
	}
	must(t, os.RemoveAll(one.Path)) // as whoever makes room would
	if v, err := Verify(t.Context(), two.Path, nil); err != nil || v.InBackup != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// elsewhere is a photo store whose bytes cannot be linked.
type elsewhere struct{ blobs.Store }

func (e elsewhere) Open(ctx context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error) {
	f, n, err := e.Store.Open(ctx, sha)
	if err != nil {
		return nil, 0, err
	}
	return struct{ io.ReadSeekCloser }{f}, n, nil
}

// On one file system photos are linked from the photo store.
func TestPhotosAreLinkedFromTheStore(t *testing.T) {
	w := newWorld(t, sqlite)
	_, sha := w.attach("a")
	made := w.backup(true)
	in, err := os.Stat(photoFile(made.Path, sha))
	must(t, err)
	of, err := os.Stat(filepath.Join(w.photos, sha.String()[:2], sha.String()))
	must(t, err)
	if made.Linked != 1 || made.Copied != 0 || !os.SameFile(in, of) {
		t.Errorf("%+v", made)
	}
}

// Photos that the store has lost or spoilt are reported; the rest is backed up.
func TestAbsentPhotosAreReported(t *testing.T) {
	w := newWorld(t, sqlite)
	_, gone := w.attach("gone")
	_, spoilt := w.attach("spoilt")
	_, short := w.attach("short")
	w.attach("well")
	path := func(sha domain.Hash) string { return filepath.Join(w.photos, sha.String()[:2], sha.String()) }
	must(t, os.Remove(path(gone)))
	must(t, os.WriteFile(path(spoilt), []byte("photo sp0ilt"), 0o600))
	must(t, os.WriteFile(path(short), nil, 0o600))
	source := w.source()
	source.Photos = elsewhere{w.disk}
	made, err := source.Create(t.Context(), w.backups, true)
	must(t, err)
	if len(made.Absent) != 3 || made.Copied != 1 {
		t.Errorf("%+v", made)
	}
	v, err := Verify(t.Context(), made.Path, nil)
	if err != nil || len(v.Missing) != 3 || len(v.Damaged) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	must(t, os.WriteFile(photoFile(made.Path, v.Blobs[0].SHA256), []byte("photo other"), 0o600))
	if v, err = Verify(t.Context(), made.Path, nil); err != nil || len(v.Damaged) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// What ends half-way is no backup and leaves nothing behind.
func TestHalfABackupIsNone(t *testing.T) {
	w := newWorld(t, sqlite)
	w.attach("a")
	w.attach("b")
	ctx, cancel := context.WithCancel(t.Context())
	source := w.source()
	source.Photos = cutOff{w.disk, cancel}
	if _, err := source.Create(ctx, w.backups, true); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	left, err := os.ReadDir(w.backups)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	made := w.backup(true)
	if _, err := w.source().Create(t.Context(), w.backups, true); !errors.Is(err, fs.ErrExist) {
		t.Errorf("two backups of one second: %v", err)
	}
	half := made.Path + partial // as after kill -9
	must(t, os.Rename(made.Path, half))
	must(t, os.Remove(filepath.Join(half, sumsFile)))
	if _, err := Verify(t.Context(), half, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a half backup: %v", err)
	}
	if before, err := newestWithPhotos(w.backups); err != nil || before != "" {
		t.Errorf("photos would be linked from %q, %v", before, err)
	}
}

// cutOff ends the context when the first photo is read.
type cutOff struct {
	blobs.Store
	cancel func()
}

func (c cutOff) Open(ctx context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error) {
	c.cancel()
	return c.Store.Open(ctx, sha)
}

// An unused database is not backed up as if it were a server's.
func TestNothingToBackUp(t *testing.T) {
	w := newWorld(t, sqlite)
	empty, err := store.Open(t.Context(), sqlite.place(t))
	must(t, err)
	defer func() { must(t, empty.Close()) }()
	source := w.source()
	source.Store = empty
	if _, err := source.Create(t.Context(), w.backups, false); !errors.Is(err, ErrNothing) {
		t.Errorf("%v", err)
	}
}

// While others write, a backup is one moment: every scope's log ends at its head
// and every record is as its log says. Nobody waits for it.
func TestBackupWhileOthersWrite(t *testing.T) {
	for _, d := range []database{sqlite, postgres} {
		t.Run(d.name, func(t *testing.T) {
			w := newWorld(t, d)
			ctx, cancel := context.WithCancel(t.Context())
			wrote, done := make(chan int, 1), make(chan error, 1)
			go func() { done <- keepWriting(ctx, w, wrote) }()
			<-wrote
			for range 5 {
				made := w.backup(false)
				logged, heads := tally(t, made.Path)
				if logged == 0 || logged != heads {
					t.Errorf("%d log entries, the heads say %d", logged, heads)
				}
				<-wrote // the writer goes on
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func keepWriting(ctx context.Context, w *world, wrote chan<- int) error {
	for n := 0; ; n++ {
		err := w.store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.Lock(ctx, w.project); err != nil {
				return err
			}
			var logged []syncproto.Logged
			writer := intake.NewWriter(tx, w.project, domain.At(opening), &logged)
			for i := range 3 {
				id := domain.AnyID{byte(i + 1), byte(n), byte(n >> 8)}
				if _, err := writer.Create(ctx, domain.EntityUnit, id, domain.Unit{Building: "1#", Number: fmt.Sprint(n)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		select {
		case wrote <- n:
		default:
		}
	}
}

// tally counts a dump's log entries and sums up its heads.
func tally(t *testing.T, path string) (logged, heads int64) {
	t.Helper()
	must(t, withDump(path, func(f io.ReaderAt, size int64) error {
		c, err := Check(t.Context(), f, size)
		must(t, err)
		_, err = readDump(t.Context(), f, size, func(table int, rows [][]any) error {
			for _, row := range rows {
				switch c.Tables[table].Name {
				case "log":
					logged++
				case "heads":
					heads += row[1].(int64)
				}
			}
			return nil
		})
		return err
	}))
	return logged, heads
}

// The photos of a full backup can be put into a new photo store by hand, for a
// newer backup that has none.
func TestPhotosOfAnOlderBackup(t *testing.T) {
	w := newWorld(t, sqlite)
	w.attach("a")
	full := w.backup(true)
	w.attach("b")
	listed := w.backup(false)
	s := newSite(t, sqlite)
	must(t, os.CopyFS(filepath.Join(filepath.Dir(s.keys), "blobs"), os.DirFS(filepath.Join(full.Path, photosDir))))
	r, err := s.Restore(t.Context(), listed.Path)
	if err != nil || r.Held != 1 || len(r.Missing) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
