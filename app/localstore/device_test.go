package localstore_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// What was committed is there when the app starts again.
func TestReopen(t *testing.T) {
	w := newWorld(t)
	w.creates("d", domain.Defect{Description: "durable"})
	must(t, w.store.SetLocale(t.Context(), "en"))
	must(t, w.store.Close())
	w.open()
	w.shows("d", "durable")
	if id, err := w.store.Identity(t.Context()); err != nil || id.Device != tablet || id.Person != person || id.DeviceToken != "d" {
		t.Errorf("%+v, %v", id, err)
	}
	if locale, err := w.store.Locale(t.Context()); err != nil || locale != "en" {
		t.Errorf("%q, %v", locale, err)
	}
	if next := w.creates("e", domain.Defect{Description: "next"}); next != 2 {
		t.Errorf("the next op is %d", next)
	}
}

func TestBeforeEnrolment(t *testing.T) {
	s, err := localstore.Open(t.Context(), t.TempDir(), func() domain.Instant { return 1 })
	must(t, err)
	defer func() { must(t, s.Close()) }()
	if id, err := s.Identity(t.Context()); err != nil || id.Enrolled() {
		t.Errorf("%+v, %v", id, err)
	}
	if locale, err := s.Locale(t.Context()); err != nil || locale != "" {
		t.Errorf("%q, %v", locale, err)
	}
	must(t, s.View(t.Context(), func(tx *localstore.Tx) error {
		p, err := tx.Progress(t.Context())
		if err != nil || p != (localstore.Progress{}) || !p.AllConfirmed() {
			t.Errorf("%+v, %v", p, err)
		}
		if next, err := tx.NextWaiting(t.Context()); err != nil || next != 1 {
			t.Errorf("%d, %v", next, err)
		}
		return nil
	}))
}

// A failed transaction leaves nothing behind and rings no bell.
func TestFailedUpdate(t *testing.T) {
	w := newWorld(t)
	rings, stop := w.store.Subscribe()
	defer stop()
	undo := errors.New("undo")
	err := w.store.Update(t.Context(), func(tx *localstore.Tx) error {
		if _, err := tx.Record(t.Context(), change(t, "d", syncproto.Recorded, domain.Defect{Description: "x"})); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	w.shows("d", "")
	select {
	case <-rings:
		t.Error("the bell rang for nothing")
	default:
	}
	if seq := w.creates("d", domain.Defect{Description: "y"}); seq != 1 {
		t.Errorf("the number of the undone op is lost: %d", seq)
	}
}

// Rings that come while a subscriber is busy melt into one; who left hears
// nothing and blocks nobody.
func TestBell(t *testing.T) {
	w := newWorld(t)
	a, stopA := w.store.Subscribe()
	b, stopB := w.store.Subscribe()
	defer stopB()
	for range 3 {
		w.store.Ring()
	}
	<-a
	<-b
	select {
	case <-a:
		t.Error("three rings were not one")
	default:
	}
	stopA()
	w.creates("d", domain.Defect{Description: "x"})
	<-b
	select {
	case <-a:
		t.Error("the bell rang for somebody who left")
	default:
	}
}

func TestMarkRunning(t *testing.T) {
	w := newWorld(t)
	running := func(want bool) {
		t.Helper()
		if crashed, err := w.store.MarkRunning(t.Context()); err != nil || crashed != want {
			t.Errorf("crashed %v, %v", crashed, err)
		}
	}
	running(false)
	running(true) // killed: nobody marked the end
	must(t, w.store.MarkClosed(t.Context()))
	running(false)
}

type form struct {
	Room string `json:"room"`
	Text string `json:"text"`
}

// A draft is local and durable, one per key, and no op.
func TestDrafts(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.SaveDraft(t.Context(), "defect/1", form{Room: "LIV1"}))
	w.now += 1000
	must(t, w.store.SaveDraft(t.Context(), "defect/2", form{Room: "BED1"}))
	w.now += 1000
	must(t, w.store.SaveDraft(t.Context(), "defect/1", form{Room: "LIV1", Text: "half a sent"}))
	if p := w.progress(); p.Records != 0 {
		t.Errorf("drafts became %d ops", p.Records)
	}
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		list, err := tx.Drafts(ctx)
		if err != nil || len(list) != 2 || list[0].Key != "defect/1" || list[0].UpdatedAt != w.now {
			t.Errorf("newest first: %+v, %v", list, err)
		}
		var f form
		if ok, err := tx.Draft(ctx, "defect/1", &f); err != nil || !ok || f.Text != "half a sent" {
			t.Errorf("%+v %v %v", f, ok, err)
		}
		if ok, err := tx.Draft(ctx, "defect/9", &f); err != nil || ok {
			t.Errorf("%v %v", ok, err)
		}
		return nil
	})
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.DropDraft(ctx, "defect/1") })
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if list, err := tx.Drafts(ctx); err != nil || len(list) != 1 || list[0].Key != "defect/2" {
			t.Errorf("%+v, %v", list, err)
		}
		return nil
	})
}

// attachment records a photo's record and queues its two renditions.
func (w *world) attachment(name string, original, work domain.Hash) uint64 {
	w.t.Helper()
	id := ident.Derive[domain.Attachment](name)
	fields, err := syncproto.Encode(domain.Attachment{Kind: domain.KindPhoto, SHA256: original, WorkSHA256: work})
	must(w.t, err)
	var seq uint64
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		must(w.t, tx.QueueUpload(ctx, localstore.Upload{SHA256: work, Attachment: id, Photo: name, Bytes: 5}))
		for range 2 { // queueing twice is queueing once
			must(w.t, tx.QueueUpload(ctx, localstore.Upload{SHA256: original, Attachment: id, Original: true, Photo: name, Bytes: 10}))
		}
		seq, err = tx.Record(ctx, localstore.Change{Project: project, Entity: domain.EntityAttachment, ID: id.Any(), Kind: syncproto.Recorded, Fields: fields})
		return err
	})
	return seq
}

// Photos travel once the server has their record, working copies first.
func TestUploads(t *testing.T) {
	w := newWorld(t)
	first := w.attachment("first", domain.Hash{1}, domain.Hash{2})
	second := w.attachment("second", domain.Hash{3}, domain.Hash{4})
	refused := w.attachment("refused", domain.Hash{5}, domain.Hash{6})
	queue := func(want ...domain.Hash) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			list, err := tx.NextUploads(ctx, 10)
			must(t, err)
			var got []domain.Hash
			for _, u := range list {
				got = append(got, u.SHA256)
			}
			if !slices.Equal(got, want) {
				t.Errorf("queue %v, want %v", got, want)
			}
			return nil
		})
	}
	queue()
	w.answer(w.accept(first))
	queue(domain.Hash{2}, domain.Hash{1})
	w.answer(w.accept(second), syncproto.Answer{Seq: refused, Status: syncproto.Rejected, Code: syncproto.CodeForbidden})
	queue(domain.Hash{2}, domain.Hash{4}, domain.Hash{1}, domain.Hash{3})
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.ConfirmUpload(ctx, domain.Hash{2}) })
	queue(domain.Hash{4}, domain.Hash{1}, domain.Hash{3})
	// The refused one does not count: nobody waits for it.
	if p := w.progress(); p.Photos != 2 || p.PhotosConfirmed != 0 {
		t.Errorf("with the working copy alone: %+v", p)
	}
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.ConfirmUpload(ctx, domain.Hash{1}) })
	if p := w.progress(); p.PhotosConfirmed != 1 || p.AllConfirmed() {
		t.Errorf("%+v", p)
	}
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		return errors.Join(tx.ConfirmUpload(ctx, domain.Hash{3}), tx.ConfirmUpload(ctx, domain.Hash{4}))
	})
	if p := w.progress(); !p.AllConfirmed() {
		t.Errorf("a photo whose record was refused is waited for: %+v", p)
	}
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		sent, err := tx.SentPhotos(ctx)
		must(t, err)
		confirmed := map[string]bool{}
		for _, p := range sent {
			confirmed[p.Photo] = p.Confirmed
		}
		if len(sent) != 3 || !confirmed["first"] || !confirmed["second"] || confirmed["refused"] {
			t.Errorf("%+v", sent)
		}
		return nil
	})
}

// Without a network the device needs plans, show-flat photos and the evidence of
// open re-inspections.
func TestWantedBlobs(t *testing.T) {
	w := newWorld(t)
	plan, showflat, evidence := domain.Hash{1}, domain.Hash{2}, domain.Hash{3}
	defect, ticket := ident.Derive[domain.Defect]("d"), ident.Derive[domain.Ticket]("t")
	have := func(e domain.Entity, name string, record any) {
		t.Helper()
		fields, err := syncproto.Encode(record)
		must(t, err)
		place := uint64(len(w.log) + 1)
		w.log = append(w.log, syncproto.Logged{Seq: place, Op: syncproto.Op{
			Device: other, Seq: place, Scope: field, Entity: e, ID: ident.Derive[any](name), Kind: syncproto.Recorded, Fields: fields,
		}})
	}
	have(domain.EntityPlan, "p", domain.Plan{SHA256: plan})
	have(domain.EntityBaseline, "b", domain.Baseline{Items: []domain.BaselineItem{{Item: "a", Photo: showflat}, {Item: "b"}}})
	have(domain.EntityTicket, "t", domain.Ticket{DefectID: defect})
	have(domain.EntityTask, "re", domain.Task{State: domain.TaskOpen, Stage: domain.StageReinspect, TicketID: ticket})
	have(domain.EntityTask, "done", domain.Task{State: domain.TaskDone, Stage: domain.StageReinspect, TicketID: ident.Derive[domain.Ticket]("other")})
	have(domain.EntityTask, "orphan", domain.Task{State: domain.TaskOpen, Stage: domain.StageReinspect, TicketID: ident.Derive[domain.Ticket]("unknown")})
	have(domain.EntityAttachment, "ready", domain.Attachment{ParentID: defect.Any(), State: domain.AttachmentReady, WorkSHA256: evidence, SHA256: domain.Hash{8}})
	have(domain.EntityAttachment, "pending", domain.Attachment{ParentID: defect.Any(), State: domain.AttachmentPending, WorkSHA256: domain.Hash{9}})
	have(domain.EntityAttachment, "of another", domain.Attachment{State: domain.AttachmentReady, WorkSHA256: domain.Hash{7}})
	w.pull()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		got, err := tx.WantedBlobs(ctx)
		must(t, err)
		if !slices.Equal(got, []domain.Hash{plan, showflat, evidence}) {
			t.Errorf("%v", got)
		}
		return nil
	})
}
