package field

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/ui/kit"
)

// ask confirms what cannot be taken back.
func (a *App) ask(question, yes string, do func()) {
	if a.Window == nil {
		return
	}
	var popup *widget.PopUp
	confirm := kit.NewButton(yes, theme.DeleteIcon(), kit.Danger, func() {
		popup.Hide()
		a.barAnchors.forget("dialog.yes", "dialog.no")
		do()
	})
	cancel := kit.NewButton(a.words.Text("field.cancel"), nil, kit.Plain, func() {
		popup.Hide()
		a.barAnchors.forget("dialog.yes", "dialog.no")
	})
	words := kit.NewParagraph(question)
	words.Resize(fyne.NewSize(dialogWidth, 0))
	popup = widget.NewModalPopUp(container.NewPadded(kit.NewColumn(words, container.NewHBox(confirm, cancel))), a.Window.Canvas())
	popup.Resize(fyne.NewSize(dialogWidth, popup.MinSize().Height))
	a.barAnchors.set("dialog.yes", confirm)
	a.barAnchors.set("dialog.no", cancel)
	popup.Show()
}

const dialogWidth = 480

// number asks for a number with the pad.
func (a *App) number(text kit.NumberPadText, value string, judge kit.Judge, done func(value string)) {
	if a.Window == nil {
		return
	}
	text.OK, text.Cancel = a.words.Text("field.ok"), a.words.Text("field.cancel")
	kit.ShowNumberPad(a.Window.Canvas(), text, value, judge, done)
}

func decimal(n int) string { return strconv.Itoa(n) }
