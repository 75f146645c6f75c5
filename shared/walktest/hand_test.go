package walktest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// hand is a person at one real window: it looks for things by their name,
// clicks them with the mouse of the X server, and takes pictures.
type hand struct {
	t      *testing.T
	window fyne.Window
	find   func(id string) fyne.CanvasObject
	// at is where the window stands on the screen, in pixels.
	at    fyne.Position
	shots string
	seen  int
	name  string
}

// glance is how often a hand looks again for what is not there yet.
const glance = 50 * time.Millisecond

// look waits until an object is on the canvas, scrolling to it if it lies
// further down, and gives its middle in pixels of the screen.
func (h *hand) look(id string) (x, y int) {
	h.t.Helper()
	again := time.NewTicker(glance)
	defer again.Stop()
	deadline := time.After(patience)
	var before fyne.Position
	still := 0 // a page that was just opened is laid out some frames later
	for {
		middle, size, there := h.where(id)
		if still++; !there || middle != before {
			still = 0
		}
		before = middle
		switch {
		case still < stillGlances:
		case middle.Y > size.Height-edge && middle.X < size.Width:
			h.wheel(middle, size, down)
		case middle.Y < 0:
			h.wheel(middle, size, up)
		case middle.X >= 0 && middle.X <= size.Width:
			return int(h.at.X + middle.X), int(h.at.Y + middle.Y)
		}
		select {
		case <-again.C:
		case <-deadline:
			h.shot("not-found")
			h.t.Fatalf("%s: no %s on the screen within %s", h.name, id, patience)
		}
	}
}

// stillGlances is how often in a row a thing must be seen in one place.
const stillGlances = 4

// edge is how near to the window's end a thing may be to be clicked.
const edge = 12

// Buttons of the mouse wheel.
const (
	up   = "4"
	down = "5"
)

// where is an object's middle and the canvas's size in dp, which are pixels at
// scale 1; there is false while it is not drawn.
func (h *hand) where(id string) (middle fyne.Position, size fyne.Size, there bool) {
	fyne.DoAndWait(func() {
		o := h.find(id)
		size = h.window.Canvas().Size()
		if o == nil || !o.Visible() || o.Size().IsZero() {
			return
		}
		pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		middle, there = pos.AddXY(o.Size().Width/2, o.Size().Height/2), true
	})
	return middle, size, there
}

// wheel turns the mouse wheel over the column in which an object lies.
func (h *hand) wheel(middle fyne.Position, size fyne.Size, button string) {
	h.t.Helper()
	h.point(int(h.at.X+middle.X), int(h.at.Y+size.Height/2))
	h.xdo("click", "--repeat", "8", "--delay", "4", button)
	h.settle()
}

// tap clicks an object.
func (h *hand) tap(id string) {
	h.t.Helper()
	h.point(h.look(id))
	h.xdo("click", "1")
}

// point moves the mouse. Without a move xdotool would wait for one.
func (h *hand) point(x, y int) {
	h.t.Helper()
	if at := [2]int{x, y}; at != mouse {
		h.xdo("mousemove", "--sync", fmt.Sprint(x), fmt.Sprint(y))
		mouse = at
	}
}

// mouse is where the screen's one mouse was last put, by whichever hand.
var mouse [2]int

// tapAt clicks a place within an object, given as shares of its size.
func (h *hand) tapAt(id string, shareX, shareY float32) {
	h.t.Helper()
	x, y := h.look(id)
	fyne.DoAndWait(func() {
		size := h.find(id).Size()
		x += int((shareX - 0.5) * size.Width)
		y += int((shareY - 0.5) * size.Height)
	})
	h.point(x, y)
	h.xdo("click", "1")
}

// typed taps an entry and types plain ASCII.
func (h *hand) typed(id, text string) {
	h.t.Helper()
	h.tap(id)
	h.xdo("type", "--delay", "5", text)
}

// sees waits until an object is on the screen.
func (h *hand) sees(id string) {
	h.t.Helper()
	h.look(id)
}

func (h *hand) xdo(args ...string) {
	h.t.Helper()
	if out, err := exec.CommandContext(h.t.Context(), "xdotool", args...).CombinedOutput(); err != nil {
		h.t.Fatalf("xdotool %v: %v: %s", args, err, out)
	}
}

// shot keeps a picture of the window as the X server shows it.
func (h *hand) shot(name string) {
	h.t.Helper()
	if h.shots == "" {
		return
	}
	h.settle()
	h.seen++
	var size fyne.Size
	fyne.DoAndWait(func() { size = h.window.Canvas().Size() })
	area := fmt.Sprintf("%d,%d,%d,%d", int(h.at.X), int(h.at.Y), int(size.Width), int(size.Height))
	path := filepath.Join(h.shots, fmt.Sprintf("%s-%02d-%s.png", h.name, h.seen, name))
	if out, err := exec.CommandContext(h.t.Context(), "scrot", "--overwrite", "--autoselect", area, path).CombinedOutput(); err != nil {
		h.t.Fatalf("scrot: %v: %s", err, out)
	}
}

// settle waits until what was asked of the window has been drawn: some rounds
// of the UI goroutine, far enough apart for a frame each.
func (h *hand) settle() {
	frame := time.NewTicker(glance)
	defer frame.Stop()
	for range framesToSettle {
		fyne.DoAndWait(func() {})
		<-frame.C
	}
}

// framesToSettle covers Fyne's button and page animations.
const framesToSettle = 4

// place moves the window, since no window manager does.
func (h *hand) place(title string, x, y int) {
	h.t.Helper()
	h.xdo("search", "--sync", "--name", title, "windowmove", "--sync", fmt.Sprint(x), fmt.Sprint(y))
	h.at = fyne.NewPos(float32(x), float32(y))
}

// resize turns the tablet or drags the window's corner.
func (h *hand) resize(size fyne.Size) {
	h.t.Helper()
	fyne.DoAndWait(func() { h.window.Resize(size) })
	h.settle()
}

// there reports whether an object is on the screen now.
func (h *hand) there(id string) bool {
	h.t.Helper()
	h.settle()
	_, _, there := h.where(id)
	return there
}

// confirm answers the form that an action may have opened.
func (h *hand) confirm(done func() bool) {
	h.t.Helper()
	if h.there("form.ok") && !done() {
		h.tap("form.ok")
	}
}

// scribble draws a signature with the mouse.
func (h *hand) scribble(id string) {
	h.t.Helper()
	x, y := h.look(id)
	h.point(x-60, y)
	h.xdo("mousedown", "1")
	for i := range 12 {
		h.point(x-60+10*i, y+20*(i%2*2-1))
	}
	h.xdo("mouseup", "1")
}

// uncovered waits until no dialog lies over the page.
func (h *hand) uncovered() {
	h.t.Helper()
	again := time.NewTicker(glance)
	defer again.Stop()
	deadline := time.After(patience)
	for {
		free := false
		fyne.DoAndWait(func() { free = h.window.Canvas().Overlays().Top() == nil })
		if free {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			h.shot("covered")
			h.t.Fatalf("%s: a dialog stays over the page", h.name)
		}
	}
}
