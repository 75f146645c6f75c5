package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type enrolModel interface {
	model[screen.EnrolState]
	Submit(server, code, name string)
}

// newEnrol asks for server, code and name of a new device, or of one that its
// server does not let in any more.
func newEnrol(a *App, m enrolModel) *page {
	server, code, name := widget.NewEntry(), widget.NewEntry(), widget.NewEntry()
	server.SetPlaceHolder(a.words.Text("field.enrol.server_example"))
	code.SetPlaceHolder(a.words.Text("field.enrol.code_example"))
	name.SetPlaceHolder(a.words.Text("field.enrol.device_example"))
	content := newScrolling()
	filled := false
	p := newPage(a, m, content.body, func(p *page, s screen.EnrolState) {
		intro, hint := "field.enrol.intro", "field.enrol.hint"
		if s.Again {
			p.title = p.text("field.enrol.again")
			intro, hint = "field.enrol.again_intro", "field.enrol.again_hint"
		}
		if !filled { // later States must not undo what was typed
			filled = true
			server.SetText(s.Server)
			name.SetText(s.Name)
		}
		p.anchors.set("enrol.server", server)
		p.anchors.set("enrol.code", code)
		p.anchors.set("enrol.device", name)
		submit := p.button("enrol.submit", p.text("field.enrol.submit"), theme.LoginIcon(), kit.Primary, func() {
			m.Submit(server.Text, code.Text, name.Text)
		})
		if s.Busy {
			submit.SetText(p.text("field.enrol.busy"))
			submit.Disable()
		}
		objects := []fyne.CanvasObject{kit.NewParagraph(p.text(intro))}
		if s.Missing != "" {
			objects = append(objects, kit.NewBanner(kit.StatusWarn, s.Missing))
		}
		for _, f := range []struct {
			key   string
			entry *widget.Entry
		}{{"field.enrol.server", server}, {"field.enrol.code", code}, {"field.enrol.device", name}} {
			objects = append(objects, kit.NewParagraph(p.text(f.key)).Bold(), f.entry)
		}
		objects = append(objects, container.NewHBox(submit), kit.NewParagraph(p.text(hint)).Colored(kit.ColorNeutral))
		content.fill(objects...)
	})
	p.title = a.words.Text("field.enrol.title")
	return p
}
