package shell

import (
	"fyne.io/fyne/v2"

	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// Failed is the page of an app that could not start: what happened, that
// nothing is lost, what to do.
func Failed(texts *wording.Texts, locale string, err error) fyne.CanvasObject {
	r := wording.Reader{Texts: texts, Locale: locale}
	return kit.NewPage(kit.NewErrorPanel(kit.ErrorText{
		Happened: r.Text("shell.failed", "error", err.Error()), Safe: r.Text("shell.failed.safe"), Next: r.Text("shell.failed.next"),
	}, nil))
}
