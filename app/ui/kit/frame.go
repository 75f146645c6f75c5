package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// framedRenderer draws one content on one background; apply sets the
// background's colours and runs again whenever the theme or the state changes.
type framedRenderer struct {
	object     fyne.CanvasObject
	background *canvas.Rectangle
	content    fyne.CanvasObject
	apply      func()
}

func newFramedRenderer(object fyne.CanvasObject, background *canvas.Rectangle, content fyne.CanvasObject, apply func()) *framedRenderer {
	apply()
	r := &framedRenderer{object: object, background: background, content: content, apply: apply}
	r.Layout(object.Size())
	return r
}

// newContentRenderer draws one content that fills the widget. Fyne drops the
// renderer of a widget that was out of sight for a minute and makes a new one
// without laying it out, so every renderer of this package starts laid out.
func newContentRenderer(object, content fyne.CanvasObject) fyne.WidgetRenderer {
	content.Resize(object.Size())
	return widget.NewSimpleRenderer(content)
}

func (r *framedRenderer) MinSize() fyne.Size { return r.content.MinSize() }

func (r *framedRenderer) Layout(size fyne.Size) {
	r.background.Resize(size)
	r.content.Resize(size)
}

func (r *framedRenderer) Refresh() {
	r.apply()
	r.background.Refresh()
	r.content.Refresh()
	r.Layout(r.object.Size())
	canvas.Refresh(r.object)
}

func (r *framedRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.background, r.content}
}

func (r *framedRenderer) Destroy() {}
