package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/test"
)

// shownPlan is a plan of 4000×3000 in a view of 800×600: 0.2 dp per pixel.
func shownPlan(t testing.TB, pins ...Pin) (*PinPlan, fyne.Window) {
	t.Helper()
	newApp(t, Tablet)
	p := NewPinPlan("no plan")
	w := showIn(t, p, 800, 600)
	plan, err := largePlan()
	if err != nil {
		t.Fatal(err)
	}
	p.SetPlan(plan)
	p.SetPins(pins)
	return p, w
}

func TestPinPlanTap(t *testing.T) {
	p, w := shownPlan(t, Pin{ID: "a", X: 0.25, Y: 0.5}, Pin{ID: "b", X: 0.26, Y: 0.5})
	var places []string
	p.OnTapped = func(x, y float32) { places = append(places, fmt.Sprintf("%.2f,%.2f", x, y)) }
	p.OnPinTapped = func(id string) { places = append(places, id) }

	for _, c := range []struct {
		x, y float32
		want string
	}{
		{400, 300, "0.50,0.50"},
		{80, 60, "0.10,0.10"},
		{199, 300, "a"},
		{210, 300, "b"},
		{190, 315, "a"},         // 18 dp off
		{200, 330, "0.25,0.55"}, // 30 dp off
	} {
		places = nil
		test.TapCanvas(w.Canvas(), fyne.NewPos(c.x, c.y))
		if len(places) != 1 || places[0] != c.want {
			t.Errorf("tap at %v,%v gave %v, want %s", c.x, c.y, places, c.want)
		}
	}

	// Nothing lies beside the plan.
	w.Resize(fyne.NewSize(1200, 600))
	places = nil
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 300))
	if len(places) != 0 {
		t.Errorf("tap beside the plan gave %v", places)
	}
}

func TestPinPlanLongPress(t *testing.T) {
	p, _ := shownPlan(t)
	taps := 0
	p.OnTapped = func(float32, float32) { taps++ }
	at := fyne.PointEvent{Position: fyne.NewPos(400, 300)}
	p.TappedSecondary(&at)
	if taps != 0 {
		t.Error("the right mouse button counts as a tap")
	}
	p.TouchDown(&mobile.TouchEvent{PointEvent: at})
	p.TouchUp(&mobile.TouchEvent{PointEvent: at})
	p.TappedSecondary(&at)
	if taps != 1 {
		t.Errorf("a long press gave %d taps", taps)
	}
}

func TestPinPlanZoomAndPan(t *testing.T) {
	p, w := shownPlan(t)
	before := p.viewport.scale
	test.TapCanvas(w.Canvas(), middleOf(p.zoomBar.Objects[0], p.zoomBar))
	if !near(p.viewport.scale, before*zoomStep, 1e-4) {
		t.Errorf("+ zoomed from %v to %v", before, p.viewport.scale)
	}
	test.TapCanvas(w.Canvas(), middleOf(p.zoomBar.Objects[1], p.zoomBar))
	if !near(p.viewport.scale, before, 1e-4) {
		t.Errorf("− zoomed to %v, want %v", p.viewport.scale, before)
	}

	p.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, 150)}, Scrolled: fyne.NewDelta(0, 25)})
	if p.viewport.scale <= before {
		t.Error("the wheel did not zoom in")
	}
	p.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1e9)})
	if p.viewport.scale < before {
		t.Error("the wheel zoomed out too far")
	}

	p.CenterOn(0.5, 0.5)
	was := p.viewport.origin
	test.Drag(w.Canvas(), fyne.NewPos(300, 300), -40, 25)
	if got := p.viewport.origin.Subtract(was); got != fyne.NewPos(-40, 25) {
		t.Errorf("drag moved the plan by %v", got)
	}

	test.TapCanvas(w.Canvas(), middleOf(p.zoomBar.Objects[2], p.zoomBar))
	if p.viewport.scale != p.viewport.fitScale() {
		t.Error("fit did not show the whole plan")
	}
}

// middleOf is where to tap an object of a parent that lies in the window itself.
func middleOf(o, parent fyne.CanvasObject) fyne.Position {
	return parent.Position().Add(o.Position()).AddXY(o.Size().Width/2, o.Size().Height/2)
}

func TestPinPlanPinchEvents(t *testing.T) {
	p, _ := shownPlan(t)
	p.zoomMiddle(2)
	before := p.viewport.scale
	for _, s := range pinch() {
		at := fyne.PointEvent{Position: fyne.NewPos(s.x, s.y)}
		if s.kind == "down" {
			p.TouchDown(&mobile.TouchEvent{PointEvent: at})
		} else {
			p.Dragged(&fyne.DragEvent{PointEvent: at, Dragged: fyne.NewDelta(s.dx, s.dy)})
		}
	}
	p.DragEnd()
	if !near(p.viewport.scale/before, 3, 0.05) {
		t.Errorf("pinched by %v, want 3", p.viewport.scale/before)
	}
}

// tilesShown returns the tile images in view.
func tilesShown(p *PinPlan) []*canvas.Image {
	var tiles []*canvas.Image
	for _, o := range p.drawn.content.Objects {
		if img, ok := o.(*canvas.Image); ok && img.Image != nil && img.Resource == nil {
			tiles = append(tiles, img)
		}
	}
	return tiles
}

func TestPinPlanDrawsOnlyTilesInView(t *testing.T) {
	p, _ := shownPlan(t)
	if n := len(tilesShown(p)); n != 4 { // 800×600 of 4000×3000 is level 2 of 1000×750
		t.Errorf("%d tiles for the whole plan, want 4", n)
	}
	for range 12 {
		p.zoomMiddle(1.3)
		tiles := tilesShown(p)
		if len(tiles) == 0 || len(tiles) > 12 {
			t.Errorf("%d tiles at %v dp per pixel", len(tiles), p.viewport.scale)
		}
		var area float32
		for _, tile := range tiles {
			left, top := max(0, tile.Position().X), max(0, tile.Position().Y)
			right := min(800, tile.Position().X+tile.Size().Width)
			bottom := min(600, tile.Position().Y+tile.Size().Height)
			area += (right - left) * (bottom - top)
		}
		if !near(area, 800*600, 1) {
			t.Errorf("tiles cover %v dp² of %v at %v", area, 800*600, p.viewport.scale)
		}
	}
	first := tilesShown(p)[0]
	p.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(1, 1), PointEvent: fyne.PointEvent{Position: fyne.NewPos(5, 5)}})
	if tilesShown(p)[0] != first {
		t.Error("panning made new tile objects, whose textures must be uploaded again")
	}
}

func TestPinPlanLabels(t *testing.T) {
	labels := func(p *PinPlan) int {
		n := 0
		for _, o := range p.drawn.content.Objects {
			if _, ok := o.(*canvas.Text); ok {
				n++
			}
		}
		return n
	}
	var pins []Pin
	for i := range 300 {
		pins = append(pins, Pin{
			ID: fmt.Sprint(i), X: float32(i%20)/20 + 0.02, Y: float32(i/20)/15 + 0.02, Label: "1", Selected: i == 7,
		})
	}
	p, _ := shownPlan(t, pins...)
	if got := labels(p); got != 1 {
		t.Errorf("%d labels among 300 pins, want only the selected one's", got)
	}
	p.CenterOn(0.5, 0.5)
	p.zoomMiddle(2)
	if got := labels(p); got == 0 || got > labelsUpTo {
		t.Errorf("%d labels near", got)
	}
}

func TestPinPlanMessage(t *testing.T) {
	newApp(t, Tablet)
	p := NewPinPlan("no plan")
	taps := 0
	p.OnTapped = func(float32, float32) { taps++ }
	w := showIn(t, p, 800, 600)
	p.CenterOn(0.5, 0.5)
	p.zoomMiddle(2)
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 300))
	if taps != 0 {
		t.Error("a plan that is not there was tapped")
	}
	p.SetPlan(buildPlan(t, 100, 100))
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 300))
	p.SetPlan(nil)
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 300))
	if taps != 1 {
		t.Errorf("%d taps, want 1", taps)
	}
}

func TestPinPlanLoad(t *testing.T) {
	newApp(t, Tablet)
	good := encodePNG(t, samplePlan(700, 300))
	broken := errors.New("no such file")
	for _, c := range []struct {
		name string
		open func() (io.ReadCloser, error)
		want error
	}{
		{"good", func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(good)), nil }, nil},
		{"cannot open", func() (io.ReadCloser, error) { return nil, broken }, broken},
		{"cannot close", func() (io.ReadCloser, error) { return badCloser{bytes.NewReader(good), broken}, nil }, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPinPlan("no plan")
			done := make(chan error)
			var counted int
			p.Load(t.Context(), c.open, func(n, total int) { counted = n }, func(err error) { done <- err })
			if err := <-done; !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if (p.plan != nil) != (c.want == nil) || (c.want == nil && counted == 0) {
				t.Errorf("plan %v after %d tiles", p.plan != nil, counted)
			}
		})
	}
	t.Run("abandoned", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		closed := make(chan struct{})
		p := NewPinPlan("no plan")
		p.Load(ctx, func() (io.ReadCloser, error) {
			cancel()
			return closeSignal{bytes.NewReader(good), closed}, nil
		}, nil, func(error) { t.Error("done was called") })
		<-closed
		if p.plan != nil {
			t.Error("a plan was shown")
		}
	})
}

type badCloser struct {
	io.Reader
	err error
}

func (c badCloser) Close() error { return c.err }

type closeSignal struct {
	io.Reader
	closed chan struct{}
}

func (c closeSignal) Close() error {
	close(c.closed)
	return nil
}

func BenchmarkPinPlanPan(b *testing.B) {
	var pins []Pin
	for i := range 300 {
		pins = append(pins, Pin{ID: fmt.Sprint(i), X: float32(i%20) / 20, Y: float32(i/20) / 15, Label: "1", Status: Status(i % 6)})
	}
	p, _ := shownPlan(b, pins...)
	p.CenterOn(0.5, 0.5)
	dx := float32(3)
	for b.Loop() {
		p.viewport.pan(fyne.NewDelta(dx, 1))
		p.drawn.update()
		dx = -dx
	}
}

func BenchmarkPinPlanSetPins(b *testing.B) {
	var pins []Pin
	for i := range 300 {
		pins = append(pins, Pin{ID: fmt.Sprint(i), X: float32(i%20) / 20, Y: float32(i/20) / 15, Label: "1", Status: Status(i % 6)})
	}
	p, _ := shownPlan(b)
	for b.Loop() {
		p.SetPins(pins)
	}
}
