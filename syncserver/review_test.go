package main

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/service"
)

const sampleProject = "Sample Court"

// capture lets a device record defects after its person was taken off the
// project.
func capture(t *testing.T, data string, login string, names ...string) (device domain.DeviceID) {
	t.Helper()
	succeed(t, "person", "-data", data, "-project", sampleProject, "-login", login, "-name", "样例"+login, "-role", "inspector")
	code := strings.TrimSpace(succeed(t, "enrol-code", "-data", data, "-login", login))
	succeed(t, "remove", "-data", data, "-project", sampleProject, "-login", login)
	s, err := (&location{data: data}).open(t.Context(), slog.New(slog.DiscardHandler))
	must(t, err)
	defer func() { must(t, s.Close()) }()
	who, err := s.Accounts.Enrol(t.Context(), code, accounts.Newcomer{Name: "tablet of " + login})
	must(t, err)
	push := &syncproto.Push{Batch: 1}
	for i, name := range names {
		fields, err := syncproto.Encode(domain.Defect{Room: "LIV1", Description: name})
		must(t, err)
		push.Ops = append(push.Ops, syncproto.Op{
			Device: who.Device, Seq: uint64(i + 1), Actor: who.Person, CapturedAt: 1_790_384_400_000,
			Scope:  syncproto.Scope{Project: service.ProjectID(sampleProject), Audience: domain.AudienceField},
			Entity: domain.EntityDefect, ID: ident.Derive[any](name), Kind: syncproto.Recorded, Fields: fields, Schema: syncproto.SchemaVersion,
		})
	}
	b, err := syncproto.EncodeFrame(push)
	must(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/sync", bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)))
	r.Header.Set("Authorization", "Bearer "+who.DeviceToken)
	r.Header.Set("Keyturn-Session", who.SessionToken)
	out := httptest.NewRecorder()
	s.Handler(t.Context()).ServeHTTP(out, r)
	if out.Code != http.StatusOK {
		t.Fatalf("%d %s", out.Code, out.Body)
	}
	return who.Device
}

// The operator lists what waits, looks at it, and lets a reviewer decide.
func TestReview(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	list := filepath.Join("handoverlist", "testdata", "handover-list.xlsx")
	succeed(t, "import", "-data", data, "-project", sampleProject, "-locale", "en", "-apply", list)
	succeed(t, "person", "-data", data, "-project", sampleProject, "-login", "b", "-name", "样例乙", "-role", "coordinator")
	if out := succeed(t, "review", "list", "-data", data); out != "" {
		t.Errorf("an empty inbox lists %q", out)
	}
	first := capture(t, data, "a", "裂缝", "空鼓", "漏水").String()
	second := capture(t, data, "c", "划痕").String()
	lines := strings.Split(strings.TrimSpace(succeed(t, "review", "list", "-data", data, "-project", sampleProject)), "\n")
	if len(lines) != 4 || !regexp.MustCompile(`/1 .*"样例c" on "tablet of c"  project "Sample Court"  1 ops  not_a_member$`).MatchString(lines[0]) {
		t.Errorf("%q", lines)
	}
	page := succeed(t, "review", "list", "-data", data, "-device", first, "-limit", "1", "-after", first+"/3")
	if !strings.HasPrefix(page, first+"/2 ") || strings.Count(page, "\n") != 1 {
		t.Errorf("%q", page)
	}
	shown := succeed(t, "review", "show", "-data", data, first+"/1")
	for _, want := range []string{"样例a", `8: "裂缝"`, "recorded defect", "not_a_member"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in %s", want, shown)
		}
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "usage"},
		{[]string{"frobnicate"}, "usage"},
		{[]string{"list", "-limit", "0"}, "usage"},
		{[]string{"list", "-after", "x"}, "x"},
		{[]string{"show"}, "usage"},
		{[]string{"show", first + "/99"}, "not found"},
		{[]string{"accept", first + "/1"}, "usage"},
		{[]string{"accept", "-reviewer", "b"}, "usage"},
		{[]string{"accept", "-reviewer", "b", "-device", first, first + "/1"}, "usage"},
		{[]string{"accept", "-reviewer", "nobody", first + "/1"}, "nobody"},
		{[]string{"accept", "-reviewer", "a", first + "/1"}, "1 of 1 not accepted"},
		{[]string{"discard", "-reviewer", "b", first + "/1"}, "usage"},
		{[]string{"discard", "-reviewer", "b", "-reason", " ", first + "/1"}, "1 of 1 not discarded"},
	} {
		args := append([]string{"review"}, c.args...)
		if len(c.args) > 0 && c.args[0] != "frobnicate" {
			args = append([]string{"review", c.args[0], "-data", data}, c.args[1:]...)
		}
		if code, _, errs := runCommand(t, args...); code != exitFailed || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit code %d: %s", c.args, code, errs)
		}
	}
	if out := succeed(t, "review", "discard", "-data", data, "-reviewer", "b", "-reason", "样例理由", second+"/1"); !strings.Contains(out, "/1  discarded") {
		t.Errorf("%q", out)
	}
	if out := succeed(t, "review", "accept", "-data", data, "-reviewer", "b", "-device", first, "-project", sampleProject); strings.Count(out, "  accepted\n") != 3 || strings.Index(out, first+"/1") > strings.Index(out, first+"/3") {
		t.Errorf("%q", out)
	}
	if out := succeed(t, "review", "list", "-data", data); out != "" {
		t.Errorf("still waiting: %q", out)
	}
	done := succeed(t, "review", "list", "-data", data, "-decided")
	if strings.Count(done, `by "样例乙"`) != 4 || !strings.Contains(done, `: "样例理由"`) {
		t.Errorf("%q", done)
	}
	if code, out, _ := runCommand(t, "review", "accept", "-data", data, "-reviewer", "b", second+"/1"); code != exitFailed || !strings.Contains(out, "decided on already") {
		t.Errorf("exit code %d: %q", code, out)
	}
}
