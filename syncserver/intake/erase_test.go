package intake_test

import (
	"bytes"
	"context"
	"errors"
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

		if _, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, id, a.actor); !errors.As(err, new(*intake.Refusal)) {
			t.Errorf("a coordinator erased: %v", err)
		}
		if _, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, ident.Derive[any]("nobody"), admin); !errors.Is(err, intake.ErrNothingPersonal) {
			t.Errorf("nobody was erased: %v", err)
		}
		logged, err := w.engine.Erase(t.Context(), w.project, domain.EntityHomeowner, id, admin)
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
