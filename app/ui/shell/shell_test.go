package shell

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/ui/kit"
	"keyturn/assets/fonts"
	"keyturn/assets/translations"
	"keyturn/shared/wording"
)

func reader(t *testing.T) wording.Reader {
	t.Helper()
	return readerIn(t, wording.English)
}

func readerIn(t *testing.T, locale string) wording.Reader {
	t.Helper()
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	return wording.Reader{Texts: texts, Locale: locale}
}

// window shows content on a test window with the kit's theme.
func window(t *testing.T, content fyne.CanvasObject) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(kit.Theme(nil, nil, kit.Desk))
	w := test.NewTempWindow(t, content)
	w.Resize(fyne.NewSize(900, 600))
	return w
}

// words lists every paragraph in sight.
func words(o fyne.CanvasObject) string {
	var list []string
	for _, o := range test.LaidOutObjects(o) {
		if p, ok := o.(*kit.Paragraph); ok && p.Visible() {
			list = append(list, p.Text())
		}
	}
	return strings.Join(list, "\n")
}

func TestFailedSaysWhatIsSafeAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		failure Failure
		wants   []string
	}{
		{Failure{Dir: "/sample/dir", Err: errors.New("no space")}, []string{"/sample/dir", "no space", "Nothing that was saved", "disk is not full"}},
		{Failure{Server: "http://sample", Err: errors.New("no route")}, []string{"http://sample", "no route", "Nothing that was saved", "new one"}},
	} {
		retried := false
		page := Failed(reader(t), c.failure, func() { retried = true })
		w := window(t, page)
		shown := words(w.Content())
		for _, want := range c.wants {
			if !strings.Contains(shown, want) {
				t.Errorf("%q is not said in:\n%s", want, shown)
			}
		}
		for _, o := range test.LaidOutObjects(w.Content()) {
			if b, ok := o.(*kit.Button); ok {
				test.Tap(b)
			}
		}
		if !retried {
			t.Error("there is no way to try again")
		}
	}
}

func TestEnrol(t *testing.T) {
	e := NewEnrol(reader(t), "")
	w := window(t, e.Object())
	var got []string
	e.OnEnrol = func(server, code string) { got = append(got, server, code) }
	submit := e.Find("enrol.submit").(*kit.Button)
	test.Tap(submit)
	if got != nil || !strings.Contains(words(w.Content()), "Enter the server address and the code") {
		t.Fatalf("an empty form: %v", got)
	}
	test.Type(e.Find("enrol.server").(*widget.Entry), " http://sample ")
	test.Type(e.Find("enrol.code").(*widget.Entry), "1234 ")
	test.Tap(submit)
	if !slices.Equal(got, []string{"http://sample", "1234"}) {
		t.Fatalf("%q", got)
	}
	if !submit.Disabled() {
		t.Error("the code can be sent twice")
	}
	e.Refused(errors.New("code used"))
	if submit.Disabled() || !strings.Contains(words(w.Content()), "code used") {
		t.Error("it does not say why, or cannot be tried again")
	}
	if e.Find("enrol.nothing") != nil {
		t.Error("found what is not there")
	}
}

// A device that is shut out learns what is safe, finds its server filled in, and
// can go back.
func TestEnrolAgain(t *testing.T) {
	dir := os.Getenv("KEYTURN_PAGES")
	for locale, wants := range map[string][]string{
		wording.English: {"Enter a new code", "does not let this device in", "nothing is lost", "Ask your administrator for a new one-time code"},
		wording.Chinese: {"输入新的登记码", "服务器不再接受本机", "没有丢失", "请向管理员要一个新的一次性登记码"},
	} {
		e := NewEnrolAgain(readerIn(t, locale), "https://keyturn.example")
		w := window(t, e.Object())
		if dir != "" {
			fyne.CurrentApp().Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, kit.Desk))
			keep(t, filepath.Join(dir, "shell-enrol-again-"+locale+".png"), w.Canvas().Capture())
		}
		for _, want := range wants {
			if shown := words(w.Content()); !strings.Contains(shown, want) {
				t.Errorf("%q is not said in:\n%s", want, shown)
			}
		}
		var got []string
		e.OnEnrol = func(server, code string) { got = append(got, server, code) }
		e.OnBack = func() { got = append(got, "back") }
		test.Type(e.Find("enrol.code").(*widget.Entry), "1234")
		test.Tap(e.Find("enrol.submit").(*kit.Button))
		test.Tap(e.Find("enrol.back").(*kit.Button)) // while the server is asked, too
		if !slices.Equal(got, []string{"https://keyturn.example", "1234", "back"}) {
			t.Errorf("%q", got)
		}
	}
	if NewEnrol(reader(t), "").Find("enrol.back").Visible() {
		t.Error("a new device has nothing to go back to")
	}
}

func keep(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, picture), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// shutter serves a window, with a picture chosen or taken.
func shutter(t *testing.T) (*Shutter, fyne.Window, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "sample.jpg")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := window(t, widget.NewLabel(""))
	r := reader(t)
	return NewShutter(w, func() wording.Reader { return r }, dir), w, path
}

func TestShutterTakesTheFirstPicture(t *testing.T) {
	s, w, path := shutter(t)
	s.Taken(path) // nobody asked
	var got []string
	s.Ask(func(p string) { got = append(got, p) })
	if w.Canvas().Overlays().Top() == nil {
		t.Fatal("no dialog opens")
	}
	s.Taken(path)
	if !slices.Equal(got, []string{path}) || w.Canvas().Overlays().Top() != nil {
		t.Errorf("%q, dialog %v", got, w.Canvas().Overlays().Top())
	}
	s.Taken(path)
	if len(got) != 1 {
		t.Error("one question was answered twice")
	}
}

func TestShutterByDialog(t *testing.T) {
	s, w, path := shutter(t)
	var got []string
	s.Ask(func(p string) { got = append(got, p) })
	f, err := storage.Reader(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	s.chosen(f, nil)
	if !slices.Equal(got, []string{path}) {
		t.Errorf("%q", got)
	}
	s.Ask(func(p string) { got = append(got, p) })
	s.chosen(nil, nil)
	if s.Taken(path); len(got) != 1 {
		t.Error("a picture came after the person had changed their mind")
	}
	s.Ask(func(p string) { got = append(got, p) })
	s.chosen(nil, errors.New("no permission"))
	if shown := words(w.Canvas().Overlays().Top()); len(got) != 1 || !strings.Contains(shown, "no permission") {
		t.Errorf("%q, shown %q", got, shown)
	}
}
