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

// place calls put for each shown object, centred in the height of its line.
func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, pos fyne.Position, size fyne.Size)) (height float32) {
	gap := theme.Padding()
	var line []fyne.CanvasObject
	used, high, y := float32(0), float32(0), float32(0)
	end := func() {
		x := float32(0)
		for _, o := range line {
			size := o.MinSize()
			put(o, fyne.NewPos(x, y+(high-size.Height)/2), size)
			x += size.Width + gap
		}
		y += high + gap
		line, used, high = line[:0], 0, 0
	}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if used > 0 && used+size.Width > width {
			end()
		}
		line = append(line, o)
		used += size.Width + gap
		high = max(high, size.Height)
	}
	if len(line) > 0 {
		end()
	}
	return max(0, y-gap)
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
