package syncer_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

func TestReviewRequests(t *testing.T) {
	project, device := ident.Derive[domain.Project]("project"), ident.Derive[domain.Device]("tablet")
	var asked, body string
	answer := func(http.ResponseWriter) {}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := make([]byte, 100)
		n, _ := r.Body.Read(sent)
		asked, body = r.Method+" "+r.URL.RequestURI(), string(sent[:n])
		if r.Header.Get("Authorization") != "Bearer device" || r.Header.Get("Keyturn-Session") != "session" {
			t.Errorf("%s with %v", asked, r.Header)
		}
		answer(w)
	}))
	defer server.Close()
	id := localstore.Identity{Server: server.URL, DeviceToken: "device", SessionToken: "session"}
	link := syncer.NewLink(nil)
	says := func(v any) {
		answer = func(w http.ResponseWriter) {
			b, err := syncproto.Marshal(v)
			if err == nil {
				_, err = w.Write(b)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	was := func(wantAsked, wantBody string) {
		t.Helper()
		if asked != wantAsked || body != wantBody {
			t.Errorf("%s %q, want %s %q", asked, body, wantAsked, wantBody)
		}
	}

	says(syncproto.ReviewPage{Groups: []syncproto.ReviewGroup{{Device: device, First: 7, Last: 9}}, More: true})
	page, err := link.Reviews(t.Context(), id, project, nil)
	if err != nil || len(page.Groups) != 1 || page.Groups[0].Last != 9 || !page.More {
		t.Errorf("%+v, %v", page, err)
	}
	was("GET /v1/projects/"+project.String()+"/reviews", "")
	if _, err := link.Reviews(t.Context(), id, project, &page.Groups[0]); err != nil {
		t.Error(err)
	}
	was("GET /v1/projects/"+project.String()+"/reviews?after="+device.String()+"%2F7", "")

	says(syncproto.Answer{Seq: 7, Status: syncproto.Rejected, Code: syncproto.CodeMissing})
	if a, err := link.AcceptReview(t.Context(), id, device, 7); err != nil || a.Status != syncproto.Rejected || a.Code != syncproto.CodeMissing {
		t.Errorf("%+v, %v", a, err)
	}
	was("POST /v1/reviews/"+device.String()+"/7/accept", "")
	says(syncproto.Answer{Seq: 7, Status: syncproto.Applied})
	if a, err := link.DiscardReview(t.Context(), id, device, 7, "样例 \"x\""); err != nil || a.Status != syncproto.Applied {
		t.Errorf("%+v, %v", a, err)
	}
	was("POST /v1/reviews/"+device.String()+"/7/discard", `{"reason":"样例 \"x\""}`)

	answer = func(w http.ResponseWriter) { http.Error(w, `{"code":"record_missing"}`, http.StatusNotFound) }
	var refused *syncer.Refused
	if _, err := link.Reviews(t.Context(), id, project, nil); !errors.As(err, &refused) || refused.Code != syncproto.CodeMissing || refused.Status != http.StatusNotFound {
		t.Error(err)
	}
	answer = func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }
	if _, err := link.Reviews(t.Context(), id, project, nil); !errors.As(err, &refused) || refused.Code != syncproto.CodeStorage {
		t.Error(err)
	}
	// A server that never stops fills no memory, and one that says nothing sensible
	// is not believed.
	answer = func(w http.ResponseWriter) {
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	if page, err := link.Reviews(t.Context(), id, project, nil); err == nil {
		t.Errorf("%+v", page)
	}
	answer = func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) }
	if _, err := link.Reviews(t.Context(), id, project, nil); !errors.Is(err, syncproto.ErrBadFrame) {
		t.Error(err)
	}
}
