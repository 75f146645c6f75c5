package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// newFlow places objects side by side at their own width and begins a new line
// where the width ends.
func newFlow(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{}, objects...)
}

// flowLayout remembers the last width, because Fyne asks for the minimum size
// without telling the width.
type flowLayout struct{ width float32 }

func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, pos fyne.Position, size fyne.Size)) (height float32) {
	gap := theme.Padding()
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if x > 0 && x+size.Width > width {
			x, y, line = 0, y+line+gap, 0
		}
		put(o, fyne.NewPos(x, y), size)
		x += size.Width + gap
		line = max(line, size.Height)
	}
	return y + line
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	width := l.width
	if width == 0 {
		width = 1e6 // not laid out yet: one line
	}
	size.Height = l.place(objects, width, func(o fyne.CanvasObject, _ fyne.Position, s fyne.Size) {
		size.Width = max(size.Width, s.Width)
	})
	return size
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, pos fyne.Position, s fyne.Size) {
		o.Move(pos)
		o.Resize(s)
	})
}
