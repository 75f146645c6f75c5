package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type syncModel interface {
	model[screen.SyncState]
	Now()
	EnrolAgain()
	SaveReceipt()
	CopyReceipt(use func(text string))
	SaveSigned(to screen.Target)
	Export(to screen.Target)
	StopExport()
}

// newSync shows how much the server has confirmed.
func newSync(a *App, m syncModel) *page {
	content := newScrolling()
	progress := kit.NewProgressPanel("", "", nil)
	return newPage(a, m, content.body, func(p *page, s screen.SyncState) {
		p.title = p.text("field.sync.title")
		progress.SetTitle(s.Sum + "  " + s.Headline)
		progress.SetProgress(s.Confirmed, s.All, s.Records+"    "+s.Photos)
		var objects []fyne.CanvasObject
		now := kit.Primary
		if s.Link.Refused != nil {
			objects = append(objects, p.refused("sync.enrol", s.Link.Refused, m.EnrolAgain))
			now = kit.Plain
		}
		buttons := newFlow(
			p.button("sync.now", p.text("field.sync.now"), theme.ViewRefreshIcon(), now, m.Now),
			p.button("sync.save", p.text("field.sync.save"), theme.DocumentSaveIcon(), kit.Plain, m.SaveReceipt),
		)
		if a.Copy != nil {
			buttons.Add(p.button("sync.copy", p.text("field.sync.copy"), theme.ContentCopyIcon(), kit.Plain, func() {
				m.CopyReceipt(func(text string) { onUI(func() { a.Copy(text) }) })
			}))
		}
		left := kit.NewColumn(buttons, progress, newFlow(kit.NewStatusBadge(tone(s.Tone), s.Sum), kit.NewStatusBadge(tone(s.Link.Tone), s.Link.Text)))
		if s.Behind != "" {
			left.Add(kit.NewParagraph(s.Behind))
		}
		if s.SavedAs != "" {
			left.Add(kit.NewBanner(kit.StatusOK, s.SavedAs))
		}
		if len(s.Attention) > 0 {
			left.Add(kit.NewHeading(p.text("field.sync.attention_title")))
		}
		for _, t := range s.Attention {
			left.Add(kit.NewErrorPanel(kit.ErrorText{Happened: t.What + p.text("field.reading.join") + t.Why, Safe: p.text("field.sync.kept"), Next: t.Next}, nil))
		}
		left.Add(p.wayOut(s.Export, m))
		right := kit.NewColumn(kit.NewHeading(p.text("field.sync.receipt")), p.signedReceipt(s.Signed, m))
		if s.More != "" {
			right.Add(kit.NewParagraph(s.More).Colored(kit.ColorNeutral))
		}
		for _, line := range s.Receipt {
			words := kit.NewColumn(kit.NewParagraph(line.What).Bold(), kit.NewParagraph(line.ID).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
			right.Add(kit.NewRow(words, words, kit.NewStatusBadge(tone(line.Tone), line.State)))
		}
		content.fill(append(objects, twoSides(left, right))...)
	})
}

// refused tells that the server does not let this device in, and leads to where
// a new code is entered.
func (p *page) refused(id string, why *screen.Problem, enrol func()) fyne.CanvasObject {
	panel := kit.NewErrorPanel(kit.ErrorText{Happened: why.Happened, Safe: why.Safe, Next: why.Next}, nil)
	return kit.NewColumn(panel, newFlow(p.button(id, p.text("field.enrol.again"), theme.LoginIcon(), kit.Primary, enrol)))
}

// signedReceipt shows the server's signed word and the way to keep it.
func (p *page) signedReceipt(s screen.SignedLine, m syncModel) fyne.CanvasObject {
	words := kit.NewColumn()
	switch s.Tone {
	case screen.ToneNeutral:
		words.Add(kit.NewParagraph(s.Text).Colored(kit.ColorNeutral))
	case screen.ToneOK, screen.ToneInfo:
		words.Add(newFlow(kit.NewStatusBadge(tone(s.Tone), s.Text)))
	default:
		words.Add(kit.NewBanner(tone(s.Tone), s.Text))
	}
	if s.Detail != "" {
		words.Add(kit.NewParagraph(s.Detail).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
	}
	if s.FileName == "" || p.app.Window == nil {
		return words
	}
	return kit.NewRow(words, words, p.button("sync.signed", p.text("field.signed.save"), theme.DocumentSaveIcon(), kit.Plain, func() {
		p.app.saveAs(s.FileName, m.SaveSigned)
	}))
}

// wayOut shows what to do without a network: carry the work to the office.
func (p *page) wayOut(s screen.ExportLine, m syncModel) fyne.CanvasObject {
	column := kit.NewColumn(kit.NewHeading(p.text("field.export.title")))
	switch {
	case s.Running:
		progress := kit.NewProgressPanel(s.Text, "", nil)
		progress.SetProgress(s.Done, s.All, s.Sum)
		column.Add(progress)
		column.Add(newFlow(p.button("sync.export_stop", p.text("field.export.stop"), theme.CancelIcon(), kit.Plain, m.StopExport)))
	default:
		column.Add(kit.NewParagraph(s.Text))
		if s.FileName != "" && p.app.Window != nil {
			column.Add(newFlow(p.button("sync.export", p.text("field.export.start"), theme.UploadIcon(), kit.Plain, func() {
				p.app.saveAs(s.FileName, m.Export)
			})))
		}
	}
	if s.Result != "" {
		column.Add(kit.NewBanner(tone(s.Tone), s.Result))
	}
	return column
}

// saveAs asks for a place to write to. use gets it unless the person cancels;
// who cannot be asked loses nothing.
func (a *App) saveAs(name string, use func(screen.Target)) {
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if err != nil {
			dialog.ShowError(err, a.Window)
			return
		}
		if f == nil {
			return // changed their mind
		}
		use(screen.Target{WriteCloser: f, Name: f.URI().Name(), Discard: func() error { return storage.Delete(f.URI()) }})
	}, a.Window)
	d.SetFileName(name)
	d.SetConfirmText(a.words.Text("field.file.save"))
	d.SetDismissText(a.words.Text("field.cancel"))
	d.Resize(a.Window.Canvas().Size().SubtractWidthHeight(fileDialogMargin, fileDialogMargin))
	d.Show()
}

// fileDialogMargin leaves the page visible around the dialog, in dp.
const fileDialogMargin = 80
