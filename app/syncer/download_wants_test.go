package syncer

import (
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// What is wanted is listed again for what can change it, and for nothing else;
// it is always what the store lists.
func TestWantsFollowTheLog(t *testing.T) {
	_, url := newBlobServer(t)
	a := newAlbum(t, url)
	w := &a.photos.wants
	seq := uint64(0)
	hears := func(what string, want bool, e domain.Entity, name string, kind syncproto.Kind, record any) {
		t.Helper()
		fields, err := syncproto.Encode(record)
		must(t, err)
		p := page(field, seq, seq+1, seq+1)
		op := &p.Changes[0].Op
		op.Entity, op.ID, op.Kind, op.Fields = e, ident.Derive[any](name), kind, fields
		a.gets(p)
		seq++
		if w.hear(p) != want {
			t.Errorf("%s: looked at again %v, want %v", what, !want, want)
		}
		got, err := w.list(t.Context(), a.store)
		must(t, err)
		var listed []domain.Hash
		must(t, a.store.View(t.Context(), func(tx *localstore.Tx) (err error) {
			listed, err = tx.WantedBlobs(t.Context())
			return err
		}))
		if !slices.Equal(got, listed) {
			t.Errorf("%s: wanted %v, the store lists %v", what, got, listed)
		}
	}
	defect, ticket := ident.Derive[domain.Defect]("defect"), ident.Derive[domain.Ticket]("ticket")
	welcome := a.welcomeTo(1, head(field, 0))
	a.gets(welcome)
	if !w.hear(welcome) {
		t.Error("a new connection is no reason to look")
	}
	hears("the first entry of a log", true, domain.EntityDefect, "defect", syncproto.Recorded, domain.Defect{})
	hears("a defect", false, domain.EntityDefect, "other", syncproto.Recorded, domain.Defect{})
	hears("a photo", false, domain.EntityAttachment, "early", syncproto.Recorded, domain.Attachment{ParentID: defect.Any(), WorkSHA256: domain.Hash{1}})
	hears("a plan", true, domain.EntityPlan, "plan", syncproto.Recorded, domain.Plan{SHA256: domain.Hash{2}})
	hears("a task of another stage", false, domain.EntityTask, "repair", syncproto.Recorded, domain.Task{State: domain.TaskOpen, Stage: domain.StageHandover})
	hears("a re-inspection", true, domain.EntityTask, "task", syncproto.Recorded, domain.Task{State: domain.TaskOpen, Stage: domain.StageReinspect, TicketID: ticket})
	hears("its ticket", true, domain.EntityTicket, "ticket", syncproto.Recorded, domain.Ticket{DefectID: defect})
	hears("another ticket", false, domain.EntityTicket, "another", syncproto.Recorded, domain.Ticket{})
	hears("its photo is ready", true, domain.EntityAttachment, "early", syncproto.Amended, domain.Attachment{State: domain.AttachmentReady})
	hears("another of its photos", true, domain.EntityAttachment, "late", syncproto.Recorded, domain.Attachment{ParentID: defect.Any(), WorkSHA256: domain.Hash{3}})
	hears("a photo of something else", false, domain.EntityAttachment, "else", syncproto.Recorded, domain.Attachment{State: domain.AttachmentReady, WorkSHA256: domain.Hash{4}})
	hears("the re-inspection is done", true, domain.EntityTask, "task", syncproto.Amended, domain.Task{State: domain.TaskDone})
	hears("a photo of what is done", false, domain.EntityAttachment, "later", syncproto.Recorded, domain.Attachment{ParentID: defect.Any()})

	// What comes while the store is read may be in it or not.
	w.reading = true
	hears("a photo meanwhile", true, domain.EntityAttachment, "meanwhile", syncproto.Recorded, domain.Attachment{})
}
