package snapshots_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/snapshots"
	"keyturn/syncserver/store"
)

var (
	project = ident.Derive[domain.Project]("p")
	scope   = syncproto.Scope{Project: project, Audience: domain.AudienceField}
	office  = syncproto.Scope{Project: project, Audience: domain.AudienceOffice}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newShelf(t *testing.T) *snapshots.Shelf {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return &snapshots.Shelf{Dir: filepath.Join(t.TempDir(), "shelf"), Store: s}
}

// grow writes n records, each with its place in the log.
func grow(t *testing.T, s *store.Store, scope syncproto.Scope, n int) {
	t.Helper()
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		must(t, tx.Lock(t.Context(), project))
		for range n {
			seq, err := tx.TakeSeq(t.Context(), scope)
			must(t, err)
			fields, err := syncproto.Encode(domain.Unit{Number: fmt.Sprint(seq)})
			must(t, err)
			must(t, tx.PutRecord(t.Context(), merge.Record{
				Entity: domain.EntityUnit, ID: ident.Derive[any](scope.String(), fmt.Sprint(seq)), Scope: scope, Seq: seq, Fields: fields,
			}))
		}
		return nil
	}))
}

func latest(t *testing.T, s *snapshots.Shelf, head, kept uint64) *syncproto.Snapshot {
	t.Helper()
	made, err := s.Latest(t.Context(), scope, "e1", head, kept)
	must(t, err)
	return made
}

// A snapshot holds exactly its scope's records, in order, behind its header.
func TestContent(t *testing.T) {
	s := newShelf(t)
	grow(t, s.Store, scope, 150)
	grow(t, s.Store, office, 3)
	made := latest(t, s, 150, 0)
	if made.Seq != 150 || made.Records != 150 || made.Head != 150 {
		t.Errorf("%+v", made)
	}
	f, err := s.Open(scope, made.SHA256)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	stream, err := syncproto.NewStreamReader(f, syncproto.MaxSnapshotItem)
	must(t, err)
	defer stream.Close()
	var header syncproto.SnapshotHeader
	must(t, stream.Read(&header))
	if header != made.Header() {
		t.Errorf("header %+v of %+v", header, made)
	}
	var last []byte
	for n := 0; ; n++ {
		var raw syncproto.Value
		if err := stream.Read(&raw); errors.Is(err, io.EOF) {
			if n != 150 {
				t.Errorf("%d records", n)
			}
			break
		} else if err != nil {
			t.Fatal(err)
		}
		r, err := merge.DecodeRecord(raw)
		must(t, err)
		if r.Scope != scope || bytes.Compare(last, r.ID[:]) >= 0 {
			t.Errorf("record %d: %+v", n, r)
		}
		last = r.ID[:]
	}
}

// One file serves until it is too old, of another epoch, gone, or from before
// what the log still holds; the same state gives the same file.
func TestLatestIsKept(t *testing.T) {
	s := newShelf(t)
	grow(t, s.Store, scope, 10)
	first := latest(t, s, 10, 0)
	grow(t, s.Store, scope, 10)
	if again := latest(t, s, 20, 0); again.SHA256 != first.SHA256 || again.Head != 20 {
		t.Errorf("made anew for 10 entries: %+v", again)
	}
	if later := latest(t, s, 20, 15); later.Seq != 20 {
		t.Errorf("handed out what begins before the log: %+v", later)
	}
	if _, err := s.Open(scope, first.SHA256); !errors.Is(err, snapshots.ErrGone) {
		t.Errorf("the old file: %v", err)
	}
	second := latest(t, s, 20, 15)
	must(t, s.Sweep())
	if _, err := s.Open(scope, second.SHA256); !errors.Is(err, snapshots.ErrGone) {
		t.Errorf("swept: %v", err)
	}
	if third := latest(t, s, 20, 0); third.SHA256 != second.SHA256 {
		t.Error("the same state gave another file")
	}
	if far := latest(t, s, 6_000, 0); far.Head != 20 && far.Head != 6_000 {
		t.Errorf("%+v", far)
	}
	other, err := s.Latest(t.Context(), scope, "e2", 20, 0)
	must(t, err)
	if other.Epoch != "e2" || other.SHA256 == second.SHA256 {
		t.Errorf("another epoch: %+v", other)
	}
}

// A snapshot that could not be made leaves nothing behind.
func TestBrokenBuild(t *testing.T) {
	s := newShelf(t)
	grow(t, s.Store, scope, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Latest(ctx, scope, "e1", 1, 0); err == nil {
		t.Fatal("made without a database")
	}
	left, err := filepath.Glob(filepath.Join(s.Dir, "*"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%v", left)
	}
}
