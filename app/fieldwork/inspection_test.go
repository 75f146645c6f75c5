package fieldwork_test

import (
	"errors"
	"testing"
	"time"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// A task's inspection is opened once, continued, answered and completed.
func TestInspection(t *testing.T) {
	w := newWorld(t)
	task, baseline := ident.Derive[domain.Task]("task"), ident.Derive[domain.Baseline]("b")
	if _, err := w.Start(t.Context(), project, task); !errors.Is(err, fieldwork.ErrGone) {
		t.Errorf("a task that is not here: %v", err)
	}
	w.server(domain.EntityTask, task.Any(), domain.Task{UnitID: unit, State: domain.TaskOpen, Stage: domain.StageShowflatCompare, BaselineID: baseline})
	id, err := w.Start(t.Context(), project, task)
	must(t, err)
	started := w.at()
	w.now = w.now.Add(time.Hour)
	if again, err := w.Start(t.Context(), project, task); err != nil || again != id || id != fieldwork.InspectionOf(task) || len(w.sent()) != 1 {
		t.Errorf("%s, %v, %d ops", again, err, len(w.sent()))
	}
	i := one[domain.Inspection](w, domain.EntityInspection).Record
	if i.UnitID != unit || i.State != domain.InspectionOpen || i.Stage != domain.StageShowflatCompare || i.TaskID != task || i.StartedAt != started ||
		i.Inspector != person || i.CatalogueVersion != w.Catalogue.Version || i.BaselineID != baseline {
		t.Errorf("%+v", i)
	}
	must(t, w.Complete(t.Context(), project, id))
	if i := one[domain.Inspection](w, domain.EntityInspection).Record; i.State != domain.InspectionCompleted || i.CompletedAt != w.at() || i.StartedAt != started {
		t.Errorf("%+v", i)
	}
	if err := w.Complete(t.Context(), project, ident.Derive[domain.Inspection]("none")); !errors.Is(err, fieldwork.ErrGone) {
		t.Errorf("%v", err)
	}
}

// An item has one result per room of an inspection, whoever answers and however
// often; a changed mind is an amendment of what changed.
func TestAnswers(t *testing.T) {
	w := newWorld(t)
	inspection := ident.Derive[domain.Inspection]("i")
	a := fieldwork.Answered{
		Project: project, Inspection: inspection, Unit: unit, Item: "BOTH-015", Room: "LIV1", Answer: domain.AnswerFail, Readings: []int64{3500},
		Verdict: domain.Because("reason.tolerance", "limit", "2"), Note: "beside the door",
	}
	id, err := w.Answer(t.Context(), a)
	must(t, err)
	r := one[domain.Result](w, domain.EntityResult)
	if r.ID != id || id != fieldwork.ResultOf(inspection, "BOTH-015", "LIV1") || r.Record.Answer != domain.AnswerFail || r.Record.Readings[0] != 3500 ||
		r.Record.Verdict.Key != "reason.tolerance" || r.Record.Inspector != person || r.Record.CapturedAt != w.at() || r.Record.Note != "beside the door" || r.Record.UnitID != unit {
		t.Errorf("%+v", r)
	}
	if again, err := w.Answer(t.Context(), a); err != nil || again != id || len(w.sent()) != 1 {
		t.Errorf("the same answer was sent again: %v, %d ops", err, len(w.sent()))
	}
	w.now = w.now.Add(time.Minute)
	a.Answer, a.Readings, a.Verdict = domain.AnswerPass, []int64{1500}, domain.Reason{}
	_, err = w.Answer(t.Context(), a)
	must(t, err)
	ops := w.sent()
	if len(ops) != 2 || ops[1].Kind != syncproto.Amended || ops[1].ID != id.Any() {
		t.Fatalf("%+v", ops)
	}
	if _, repeated := ops[1].Fields[3]; repeated {
		t.Error("the amendment repeats the item")
	}
	if got := one[domain.Result](w, domain.EntityResult).Record; got.Answer != domain.AnswerPass || got.Verdict.Key != "" || got.Readings[0] != 1500 || got.Item != "BOTH-015" {
		t.Errorf("%+v", got)
	}
	a.Room = "BED1"
	if other, err := w.Answer(t.Context(), a); err != nil || other == id {
		t.Errorf("another room: %v", err)
	}
}

func TestReinspect(t *testing.T) {
	w := newWorld(t)
	task, ticket := ident.Derive[domain.Task]("re"), ident.Derive[domain.Ticket]("t")
	verdict := fieldwork.Verdict{Project: project, Task: task, Pass: true, WaterTested: true, Note: "dry"}
	if err := w.Reinspect(t.Context(), verdict); !errors.Is(err, fieldwork.ErrGone) {
		t.Errorf("%v", err)
	}
	w.server(domain.EntityTask, task.Any(), domain.Task{UnitID: unit, State: domain.TaskOpen, Stage: domain.StageReinspect, TicketID: ticket, Attempt: 2})
	verdict.Photos = []fieldwork.Captured{w.capture("wall-repaired.jpg")}
	must(t, w.Reinspect(t.Context(), verdict))
	r := one[domain.Reinspection](w, domain.EntityReinspection)
	if r.Record.TicketID != ticket || r.Record.Attempt != 2 || r.Record.Answer != domain.AnswerPass || !r.Record.WaterTested || r.Record.Note != "dry" || r.Record.By != person || r.Record.At != w.at() || r.Record.TaskID != task {
		t.Errorf("%+v", r)
	}
	if a := one[domain.Attachment](w, domain.EntityAttachment).Record; a.ParentID != r.ID.Any() || a.UnitID != unit {
		t.Errorf("%+v", a)
	}
	if ops := w.sent(); len(ops) != 2 || ops[0].Group != 2 || ops[1].Group != 2 {
		t.Errorf("%+v", ops)
	}
	verdict.Pass, verdict.Photos = false, nil
	must(t, w.Reinspect(t.Context(), verdict))
	answers := map[domain.Answer]int{}
	for _, r := range list[domain.Reinspection](w, domain.EntityReinspection) {
		answers[r.Record.Answer]++
	}
	if answers[domain.AnswerFail] != 1 || answers[domain.AnswerPass] != 1 {
		t.Errorf("a verdict overwrote another: %v", answers)
	}
}

func TestConfirm(t *testing.T) {
	w := newWorld(t)
	ticket := ident.Derive[domain.Ticket]("t")
	must(t, w.Confirm(t.Context(), fieldwork.OwnerAnswer{Project: project, Ticket: ticket, Method: "signature", Refused: true, Note: "still wet", Shown: domain.Hash{7}}))
	c := one[domain.Confirmation](w, domain.EntityConfirmation).Record
	if c.TicketID != ticket || c.Method != "signature" || !c.Refused || c.Note != "still wet" || c.ShownSHA != (domain.Hash{7}) || c.By != person || c.At != w.at() {
		t.Errorf("%+v", c)
	}
}

// A command is pending until the server has decided and shows nothing itself.
func TestCommand(t *testing.T) {
	w := newWorld(t)
	id := ident.Derive[any]("t")
	must(t, w.Command(t.Context(), project, domain.EntityTicket, id, syncproto.Command{Action: "assign", Note: "x"}))
	ops := w.sent()
	if len(ops) != 1 || ops[0].Kind != syncproto.Commanded || ops[0].Entity != domain.EntityTicket || ops[0].ID != id {
		t.Fatalf("%+v", ops)
	}
	if cmd, err := syncproto.Decode[syncproto.Command](ops[0].Fields); err != nil || cmd.Action != "assign" || cmd.Note != "x" {
		t.Errorf("%+v, %v", cmd, err)
	}
	if n := len(list[domain.Ticket](w, domain.EntityTicket)); n != 0 {
		t.Errorf("%d tickets", n)
	}
}

// Before enrolment nothing can be recorded, and nothing is left behind.
func TestNotEnrolled(t *testing.T) {
	w := newWorld(t)
	must(t, w.Store.SetIdentity(t.Context(), localstore.Identity{}))
	form, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	form.Description = "x"
	must(t, w.SaveDraft(t.Context(), form))
	if _, err := w.RecordDefect(t.Context(), form); !errors.Is(err, localstore.ErrNotEnrolled) {
		t.Errorf("%v", err)
	}
	if drafts, err := w.DefectDrafts(t.Context()); err != nil || len(drafts) != 1 {
		t.Errorf("the draft went with the failure: %+v, %v", drafts, err)
	}
}
