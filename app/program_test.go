package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/wording"
)

// A code of the command line enrols an enrolled device again; one that does not
// work locks nobody out.
func TestCodeOfTheCommandLine(t *testing.T) {
	held := ident.Derive[domain.Device]("tablet")
	for _, c := range []struct {
		name, code     string
		enrolled, form bool
		session, asked string
	}{
		{"new code", "GOOD", true, true, "new", held.String()},
		{"used code", "USED", true, true, "old", held.String()},
		{"no code", "", true, true, "old", ""},
		{"new device", "GOOD", false, true, "new", ""},
		{"new device, used code", "USED", false, false, "", ""},
	} {
		for _, form := range []string{formDesk, formTablet} {
			t.Run(c.name+" "+form, func(t *testing.T) {
				asked, calls := "", 0
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/v1/enrol" {
						w.WriteHeader(http.StatusUnauthorized)
						_ = json.NewEncoder(w).Encode(map[string]string{"code": "unauthorised"})
						return
					}
					calls++
					var in map[string]string
					_ = json.NewDecoder(r.Body).Decode(&in)
					asked = in["device"]
					if in["code"] != "GOOD" {
						w.WriteHeader(http.StatusUnauthorized)
						_ = json.NewEncoder(w).Encode(map[string]string{"code": "enrolment_invalid"})
						return
					}
					_ = json.NewEncoder(w).Encode(map[string]string{"device": held.String(), "device_token": "t", "person": ident.Derive[domain.Person]("p").String(), "session_token": "new"})
				}))
				defer s.Close()
				dir := t.TempDir()
				if c.enrolled {
					k, err := core.Open(t.Context(), core.Options{Dir: dir, Version: "test", Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS})
					if err != nil {
						t.Fatal(err)
					}
					_ = k.Store.SetIdentity(t.Context(), localstore.Identity{Server: s.URL, Device: held, DeviceToken: "t", SessionToken: "old"})
					if err := k.Close(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				a := test.NewTempApp(t)
				_ = a
				texts, _ := wording.Load(translations.FS)
				w := test.NewTempWindow(t, nil)
				p := &program{options: options{data: dir, form: form, server: s.URL, code: c.code, locale: wording.English}, ctx: context.Background(), window: w, texts: texts, version: "test"}
				p.start()
				p.work.Wait()
				id, err := p.core.Store.Identity(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if id.SessionToken != c.session || (p.shown.Find != nil) != c.form || asked != c.asked {
					t.Errorf("session %q, shown %v, asked %q, failed %v, calls %d", id.SessionToken, p.shown.Find != nil, asked, p.failed, calls)
				}
				p.failed = nil
				if err := p.close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
