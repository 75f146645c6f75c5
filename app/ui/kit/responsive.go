package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// NewResponsive places objects side by side in equal widths when it is at least
// wideFrom dp wide, and one under the other when it is narrower.
func NewResponsive(wideFrom float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&responsiveLayout{
		wide: func(size fyne.Size) bool { return size.Width >= wideFrom },
	}, objects...)
}

// NewByOrientation places objects side by side when it is wider than high, and
// one under the other, in equal heights, when it is higher than wide.
func NewByOrientation(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&responsiveLayout{
		wide: func(size fyne.Size) bool { return size.Width >= size.Height },
		fill: true,
	}, objects...)
}

type responsiveLayout struct {
	wide func(fyne.Size) bool
	fill bool // share out the height instead of taking what each object needs
	last fyne.Size
}

// MinSize reports the width of the narrow form, so that a window can always be
// made narrow, and the height of the form that the last size led to.
func (l *responsiveLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	shown := visible(objects)
	cell := l.cellWidth(len(shown), l.last)
	size := fyne.Size{}
	sideBySide := l.wide(l.last)
	for _, o := range shown {
		h := heightFor(o, cell)
		size.Width = max(size.Width, o.MinSize().Width)
		if sideBySide || l.fill {
			size.Height = max(size.Height, h)
		} else {
			size.Height += h + gapAfter(size.Height)
		}
	}
	return size
}

func (l *responsiveLayout) cellWidth(n int, size fyne.Size) float32 {
	if n == 0 || !l.wide(size) {
		return size.Width
	}
	return max(0, (size.Width-theme.Padding()*float32(n-1))/float32(n))
}

func (l *responsiveLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.last = size
	shown := visible(objects)
	n := float32(len(shown))
	width := l.cellWidth(len(shown), size)
	sideBySide := l.wide(size)
	pos := fyne.Position{}
	for _, o := range shown {
		h := size.Height
		switch {
		case sideBySide:
		case l.fill:
			h = max(0, (size.Height-theme.Padding()*(n-1))/n)
		default:
			h = heightFor(o, width)
		}
		o.Move(pos)
		o.Resize(fyne.NewSize(width, h))
		if sideBySide {
			pos.X += width + theme.Padding()
		} else {
			pos.Y += h + theme.Padding()
		}
	}
}
