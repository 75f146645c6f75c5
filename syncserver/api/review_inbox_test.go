package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// newReviewWorld has a project that coordinators' devices can be told about, and
// a tablet whose person was taken off it.
func newReviewWorld(t *testing.T) (w *world, tablet *device) {
	t.Helper()
	w = newWorld(t)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		var logged []syncproto.Logged
		must(t, tx.Lock(ctx, w.project))
		_, err := intake.NewWriter(tx, w.project, w.now(), &logged).Create(ctx, domain.EntityProject, w.project.Any(), domain.Project{Name: "Sample Court"})
		return err
	})
	tablet = w.device("tablet", "inspector")
	w.clock.Add(1)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		return tx.EndGrants(ctx, tablet.Person, w.project, w.now())
	})
	return w, tablet
}

// quarantined pushes ops, which all land in review, as groups of their own.
func (d *device) quarantined(ops ...syncproto.Op) {
	d.w.t.Helper()
	a, _, err := d.w.engine.Push(d.w.t.Context(), d.Device, &syncproto.Push{Ops: ops})
	must(d.w.t, err)
	for _, one := range a.Answers {
		if one.Status != syncproto.Quarantined {
			d.w.t.Fatalf("%+v", one)
		}
	}
}

func (d *device) defectOp(name string) syncproto.Op {
	return d.op(domain.EntityDefect, ident.Derive[any](name), domain.Defect{Room: "LIV1", Description: name})
}

func (w *world) inboxPath() string { return "/v1/projects/" + w.project.String() + "/reviews" }

func (d *device) inbox(after string) (p syncproto.ReviewPage) {
	d.w.t.Helper()
	a := d.call(http.MethodGet, d.w.inboxPath()+after, nil)
	a.is(d.w.t, http.StatusOK, "")
	must(d.w.t, syncproto.Unmarshal(a.body, &p))
	return p
}

func (d *device) decides(verb string, of *device, first uint64, body string) (a syncproto.Answer) {
	d.w.t.Helper()
	got := d.call(http.MethodPost, fmt.Sprintf("/v1/reviews/%s/%d/%s", of.Device, first, verb), []byte(body))
	got.is(d.w.t, http.StatusOK, "")
	must(d.w.t, syncproto.Unmarshal(got.body, &a))
	return a
}

// A coordinator sees what waits with all it takes to decide, looks at the photo,
// accepts one and discards another with a reason.
func TestDecidingFromADevice(t *testing.T) {
	w, tablet := newReviewWorld(t)
	desk := w.device("desk", "coordinator")
	photo := []byte("the photo in review")
	sha := hash(photo)
	defect := tablet.defectOp("d")
	picture := tablet.op(domain.EntityAttachment, ident.Derive[any]("p"), domain.Attachment{ParentID: defect.ID, SHA256: sha, Bytes: int64(len(photo))})
	defect.Group, picture.Group = 2, 2
	tablet.quarantined(defect, picture)
	tablet.quarantined(tablet.defectOp("e"))

	page := desk.inbox("")
	if len(page.Groups) != 2 || page.More {
		t.Fatalf("%+v", page)
	}
	g := page.Groups[1]
	if g.Device != tablet.Device || g.First != 1 || g.Last != 2 || g.DeviceName != "tablet's device" || g.Person != "Sample tablet" || g.Code != syncproto.CodeNoMember ||
		g.ReceivedAt != w.now() || len(g.Ops) != 2 || g.Ops[0].ID != defect.ID || !g.Ops[1].Fields.Equal(picture.Fields) ||
		!slices.Equal(g.Blobs, []syncproto.ReviewBlob{{SHA256: sha}}) {
		t.Errorf("%+v", g)
	}
	look := fmt.Sprintf("/v1/reviews/%s/1/blobs/%s", tablet.Device, sha)
	desk.call(http.MethodGet, look, nil).is(t, http.StatusNotFound, syncproto.CodeBlobMissing) // not here yet
	tablet.upload(sha, photo)
	if g := desk.inbox("").Groups[1]; !g.Blobs[0].Held {
		t.Errorf("%+v", g.Blobs)
	}
	if a := desk.call(http.MethodGet, look, nil, "Range", "bytes=4-"); a.status != http.StatusPartialContent || !bytes.Equal(a.body, photo[4:]) {
		t.Errorf("%d %q", a.status, a.body)
	}
	desk.call(http.MethodGet, fmt.Sprintf("/v1/reviews/%s/3/blobs/%s", tablet.Device, sha), nil).is(t, http.StatusNotFound, syncproto.CodeMissing) // not its photo

	if a := desk.decides("accept", tablet, 1, ""); a.Status != syncproto.Applied || a.Seq != 1 {
		t.Errorf("%+v", a)
	}
	if got := w.stateOf(picture.ID); got != domain.AttachmentReady {
		t.Errorf("the photo of accepted work is %q", got)
	}
	if a := desk.decides("accept", tablet, 1, ""); a.Status != syncproto.Dup {
		t.Errorf("accepted again: %+v", a)
	}
	if a := desk.decides("discard", tablet, 3, `{"reason":"样例理由"}`); a.Status != syncproto.Applied {
		t.Errorf("%+v", a)
	}
	if page := desk.inbox(""); len(page.Groups) != 0 {
		t.Errorf("%+v", page)
	}
	desk.call(http.MethodGet, look, nil).is(t, http.StatusNotFound, syncproto.CodeMissing) // a record names it now
	if found := w.leaks("Sample", "样例理由", "LIV1"); len(found) > 0 {
		t.Errorf("the log tells %q", found)
	}
}

// What stands against accepting is the answer, and the work waits on.
func TestAcceptingIsRefused(t *testing.T) {
	w, tablet := newReviewWorld(t)
	desk := w.device("desk", "coordinator")
	change := tablet.op(domain.EntityDefect, ident.Derive[any]("nowhere"), domain.Defect{Room: "x"})
	change.Kind = syncproto.Amended
	tablet.quarantined(change)
	if a := desk.decides("accept", tablet, 1, ""); a.Status != syncproto.Rejected || a.Code != syncproto.CodeMissing {
		t.Errorf("%+v", a)
	}
	if page := desk.inbox(""); len(page.Groups) != 1 {
		t.Errorf("%+v", page)
	}
}

// Only who works on tickets in the project decides and looks; nobody else learns
// whether there is anything.
func TestWhoMayReview(t *testing.T) {
	w, tablet := newReviewWorld(t)
	sha := hash([]byte("x"))
	tablet.quarantined(tablet.op(domain.EntityAttachment, ident.Derive[any]("p"), domain.Attachment{SHA256: sha}))
	gone := w.device("gone", "coordinator")
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, gone.Device, w.now()) })
	one := "/v1/reviews/" + tablet.Device.String() + "/1"
	for who, d := range map[string]*device{
		"an inspector": w.device("inspector", "inspector"), "an admin": w.device("admin", "admin"), "a stranger": w.device("stranger", ""),
		"the sender": tablet, "a revoked desk": gone,
	} {
		for what, a := range map[string]answer{
			"list":    d.call(http.MethodGet, w.inboxPath(), nil),
			"accept":  d.call(http.MethodPost, one+"/accept", nil),
			"discard": d.call(http.MethodPost, one+"/discard", []byte(`{"reason":"x"}`)),
			"look":    d.call(http.MethodGet, one+"/blobs/"+sha.String(), nil),
		} {
			if a.status != http.StatusNotFound || a.code(t) != syncproto.CodeMissing {
				t.Errorf("%s, %s: %d %s", who, what, a.status, a.body)
			}
		}
	}
	desk := w.device("desk", "coordinator")
	for path, want := range map[string]struct {
		method, body string
		status       int
		code         syncproto.Code
	}{
		one + "/discard":      {http.MethodPost, `{"reason":" "}`, http.StatusBadRequest, syncproto.CodeBadFields},
		one + "/discard?long": {http.MethodPost, `{"reason":"` + strings.Repeat("x", 501) + `"}`, http.StatusBadRequest, syncproto.CodeBadFields},
		one + "/discard?more": {http.MethodPost, `{"reason":"x","also":1}`, http.StatusBadRequest, syncproto.CodeBadFields},
		"/v1/reviews/" + tablet.Device.String() + "/2/accept":     {http.MethodPost, "", http.StatusNotFound, syncproto.CodeMissing},
		"/v1/reviews/" + tablet.Device.String() + "/x/accept":     {http.MethodPost, "", http.StatusBadRequest, syncproto.CodeBadFields},
		"/v1/reviews/x/1/accept":                                  {http.MethodPost, "", http.StatusBadRequest, syncproto.CodeBadFields},
		one + "/blobs/x":                                          {http.MethodGet, "", http.StatusBadRequest, syncproto.CodeBadFields},
		"/v1/projects/x/reviews":                                  {http.MethodGet, "", http.StatusBadRequest, syncproto.CodeBadFields},
		w.inboxPath() + "?after=x":                                {http.MethodGet, "", http.StatusBadRequest, syncproto.CodeBadFields},
		w.inboxPath() + "?after=" + tablet.Device.String() + "/9": {http.MethodGet, "", http.StatusNotFound, syncproto.CodeMissing},
	} {
		desk.call(want.method, path, []byte(want.body)).is(t, want.status, want.code)
	}
	if page := desk.inbox(""); len(page.Groups) != 1 {
		t.Errorf("%+v", page)
	}
	w.call(http.MethodGet, w.inboxPath(), nil, nil).is(t, http.StatusUnauthorized, syncproto.CodeUnauthorised)
}

// However much waits, an answer is small and the pages together are all of it.
func TestInboxComesInPages(t *testing.T) {
	w, tablet := newReviewWorld(t)
	desk := w.device("desk", "coordinator")
	long := func(name string) syncproto.Op {
		return tablet.op(domain.EntityDefect, ident.Derive[any](name), domain.Defect{Description: strings.Repeat("x", 60<<10)})
	}
	var many []syncproto.Op
	for i := range 60 {
		many = append(many, tablet.defectOp(fmt.Sprint("m", i)))
	}
	for i := range many {
		many[i].Group = many[len(many)-1].Seq
	}
	tablet.quarantined(many...)
	for i := range 45 {
		tablet.quarantined(long(fmt.Sprint("d", i)))
	}
	var seen []uint64
	after := ""
	for {
		a := desk.call(http.MethodGet, w.inboxPath()+after, nil)
		a.is(t, http.StatusOK, "")
		if len(a.body) > 1<<20 {
			t.Errorf("an answer of %d bytes", len(a.body))
		}
		page := desk.inbox(after)
		for _, g := range page.Groups {
			seen = append(seen, g.First)
			if len(g.Ops) > 50 || g.First != 1 && len(g.Ops) != 1 {
				t.Errorf("%d ops of %d", len(g.Ops), g.First)
			}
		}
		if !page.More {
			break
		}
		last := page.Groups[len(page.Groups)-1]
		after = fmt.Sprintf("?after=%s/%d", last.Device, last.First)
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 46 {
		t.Errorf("%v", seen)
	}
}
