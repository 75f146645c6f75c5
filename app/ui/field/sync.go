package field

import (
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type syncModel interface {
	model[screen.SyncState]
	Now()
	SaveReceipt()
	CopyReceipt(use func(text string))
}

// newSync shows how much the server has confirmed.
func newSync(a *App, m syncModel) *page {
	content := newScrolling()
	progress := kit.NewProgressPanel("", "", nil)
	return newPage(a, m, content.body, func(p *page, s screen.SyncState) {
		p.title = p.text("field.sync.title")
		progress.SetTitle(s.Sum + "  " + s.Headline)
		progress.SetProgress(s.Confirmed, s.All, s.Records+"    "+s.Photos)
		buttons := newFlow(
			p.button("sync.now", p.text("field.sync.now"), theme.ViewRefreshIcon(), kit.Primary, m.Now),
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
		right := kit.NewColumn(kit.NewHeading(p.text("field.sync.receipt")))
		if s.More != "" {
			right.Add(kit.NewParagraph(s.More).Colored(kit.ColorNeutral))
		}
		for _, line := range s.Receipt {
			words := kit.NewColumn(kit.NewParagraph(line.What).Bold(), kit.NewParagraph(line.ID).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
			right.Add(kit.NewRow(words, words, kit.NewStatusBadge(tone(line.Tone), line.State)))
		}
		content.fill(twoSides(left, right))
	})
}
