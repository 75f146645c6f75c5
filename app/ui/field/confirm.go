package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type confirmModel interface {
	model[screen.ConfirmState]
	Sign(signature []byte)
	ByPhone()
	AskRefuse()
	Refuse(why string)
	Later()
}

// newConfirm shows the homeowner what they confirm, large, and takes their
// signature.
func newConfirm(a *App, m confirmModel) *page {
	pad := kit.NewSignaturePad(a.words.Text("field.confirm.sign_here"))
	why := widget.NewEntry()
	why.SetPlaceHolder(a.words.Text("field.confirm.why"))
	head := kit.NewColumn()
	var sign *kit.Button
	p := newPage(a, m, inset(kit.NewFillColumn(pad, head, pad)), func(p *page, s screen.ConfirmState) {
		p.title = s.Title
		objects := []fyne.CanvasObject{}
		if s.Done {
			objects = append(objects, kit.NewBanner(kit.StatusOK, p.text("field.confirm.done")))
		}
		for _, line := range s.Shown {
			objects = append(objects, kit.NewParagraph(line).Sized(theme.SizeNameSubHeadingText))
		}
		sign = p.button("confirm.sign", p.text("field.confirm.sign"), theme.ConfirmIcon(), kit.Primary, func() {
			if png, err := pad.PNG(); err == nil {
				m.Sign(png)
			}
		})
		buttons := newFlow(sign,
			p.button("confirm.clear", p.text("field.confirm.clear"), theme.ContentUndoIcon(), kit.Plain, pad.Clear),
			p.button("confirm.phone", p.text("field.confirm.phone"), nil, kit.Plain, m.ByPhone),
			p.button("confirm.refuse", p.text("field.confirm.refuse"), kit.StatusBad.Glyph(), kit.Plain, m.AskRefuse),
			p.button("confirm.later", p.text("field.confirm.later"), nil, kit.Quiet, m.Later),
		)
		if !s.Done {
			objects = append(objects, buttons)
		}
		if s.Refusing {
			p.anchors.set("confirm.why", why)
			objects = append(objects, kit.NewRow(why, why, p.button("confirm.refuse.yes", p.text("field.confirm.refuse_yes"), nil, kit.Danger, func() { m.Refuse(why.Text) })))
		}
		objects = append(objects, kit.NewParagraph(p.text("field.confirm.hash", "hash", s.Hash)).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
		head.Objects = objects
		head.Refresh()
		p.anchors.set("confirm.pad", pad)
		enable(sign, !pad.Empty())
		p.root.Refresh()
	})
	pad.OnChanged = func() { enable(sign, !pad.Empty()) }
	return p
}

func enable(b *kit.Button, on bool) {
	switch {
	case b == nil:
	case on:
		b.Enable()
	default:
		b.Disable()
	}
}
