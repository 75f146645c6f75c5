package kit

import (
	"math"
	"testing"

	"fyne.io/fyne/v2"
)

// A step is one event as Fyne 2.7's mobile driver delivers it to a widget that
// is Touchable, Draggable and Tappable.
type step struct {
	kind   string // down, up, cancel, drag, end, tap, long
	x, y   float32
	dx, dy float32
}

// played is what a sequence does to a content that starts at scale 1 and origin
// 0: the widget's own arithmetic without its limits.
type played struct {
	origin   fyne.Position
	zoom     float32
	taps     int
	drags    int // that moved something
	inertial int // that were ignored
}

func play(g *gesture, steps []step) played {
	p := played{zoom: 1}
	for _, s := range steps {
		at := fyne.NewPos(s.x, s.y)
		switch s.kind {
		case "down":
			g.touchDown(at)
		case "up", "cancel":
			g.touchUp(at)
		case "end":
			g.dragEnd()
		case "tap":
			if g.tap() {
				p.taps++
			}
		case "long":
			if g.longPress() {
				p.taps++
			}
		case "drag":
			m, ok := g.drag(at, fyne.NewDelta(s.dx, s.dy))
			if !ok {
				p.inertial++
				continue
			}
			p.drags++
			p.zoom *= m.zoom
			p.origin.X = m.anchor.X - (m.anchor.X-p.origin.X)*m.zoom + m.pan.DX
			p.origin.Y = m.anchor.Y - (m.anchor.Y-p.origin.Y)*m.zoom + m.pan.DY
		}
	}
	return p
}

// inertia is what follows the lifting of a dragging finger: the last position
// over and over with a shrinking distance, then the late end.
func inertia(x, y, dx, dy float32) []step {
	var steps []step
	for dx, dy = dx*0.92, dy*0.92; math.Abs(float64(dx)) > 2 || math.Abs(float64(dy)) > 2; dx, dy = dx*0.92, dy*0.92 {
		steps = append(steps, step{kind: "drag", x: x, y: y, dx: dx, dy: dy})
	}
	return append(steps, step{kind: "end"})
}

func sequence(parts ...[]step) []step {
	var all []step
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestGestureTap(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
		want  int
	}{
		{"finger", []step{{kind: "down", x: 10, y: 10}, {kind: "up", x: 10, y: 10}, {kind: "tap", x: 10, y: 10}}, 1},
		{"mouse", []step{{kind: "tap", x: 10, y: 10}}, 1},
		{"long press of a finger", []step{{kind: "down", x: 10, y: 10}, {kind: "up", x: 10, y: 10}, {kind: "long", x: 10, y: 10}}, 1},
		{"right mouse button", []step{{kind: "long", x: 10, y: 10}}, 0},
		{"two fingers that did not move", []step{
			{kind: "down", x: 10, y: 10},
			{kind: "down", x: 200, y: 10},
			{kind: "up", x: 200, y: 10},
			{kind: "tap", x: 200, y: 10},
			{kind: "up", x: 10, y: 10},
			{kind: "long", x: 10, y: 10},
		}, 0},
		{"last finger of a pinch", []step{
			{kind: "down", x: 100, y: 100},
			{kind: "down", x: 200, y: 100},
			{kind: "drag", x: 220, y: 100, dx: 20},
			{kind: "end"},
			{kind: "up", x: 100, y: 100},
			{kind: "tap", x: 100, y: 100},
		}, 0},
		{"after a drag", sequence(
			[]step{{kind: "down", x: 100, y: 100}, {kind: "drag", x: 130, y: 100, dx: 30}},
			inertia(130, 100, 30, 0),
			[]step{{kind: "down", x: 50, y: 50}, {kind: "up", x: 50, y: 50}, {kind: "tap", x: 50, y: 50}},
		), 1},
		{"after a finger whose lifting was never told", []step{
			{kind: "down", x: 300, y: 300}, // lifted while another widget was dragged
			{kind: "down", x: 50, y: 50},
			{kind: "up", x: 50, y: 50},
			{kind: "tap", x: 50, y: 50},
			{kind: "down", x: 50, y: 50},
			{kind: "up", x: 50, y: 50},
			{kind: "tap", x: 50, y: 50},
		}, 1},
		{"finger that slid to another widget", []step{
			{kind: "down", x: 10, y: 10},
			{kind: "cancel", x: 12, y: 10},
			{kind: "down", x: 50, y: 50},
			{kind: "up", x: 50, y: 50},
			{kind: "tap", x: 50, y: 50},
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := play(&gesture{}, c.steps).taps; got != c.want {
				t.Errorf("%d taps, want %d", got, c.want)
			}
		})
	}
}

func TestGesturePan(t *testing.T) {
	drag := []step{
		{kind: "down", x: 100, y: 100},
		{kind: "drag", x: 110, y: 105, dx: 10, dy: 5},
		{kind: "drag", x: 130, y: 105, dx: 20},
	}
	for _, c := range []struct {
		name     string
		steps    []step
		x, y     float32
		inertial int
	}{
		{"finger", sequence(drag, []step{{kind: "end"}}), 30, 5, 0},
		{"inertia moves nothing", sequence(drag, inertia(130, 105, 20, 0)), 30, 5, 27},
		{"mouse", []step{{kind: "drag", x: 60, y: 50, dx: 10}, {kind: "drag", x: 60, y: 80, dy: 30}, {kind: "end"}}, 10, 30, 0},
		{"mouse twice from the same place", []step{
			{kind: "drag", x: 60, y: 50, dx: 10},
			{kind: "end"},
			{kind: "drag", x: 60, y: 50, dx: 10},
			{kind: "end"},
		}, 20, 0, 0},
		{"new finger while the old one's inertia runs", []step{
			{kind: "down", x: 100, y: 100},
			{kind: "drag", x: 130, y: 100, dx: 30},
			{kind: "drag", x: 130, y: 100, dx: 27}, // inertial
			{kind: "down", x: 300, y: 300},
			{kind: "drag", x: 130, y: 100, dx: 25}, // inertial
			{kind: "drag", x: 310, y: 300, dx: 10},
			{kind: "drag", x: 130, y: 100, dx: 23}, // inertial
			{kind: "end"},
			{kind: "drag", x: 330, y: 300, dx: 20},
		}, 60, 0, 3},
		{"new finger beside the place the old one left", []step{
			{kind: "down", x: 100, y: 100},
			{kind: "drag", x: 110, y: 100, dx: 10},
			{kind: "end"},
			{kind: "down", x: 115, y: 100},
			{kind: "drag", x: 125, y: 100, dx: 10},
			{kind: "drag", x: 135, y: 100, dx: 10},
		}, 30, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(&gesture{}, c.steps)
			if got.origin != fyne.NewPos(c.x, c.y) || got.zoom != 1 {
				t.Errorf("moved to %v at zoom %v, want (%v, %v) at 1", got.origin, got.zoom, c.x, c.y)
			}
			if got.inertial != c.inertial {
				t.Errorf("%d events ignored as inertial, want %d", got.inertial, c.inertial)
			}
		})
	}
}

// pinch moves two fingers apart from 100 to 300 dp, their events interleaved and
// without an id, each position offset by Fyne's drag threshold as the driver
// does it.
func pinch() []step {
	const offset = 4
	steps := []step{{kind: "down", x: 200, y: 200}, {kind: "down", x: 300, y: 200}}
	for i := range 10 {
		steps = append(steps,
			step{kind: "drag", x: 200 - 10*float32(i+1) - offset, y: 200, dx: -10},
			step{kind: "drag", x: 300 + 10*float32(i+1) - offset, y: 200, dx: 10},
		)
	}
	return steps
}

func near(a, b, tolerance float32) bool { return math.Abs(float64(a-b)) <= float64(tolerance) }

func TestGesturePinch(t *testing.T) {
	got := play(&gesture{}, pinch())
	if !near(got.zoom, 3, 0.05) {
		t.Errorf("zoom %v, want 3", got.zoom)
	}
	// The point between the fingers stays there: 250 = origin + 250·zoom.
	if middle := got.origin.X + 250*got.zoom; !near(middle, 250, 5) {
		t.Errorf("the middle went to %v", middle)
	}

	// One finger lifts and the other pans on: no more zoom.
	g := &gesture{}
	after := play(g, sequence(pinch(), inertia(396, 200, 10, 0)))
	rest := play(g, []step{
		{kind: "drag", x: 106, y: 200, dx: 10},
		{kind: "drag", x: 126, y: 210, dx: 20, dy: 10},
	})
	if !near(after.zoom, 3, 0.05) || rest.zoom != 1 || rest.origin != fyne.NewPos(30, 10) {
		t.Errorf("zoom %v, then %v and moved to %v", after.zoom, rest.zoom, rest.origin)
	}

	// Fingers pressed together must not make the zoom jump.
	together := play(&gesture{}, []step{
		{kind: "down", x: 200, y: 200},
		{kind: "down", x: 210, y: 200},
		{kind: "drag", x: 205, y: 200, dx: -5},
		{kind: "drag", x: 206, y: 200, dx: 1},
	})
	if !near(together.zoom, 1, 0.2) {
		t.Errorf("zoom %v with fingers together", together.zoom)
	}
}

// A late end of an earlier drag arrives in the middle of a pinch.
func TestGesturePinchSurvivesLateEnd(t *testing.T) {
	steps := pinch()
	late := sequence(steps[:10], []step{{kind: "end"}}, steps[10:])
	got := play(&gesture{}, late)
	if !near(got.zoom, 3, 0.35) {
		t.Errorf("zoom %v, want about 3", got.zoom)
	}
}

func TestPointerTrackerForgetsOldFingers(t *testing.T) {
	var tr pointerTracker
	for i := range 50 {
		tr.down(fyne.NewPos(float32(i)*200, 0))
	}
	if len(tr.pointers) > maxPointers {
		t.Errorf("%d pointers kept", len(tr.pointers))
	}
	tr.rest()
	if tr.active() != 0 {
		t.Errorf("%d active after rest", tr.active())
	}
}

func TestViewport(t *testing.T) {
	view := func() viewport {
		v := viewport{image: fyne.NewSize(4000, 3000)}
		v.resize(fyne.NewSize(800, 800))
		return v
	}
	t.Run("fits and centres", func(t *testing.T) {
		v := view()
		if v.scale != 0.2 || v.origin != fyne.NewPos(0, 100) {
			t.Errorf("scale %v, origin %v", v.scale, v.origin)
		}
	})
	t.Run("zoom keeps the point under the anchor", func(t *testing.T) {
		v := view()
		anchor := fyne.NewPos(300, 500)
		x, y, _ := v.toImage(anchor)
		for range 4 {
			v.zoom(1.5, anchor)
		}
		if got := v.toView(x, y); distance(got, anchor) > 0.5 {
			t.Errorf("the point went from %v to %v", anchor, got)
		}
	})
	t.Run("zoom has limits", func(t *testing.T) {
		v := view()
		v.zoom(0.001, fyne.NewPos(1, 1))
		if v.scale != 0.2 || v.origin != fyne.NewPos(0, 100) {
			t.Errorf("zoomed out to %v at %v", v.scale, v.origin)
		}
		v.zoom(1e9, fyne.NewPos(400, 400))
		if v.scale != maxPlanScale {
			t.Errorf("zoomed in to %v", v.scale)
		}
	})
	t.Run("pan stops at the edges", func(t *testing.T) {
		v := view()
		v.zoom(5, fyne.NewPos(400, 400))
		v.pan(fyne.NewDelta(1e6, 1e6))
		if v.origin != fyne.NewPos(0, 0) {
			t.Errorf("origin %v", v.origin)
		}
		v.pan(fyne.NewDelta(-1e6, -1e6))
		if v.origin != fyne.NewPos(800-4000, 800-3000) {
			t.Errorf("origin %v", v.origin)
		}
	})
	t.Run("resize keeps the middle", func(t *testing.T) {
		v := view()
		v.zoom(6, fyne.NewPos(200, 300))
		x, y, _ := v.toImage(fyne.NewPos(400, 400))
		v.resize(fyne.NewSize(1200, 600))
		if got := v.toView(x, y); distance(got, fyne.NewPos(600, 300)) > 0.5 {
			t.Errorf("the middle went to %v", got)
		}
	})
	t.Run("resize refits a whole image", func(t *testing.T) {
		v := view()
		v.resize(fyne.NewSize(400, 300))
		if !near(v.scale, 0.1, 1e-6) {
			t.Errorf("scale %v", v.scale)
		}
	})
	t.Run("outside the image", func(t *testing.T) {
		v := view()
		if _, _, inside := v.toImage(fyne.NewPos(400, 50)); inside {
			t.Error("a place above the image counts as inside")
		}
		var empty viewport
		if _, _, inside := empty.toImage(fyne.NewPos(1, 1)); inside {
			t.Error("an empty viewport has an inside")
		}
	})
}
