package intake_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Whatever devices have sent of a person, in whatever order and with whatever
// fate, is gone after an erasure; the ops themselves are still known.
func TestErase(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		admin := w.person("admin", "admin")
		a, b := w.device("a", w.person("coordinator a", "coordinator")), w.device("b", w.person("coordinator b", "coordinator"))
		owner := func(by *device, kind syncproto.Kind, base uint64, o domain.Homeowner) syncproto.Op {
			op := by.op(domain.EntityHomeowner, "owner", kind, o)
			op.BaseSeq = base
			return op
		}
		first := owner(a, syncproto.Recorded, 0, domain.Homeowner{Names: []string{"Sample Owner"}, Phone: "12000000001"})
		a.is(a.push(first), "", syncproto.Applied)
		known := w.record(domain.EntityHomeowner, "owner").Seq
		a.push(owner(a, syncproto.Amended, known, domain.Homeowner{Phone: "12000000002"}))
		b.push(owner(b, syncproto.Amended, known, domain.Homeowner{Phone: "12000000003"}))
		if len(w.record(domain.EntityHomeowner, "owner").Contests) == 0 {
			t.Fatal("nothing was contested")
		}
		late := owner(b, syncproto.Amended, known, domain.Homeowner{Phone: "12000000004", Bank: "12000000005"})
		id := ident.Derive[any]("owner")

		if _, _, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, id, a.actor); !errors.As(err, new(*intake.Refusal)) {
			t.Errorf("a coordinator erased: %v", err)
		}
		if _, _, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, ident.Derive[any]("nobody"), admin); !errors.Is(err, intake.ErrNothingPersonal) {
			t.Errorf("nobody was erased: %v", err)
		}
		logged, _, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, id, admin)
		must(t, err)
		if len(logged) != 1 || logged[0].Op.Kind != syncproto.Erased || logged[0].Op.Actor != admin {
			t.Errorf("%+v", logged)
		}
		b.is(b.push(late), syncproto.CodeErased, syncproto.Rejected)
		b.is(b.push(late), syncproto.CodeErased, syncproto.Rejected)
		a.is(a.push(first), "", syncproto.Dup)
		redacted := first.Redacted() // as the device keeps it now
		a.is(a.push(redacted), "", syncproto.Dup)
		other := first
		other.Fields = syncproto.Fields{3: []byte{0x80}}
		if got := a.push(other); got.Code != syncproto.CodeCloned {
			t.Errorf("another op under a number that was erased: %+v", got)
		}

		w.view(func(ctx context.Context, tx *store.Tx) error {
			for _, table := range store.DumpTables() {
				must(t, tx.DumpRows(ctx, table, func(row []any) error {
					for _, value := range row {
						if content, ok := value.([]byte); ok && (bytes.Contains(content, []byte("1200000000")) || bytes.Contains(content, []byte("Sample Owner"))) {
							t.Errorf("%s holds %q", table.Name, content)
						}
					}
					return nil
				}))
			}
			return nil
		})
		// Who knows nothing of it gets a snapshot; who was up to date hears the rest.
		people := syncproto.Scope{Project: w.project, Audience: domain.AudiencePeople}
		w.view(func(ctx context.Context, tx *store.Tx) error {
			kept, err := tx.KeptAfter(ctx, people)
			if err != nil || kept != logged[0].Seq-1 {
				t.Errorf("the log goes back to %d, %v; it was erased at %d", kept, err, logged[0].Seq)
			}
			return nil
		})
		next := owner(b, syncproto.Amended, logged[0].Seq, domain.Homeowner{Phone: "13000000006"})
		b.is(b.push(next), "", syncproto.Applied)
		if o, err := merge.As[domain.Homeowner](w.record(domain.EntityHomeowner, "owner")); err != nil || o.Phone != "13000000006" || o.Names != nil {
			t.Errorf("the next owner is %+v, %v", o, err)
		}
	})
}

// With a homeowner go the signatures of the unit, with a photo its blob, and
// what something else names stays.
func TestEraseBlobs(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		admin := w.person("admin", "admin")
		a, b := w.device("a", w.person("inspector", "inspector")), w.device("b", w.person("coordinator", "coordinator"))
		flat := ident.Derive[domain.Unit]("flat")
		attach := func(name string, kind domain.AttachmentKind, unit domain.UnitID, sha domain.Hash) {
			op := a.op(domain.EntityAttachment, name, syncproto.Recorded, domain.Attachment{
				ParentID: unit.Any(), State: domain.AttachmentPending, Kind: kind, SHA256: sha, WorkSHA256: domain.Hash{9, sha[0]}, UnitID: unit,
			})
			a.is(a.push(op), "", syncproto.Applied)
			_, err := w.engine.BlobArrived(t.Context(), sha, 10)
			must(t, err)
		}
		owner := b.op(domain.EntityHomeowner, "owner", syncproto.Recorded, domain.Homeowner{UnitID: flat, Names: []string{"Sample Owner"}})
		b.is(b.push(owner), "", syncproto.Applied)
		attach("signed", domain.KindSignature, flat, domain.Hash{1})
		attach("twice", domain.KindSignature, flat, domain.Hash{2})
		attach("the same", domain.KindPhoto, flat, domain.Hash{2})
		attach("next door", domain.KindSignature, ident.Derive[domain.Unit]("next"), domain.Hash{3})
		attach("photo", domain.KindPhoto, flat, domain.Hash{4})

		mostly, err := w.engine.BlobsOf(t.Context(), w.project, domain.EntityHomeowner, ident.Derive[any]("owner"), admin)
		must(t, err)
		if len(mostly) != 4 { // two signatures, each with its working copy
			t.Errorf("it may leave %v", mostly)
		}
		if _, err := w.engine.BlobsOf(t.Context(), w.project, domain.EntityHomeowner, ident.Derive[any]("owner"), a.actor); !errors.As(err, new(*intake.Refusal)) {
			t.Errorf("an inspector may ask: %v", err)
		}
		_, gone, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, ident.Derive[any]("owner"), admin)
		must(t, err)
		if !slices.Equal(gone, []domain.Hash{{1}, {9, 1}}) && !slices.Equal(gone, []domain.Hash{{9, 1}, {1}}) {
			t.Errorf("%v are gone", gone)
		}
		_, gone, err = w.engine.Erase(t.Context(), w.project, domain.EntityAttachment, ident.Derive[any]("photo"), admin)
		must(t, err)
		if len(gone) != 2 || gone[0] != (domain.Hash{4}) {
			t.Errorf("%v are gone with the photo", gone)
		}
		for name, state := range map[string]domain.AttachmentState{
			"signed": domain.AttachmentErased, "twice": domain.AttachmentErased, "photo": domain.AttachmentErased,
			"the same": domain.AttachmentReady, "next door": domain.AttachmentReady,
		} {
			got, err := merge.As[domain.Attachment](w.record(domain.EntityAttachment, name))
			if err != nil || got.State != state || got.SHA256.IsZero() != (state == domain.AttachmentErased) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		// Bytes that were on their way mark nothing.
		logged, err := w.engine.BlobArrived(t.Context(), domain.Hash{1}, 10)
		if err != nil || len(logged) != 0 {
			t.Errorf("%+v, %v", logged, err)
		}
		w.view(func(ctx context.Context, tx *store.Tx) error {
			for sha, want := range map[domain.Hash]bool{{1}: true, {2}: false, {3}: false, {4}: true} {
				if free, err := tx.BlobFree(ctx, sha); err != nil || free != want {
					t.Errorf("blob %d is free: %v, %v", sha[0], free, err)
				}
			}
			return nil
		})
		// A device cannot say that something was erased.
		op := a.op(domain.EntityAttachment, "made up", syncproto.Recorded, domain.Attachment{State: domain.AttachmentErased, SHA256: domain.Hash{7}})
		a.is(a.push(op), syncproto.CodeServerOnly, syncproto.Quarantined)
	})
}
