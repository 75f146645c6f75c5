package intake_test

import (
	"context"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

var (
	original = domain.Hash{1}
	working  = domain.Hash{2}
)

func (d *device) photo(name string) syncproto.Op {
	d.w.t.Helper()
	return d.op(domain.EntityAttachment, name, syncproto.Recorded, domain.Attachment{
		State: domain.AttachmentPending, Kind: domain.KindPhoto, SHA256: original, Bytes: 10, WorkSHA256: working, WorkBytes: 5,
	})
}

func (w *world) stateOf(name string) domain.AttachmentState {
	w.t.Helper()
	a, err := merge.As[domain.Attachment](w.record(domain.EntityAttachment, name))
	must(w.t, err)
	return a.State
}

func (w *world) arrived(sha domain.Hash) []syncproto.Logged {
	w.t.Helper()
	logged, err := w.engine.BlobArrived(w.t.Context(), sha, 10)
	must(w.t, err)
	return logged
}

// The evidence is the original: the working copy alone does not make it ready.
func TestAttachmentReadyWhenItsBytesArriveLast(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.photo("photo"))
	if got := w.stateOf("photo"); got != domain.AttachmentPending {
		t.Fatalf("%s before any byte", got)
	}
	if logged := w.arrived(working); len(logged) != 0 || w.stateOf("photo") != domain.AttachmentPending {
		t.Errorf("%s with the working copy, %d entries", w.stateOf("photo"), len(logged))
	}
	if logged := w.arrived(original); len(logged) != 1 || w.stateOf("photo") != domain.AttachmentReady {
		t.Errorf("%s with the original, %d entries", w.stateOf("photo"), len(logged))
	}
	if logged := w.arrived(original); len(logged) != 0 {
		t.Errorf("arriving twice appended %d entries", len(logged))
	}
}

func TestAttachmentReadyWhenItsBytesArriveFirst(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	w.arrived(original)
	d.push(d.photo("photo"))
	if got := w.stateOf("photo"); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
}

// One photo that evidences two records makes both ready.
func TestSharedPhotoMakesAllReady(t *testing.T) {
	w := newWorld(t)
	a, b := w.inspector("a"), w.inspector("b")
	a.push(a.photo("one"))
	b.push(b.photo("two"))
	if logged := w.arrived(original); len(logged) != 2 || w.stateOf("one") != domain.AttachmentReady || w.stateOf("two") != domain.AttachmentReady {
		t.Errorf("%d entries", len(logged))
	}
}

// Connected devices apply what they hear in the order in which it comes, so it
// comes in the order of the log.
func TestWhatIsHeardComesInOrder(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	w.arrived(original) // so that the attachment becomes ready within the push
	_, logged := d.pushed(append(group(d.defect("d"), d.photo("photo")), d.defect("e"))...)
	var seqs []uint64
	heard := map[domain.AnyID]merge.Record{}
	for _, l := range logged {
		seqs = append(seqs, l.Seq)
		heard[l.Op.ID], _ = merge.Apply(heard[l.Op.ID], l.Op, l.Seq)
	}
	if !slices.IsSorted(seqs) || len(seqs) != 6 {
		t.Errorf("heard %v", seqs)
	}
	held := w.record(domain.EntityAttachment, "photo")
	a, err := merge.As[domain.Attachment](heard[held.ID])
	must(t, err)
	if a.State != domain.AttachmentReady || len(heard[held.ID].Contests) != len(held.Contests) {
		t.Errorf("a listener holds %+v, the server %+v", heard[held.ID], held)
	}
}

// A blob is found by the records that name it, in their scopes only.
func TestBlobsAreNamedByRecords(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.photo("photo"))
	field := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	office := syncproto.Scope{Project: w.project, Audience: domain.AudienceOffice}
	w.view(func(ctx context.Context, tx *store.Tx) error {
		for _, sha := range []domain.Hash{original, working} {
			if named, err := tx.BlobNamed(ctx, sha, []syncproto.Scope{field}); err != nil || !named {
				t.Errorf("%s is not named: %v", sha, err)
			}
			if named, err := tx.BlobNamed(ctx, sha, []syncproto.Scope{office}); err != nil || named {
				t.Errorf("%s is named elsewhere: %v", sha, err)
			}
		}
		if named, err := tx.BlobNamed(ctx, domain.Hash{}, []syncproto.Scope{field}); err != nil || named {
			t.Errorf("the hash that was never set is named: %v", err)
		}
		return nil
	})
	// A refused group names nothing.
	d.push(group(
		d.op(domain.EntityAttachment, "other", syncproto.Recorded, domain.Attachment{SHA256: domain.Hash{7}}),
		d.op(domain.EntityParty, "p", syncproto.Recorded, domain.Party{Name: "x"}),
	)...)
	w.view(func(ctx context.Context, tx *store.Tx) error {
		if named, err := tx.BlobNamed(ctx, domain.Hash{7}, []syncproto.Scope{field}); err != nil || named {
			t.Errorf("a refused record names a blob: %v", err)
		}
		return nil
	})
}
