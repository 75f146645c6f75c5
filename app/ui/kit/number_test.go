package kit

import (
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// typeKeys presses keys: digits, '.', '-' and '<' for backspace.
func typeKeys(e *numberEntry, keys string) {
	for _, k := range keys {
		switch k {
		case '-':
			e.sign()
		case '.':
			e.point()
		case '<':
			e.backspace()
		default:
			e.digit(k)
		}
	}
}

func TestNumberEntry(t *testing.T) {
	for _, c := range []struct{ keys, value, display string }{
		{"", "", ""},
		{"12", "12", "12"},
		{"3.5", "3.5", "3.5"},
		{"3.5-", "-3.5", "−3.5"},
		{"-3.5-", "3.5", "3.5"},
		{".5", "0.5", "0.5"},
		{"-.5", "-0.5", "−0.5"},
		{"007", "7", "7"},
		{"-007", "-7", "−7"},
		{"0.07", "0.07", "0.07"},
		{"1.2.3", "1.23", "1.23"},
		{"3.", "3", "3."},
		{"-", "", "−"},
		{"-0", "0", "−0"},
		{"12<", "1", "1"},
		{"1<<<", "", ""},
		{"1234567890", "123456789", "123456789"},
		{"-12345678.90", "-12345678.9", "−12345678.9"},
	} {
		var e numberEntry
		typeKeys(&e, c.keys)
		if e.value() != c.value || e.display() != c.display {
			t.Errorf("%q gave %q shown as %q, want %q as %q", c.keys, e.value(), e.display(), c.value, c.display)
		}
	}
	for _, c := range []struct{ text, value string }{
		{"-3.50", "-3.50"}, {"abc", ""}, {"1-2", "12"}, {"1e9", "19"}, {"", ""},
	} {
		e := parseNumberEntry(c.text)
		if e.value() != c.value {
			t.Errorf("%q was read as %q, want %q", c.text, e.value(), c.value)
		}
	}
}

func FuzzNumberEntry(f *testing.F) {
	f.Add("12.5-<")
	f.Add("-0.0")
	f.Fuzz(func(t *testing.T, keys string) {
		var e numberEntry
		typeKeys(&e, keys)
		v := e.value()
		if v == "" {
			return
		}
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			t.Fatalf("%q gave %q: %v", keys, v, err)
		}
		again := parseNumberEntry(v)
		if again.value() != v {
			t.Fatalf("%q was read again as %q", v, again.value())
		}
	})
}

// tapButton taps the visible button with this text, or with this icon when the
// text is empty, in a tree of objects.
func tapButton(t *testing.T, root fyne.CanvasObject, text string, icon fyne.Resource) {
	t.Helper()
	for _, o := range shownObjects(root) {
		if b, ok := o.(*Button); ok && b.Text == text && (text != "" || b.Icon == icon) {
			test.Tap(b)
			return
		}
	}
	t.Fatalf("no button %q", text)
}

func TestNumberPad(t *testing.T) {
	newApp(t, Tablet)
	var judged, done []string
	judge := func(value string) (Status, string) {
		judged = append(judged, value)
		if value == "3.5" {
			return StatusBad, "too much"
		}
		return StatusOK, "fine"
	}
	cancelled := 0
	p := NewNumberPad(NumberPadText{Title: "Plumb", Unit: "mm", Limit: "≤ 3", OK: "OK", Cancel: "Cancel"}, "", judge)
	p.OnOK = func(v string) { done = append(done, v) }
	p.OnCancel = func() { cancelled++ }
	w := showIn(t, p, 500, 600)
	for _, key := range []string{"3", ".", "5"} {
		tapButton(t, p, key, nil)
	}
	if p.Value() != "3.5" || p.verdict.text != "too much" || p.display.Text != "3.5 mm" {
		t.Errorf("value %q, verdict %q, display %q", p.Value(), p.verdict.text, p.display.Text)
	}
	tapButton(t, p, "−", nil)
	tapButton(t, p, "", glyphBackspace)
	if p.Value() != "-3" || p.verdict.text != "fine" {
		t.Errorf("value %q, verdict %q", p.Value(), p.verdict.text)
	}
	if w.Canvas().Focused() != fyne.Focusable(p) {
		t.Error("a keyboard cannot go on after a tap")
	}
	test.Type(p, "x7,2-")
	if p.Value() != "3.72" {
		t.Errorf("typed %q", p.Value())
	}
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	tapButton(t, p, "OK", nil)
	p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	tapButton(t, p, "Cancel", nil)
	if len(done) != 2 || done[0] != "3.7" || done[1] != "3.7" || cancelled != 2 {
		t.Errorf("done %v, cancelled %d", done, cancelled)
	}
	if judged[0] != "" || judged[3] != "3.5" {
		t.Errorf("judged %q", judged)
	}
}

func TestShowNumberPad(t *testing.T) {
	newApp(t, Tablet)
	w := showIn(t, NewParagraph("page"), 800, 800)
	text := NumberPadText{Title: "t", OK: "OK", Cancel: "Cancel"}
	var got []string
	show := func() fyne.CanvasObject {
		ShowNumberPad(w.Canvas(), text, "4", nil, func(v string) { got = append(got, v) })
		top := w.Canvas().Overlays().Top()
		if top == nil {
			t.Fatal("no pad")
		}
		return top
	}
	tapButton(t, show(), "Cancel", nil)
	top := show()
	tapButton(t, top, "2", nil)
	tapButton(t, top, "OK", nil)
	if len(got) != 1 || got[0] != "42" {
		t.Errorf("got %v", got)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("the pad stayed open")
	}
}
