package desk

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// form asks for what an action needs.
type form struct {
	app     *App
	action  desk.Action
	popup   *widget.PopUp
	problem *kit.Banner
	ok      *kit.Button
	cancel  *kit.Button
	note    *widget.Entry
	amount  *widget.Entry
	reached *widget.RadioGroup
	pickers map[desk.FieldKind]*picker
	files   []string
	listed  *fyne.Container
	column  *fyne.Container
	page    fyne.CanvasObject
}

// ask opens the form of an action. An action that asks for nothing is confirmed
// all the same, because the server acts on it at once.
func (a *App) ask(action desk.Action) {
	f := &form{app: a, action: action, pickers: map[desk.FieldKind]*picker{}}
	f.problem = kit.NewBanner(kit.StatusBad, "")
	f.problem.Hide()
	a.anchors.mark("form.problem", f.problem)
	objects := []fyne.CanvasObject{kit.NewHeading(action.Label)}
	if action.Explain != "" {
		objects = append(objects, kit.NewParagraph(action.Explain))
	}
	var first fyne.Focusable
	for _, field := range action.Fields {
		input, focus := f.input(field)
		label := field.Label
		if !field.Required {
			label = a.text("desk.ui.optional", "field", label)
		}
		objects = append(objects, kit.NewParagraph(label).Bold(), input)
		if first == nil {
			first = focus
		}
	}
	f.cancel = a.button("form.cancel", a.text("desk.ui.cancel"), nil, kit.Plain, f.close)
	emphasis := kit.Primary
	if action.Emphasis == desk.Danger {
		emphasis = kit.Danger
	}
	f.ok = a.button("form.ok", action.Label, nil, emphasis, f.submit)
	f.column = kit.NewColumn(append(objects, f.problem)...)
	f.page = kit.NewPage(f.column)
	// The column is measured at the width that the form will have.
	size := dialogSize(a.Window.Canvas(), formWidth, 0)
	height := heightAt(f.column, size.Width-8*theme.Padding()) + formRoom
	size = dialogSize(a.Window.Canvas(), formWidth, height)
	buttons := container.NewBorder(nil, nil, nil, container.NewHBox(f.cancel, f.ok))
	f.popup = widget.NewModalPopUp(newSized(size, container.NewPadded(container.NewBorder(nil, buttons, nil, nil, f.page))), a.Window.Canvas())
	f.popup.Show()
	if first != nil {
		a.Window.Canvas().Focus(first)
	}
}

// formWidth holds a contract scope's name; formRoom is what buttons, margins
// and a problem of two lines take.
const (
	formWidth = 560
	formRoom  = 130
)

// input makes the control of a field, and what of it takes the focus.
func (f *form) input(field desk.Field) (fyne.CanvasObject, fyne.Focusable) {
	switch field.Kind {
	case desk.FieldNote:
		f.note = widget.NewMultiLineEntry()
		f.note.Wrapping = fyne.TextWrapBreak
		f.note.SetMinRowsVisible(3)
		f.app.anchors.mark("form.note", f.note)
		return f.note, f.note
	case desk.FieldAmount:
		f.amount = widget.NewEntry()
		f.amount.SetPlaceHolder("0.00")
		f.amount.OnSubmitted = func(string) { f.submit() }
		f.app.anchors.mark("form.amount", f.amount)
		return f.amount, f.amount
	case desk.FieldReached:
		f.reached = widget.NewRadioGroup([]string{f.app.text("desk.contact.reached"), f.app.text("desk.contact.not_reached")}, nil)
		f.reached.Horizontal, f.reached.Required = true, true
		f.reached.SetSelected(f.reached.Options[1])
		f.app.anchors.mark("form.reached", f.reached)
		return f.reached, nil
	case desk.FieldProof, desk.FieldAfter:
		f.listed = container.NewVBox()
		add := f.app.button("form.files", f.app.text("desk.ui.choose_photo"), theme.ContentAddIcon(), kit.Plain, func() {
			f.app.PickFile(f.add)
		})
		return container.NewVBox(container.NewHBox(add), f.listed), nil
	default:
		p := newPicker(nil)
		p.menu.PlaceHolder = f.app.text("desk.ui.choose")
		p.set(field.Choices, field.Chosen)
		f.pickers[field.Kind] = p
		f.app.anchors.mark("form."+string(field.Kind), p.menu)
		return p.object, p.menu
	}
}

// add lists a chosen file.
func (f *form) add(path string) {
	if slices.Contains(f.files, path) {
		return
	}
	f.files = append(f.files, path)
	var row *fyne.Container
	drop := kit.NewButton("", theme.DeleteIcon(), kit.Quiet, func() {
		f.files = slices.DeleteFunc(f.files, func(known string) bool { return known == path })
		f.listed.Remove(row)
	})
	name := newLine(false, theme.SizeNameText)
	name.set(filepath.Base(path), theme.ColorNameForeground)
	row = kit.NewRow(name, name, drop)
	f.listed.Add(row)
	f.page.Refresh()
}

func (f *form) values() desk.Input {
	in := desk.Input{Chosen: map[desk.FieldKind]string{}, Files: slices.Clone(f.files)}
	if f.note != nil {
		in.Note = f.note.Text
	}
	if f.amount != nil {
		in.Amount = f.amount.Text
	}
	if f.reached != nil {
		in.Reached = f.reached.Selected == f.reached.Options[0]
	}
	for kind, p := range f.pickers {
		in.Chosen[kind] = p.id()
	}
	return in
}

// submit sends the form; a problem leaves it open with everything in it.
func (f *form) submit() {
	if f.ok.Disabled() {
		return
	}
	f.problem.Hide()
	f.ok.Disable()
	f.cancel.Disable()
	in := f.values()
	f.app.inBackground(func(ctx context.Context) func() {
		err := f.app.Screen.Submit(ctx, f.action, in)
		return func() { f.answered(err) }
	})
}

func (f *form) answered(err error) {
	f.ok.Enable()
	f.cancel.Enable()
	if err == nil {
		f.close()
		return
	}
	text := err.Error()
	var problem *desk.Problem
	if errors.As(err, &problem) {
		text = problem.Text
	}
	f.problem.SetMessage(kit.StatusBad, text)
	f.problem.Show()
	f.column.Refresh()
	f.page.Refresh()
}

func (f *form) close() {
	f.popup.Hide()
	f.app.anchors.forget("form.")
	if f.app.Window != nil && f.app.state.Section == desk.SectionTickets {
		f.app.Window.Canvas().Focus(f.app.board.list)
	}
}
