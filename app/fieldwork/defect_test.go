package fieldwork_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/fieldwork"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

// A half-typed form survives as a draft from its first change to its end.
func TestDraftLifecycle(t *testing.T) {
	w := newWorld(t)
	form, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	if drafts, err := w.DefectDrafts(t.Context()); err != nil || len(drafts) != 0 {
		t.Errorf("an untouched form is a draft: %+v, %v", drafts, err)
	}
	form.Room, form.Description, form.Pin = "BTH1", "地漏反", &domain.Pin{PlanID: ident.Derive[domain.Plan]("p"), X: 1, Y: 2}
	form.Photos = append(form.Photos, w.capture("wall-crack.jpg"))
	must(t, w.SaveDraft(t.Context(), form))
	w.now = w.now.Add(time.Minute)
	second, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	second.Description = "thrown away"
	must(t, w.SaveDraft(t.Context(), second))
	must(t, w.Store.SaveDraft(t.Context(), "search", map[string]string{"text": "not a defect"}))

	drafts, err := w.DefectDrafts(t.Context())
	must(t, err)
	if len(drafts) != 2 || drafts[0].Draft != second.Draft || drafts[1].Description != "地漏反" || drafts[1].Pin.Y != 2 || len(drafts[1].Photos) != 1 || drafts[1].Photos[0] != form.Photos[0] {
		t.Fatalf("%+v", drafts)
	}
	if len(w.sent()) != 0 {
		t.Errorf("drafts became %d ops", len(w.sent()))
	}
	must(t, w.DropDraft(t.Context(), second))
	id, err := w.RecordDefect(t.Context(), drafts[1])
	must(t, err)
	if left, err := w.DefectDrafts(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("%+v, %v", left, err)
	}
	if got := one[domain.Defect](w, domain.EntityDefect); got.ID != id || got.Record.Description != "地漏反" {
		t.Errorf("%+v", got)
	}
}

// A defect is saved with its photos as one group and everything that the form
// knew.
func TestRecordDefect(t *testing.T) {
	w := newWorld(t)
	form, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	lib, ok := w.Catalogue.Defect("DOR-02")
	if !ok {
		t.Fatal("no such library defect")
	}
	form.Choose(lib.Code, lib.Element, lib.Trade, lib.Type, lib.Severity)
	form.Room, form.Description, form.Readings, form.OwnerHidden = "ENT1", "智能锁无法开启", []int64{3500}, true
	form.Inspection, form.Result, form.DuplicateOf = ident.Derive[domain.Inspection]("i"), ident.Derive[domain.Result]("r"), ident.Derive[domain.Defect]("earlier")
	form.Photos = []fieldwork.Captured{w.capture("wall-crack.jpg"), w.capture("window-leak.jpg")}
	id, err := w.RecordDefect(t.Context(), form)
	must(t, err)

	d := one[domain.Defect](w, domain.EntityDefect).Record
	if d.UnitID != unit || d.State != domain.DefectOpen || d.Room != "ENT1" || d.LibraryCode != "DOR-02" || d.Severity != lib.Severity || d.Trade != lib.Trade ||
		d.ResultID != form.Result || d.InspectionID != form.Inspection || d.DuplicateOf != form.DuplicateOf || !d.OwnerHidden || d.Inspector != person ||
		d.CapturedAt != w.at() || d.Stage != domain.StageHandover || d.Quantity != 1 || len(d.Readings) != 1 {
		t.Errorf("%+v", d)
	}
	ops := w.sent()
	if len(ops) != 3 {
		t.Fatalf("%d ops", len(ops))
	}
	for _, op := range ops {
		if op.Group != 3 || op.CapturedAt != domain.At(w.now) {
			t.Errorf("%+v", op)
		}
	}
	for i, a := range list[domain.Attachment](w, domain.EntityAttachment) {
		if a.Record.ParentID != id.Any() || a.Record.State != domain.AttachmentPending || a.Record.Kind != domain.KindPhoto || a.Record.Role != domain.RoleEvidence ||
			a.Record.SHA256.IsZero() || a.Record.WorkSHA256.IsZero() || a.Record.Bytes == 0 || a.Record.WidthPX == 0 || a.Record.UnitID != unit {
			t.Errorf("photo %d: %+v", i, a.Record)
		}
	}
}

// Missing photos warn and never block.
func TestRecordDefectWithoutPhotos(t *testing.T) {
	w := newWorld(t)
	form, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	form.Description, form.Severity = "no camera at hand", domain.Critical
	if _, err := w.RecordDefect(t.Context(), form); err != nil {
		t.Error(err)
	}
	if ops := w.sent(); len(ops) != 1 || ops[0].Group != 0 {
		t.Errorf("%+v", ops)
	}
}

func TestRecordDefectOfNoForm(t *testing.T) {
	w := newWorld(t)
	if _, err := w.RecordDefect(t.Context(), fieldwork.DefectForm{Project: project, Draft: "defect/nonsense"}); !errors.Is(err, domain.ErrBadID) {
		t.Errorf("%v", err)
	}
	if _, err := w.RecordDefect(t.Context(), fieldwork.DefectForm{Project: project}); err == nil {
		t.Error("a form without an id was recorded")
	}
	if len(w.sent()) != 0 {
		t.Errorf("%d ops", len(w.sent()))
	}
}

func TestAmendAndWithdrawDefect(t *testing.T) {
	w := newWorld(t)
	form, err := w.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	form.Description, form.Severity = "scratch", domain.Cosmetic
	id, err := w.RecordDefect(t.Context(), form)
	must(t, err)
	must(t, w.AmendDefect(t.Context(), project, id, func(d *domain.Defect) { d.Severity = domain.Major }))
	must(t, w.AmendDefect(t.Context(), project, id, func(*domain.Defect) {})) // nothing changed, nothing sent
	ops := w.sent()
	if len(ops) != 2 || ops[1].Kind != syncproto.Amended || len(ops[1].Fields) != 1 {
		t.Errorf("%+v", ops)
	}
	if d := one[domain.Defect](w, domain.EntityDefect).Record; d.Severity != domain.Major || d.Description != "scratch" {
		t.Errorf("%+v", d)
	}
	must(t, w.WithdrawDefect(t.Context(), project, id))
	if n := len(list[domain.Defect](w, domain.EntityDefect)); n != 0 {
		t.Errorf("%d defects after the withdrawal", n)
	}
	if err := w.AmendDefect(t.Context(), project, ident.Derive[domain.Defect]("none"), func(*domain.Defect) {}); !errors.Is(err, fieldwork.ErrGone) {
		t.Errorf("%v", err)
	}
}

// An earlier defect of the same spot is offered for linking.
func TestSimilar(t *testing.T) {
	w := newWorld(t)
	record := func(room, element, kind string, u domain.UnitID) domain.DefectID {
		form, err := w.NewDefectForm(project, u, domain.StageHandover)
		must(t, err)
		form.Room, form.Element, form.Type, form.Description = room, element, kind, "x"
		id, err := w.RecordDefect(t.Context(), form)
		must(t, err)
		return id
	}
	same := record("BTH1", "floor", "leak", unit)
	record("BTH2", "floor", "leak", unit)
	record("BTH1", "wall", "leak", unit)
	record("BTH1", "floor", "leak", ident.Derive[domain.Unit]("other"))
	probe := fieldwork.DefectForm{Unit: unit, Room: "BTH1", Element: "floor", Type: "leak"}
	found, err := w.Similar(t.Context(), probe)
	if err != nil || len(found) != 1 || found[0].ID != same {
		t.Errorf("%+v, %v", found, err)
	}
	probe.Element = ""
	if found, err := w.Similar(t.Context(), probe); err != nil || len(found) != 0 {
		t.Errorf("a form without an element is similar to %+v, %v", found, err)
	}
}

// Bytes are queued with their record: working copy first, then the evidence
// itself, byte for byte what the camera wrote.
func TestPhotoQueue(t *testing.T) {
	w := newWorld(t)
	path := w.picture("wall-crack.jpg")
	taken, err := w.Capture(t.Context(), path, photo.Meta{Zone: time.UTC})
	must(t, err)
	parent := ident.Derive[any]("notice")
	must(t, w.Attach(t.Context(), project, unit, parent, domain.RoleProof, taken))
	must(t, w.Attach(t.Context(), project, unit, parent, domain.RoleProof)) // none is none
	a := one[domain.Attachment](w, domain.EntityAttachment)
	if a.ID != taken.ID || a.Record.ParentID != parent || a.Record.Role != domain.RoleProof || a.Record.Inspector != person || !a.Record.CapturedAt.Set() {
		t.Errorf("%+v", a)
	}
	queue := w.uploads()
	if len(queue) != 2 || queue[0].Original || !queue[1].Original || queue[0].SHA256 != a.Record.WorkSHA256 || queue[1].SHA256 != a.Record.SHA256 {
		t.Fatalf("%+v", queue)
	}
	source, err := os.ReadFile(path)
	must(t, err)
	for i, u := range queue {
		f, err := w.OpenUpload(u)
		must(t, err)
		b, err := io.ReadAll(f)
		must(t, errors.Join(err, f.Close()))
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != u.SHA256.String() || int64(len(b)) != u.Bytes {
			t.Errorf("rendition %d: %d bytes that are not %s", i, len(b), u.SHA256)
		}
		if u.Original && !bytes.Equal(b, source) {
			t.Error("the evidence is not what the camera wrote")
		}
	}
}

func TestCaptureRefuses(t *testing.T) {
	w := newWorld(t)
	write := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, b, 0o600))
		return path
	}
	for name, c := range map[string]struct {
		path string
		code photo.Code
	}{
		"nothing":         {write("empty.jpg", nil), photo.CodeEmpty},
		"a text as photo": {write("text.jpg", []byte("this is no picture, it only says so")), photo.CodeNotAnImage},
		"no file":         {filepath.Join(t.TempDir(), "none.jpg"), photo.CodeUnreadable},
	} {
		_, err := w.Capture(t.Context(), c.path, photo.Meta{})
		var refused *photo.Error
		if !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.sent()) != 0 {
		t.Errorf("%d ops", len(w.sent()))
	}
}
