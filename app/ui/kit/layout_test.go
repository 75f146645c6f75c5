package kit

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// monospaced counts every rune as 10 dp, wide ones as 20.
func monospaced(s string) float32 {
	w := float32(0)
	for _, r := range s {
		if isWide(r) {
			w += 20
		} else {
			w += 10
		}
	}
	return w
}

func TestBreakLines(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      float32
		want       []string
	}{
		{"fits", "abc def", 100, []string{"abc def"}},
		{"latin at spaces", "abc def ghi", 75, []string{"abc def", "ghi"}},
		{"latin keeps words", "abcdef ghi", 70, []string{"abcdef", "ghi"}},
		{"word too long", "abcdefgh", 30, []string{"abc", "def", "gh"}},
		{"chinese anywhere", "检查客厅墙面", 80, []string{"检查客厅", "墙面"}},
		{"no punctuation first", "检查客厅，墙面", 80, []string{"检查客", "厅，墙面"}},
		{"no opening bracket last", "检查客（厅）", 80, []string{"检查客", "（厅）"}},
		{"mixed", "用 2 m 靠尺测量", 85, []string{"用 2 m", "靠尺测量"}},
		{"between latin and chinese", "靠尺abc墙面", 70, []string{"靠尺abc", "墙面"}},
		{"line feeds", "a\n\nb", 100, []string{"a", "", "b"}},
		{"empty", "", 100, []string{""}},
		{"narrower than a rune", "墙面", 5, []string{"墙", "面"}},
		{"space at the break is dropped", "ab   cd", 40, []string{"ab", "cd"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := breakLines(c.text, c.width, monospaced)
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzBreakLines(f *testing.F) {
	f.Add("检查客厅墙面：用 2 m 靠尺（允许偏差 3 mm）。Check the wall.", float32(77))
	f.Add("a\n b  c", float32(0))
	f.Add("\xff\xfe，", float32(10))
	f.Fuzz(func(t *testing.T, text string, width float32) {
		lines := breakLines(text, width, monospaced)
		squash := func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "�"), " ", ""), "\n", "")
		}
		if got, want := squash(strings.Join(lines, "")), squash(text); !strings.Contains(text, "�") && strings.ToValidUTF8(text, "") == text && got != want {
			t.Fatalf("text changed: %q became %q", want, got)
		}
		for _, line := range lines {
			if len([]rune(line)) > 1 && monospaced(line) > max(width, 20) && !strings.Contains(line, " ") {
				t.Fatalf("line %q is wider than %v", line, width)
			}
		}
	})
}

const longText = "检查客厅墙面：用 2 m 靠尺测量立面垂直度（允许偏差 3 mm），每面墙测两处；发现空鼓、裂缝、起砂时记录位置，并在图纸上标注。"

func TestParagraphHeightFollowsWidth(t *testing.T) {
	newApp(t, Tablet)
	p := NewParagraph(longText)
	p.Resize(fyne.NewSize(1000, 10))
	wide := p.MinSize().Height
	p.Resize(fyne.NewSize(200, 10))
	narrow := p.MinSize().Height
	if narrow < 3*wide {
		t.Errorf("height %.0f at 1000 dp, %.0f at 200 dp", wide, narrow)
	}
	p.SetText("短")
	if got := p.MinSize().Height; got >= wide*1.5 {
		t.Errorf("one character is %.0f high", got)
	}
	if p.Text() != "短" {
		t.Errorf("Text() = %q", p.Text())
	}
	if NewParagraph("ab").MinSize().Width > 60 {
		t.Error("a short text asks for more than its own width")
	}
}

// Each object must have the height it needs at the width it got, at first and
// after each change of width: Fyne's VBox keeps the first.
func TestColumnGivesTextItsHeight(t *testing.T) {
	newApp(t, Tablet)
	p, below := NewParagraph(longText), NewParagraph("below")
	column := NewColumn(p, below)
	for _, width := range []float32{1000, 200, 600} {
		column.Resize(fyne.NewSize(width, 400))
		if p.Size().Height != p.MinSize().Height {
			t.Errorf("at %v: height %.0f, needs %.0f", width, p.Size().Height, p.MinSize().Height)
		}
		if below.Position().Y < p.Size().Height {
			t.Errorf("at %v: text below overlaps", width)
		}
	}
	p.Hide()
	column.Refresh()
	if below.Position().Y != 0 {
		t.Error("a hidden object keeps its place")
	}
}

func TestFillColumn(t *testing.T) {
	newApp(t, Tablet)
	top, bottom := NewParagraph("top"), NewParagraph(longText)
	middle := canvas.NewRectangle(nil)
	column := NewFillColumn(middle, top, middle, bottom)
	column.Resize(fyne.NewSize(300, 900))
	if end := bottom.Position().Y + bottom.Size().Height; end < 899 || end > 901 {
		t.Errorf("the last object ends at %.0f of 900", end)
	}
	if middle.Size().Height < 600 {
		t.Errorf("the growing object got %.0f", middle.Size().Height)
	}
}

func TestPageScrollsExactlyItsContent(t *testing.T) {
	newApp(t, Tablet)
	p := NewParagraph(strings.Repeat(longText, 20))
	page := NewPage(p).(*fyne.Container)
	scroll := page.Objects[0].(*container.Scroll)
	for _, size := range []fyne.Size{fyne.NewSize(300, 200), fyne.NewSize(900, 200)} {
		page.Resize(size)
		want := p.MinSize().Height + 2*6 // the theme's padding
		if got := scroll.Content.Size().Height; got != want {
			t.Errorf("at %v the content is %.0f high, want %.0f", size, got, want)
		}
	}
}

func TestResponsive(t *testing.T) {
	newApp(t, Tablet)
	a, b := NewParagraph(longText), NewParagraph("b")
	r := NewResponsive(600, a, b)
	r.Resize(fyne.NewSize(700, 300))
	if a.Position().Y != b.Position().Y || b.Position().X < 340 {
		t.Errorf("wide: %v %v", a.Position(), b.Position())
	}
	r.Resize(fyne.NewSize(500, 300))
	if b.Position().X != 0 || b.Position().Y < a.MinSize().Height || a.Size().Width != 500 {
		t.Errorf("narrow: %v, first is %v", b.Position(), a.Size())
	}
	if got := r.MinSize().Width; got > 200 {
		t.Errorf("cannot be made narrower than %.0f", got)
	}
	if got, want := r.MinSize().Height, a.MinSize().Height+b.MinSize().Height; got < want {
		t.Errorf("height %.0f, both need %.0f", got, want)
	}
}

func TestByOrientation(t *testing.T) {
	newApp(t, Tablet)
	a, b := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	r := NewByOrientation(a, b)
	r.Resize(fyne.NewSize(1280, 800))
	if a.Size().Height != 800 || b.Position().X < 640 {
		t.Errorf("landscape: %v, %v", a.Size(), b.Position())
	}
	r.Resize(fyne.NewSize(800, 1280))
	if a.Size().Width != 800 || a.Size().Height < 630 || b.Position().Y < 640 {
		t.Errorf("portrait: %v, %v", a.Size(), b.Position())
	}
}

func TestRow(t *testing.T) {
	newApp(t, Tablet)
	text, button := NewParagraph(longText), NewButton("OK", nil, Plain, nil)
	row := NewRow(text, text, button)
	row.Resize(fyne.NewSize(400, row.MinSize().Height))
	row.Resize(fyne.NewSize(400, row.MinSize().Height))
	if end := button.Position().X + button.Size().Width; end < 399 || end > 401 {
		t.Errorf("button ends at %.0f of 400", end)
	}
	if text.Size().Height != text.MinSize().Height || row.MinSize().Height < text.MinSize().Height {
		t.Errorf("text has %.0f and needs %.0f, row %.0f", text.Size().Height, text.MinSize().Height, row.MinSize().Height)
	}
	if middle := button.Position().Y + button.Size().Height/2; middle < row.Size().Height/2-1 || middle > row.Size().Height/2+1 {
		t.Errorf("button's middle is at %.0f of %.0f", middle, row.Size().Height)
	}
}

// Fyne drops the renderer of a widget that was out of sight for a minute and
// lays the new one out only if the size changes. It must not come back blank.
func TestRenderersStartLaidOut(t *testing.T) {
	newApp(t, Tablet)
	matrix := NewUnitMatrix()
	matrix.SetData(sampleBuilding(3))
	for name, w := range map[string]fyne.Widget{
		"paragraph": NewParagraph(longText),
		"badge":     NewStatusBadge(StatusOK, "ok"),
		"banner":    NewBanner(StatusInfo, "text").AddAction("do", nil),
		"error":     NewErrorPanel(ErrorText{Happened: "a", Safe: "b", Next: "c", Retry: "d"}, func() {}),
		"progress":  NewProgressPanel("title", "cancel", func() {}),
		"compare":   NewCompare(CompareSide{Caption: "a"}, CompareSide{Caption: "b"}),
		"row":       NewChecklistRow(galleryTexts, ChecklistItem{ID: "1", Text: "a"}),
		"pad":       NewNumberPad(NumberPadText{Title: "a"}, "1", nil),
		"signature": NewSignaturePad("sign"),
		"plan":      NewPinPlan("empty"),
		"matrix":    matrix,
		"strip":     newPhotoStrip(nil, nil),
	} {
		showIn(t, w, 700, 500)
		again := w.CreateRenderer()
		laidOut := false
		for _, o := range again.Objects() {
			for _, leaf := range test.LaidOutObjects(o) {
				laidOut = laidOut || !leaf.Size().IsZero()
			}
			if o.Visible() && o.Size().IsZero() {
				t.Errorf("%s: %T has no size in the second renderer", name, o)
			}
		}
		if !laidOut {
			t.Errorf("%s: second renderer is blank", name)
		}
	}
}
