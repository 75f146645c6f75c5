package fieldwork_test

import (
	"errors"
	"testing"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// conflicts lists the records that wait for a person.
func (w *world) conflicts() (list []merge.Record) {
	w.t.Helper()
	must(w.t, w.Store.View(w.t.Context(), func(tx *localstore.Tx) (err error) {
		list, err = tx.Conflicts(w.t.Context())
		return err
	}))
	return list
}

// contested is a defect that the server knows and somebody else has described
// anew while this tablet did.
func contested(t *testing.T) (w *world, id domain.DefectID) {
	w, id = newWorld(t), ident.Derive[domain.Defect]("d")
	w.server(domain.EntityDefect, id.Any(), domain.Defect{Description: "start", Severity: domain.Minor})
	must(t, w.AmendDefect(t.Context(), project, id, func(d *domain.Defect) { d.Description = "mine" }))
	w.server(domain.EntityDefect, id.Any(), domain.Defect{Description: "theirs"})
	return w, id
}

// decision takes the values that stand for what the person has seen.
func decision(r merge.Record, key uint64, value syncproto.Value) fieldwork.Decision {
	d := fieldwork.Decision{Entity: r.Entity, ID: r.ID, Values: syncproto.Fields{key: value}, Seen: map[uint64][]syncproto.Value{}}
	for _, v := range r.Standing(key) {
		d.Seen[key] = append(d.Seen[key], v.Value)
	}
	return d
}

func text(t *testing.T, s string) syncproto.Value {
	t.Helper()
	b, err := syncproto.Marshal(s)
	must(t, err)
	return b
}

// A decision is an ordinary op that covers what its writer has seen.
func TestDecisionEndsAConflict(t *testing.T) {
	w, id := contested(t)
	list := w.conflicts()
	if len(list) != 1 || len(list[0].Standing(8)) != 2 {
		t.Fatalf("%+v", list)
	}
	must(t, w.Decide(t.Context(), decision(list[0], 8, text(t, "theirs\nmine"))))
	if left := w.conflicts(); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	if d := one[domain.Defect](w, domain.EntityDefect).Record; d.Description != "theirs\nmine" || d.Severity != domain.Minor {
		t.Errorf("%+v", d)
	}
	ops := w.sent()
	if op := ops[len(ops)-1]; len(ops) != 2 || op.Kind != syncproto.Amended || op.BaseSeq != 2 || op.ID != id.Any() || op.Scope.Project != project || op.Actor != person {
		t.Errorf("%+v", ops)
	}
}

// Nobody can choose between values that they have not seen.
func TestDecisionOnOtherValuesIsRefused(t *testing.T) {
	w, id := contested(t)
	seen := w.conflicts()[0]
	w.server(domain.EntityDefect, id.Any(), domain.Defect{Description: "a third one"})
	for name, d := range map[string]struct {
		fieldwork.Decision
		want error
	}{
		"a value came":     {decision(seen, 8, text(t, "mine")), fieldwork.ErrChanged},
		"too few":          {fieldwork.Decision{Entity: domain.EntityDefect, ID: id.Any(), Values: syncproto.Fields{8: text(t, "x")}, Seen: map[uint64][]syncproto.Value{8: nil}}, fieldwork.ErrChanged},
		"no longer here":   {fieldwork.Decision{Entity: domain.EntityDefect, ID: ident.Derive[any]("none"), Values: syncproto.Fields{8: text(t, "x")}}, fieldwork.ErrGone},
		"nothing to write": {fieldwork.Decision{Entity: domain.EntityDefect, ID: id.Any()}, localstore.ErrInvalid},
	} {
		if err := w.Decide(t.Context(), d.Decision); !errors.Is(err, d.want) {
			t.Errorf("%s: %v, want %v", name, err, d.want)
		}
	}
	if n := len(w.sent()); n != 1 || len(w.conflicts()) != 1 {
		t.Errorf("%d ops, %d conflicts", n, len(w.conflicts()))
	}
}

// A changed answer comes whole, so that it stays together wherever it meets
// another one.
func TestAnswerIsOneStatement(t *testing.T) {
	w := newWorld(t)
	a := fieldwork.Answered{
		Project: project, Inspection: ident.Derive[domain.Inspection]("i"), Unit: unit, Item: "BOTH-015", Room: "LIV1",
		Answer: domain.AnswerFail, Readings: []int64{3500}, Verdict: domain.Because("reason.tolerance"), Note: "beside the door",
	}
	_, err := w.Answer(t.Context(), a)
	must(t, err)
	a.Readings, a.Note = []int64{4000}, ""
	_, err = w.Answer(t.Context(), a)
	must(t, err)
	ops := w.sent()
	patch := ops[len(ops)-1].Fields
	for _, key := range []uint64{2, 5, 6, 7, 9, 10} {
		if _, ok := patch[key]; !ok {
			t.Errorf("the amendment lacks key %d: %v", key, patch)
		}
	}
	if !syncproto.IsNull(patch[7]) || len(patch) != 6 {
		t.Errorf("%v", patch)
	}
}
