package desk

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// heightAt gives o its width first and then asks for the height it needs.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	if width > 0 && o.Size().Width != width {
		o.Resize(fyne.NewSize(width, o.Size().Height))
	}
	return o.MinSize().Height
}

// newFlow places objects in lines, each at its own size, like words of a text.
func newFlow(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{}, objects...)
}

// flowLayout remembers the last width, because Fyne asks for the minimum size
// without telling the width.
type flowLayout struct{ width float32 }

func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, at fyne.Position, size fyne.Size)) (height float32) {
	gap := theme.Padding()
	at, line := fyne.Position{}, float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if at.X > 0 && at.X+size.Width > width {
			at, line = fyne.NewPos(0, at.Y+line+gap), 0
		}
		put(o, at, size)
		at.X += size.Width + gap
		line = max(line, size.Height)
	}
	return at.Y + line
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, o := range objects {
		if o.Visible() {
			width = max(width, o.MinSize().Width)
		}
	}
	height := l.place(objects, max(l.width, width), func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
	return fyne.NewSize(width, height)
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, own fyne.Size) {
		o.Move(at)
		o.Resize(own)
	})
}

// newLabelled places a label of a fixed width beside content that takes the
// rest, so that the contents of several lines stand one under the other.
func newLabelled(width float32, label, content fyne.CanvasObject) *fyne.Container {
	return container.New(&labelledLayout{label: width}, label, content)
}

type labelledLayout struct{ label, width float32 }

func (l *labelledLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	content := objects[1].MinSize().Width
	rest := max(content, l.width-l.label-theme.Padding())
	return fyne.NewSize(l.label+theme.Padding()+content, max(heightAt(objects[0], l.label), heightAt(objects[1], rest)))
}

func (l *labelledLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	rest := max(0, size.Width-l.label-theme.Padding())
	objects[0].Move(fyne.Position{})
	objects[0].Resize(fyne.NewSize(l.label, heightAt(objects[0], l.label)))
	objects[1].Move(fyne.NewPos(l.label+theme.Padding(), 0))
	objects[1].Resize(fyne.NewSize(rest, heightAt(objects[1], rest)))
}

// newSized gives content at least this size.
func newSized(size fyne.Size, content fyne.CanvasObject) *fyne.Container {
	return container.New(&sizedLayout{size}, content)
}

type sizedLayout struct{ least fyne.Size }

func (l *sizedLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().Max(l.least)
}

func (l *sizedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.Position{})
	objects[0].Resize(size)
}

// newPanel puts content on a coloured area with a border.
func newPanel(fill, stroke fyne.ThemeColorName, content fyne.CanvasObject) *fyne.Container {
	area := canvas.NewRectangle(theme.Color(fill))
	area.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	if stroke != "" {
		area.StrokeColor, area.StrokeWidth = theme.Color(stroke), 1
	}
	return container.New(&panelLayout{}, area, content)
}

// panelLayout pads like container.NewPadded, but lets content answer for its
// height at the width it will have.
type panelLayout struct{ width float32 }

func (l *panelLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	pad := 2 * theme.InnerPadding()
	content := objects[1].MinSize()
	return fyne.NewSize(content.Width+pad, heightAt(objects[1], l.width-pad)+pad)
}

func (l *panelLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	pad := theme.InnerPadding()
	objects[0].Resize(size)
	objects[1].Move(fyne.NewSquareOffsetPos(pad))
	objects[1].Resize(size.SubtractWidthHeight(2*pad, 2*pad))
}

// newRule is a thin line between parts.
func newRule() fyne.CanvasObject {
	line := canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))
	line.SetMinSize(fyne.NewSquareSize(1))
	return line
}

// newGap is an empty space of a height.
func newGap(height float32) fyne.CanvasObject {
	gap := canvas.NewRectangle(color.Transparent)
	gap.SetMinSize(fyne.NewSize(1, height))
	return gap
}
