package kit

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ErrNoSignature is returned for a pad on which nobody has drawn.
var ErrNoSignature = errors.New("signature pad is empty")

// signaturePixels is the resolution of a stored signature in pixels per dp: fine
// enough for print at the size it was drawn.
const signaturePixels = 3

// SignaturePad takes a handwritten signature. It draws through one raster image
// and keeps the strokes as points. It needs no scrolling page around it: the
// drag that would scroll is the pen.
type SignaturePad struct {
	widget.BaseWidget

	// OnChanged is called when a stroke begins and after Clear.
	OnChanged func()

	prompt  string
	strokes []Stroke
	fingers pointerTracker
	pen     int // pointer id of the present stroke; 0 between strokes
	ink     *inkCanvas
	raster  *canvas.Raster
}

var (
	_ fyne.Draggable    = (*SignaturePad)(nil)
	_ mobile.Touchable  = (*SignaturePad)(nil)
	_ desktop.Mouseable = (*SignaturePad)(nil)
)

// NewSignaturePad creates an empty pad; prompt stands below its line.
func NewSignaturePad(prompt string) *SignaturePad {
	s := &SignaturePad{prompt: prompt}
	s.raster = canvas.NewRaster(s.paint)
	s.ExtendBaseWidget(s)
	return s
}

// Empty says whether nothing has been drawn.
func (s *SignaturePad) Empty() bool { return len(s.strokes) == 0 }

// Strokes returns a copy of what was drawn.
func (s *SignaturePad) Strokes() []Stroke {
	strokes := make([]Stroke, len(s.strokes))
	for i, stroke := range s.strokes {
		strokes[i] = slices.Clone(stroke)
	}
	return strokes
}

// Clear removes everything drawn.
func (s *SignaturePad) Clear() {
	s.strokes, s.ink, s.pen = nil, nil, 0
	s.raster.Refresh()
	s.changed()
}

// PNG returns the signature, black on white and cut to its extent, or
// [ErrNoSignature].
func (s *SignaturePad) PNG() ([]byte, error) {
	if s.Empty() {
		return nil, ErrNoSignature
	}
	left, top, right, bottom := inkBounds(s.strokes)
	moved := make([]Stroke, len(s.strokes))
	for i, stroke := range s.strokes {
		for _, p := range stroke {
			moved[i] = append(moved[i], p.SubtractXY(left, top))
		}
	}
	ink := newInkCanvas(int((right-left)*signaturePixels)+1, int((bottom-top)*signaturePixels)+1, signaturePixels)
	ink.add(moved)
	var out bytes.Buffer
	if err := png.Encode(&out, ink.img); err != nil {
		return nil, fmt.Errorf("encode signature: %w", err)
	}
	return out.Bytes(), nil
}

// paint is called by Fyne when the raster was refreshed.
func (s *SignaturePad) paint(width, height int) image.Image {
	if s.ink == nil || s.ink.img.Rect.Dx() != width || s.ink.img.Rect.Dy() != height {
		scale := float32(1)
		if s.Size().Width > 0 {
			scale = float32(width) / s.Size().Width
		}
		s.ink = newInkCanvas(width, height, scale)
	}
	s.ink.add(s.strokes)
	return s.ink.img
}

// TouchDown begins a stroke on mobile. A second finger, such as the ball of the
// hand, draws nothing.
func (s *SignaturePad) TouchDown(e *mobile.TouchEvent) {
	if s.fingers.active() > 0 {
		s.fingers.down(e.Position)
		return
	}
	s.begin(e.Position)
}

// TouchUp ends a stroke that was a dot.
func (s *SignaturePad) TouchUp(e *mobile.TouchEvent) {
	s.fingers.up(e.Position)
	if s.fingers.active() == 0 {
		s.pen = 0
	}
}

// TouchCancel ends the stroke.
func (s *SignaturePad) TouchCancel(e *mobile.TouchEvent) { s.TouchUp(e) }

// MouseDown begins a stroke on the desktop.
func (s *SignaturePad) MouseDown(e *desktop.MouseEvent) { s.begin(e.Position) }

// MouseUp ends a stroke on the desktop.
func (s *SignaturePad) MouseUp(*desktop.MouseEvent) {
	s.fingers.forget()
	s.pen = 0
}

func (s *SignaturePad) begin(at fyne.Position) {
	s.pen = s.fingers.down(at)
	s.strokes = append(s.strokes, Stroke{s.inside(at)})
	s.raster.Refresh()
	s.changed()
}

// Dragged draws on, or begins a stroke when no other finger is known to draw.
func (s *SignaturePad) Dragged(e *fyne.DragEvent) {
	before, ok := s.fingers.drag(e.Position, e.Dragged)
	if !ok {
		return
	}
	if before.id != s.pen {
		if s.fingers.active() > 1 {
			return
		}
		s.pen = before.id
		s.strokes = append(s.strokes, Stroke{s.inside(before.at)})
		s.changed()
	}
	last := &s.strokes[len(s.strokes)-1]
	*last = append(*last, s.inside(before.at.AddXY(e.Dragged.DX, e.Dragged.DY)))
	s.raster.Refresh()
}

// DragEnd is called by Fyne, on mobile perhaps when the next stroke has begun;
// that goes on with its next drag.
func (s *SignaturePad) DragEnd() { s.fingers.rest() }

func (s *SignaturePad) inside(at fyne.Position) fyne.Position {
	size := s.Size()
	return fyne.NewPos(min(max(at.X, 0), size.Width), min(max(at.Y, 0), size.Height))
}

func (s *SignaturePad) changed() {
	if s.OnChanged != nil {
		s.OnChanged()
	}
}

// CreateRenderer is called by Fyne.
func (s *SignaturePad) CreateRenderer() fyne.WidgetRenderer {
	r := &signatureRenderer{
		s:      s,
		frame:  canvas.NewRectangle(color.Transparent),
		line:   canvas.NewLine(nil),
		prompt: canvas.NewText(s.prompt, nil),
	}
	r.prompt.Alignment = fyne.TextAlignCenter
	r.apply()
	r.Layout(s.Size())
	return r
}

type signatureRenderer struct {
	s      *SignaturePad
	frame  *canvas.Rectangle
	line   *canvas.Line
	prompt *canvas.Text
}

func (r *signatureRenderer) apply() {
	r.frame.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.frame.StrokeWidth = 2
	r.line.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.line.StrokeWidth = 1
	r.prompt.Color = theme.Color(theme.ColorNamePlaceHolder)
	r.prompt.TextSize = theme.Size(theme.SizeNameCaptionText)
}

func (r *signatureRenderer) MinSize() fyne.Size { return fyne.NewSize(280, 140) }

func (r *signatureRenderer) Layout(size fyne.Size) {
	r.s.raster.Resize(size)
	r.frame.Resize(size)
	text := r.prompt.MinSize().Height
	y := size.Height - text - 2*theme.Padding()
	r.line.Position1 = fyne.NewPos(size.Width*0.08, y)
	r.line.Position2 = fyne.NewPos(size.Width*0.92, y)
	r.prompt.Move(fyne.NewPos(0, y+theme.Padding()))
	r.prompt.Resize(fyne.NewSize(size.Width, text))
}

func (r *signatureRenderer) Refresh() {
	r.apply()
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

func (r *signatureRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.s.raster, r.frame, r.line, r.prompt}
}

func (r *signatureRenderer) Destroy() {}
