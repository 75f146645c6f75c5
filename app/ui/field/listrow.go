package field

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/ui/kit"
)

// listRow is one line of a list that opens something: title, detail, state.
type listRow struct {
	widget.BaseWidget

	tapped     func()
	background *canvas.Rectangle
	content    fyne.CanvasObject
}

// newListRow shows title over detail, with state at the right end; detail and
// state may be empty.
func newListRow(title, detail string, tone kit.Status, state string, tapped func()) *listRow {
	words := kit.NewColumn(kit.NewParagraph(title).Bold())
	if detail != "" {
		words.Add(kit.NewParagraph(detail).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
	}
	row := kit.NewRow(words, words)
	if state != "" {
		row.Add(kit.NewStatusBadge(tone, state))
	}
	row.Add(widget.NewIcon(theme.NavigateNextIcon()))
	r := &listRow{
		tapped: tapped, background: canvas.NewRectangle(color.Transparent),
		content: container.New(layout.NewCustomPaddedLayout(10, 10, 14, 8), row),
	}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped opens what the row stands for.
func (r *listRow) Tapped(*fyne.PointEvent) { r.tapped() }

// CreateRenderer is called by Fyne.
func (r *listRow) CreateRenderer() fyne.WidgetRenderer {
	lr := &listRowRenderer{r}
	lr.apply()
	lr.Layout(r.Size())
	return lr
}

type listRowRenderer struct{ r *listRow }

func (l *listRowRenderer) apply() {
	l.r.background.FillColor = theme.Color(theme.ColorNameBackground)
	l.r.background.StrokeColor = theme.Color(theme.ColorNameSeparator)
	l.r.background.StrokeWidth = 1
	l.r.background.CornerRadius = theme.Size(theme.SizeNameInputRadius)
}

func (l *listRowRenderer) MinSize() fyne.Size {
	size := l.r.content.MinSize()
	size.Height = max(size.Height, theme.Size(kit.SizeNameTouch))
	return size
}

func (l *listRowRenderer) Layout(size fyne.Size) {
	l.r.background.Resize(size)
	l.r.content.Resize(size)
}

func (l *listRowRenderer) Refresh() {
	l.apply()
	l.Layout(l.r.Size())
	canvas.Refresh(l.r)
}

func (l *listRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{l.r.background, l.r.content}
}

func (l *listRowRenderer) Destroy() {}
