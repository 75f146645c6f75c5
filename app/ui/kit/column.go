package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// NewColumn stacks objects like container.NewVBox, but asks each for its height
// at the width it will really have. Fyne's VBox asks before, so that wrapped
// text keeps the height of another width: too little room, or a gap.
func NewColumn(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{}, objects...)
}

// NewFillColumn is a column in which grow, one of the objects, takes the height
// that the others leave.
func NewFillColumn(grow fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{grow: grow}, objects...)
}

// NewPage is a column that scrolls vertically and always fits its width, with
// the theme's padding around it.
func NewPage(objects ...fyne.CanvasObject) fyne.CanvasObject {
	content := container.NewPadded(NewColumn(objects...))
	return container.New(&pageLayout{content: content}, container.NewVScroll(content))
}

// columnLayout remembers the last width, because Fyne asks for the minimum size
// without telling the width.
type columnLayout struct {
	grow  fyne.CanvasObject // nil: nothing grows
	width float32
}

func (l *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range visible(objects) {
		size.Width = max(size.Width, o.MinSize().Width)
		size.Height += heightFor(o, l.width) + gapAfter(size.Height)
	}
	return size
}

func (l *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	spare := size.Height - l.MinSize(objects).Height
	y := float32(0)
	for _, o := range visible(objects) {
		y += gapAfter(y)
		height := heightFor(o, size.Width)
		if o == l.grow {
			height += max(0, spare)
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height
	}
}

// gapAfter is the gap before the next object when used of the length is taken.
func gapAfter(used float32) float32 {
	if used == 0 {
		return 0
	}
	return theme.Padding()
}

// heightFor gives o its width first and then asks for the height it needs.
func heightFor(o fyne.CanvasObject, width float32) float32 {
	if width > 0 && o.Size().Width != width {
		o.Resize(fyne.NewSize(width, o.Size().Height))
	}
	return o.MinSize().Height
}

func visible(objects []fyne.CanvasObject) []fyne.CanvasObject {
	shown := make([]fyne.CanvasObject, 0, len(objects))
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	return shown
}

type pageLayout struct{ content *fyne.Container }

func (l *pageLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.content.MinSize().Width, objects[0].MinSize().Height)
}

func (l *pageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	// The scroller sizes its content by the content's minimum, so the column
	// has to know its width before the scroller asks.
	l.content.Resize(fyne.NewSize(size.Width, l.content.Size().Height))
	objects[0].Move(fyne.Position{})
	objects[0].Resize(size)
	objects[0].Refresh()
}
