package desk

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// Columns of the board, in dp; the defect takes what is left.
const (
	numberWidth = 126
	placeWidth  = 130
	statusWidth = 168
)

// columns gives left edge and width of the four columns of a row.
func columns(width float32) (edges, widths [4]float32) {
	gap := 2 * theme.Padding()
	rest := max(60, width-numberWidth-placeWidth-statusWidth-5*gap)
	widths = [4]float32{numberWidth, placeWidth, rest, statusWidth}
	x := gap
	for i, w := range widths {
		edges[i] = x
		x += w + gap
	}
	return edges, widths
}

// boardRow is one ticket in two lines: number over age or news, unit over room,
// defect over severity and contractor, status over what is due.
type boardRow struct {
	widget.BaseWidget

	row    desk.Row
	area   *canvas.Rectangle
	rule   *canvas.Rectangle
	upper  [3]*line
	lower  [4]*line
	badge  *kit.StatusBadge
	news   *canvas.Image
	severe *canvas.Image
	due    *canvas.Image
}

func newBoardRow() *boardRow {
	r := &boardRow{area: canvas.NewRectangle(color.Transparent), rule: canvas.NewRectangle(nil), badge: kit.NewStatusBadge(kit.StatusNeutral, "")}
	for i := range r.upper {
		r.upper[i] = newLine(i != 1, theme.SizeNameText)
	}
	for i := range r.lower {
		r.lower[i] = newLine(false, theme.SizeNameCaptionText)
	}
	for _, image := range []**canvas.Image{&r.news, &r.severe, &r.due} {
		*image = canvas.NewImageFromResource(nil)
		(*image).FillMode = canvas.ImageFillContain
	}
	r.ExtendBaseWidget(r)
	return r
}

// rowTexts are the fixed words of a row.
type rowTexts struct{ isNew, pending, contested string }

func (r *boardRow) set(row desk.Row, texts rowTexts, selected bool) {
	r.row = row
	r.area.FillColor = color.Transparent
	if selected {
		r.area.FillColor = theme.Color(theme.ColorNameSelection)
	}
	plain, muted := theme.ColorNameForeground, theme.ColorNamePlaceHolder
	r.upper[0].set(row.Number, plain)
	r.upper[1].set(row.Unit, plain)
	r.upper[2].set(row.Defect, plain)
	r.badge.SetStatus(statuses[row.StatusTone], row.Status)

	r.news.Hide()
	switch {
	case row.Pending:
		r.show(r.news, desk.TonePending)
		r.lower[0].set(texts.pending, kit.ColorPending)
	case row.Contested:
		r.show(r.news, desk.ToneWarn)
		r.lower[0].set(texts.contested+" · "+row.Age, kit.ColorWarn)
	case row.New:
		r.show(r.news, desk.ToneInfo)
		r.lower[0].set(texts.isNew+" · "+row.Age, kit.ColorInfo)
	default:
		r.lower[0].set(row.Age, muted)
	}
	r.lower[1].set(row.Room, muted)
	r.show(r.severe, row.SeverityTone)
	r.lower[2].set(row.Severity+" · "+row.Contractor, muted)
	due, color := row.Due, muted
	if row.DueLabel != "" {
		due = row.DueLabel + " " + row.Due
	}
	r.due.Hide()
	if row.DueTone != desk.ToneNeutral {
		r.show(r.due, row.DueTone)
		color = statuses[row.DueTone].Color()
	}
	r.lower[3].set(due, color)
	r.Refresh()
}

func (r *boardRow) show(image *canvas.Image, tone desk.Tone) {
	glyph := statuses[tone].Glyph()
	if image.Resource == nil || image.Resource.Name() != glyph.Name() {
		image.Resource = glyph
		image.Refresh()
	}
	image.Show()
}

// CreateRenderer is called by Fyne.
func (r *boardRow) CreateRenderer() fyne.WidgetRenderer { return &boardRowRenderer{row: r} }

type boardRowRenderer struct{ row *boardRow }

func (b *boardRowRenderer) heights() (upper, lower float32) {
	return b.row.badge.MinSize().Height, max(b.row.lower[0].MinSize().Height, smallGlyph())
}

// smallGlyph is the edge of a silhouette beside small text.
func smallGlyph() float32 { return theme.Size(theme.SizeNameCaptionText) + 2 }

func (b *boardRowRenderer) MinSize() fyne.Size {
	upper, lower := b.heights()
	return fyne.NewSize(numberWidth+placeWidth+statusWidth+120, upper+lower+2*theme.Padding())
}

func (b *boardRowRenderer) Layout(size fyne.Size) {
	r := b.row
	edges, widths := columns(size.Width)
	upper, lower := b.heights()
	top, below := theme.Padding(), theme.Padding()+upper
	r.area.Resize(size)
	r.rule.Move(fyne.NewPos(0, size.Height-1))
	r.rule.Resize(fyne.NewSize(size.Width, 1))
	for i, l := range r.upper {
		h := l.MinSize().Height
		l.Move(fyne.NewPos(edges[i], top+(upper-h)/2))
		l.Resize(fyne.NewSize(widths[i], h))
	}
	r.badge.Move(fyne.NewPos(edges[3], top))
	r.badge.Resize(fyne.NewSize(widths[3], upper))
	glyphs := [4]*canvas.Image{0: r.news, 2: r.severe, 3: r.due}
	for i, l := range r.lower {
		x, width := edges[i], widths[i]
		if g := glyphs[i]; g != nil && g.Visible() {
			edge := smallGlyph()
			g.Move(fyne.NewPos(x, below+(lower-edge)/2))
			g.Resize(fyne.NewSquareSize(edge))
			x, width = x+edge+theme.Padding(), width-edge-theme.Padding()
		}
		h := l.MinSize().Height
		l.Move(fyne.NewPos(x, below+(lower-h)/2))
		l.Resize(fyne.NewSize(width, h))
	}
}

func (b *boardRowRenderer) Refresh() {
	b.row.rule.FillColor = theme.Color(theme.ColorNameSeparator)
	b.Layout(b.row.Size())
	canvas.Refresh(b.row)
}

func (b *boardRowRenderer) Objects() []fyne.CanvasObject {
	r := b.row
	objects := []fyne.CanvasObject{r.area, r.rule, r.badge, r.news, r.severe, r.due}
	for _, l := range r.upper {
		objects = append(objects, l)
	}
	for _, l := range r.lower {
		objects = append(objects, l)
	}
	return objects
}

func (b *boardRowRenderer) Destroy() {}
