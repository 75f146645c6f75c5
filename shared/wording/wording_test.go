package wording_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func load(t *testing.T, files fstest.MapFS) *wording.Texts {
	t.Helper()
	texts, err := wording.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

var sample = fstest.MapFS{
	"a.zh-Hans.json": file(`{"greet":"您好 {name}","only.zh":"仅中文","severity.major":"较重","due":"{due_at} 前，{severity}"}`),
	"a.en.json":      file(`{"greet":"Hello {name}","severity.major":"major","due":"by {due_at}, {severity}"}`),
	"b.en.json":      file(`{"other":"Other"}`),
	"notes.txt":      file("not a text file of ours"),
}

func TestText(t *testing.T) {
	texts := load(t, sample)
	for _, c := range []struct {
		locale, key string
		args        map[string]string
		want        string
	}{
		{"en", "greet", map[string]string{"name": "Li"}, "Hello Li"},
		{"zh-Hans", "greet", map[string]string{"name": "Li"}, "您好 Li"},
		{"en", "greet", nil, "Hello {name}"},
		{"en", "greet", map[string]string{"other": "x"}, "Hello {name}"},
		// What a person typed is not taken for a placeholder.
		{"en", "greet", map[string]string{"name": "{name}{other}", "other": "x"}, "Hello {name}{other}"},
		{"en", "only.zh", nil, "仅中文"},
		{"fr", "only.zh", nil, "仅中文"},
		{"en", "no.such.key", nil, "no.such.key"},
		{"en", "other", nil, "Other"},
	} {
		if got := texts.Text(c.locale, c.key, c.args); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.locale, c.key, got, c.want)
		}
	}
	if !texts.Has("en", "other") || texts.Has("zh-Hans", "other") {
		t.Error("Has does not tell locales apart")
	}
	if got := texts.Keys("en"); !slices.Equal(got, []string{"due", "greet", "other", "severity.major"}) {
		t.Errorf("keys: %v", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		says  string
	}{
		"a key in two parts":  {fstest.MapFS{"a.en.json": file(`{"k":"1"}`), "b.en.json": file(`{"k":"2"}`)}, "k stands in another part"},
		"a nested text":       {fstest.MapFS{"a.en.json": file(`{"k":{"one":"1"}}`)}, "a.en.json"},
		"no JSON":             {fstest.MapFS{"a.en.json": file(`greet: hello`)}, "a.en.json"},
		"an unknown locale":   {fstest.MapFS{"a.fr.json": file(`{}`)}, "part.locale.json"},
		"no locale":           {fstest.MapFS{"a.json": file(`{}`)}, "part.locale.json"},
		"a file cut in two":   {fstest.MapFS{"a.en.json": file(`{"k":"1`)}, "a.en.json"},
		"every fault at once": {fstest.MapFS{"a.en.json": file(`[]`), "b.xx.json": file(`{}`)}, "b.xx.json"},
	} {
		if _, err := wording.Load(c.files); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPick(t *testing.T) {
	for setting, want := range map[string]string{
		"en": "en", "en_GB.UTF-8": "en", "EN-us": "en", "zh_CN.UTF-8": "zh-Hans", "zh-Hans": "zh-Hans", "": "zh-Hans", "de_DE": "zh-Hans", "C": "zh-Hans",
	} {
		if got := wording.Pick(setting); got != want {
			t.Errorf("%q: %s, want %s", setting, got, want)
		}
	}
	if wording.Locales()[0] != wording.Chinese {
		t.Error("the default locale does not come first")
	}
}

// Two readers of one reason: each has its language and the project's zone, and
// a value that is a key itself is translated.
func TestReaderRendersReasons(t *testing.T) {
	texts := load(t, sample)
	reason := domain.Because("due", "due_at", "2026-09-26T17:30:00.000Z", "severity", "major")
	east := time.FixedZone("east", 8*3600)
	for _, c := range []struct {
		reader wording.Reader
		want   string
	}{
		{wording.Reader{Texts: texts, Locale: "zh-Hans", Zone: east}, "2026-09-27 01:30 前，较重"},
		{wording.Reader{Texts: texts, Locale: "en", Zone: east}, "by 2026-09-27 01:30, major"},
		{wording.Reader{Texts: texts, Locale: "en"}, "by 2026-09-26 17:30, major"},
	} {
		if got := c.reader.Reason(reason); got != c.want {
			t.Errorf("%s: %q, want %q", c.reader.Locale, got, c.want)
		}
	}
	en := wording.Reader{Texts: texts, Locale: "en"}
	if got := en.Text("due", "due_at", "soon", "severity", "unheard-of"); got != "by soon, unheard-of" {
		t.Errorf("values that are none: %q", got)
	}
	if en.Reason(domain.Reason{}) != "" {
		t.Error("no reason has a text")
	}
}

func TestReaderTime(t *testing.T) {
	r := wording.Reader{Locale: "zh-Hans", Zone: time.FixedZone("east", 8*3600)}
	if got := r.Time(domain.At(time.Date(2026, 9, 26, 17, 30, 59, 0, time.UTC))); got != "2026-09-27 01:30" {
		t.Error(got)
	}
	if got := r.Time(0); got != "" {
		t.Errorf("what has not happened happened at %q", got)
	}
	if !r.Chinese() || (wording.Reader{Locale: "en"}).Chinese() {
		t.Error("Chinese")
	}
}
