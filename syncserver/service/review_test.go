package service_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// pushes sends ops over the fallback and gives their answers.
func (v *visitor) pushes(ops ...syncproto.Op) []syncproto.Answer {
	v.w.t.Helper()
	b, err := syncproto.EncodeFrame(&syncproto.Push{Batch: 1, Ops: ops})
	must(v.w.t, err)
	answer := v.post("/v1/sync", append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	f, err := syncproto.DecodeFrame(answer[4:])
	must(v.w.t, err)
	return f.(*syncproto.Answers).Answers
}

func (v *visitor) op(w *world, seq uint64, e domain.Entity, name string, content any) syncproto.Op {
	v.w.t.Helper()
	fields, err := syncproto.Encode(content)
	must(v.w.t, err)
	return syncproto.Op{
		Device: v.Device, Seq: seq, Actor: v.Person, CapturedAt: domain.At(w.now), Scope: syncproto.Scope{Project: w.project, Audience: domain.AudienceField},
		Entity: e, ID: ident.Derive[any](name), Kind: syncproto.Recorded, Fields: fields, Schema: syncproto.SchemaVersion,
	}
}

// The inbox tells people what is in it and who decided, without taking a
// device's words for more than words.
func TestReviewInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range []service.Staff{{Login: "a", Name: "样例甲", Role: "inspector"}, {Login: "b", Name: "样例乙", Role: "coordinator"}} {
		_, err := w.AddStaff(t.Context(), w.project, s)
		must(t, err)
	}
	reviewer, err := w.PersonByLogin(t.Context(), "b")
	must(t, err)
	a := w.visitor("a")
	a.welcome()
	must(t, w.Revoke(t.Context(), a.Device))
	defect := a.op(w, 1, domain.EntityDefect, "d", domain.Defect{Room: "LIV1", Description: "裂缝 \x1b[2J", Severity: domain.Major, Readings: []int64{2500}})
	photo := a.op(w, 2, domain.EntityAttachment, "p", domain.Attachment{ParentID: defect.ID, SHA256: domain.Hash{7}, Bytes: 5})
	defect.Group, photo.Group = 2, 2
	stranger := a.op(w, 3, domain.EntityDefect, "e", domain.Defect{Room: "LIV1"})
	stranger.Actor = domain.PersonID{9}
	for _, answer := range a.pushes(defect, photo, stranger) {
		if answer.Status != syncproto.Quarantined {
			t.Fatalf("%+v", answer)
		}
	}
	inbox, err := w.Reviews(t.Context(), store.ReviewFilter{Project: w.project, Limit: 10})
	must(t, err)
	if len(inbox) != 2 || inbox[1].Person != "样例甲" || inbox[1].DeviceName != "x" || inbox[1].ProjectName != projectName || inbox[0].Person != stranger.Actor.String() {
		t.Errorf("%+v", inbox)
	}
	keys, err := w.WaitingOf(t.Context(), a.Device, domain.ProjectID{})
	must(t, err)
	if len(keys) != 2 || keys[0].First != 1 || keys[1].First != 3 {
		t.Fatalf("%v", keys)
	}
	_, ops, blobs, err := w.Review(t.Context(), keys[0])
	must(t, err)
	if len(ops) != 2 || ops[1].Entity != domain.EntityAttachment || len(blobs) != 1 || blobs[0].SHA256 != (domain.Hash{7}) || blobs[0].Held {
		t.Errorf("%+v, %+v", ops, blobs)
	}
	text := strings.Join(ops[0].Values, "\n")
	for _, want := range []string{`3: "LIV1"`, `8: "裂缝 \x1b[2J"`, "9: 3", "11: [2500]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if got := strings.Join(ops[1].Values, "\n"); !strings.Contains(got, "1: "+defect.ID.String()) || !strings.Contains(got, "5: 0700") {
		t.Errorf("%s", got)
	}
	must(t, w.Accept(t.Context(), keys[0], reviewer))
	must(t, w.Discard(t.Context(), keys[1], reviewer, "样例理由"))
	if got := list[domain.Ticket](w, domain.EntityTicket); len(got) != 1 || got[0].Record.DefectID != domain.DefectID(defect.ID) {
		t.Errorf("tickets: %+v", got)
	}
	decided, err := w.Reviews(t.Context(), store.ReviewFilter{Decided: true, Limit: 10})
	must(t, err)
	if decided[1].Outcome != store.ReviewAccepted || decided[1].Reviewer != "样例乙" || decided[0].Outcome != store.ReviewDiscarded || decided[0].Reason != "样例理由" {
		t.Errorf("%+v", decided)
	}
	if waiting, err := w.WaitingOf(t.Context(), a.Device, w.project); err != nil || len(waiting) != 0 {
		t.Errorf("%v, %v", waiting, err)
	}
}
