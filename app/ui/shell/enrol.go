package shell

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// Enrol is the page of a desk that belongs to nobody yet, or whose server does
// not let it in any more. It asks for the server and a one-time code.
type Enrol struct {
	// OnEnrol is called with what was typed.
	OnEnrol func(server, code string)
	// OnBack leaves the page of a device that is enrolled already.
	OnBack func()

	reader  wording.Reader
	server  *widget.Entry
	code    *widget.Entry
	ok      *kit.Button
	back    *kit.Button
	problem *kit.Banner
	page    fyne.CanvasObject
}

// NewEnrol makes the page of a new device, with a server to begin with.
func NewEnrol(r wording.Reader, server string) *Enrol {
	e := newEnrol(r, server)
	e.back.Hide()
	e.fill(kit.NewHeading(r.Text("shell.enrol.title")), kit.NewParagraph(r.Text("shell.enrol.explain")))
	return e
}

// NewEnrolAgain makes the page of a device that keeps its identity and its work;
// server is the one that it knows.
func NewEnrolAgain(r wording.Reader, server string) *Enrol {
	e := newEnrol(r, server)
	e.fill(kit.NewHeading(r.Text("shell.again.title")), kit.NewErrorPanel(kit.ErrorText{
		Happened: r.Text("shell.again.happened"), Safe: r.Text("shell.again.safe"), Next: r.Text("shell.again.next"),
	}, nil))
	return e
}

func newEnrol(r wording.Reader, server string) *Enrol {
	e := &Enrol{reader: r, server: widget.NewEntry(), code: widget.NewEntry(), problem: kit.NewBanner(kit.StatusBad, "")}
	e.problem.Hide()
	e.server.SetText(server)
	e.server.SetPlaceHolder("https://")
	e.code.OnSubmitted = func(string) { e.submit() }
	e.ok = kit.NewButton(r.Text("shell.enrol.ok"), theme.ConfirmIcon(), kit.Primary, e.submit)
	e.back = kit.NewButton(r.Text("shell.again.back"), theme.NavigateBackIcon(), kit.Plain, func() { e.OnBack() })
	return e
}

// fill puts the page together below what it is about.
func (e *Enrol) fill(about ...fyne.CanvasObject) {
	column := kit.NewColumn(append(about,
		kit.NewParagraph(e.reader.Text("shell.enrol.server")).Bold(), e.server,
		kit.NewParagraph(e.reader.Text("shell.enrol.code")).Bold(), e.code,
		e.problem, container.NewHBox(e.ok, e.back),
	)...)
	const margin = 24
	half := kit.NewResponsive(2*formWidth, column, layout.NewSpacer())
	e.page = kit.NewPage(container.New(layout.NewCustomPaddedLayout(margin, margin, margin, margin), half))
}

// formWidth is what a server's address takes, in dp.
const formWidth = 420

// Object is the page.
func (e *Enrol) Object() fyne.CanvasObject { return e.page }

// Find gives "enrol.server", "enrol.code", "enrol.submit" or "enrol.back".
func (e *Enrol) Find(id string) fyne.CanvasObject {
	switch id {
	case "enrol.server":
		return e.server
	case "enrol.code":
		return e.code
	case "enrol.submit":
		return e.ok
	case "enrol.back":
		return e.back
	}
	return nil
}

func (e *Enrol) submit() {
	server, code := strings.TrimSpace(e.server.Text), strings.TrimSpace(e.code.Text)
	if server == "" || code == "" {
		e.show(e.reader.Text("shell.enrol.empty"))
		return
	}
	e.ok.Disable()
	e.problem.Hide()
	e.OnEnrol(server, code)
}

// Refused shows why it did not work and lets the person try again.
func (e *Enrol) Refused(err error) {
	e.ok.Enable()
	e.show(e.reader.Text("shell.enrol.failed", "error", err.Error()))
}

func (e *Enrol) show(text string) {
	e.problem.SetMessage(kit.StatusBad, text)
	e.problem.Show()
	e.page.Refresh()
}
