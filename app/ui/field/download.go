package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type downloadModel interface {
	model[screen.DownloadState]
	Pause()
	Resume()
	Begin()
	EnrolAgain()
}

// newDownload shows the first download.
func newDownload(a *App, m downloadModel) *page {
	content := newScrolling()
	progress := kit.NewProgressPanel("", "", nil)
	p := newPage(a, m, content.body, func(p *page, s screen.DownloadState) {
		progress.SetTitle(p.text("field.download.heading"))
		if s.Finished {
			progress.SetTitle(p.text("field.download.finished"))
		}
		progress.SetProgress(s.Done, s.Total, s.Records+"   "+s.Pictures)
		var objects []fyne.CanvasObject
		buttons, first := newFlow(), kit.Primary
		if s.Link.Refused != nil {
			objects = append(objects, p.refused("download.enrol", s.Link.Refused, m.EnrolAgain))
			first = kit.Plain
		}
		if s.Usable {
			begin := "field.download.begin"
			if !s.Finished {
				begin = "field.download.begin_early"
			}
			buttons.Add(p.button("download.begin", p.text(begin), theme.ConfirmIcon(), first, m.Begin))
		}
		switch {
		case s.Finished:
		case s.Paused:
			buttons.Add(p.button("download.resume", p.text("field.download.resume"), theme.MediaPlayIcon(), kit.Plain, m.Resume))
		default:
			buttons.Add(p.button("download.pause", p.text("field.download.pause"), theme.MediaPauseIcon(), kit.Plain, m.Pause))
		}
		objects = append(objects, buttons, progress, kit.NewStatusBadge(tone(s.Link.Tone), s.Link.Text), kit.NewParagraph(p.text("field.download.hint")).Colored(kit.ColorNeutral))
		content.fill(objects...)
	})
	p.title = a.words.Text("field.download.title")
	return p
}
