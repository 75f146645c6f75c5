package kit

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pinReach is how far from a pin, in dp, a tap still means the pin.
const pinReach = 24

// Pin is one mark on a plan.
type Pin struct {
	ID       string
	X, Y     float32 // place on the plan, 0..1 from its left and top edge
	Label    string  // a number or a word beside the pin; may be empty
	Status   Status
	Selected bool // drawn larger, with its label, above the others
}

// PinPlan shows a plan that can be panned and zoomed, with pins on it. A tap on
// a pin and a tap on a free place are different events.
type PinPlan struct {
	widget.BaseWidget

	// OnTapped is called with a place on the plan, 0..1 from its left and top
	// edge, that is no pin.
	OnTapped func(x, y float32)
	// OnPinTapped is called with the id of the tapped pin.
	OnPinTapped func(id string)

	gesture  gesture
	viewport viewport
	plan     *Pyramid
	pins     []Pin
	message  string
	drawn    *planCanvas
	zoomBar  *fyne.Container
}

var (
	_ fyne.Draggable         = (*PinPlan)(nil)
	_ fyne.Scrollable        = (*PinPlan)(nil)
	_ fyne.Tappable          = (*PinPlan)(nil)
	_ fyne.SecondaryTappable = (*PinPlan)(nil)
	_ mobile.Touchable       = (*PinPlan)(nil)
)

// NewPinPlan creates an empty plan that shows message until a plan is set.
func NewPinPlan(message string) *PinPlan {
	p := &PinPlan{message: message}
	p.drawn = newPlanCanvas(p)
	p.zoomBar = NewColumn(
		NewButton("", theme.ZoomInIcon(), Plain, func() { p.zoomMiddle(zoomStep) }),
		NewButton("", theme.ZoomOutIcon(), Plain, func() { p.zoomMiddle(1 / zoomStep) }),
		NewButton("", theme.ZoomFitIcon(), Plain, p.Fit),
	)
	p.ExtendBaseWidget(p)
	return p
}

// SetPlan shows a plan whole. A nil plan shows the message again.
func (p *PinPlan) SetPlan(plan *Pyramid) {
	p.plan = plan
	p.viewport = viewport{view: p.viewport.view}
	if plan != nil {
		w, h := plan.Size()
		p.viewport.image = fyne.NewSize(float32(w), float32(h))
		p.viewport.fit()
	}
	p.drawn.setPlan(plan)
	p.Refresh()
}

// SetMessage replaces what is shown while there is no plan.
func (p *PinPlan) SetMessage(message string) {
	p.message = message
	p.Refresh()
}

// SetPins replaces all pins and keeps what the view shows.
func (p *PinPlan) SetPins(pins []Pin) {
	p.pins = append([]Pin(nil), pins...)
	p.drawn.setPins(p.pins)
	p.Refresh()
}

// Load reads a plan off the UI goroutine and shows it. open is called there and
// what it returns is closed there; done is called on the UI goroutine with the
// error, or nil once the plan is shown. progress, which may be nil, is called on
// the UI goroutine too. When ctx ends nothing is shown and done is not called.
func (p *PinPlan) Load(ctx context.Context, open func() (io.ReadCloser, error), progress func(done, total int), done func(error)) {
	report := func(int, int) {}
	if progress != nil {
		report = func(n, total int) { fyne.Do(func() { progress(n, total) }) }
	}
	go func() {
		plan, err := openPyramid(ctx, open, report)
		fyne.Do(func() {
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				p.SetPlan(plan)
			}
			done(err)
		})
	}()
}

// Fit shows the whole plan.
func (p *PinPlan) Fit() {
	p.viewport.fit()
	p.drawn.update()
}

// CenterOn brings a place of the plan, 0..1 from its left and top edge, to the
// middle, magnified enough to see its surroundings.
func (p *PinPlan) CenterOn(x, y float32) {
	if !p.viewport.ready() {
		return
	}
	p.viewport.zoomTo(max(p.viewport.scale, 3*p.viewport.fitScale()))
	p.viewport.center(x, y)
	p.drawn.update()
}

func (p *PinPlan) zoomMiddle(factor float32) {
	p.zoomAt(factor, fyne.NewPos(p.Size().Width/2, p.Size().Height/2))
}

func (p *PinPlan) zoomAt(factor float32, anchor fyne.Position) {
	p.viewport.zoom(factor, anchor)
	p.drawn.update()
}

// TouchDown is called by Fyne on mobile.
func (p *PinPlan) TouchDown(e *mobile.TouchEvent) { p.gesture.touchDown(e.Position) }

// TouchUp is called by Fyne on mobile, though not after a drag.
func (p *PinPlan) TouchUp(e *mobile.TouchEvent) { p.gesture.touchUp(e.Position) }

// TouchCancel is called by Fyne on mobile when the finger went elsewhere.
func (p *PinPlan) TouchCancel(e *mobile.TouchEvent) { p.gesture.touchUp(e.Position) }

// Dragged pans, or zooms when two fingers are down.
func (p *PinPlan) Dragged(e *fyne.DragEvent) {
	m, ok := p.gesture.drag(e.Position, e.Dragged)
	if !ok {
		return
	}
	if m.zoom != 1 {
		p.viewport.zoom(m.zoom, m.anchor)
	}
	p.viewport.pan(m.pan)
	p.drawn.update()
}

// DragEnd is called by Fyne, on mobile late and once per finger.
func (p *PinPlan) DragEnd() { p.gesture.dragEnd() }

// Scrolled zooms around the mouse.
func (p *PinPlan) Scrolled(e *fyne.ScrollEvent) {
	// Fyne turns one notch into 10 (macOS) to 25 units; a hard push gives more.
	factor := 1 + min(zoomStep-1, max(-(zoomStep-1), e.Scrolled.DY/100))
	p.zoomAt(factor, e.Position)
}

// Tapped reports the pin or the place under the tap.
func (p *PinPlan) Tapped(e *fyne.PointEvent) {
	if p.gesture.tap() {
		p.tap(e.Position)
	}
}

// TappedSecondary takes the long press of a finger as a tap.
func (p *PinPlan) TappedSecondary(e *fyne.PointEvent) {
	if p.gesture.longPress() {
		p.tap(e.Position)
	}
}

func (p *PinPlan) tap(at fyne.Position) {
	if id, ok := p.pinAt(at); ok {
		if p.OnPinTapped != nil {
			p.OnPinTapped(id)
		}
		return
	}
	x, y, inside := p.viewport.toImage(at)
	if inside && p.OnTapped != nil {
		p.OnTapped(x, y)
	}
}

// pinAt returns the nearest pin in reach; of equally near ones the one drawn
// last, which lies on top.
func (p *PinPlan) pinAt(at fyne.Position) (id string, ok bool) {
	best := float32(pinReach)
	for _, pin := range p.pins {
		if d := distance(p.viewport.toView(pin.X, pin.Y), at); d <= best {
			best, id, ok = d, pin.ID, true
		}
	}
	return id, ok
}

func openPyramid(ctx context.Context, open func() (io.ReadCloser, error), progress func(done, total int)) (plan *Pyramid, err error) {
	file, err := open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := file.Close(); err == nil && closeErr != nil {
			plan, err = nil, closeErr
		}
	}()
	return ReadPyramid(ctx, file, progress)
}
