package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// NewRow places objects side by side at their own width and vertically centred,
// except grow, one of them or nil, which takes the width that is left. Unlike
// container.NewBorder it asks grow for the height it needs at that width.
func NewRow(grow fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{grow: grow}, objects...)
}

type rowLayout struct {
	grow  fyne.CanvasObject
	width float32 // the last width given, 0 before
}

// place calls put with each shown object and the width it gets out of total.
func (l *rowLayout) place(objects []fyne.CanvasObject, total float32, put func(o fyne.CanvasObject, width float32)) {
	shown := visible(objects)
	rest := total - theme.Padding()*float32(len(shown)-1)
	for _, o := range shown {
		if o != l.grow {
			rest -= o.MinSize().Width
		}
	}
	for _, o := range shown {
		width := o.MinSize().Width
		if o == l.grow {
			width = max(width, rest)
		}
		put(o, width)
	}
}

func (l *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	l.place(objects, l.width, func(o fyne.CanvasObject, width float32) {
		if l.width == 0 {
			width = 0 // not laid out yet: let o answer for its natural width
		}
		height := heightFor(o, width)
		size.Width += o.MinSize().Width
		size.Height = max(size.Height, height)
	})
	if n := len(visible(objects)); n > 1 {
		size.Width += theme.Padding() * float32(n-1)
	}
	return size
}

func (l *rowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	x := float32(0)
	l.place(objects, size.Width, func(o fyne.CanvasObject, width float32) {
		height := min(size.Height, heightFor(o, width))
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		x += width + theme.Padding()
	})
}
