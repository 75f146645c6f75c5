package kit

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"
)

// sign sends touch events to a pad as the mobile driver does.
func sign(s *SignaturePad, steps []step) {
	for _, e := range steps {
		at := fyne.PointEvent{Position: fyne.NewPos(e.x, e.y)}
		switch e.kind {
		case "down":
			s.TouchDown(&mobile.TouchEvent{PointEvent: at})
		case "up":
			s.TouchUp(&mobile.TouchEvent{PointEvent: at})
		case "drag":
			s.Dragged(&fyne.DragEvent{PointEvent: at, Dragged: fyne.NewDelta(e.dx, e.dy)})
		case "end":
			s.DragEnd()
		}
	}
}

func newSignature(t *testing.T) *SignaturePad {
	t.Helper()
	newApp(t, Tablet)
	s := NewSignaturePad("sign here")
	showIn(t, s, 400, 200)
	return s
}

func TestSignatureStrokes(t *testing.T) {
	stroke := func(x, y float32) []step {
		return []step{
			{kind: "down", x: x, y: y},
			{kind: "drag", x: x + 10, y: y, dx: 10},
			{kind: "drag", x: x + 30, y: y + 5, dx: 20, dy: 5},
		}
	}
	for _, c := range []struct {
		name   string
		steps  []step
		points []int // of each stroke
	}{
		{"one line", sequence(stroke(50, 50), []step{{kind: "end"}}), []int{3}},
		{"inertia draws nothing", sequence(stroke(50, 50), inertia(80, 55, 20, 5)), []int{3}},
		{"two lines", sequence(stroke(50, 50), inertia(80, 55, 20, 5), stroke(200, 100), []step{{kind: "end"}}), []int{3, 3}},
		{"second line before the first one's end", sequence(
			stroke(50, 50),
			[]step{{kind: "drag", x: 80, y: 55, dx: 18, dy: 4}},
			stroke(200, 100),
			[]step{{kind: "drag", x: 80, y: 55, dx: 15, dy: 3}, {kind: "end"}, {kind: "drag", x: 240, y: 105, dx: 10}},
		), []int{3, 4}},
		{"dot", []step{{kind: "down", x: 5, y: 5}, {kind: "up", x: 5, y: 5}}, []int{1}},
		{"the ball of the hand", []step{
			{kind: "down", x: 50, y: 50},
			{kind: "drag", x: 60, y: 50, dx: 10},
			{kind: "down", x: 350, y: 190},
			{kind: "drag", x: 340, y: 190, dx: -10},
			{kind: "drag", x: 70, y: 50, dx: 10},
		}, []int{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSignature(t)
			if !s.Empty() {
				t.Fatal("a new pad is not empty")
			}
			sign(s, c.steps)
			strokes := s.Strokes()
			if len(strokes) != len(c.points) {
				t.Fatalf("strokes %v, want %v", strokes, c.points)
			}
			for i, want := range c.points {
				if len(strokes[i]) != want {
					t.Errorf("stroke %d: %v, want %d points", i, strokes[i], want)
				}
			}
		})
	}
}

func TestSignatureMouse(t *testing.T) {
	s := newSignature(t)
	changes := 0
	s.OnChanged = func() { changes++ }
	for range 2 {
		s.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 20)}})
		sign(s, []step{{kind: "drag", x: 30, y: 20, dx: 10}, {kind: "drag", x: 500, y: -40, dx: 470, dy: -60}, {kind: "end"}})
		s.MouseUp(&desktop.MouseEvent{})
	}
	strokes := s.Strokes()
	if len(strokes) != 2 || changes != 2 {
		t.Fatalf("strokes %v, %d changes", strokes, changes)
	}
	if last := strokes[0][2]; last != fyne.NewPos(400, 0) {
		t.Errorf("the pen left the pad for %v", last)
	}
	strokes[0][0] = fyne.NewPos(1, 1)
	if s.Strokes()[0][0] == fyne.NewPos(1, 1) {
		t.Error("Strokes does not return a copy")
	}
	s.Clear()
	if !s.Empty() || changes != 3 {
		t.Error("Clear left something")
	}
}

func TestSignaturePNG(t *testing.T) {
	s := newSignature(t)
	if _, err := s.PNG(); !errors.Is(err, ErrNoSignature) {
		t.Errorf("empty pad: %v", err)
	}
	sign(s, []step{{kind: "down", x: 100, y: 60}, {kind: "drag", x: 200, y: 60, dx: 100}, {kind: "end"}})
	data, err := s.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	// 100 dp of line and the pen's width on each side, three pixels per dp.
	if got := img.Bounds().Size(); got != image.Pt(105*3+1, 5*3+1) {
		t.Errorf("cut to %v", got)
	}
	grey := func(x, y int) uint8 { return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y }
	if grey(150, 7) > 20 || grey(150, 0) < 250 || grey(0, 0) < 250 {
		t.Errorf("line %d, above it %d, corner %d", grey(150, 7), grey(150, 0), grey(0, 0))
	}
}

// The raster is drawn on, not drawn anew, and must look the same as if it were.
func TestSignatureRasterIsIncremental(t *testing.T) {
	s := newSignature(t)
	sign(s, []step{{kind: "down", x: 100, y: 60}, {kind: "drag", x: 200, y: 80, dx: 100, dy: 20}})
	first := s.paint(400, 200)
	sign(s, []step{{kind: "drag", x: 220, y: 120, dx: 20, dy: 40}, {kind: "end"}})
	if s.paint(400, 200) != first {
		t.Error("the image was made anew")
	}
	fresh := newInkCanvas(400, 200, 1)
	fresh.add(s.strokes)
	if !bytes.Equal(fresh.img.Pix, first.(*image.RGBA).Pix) {
		t.Error("drawn on, the signature differs from one drawn at once")
	}
	if s.paint(800, 400).Bounds().Dx() != 800 {
		t.Error("another pixel size is ignored")
	}
	s.Clear()
	for _, v := range s.paint(400, 200).(*image.RGBA).Pix {
		if v != 0xFF {
			t.Fatal("ink left after Clear")
		}
	}
}

func BenchmarkSignatureFrame(b *testing.B) {
	newApp(b, Tablet)
	s := NewSignaturePad("sign here")
	showIn(b, s, 800, 300)
	s.TouchDown(&mobile.TouchEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(100, 100)}})
	x := float32(100)
	for b.Loop() {
		x = 100 + float32(int(x)%600)
		s.strokes[0] = append(s.strokes[0], fyne.NewPos(x, 100+float32(int(x)%50)))
		s.paint(800, 300)
	}
}
