package core_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
)

var tablet = ident.Derive[domain.Device]("tablet")

func options(dir string) core.Options {
	return core.Options{
		Dir: dir, Version: "test", Now: func() time.Time { return time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC) },
		Catalogue: catalog.FS, Translations: translations.FS,
	}
}

func open(t *testing.T, o core.Options) *core.Core {
	t.Helper()
	c, err := core.Open(t.Context(), o)
	must(t, err)
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The app knows at its start whether it was closed or killed, and finds what was
// saved in either case.
func TestCrashedOrClosed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "device")
	c := open(t, options(dir))
	if c.Crashed {
		t.Error("a new device crashed before")
	}
	form, err := c.Field.NewDefectForm(domain.ProjectID{1}, domain.UnitID{2}, domain.StageHandover)
	must(t, err)
	form.Description = "half-typed"
	must(t, c.Field.SaveDraft(t.Context(), form))
	must(t, c.Store.Close()) // as if killed: nobody marked the end

	c = open(t, options(dir))
	drafts, err := c.Field.DefectDrafts(t.Context())
	if !c.Crashed || err != nil || len(drafts) != 1 || drafts[0].Description != "half-typed" {
		t.Errorf("crashed %v, drafts %+v, %v", c.Crashed, drafts, err)
	}
	must(t, c.Close(t.Context()))
	c = open(t, options(dir))
	if c.Crashed {
		t.Error("an orderly end is taken for a crash")
	}
	must(t, c.Close(t.Context()))
}

// A photo that was being imported when the app died leaves nothing half.
func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "photos"), 0o700))
	half := filepath.Join(dir, "photos", ".incoming-12345")
	must(t, os.WriteFile(half, []byte("half a photo"), 0o600))
	c := open(t, options(dir))
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	must(t, c.Close(t.Context()))
}

func TestOpenRefusesFaultyReferenceData(t *testing.T) {
	for name, change := range map[string]func(*core.Options){
		"catalogue": func(o *core.Options) { o.Catalogue = fstest.MapFS{} },
		"texts":     func(o *core.Options) { o.Translations = fstest.MapFS{"a.en.json": {Data: []byte("[")}} },
		"folder": func(o *core.Options) {
			file := filepath.Join(t.TempDir(), "file")
			must(t, os.WriteFile(file, nil, 0o600))
			o.Dir = file
		},
	} {
		o := options(t.TempDir())
		change(&o)
		if c, err := core.Open(t.Context(), o); err == nil {
			t.Errorf("%s: %v", name, c.Close(t.Context()))
		}
	}
}

func TestEnrol(t *testing.T) {
	codes := map[string]bool{"GOOD": true}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Code string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !codes[in.Code] {
			w.WriteHeader(http.StatusUnauthorized)
			must(t, json.NewEncoder(w).Encode(map[string]string{"code": "enrolment_invalid"}))
			return
		}
		must(t, json.NewEncoder(w).Encode(map[string]any{"device": tablet, "device_token": "d", "session_token": "s", "person_name": "样例"}))
	}))
	defer s.Close()
	c := open(t, options(t.TempDir()))
	defer func() { must(t, c.Close(t.Context())) }()
	var refused *syncer.Refused
	if err := c.Enrol(t.Context(), s.URL, "BAD", "tablet"); !errors.As(err, &refused) || refused.Code != "enrolment_invalid" {
		t.Errorf("%v", err)
	}
	if id, err := c.Store.Identity(t.Context()); err != nil || id.Enrolled() {
		t.Errorf("a refused device is enrolled: %+v, %v", id, err)
	}
	must(t, c.Enrol(t.Context(), s.URL, "GOOD", "tablet"))
	if id, err := c.Store.Identity(t.Context()); err != nil || id.Device != tablet || id.Server != s.URL || id.PersonName != "样例" {
		t.Errorf("%+v, %v", id, err)
	}
}

// Connecting and disconnecting may come in any order and any number.
func TestConnectAndDisconnect(t *testing.T) {
	changes := make(chan syncer.Status, 16)
	o := options(t.TempDir())
	o.Changed = func(s syncer.Status) { changes <- s }
	c := open(t, o)
	c.Disconnect()
	for range 2 {
		c.Connect(t.Context())
		c.Connect(t.Context())
		c.Disconnect()
		c.Disconnect()
	}
	c.Connect(t.Context())
	if s := <-changes; s.Online || !errors.Is(s.Err, localstore.ErrNotEnrolled) {
		t.Errorf("%+v", s)
	}
	must(t, c.Close(t.Context()))
}

// The parts belong together: what the vault holds, the photo mover opens.
func TestPartsFitTogether(t *testing.T) {
	c := open(t, options(t.TempDir()))
	defer func() { must(t, c.Close(t.Context())) }()
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, Person: ident.Derive[domain.Person]("p")}))
	b, err := sample.FS.ReadFile("photos/tile-chip.jpg")
	must(t, err)
	path := filepath.Join(t.TempDir(), "tile.jpg")
	must(t, os.WriteFile(path, b, 0o600))
	taken, err := c.Field.Capture(t.Context(), path, photo.Meta{})
	must(t, err)
	form, err := c.Field.NewDefectForm(domain.ProjectID{1}, domain.UnitID{2}, domain.StageHandover)
	must(t, err)
	form.Description, form.Photos = "chipped", []fieldwork.Captured{taken}
	_, err = c.Field.RecordDefect(t.Context(), form)
	must(t, err)
	for _, original := range []bool{false, true} {
		f, err := c.Photos.Open(localstore.Upload{Photo: taken.Photo, Original: original})
		must(t, err)
		must(t, f.Close())
	}
	if c.Texts.Text("en", "no.such.key", nil) != "no.such.key" || c.Catalogue.Version == "" {
		t.Error("no reference data")
	}
}
