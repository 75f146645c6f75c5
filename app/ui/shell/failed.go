package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// Failure is why the app could not start: the data directory, or the server if
// it was about to enrol.
type Failure struct {
	Dir    string
	Server string // set when enrolling failed
	Err    error
}

// Failed is the page of an app that could not start: what happened, that
// nothing is lost, what to do. retry tries again.
func Failed(r wording.Reader, f Failure, retry func()) fyne.CanvasObject {
	happened, next := r.Text("shell.failed.data", "dir", f.Dir), r.Text("shell.failed.next")
	if f.Server != "" {
		happened, next = r.Text("shell.failed.enrol", "server", f.Server), r.Text("shell.failed.next_enrol")
	}
	panel := kit.NewErrorPanel(kit.ErrorText{
		Happened: r.Text("shell.failed") + " " + happened, Safe: r.Text("shell.failed.safe"), Next: next, Retry: r.Text("shell.failed.retry"),
	}, retry)
	reason := kit.NewParagraph(r.Text("shell.failed.detail", "error", f.Err.Error())).Sized(theme.SizeNameCaptionText)
	return kit.NewPage(panel, reason)
}

// Waiting is the page while the app opens or enrols.
func Waiting(text string) fyne.CanvasObject {
	return container.NewCenter(container.NewVBox(kit.NewHeading(text), widget.NewProgressBarInfinite()))
}

// Report tells of an error that no page explains.
func Report(w fyne.Window, r wording.Reader, err error) {
	var popup *widget.PopUp
	closing := kit.NewButton(r.Text("shell.photo.cancel"), theme.CancelIcon(), kit.Plain, func() { popup.Hide() })
	column := kit.NewColumn(kit.NewBanner(kit.StatusBad, r.Text("shell.problem", "error", err.Error())), container.NewBorder(nil, nil, nil, closing))
	popup = widget.NewModalPopUp(column, w.Canvas())
	column.Resize(fyne.NewSize(reportWidth, 0))
	popup.Resize(fyne.NewSize(reportWidth, popup.MinSize().Height))
	popup.Show()
}

// reportWidth holds a sentence in two lines, in dp.
const reportWidth = 480
