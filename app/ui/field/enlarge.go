package field

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

// enlarge shows one picture on a page of its own.
func (a *App) enlarge(title string, pic screen.Picture) {
	again := func() *page {
		p := &page{app: a, title: title, left: func() {}, listen: func(bool) {}}
		img := &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
		surface := canvas.NewRectangle(theme.Color(kit.ColorPlan))
		note := kit.NewParagraph("").Aligned(fyne.TextAlignCenter)
		p.root = container.NewStack(surface, kit.NewRow(note, note), img)
		p.load(pic, func(decoded image.Image) {
			if decoded == nil {
				note.SetText(a.words.Text("field.photo.not_here"))
				return
			}
			img.Image = decoded
			img.Refresh()
		})
		return p
	}
	a.cover()
	a.stack = append(a.stack, &opened{page: again(), make: again})
	a.show()
}
