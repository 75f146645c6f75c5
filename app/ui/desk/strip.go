package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// stripBar is the line at the bottom: connection, what waits, what needs
// attention, who works here and in which language.
type stripBar struct {
	app       *App
	object    fyne.CanvasObject
	badge     *kit.StatusBadge
	why       *line
	waiting   *kit.StatusBadge
	loading   *line
	retry     *kit.Button
	enrol     *kit.Button
	attention *kit.Button
	person    *line
	row       *fyne.Container
	list      *attentionList
}

func newStripBar(a *App) *stripBar {
	s := &stripBar{
		app: a, badge: kit.NewStatusBadge(kit.StatusNeutral, ""), waiting: kit.NewStatusBadge(kit.StatusPending, ""),
		why: newLine(false, theme.SizeNameCaptionText), loading: newLine(false, theme.SizeNameCaptionText),
		person: newLine(false, theme.SizeNameCaptionText),
	}
	a.anchors.mark("strip.status", s.badge)
	s.list = &attentionList{app: a}
	s.retry = a.button("strip.retry", a.text("desk.ui.retry"), theme.ViewRefreshIcon(), kit.Quiet, a.Screen.Retry)
	s.enrol = a.button("strip.enrol", a.text("desk.ui.enrol_again"), theme.LoginIcon(), kit.Primary, func() { a.EnrolAgain(a.state.Strip.Server) })
	s.attention = a.button("strip.attention", "", theme.WarningIcon(), kit.Danger, s.list.open)
	languages := container.NewHBox()
	for _, locale := range wording.Locales() {
		b := newTabButton(a, "strip.locale."+locale, a.text("desk.ui.locale."+locale), func() {
			go func() { a.failed(a.Screen.Speak(a.ctx, locale)) }()
		})
		b.show(locale == a.state.Reader.Locale)
		languages.Add(b.object)
	}
	who := newSized(fyne.NewSize(110, 0), container.NewCenter(newSized(fyne.NewSize(110, 0), s.person)))
	s.row = kit.NewRow(s.why, newGap(1), s.badge, s.retry, s.enrol, s.why, newSized(fyne.NewSize(150, 0), s.loading), s.waiting, s.attention, who, languages)
	s.object = container.NewVBox(newRule(), container.NewPadded(s.row))
	return s
}

func (s *stripBar) show(state desk.State) {
	strip := state.Strip
	s.badge.SetStatus(statuses[strip.Tone], strip.Connection)
	s.why.set(strip.Why, theme.ColorNameForeground)
	s.loading.set(strip.Loading, theme.ColorNamePlaceHolder)
	s.person.set(strip.Person, theme.ColorNamePlaceHolder)
	show(s.retry, !strip.Online && !strip.Refused)
	show(s.enrol, strip.Refused)
	show(s.waiting, strip.Waiting != "")
	s.waiting.SetStatus(kit.StatusPending, strip.Waiting)
	show(s.attention, len(strip.Attention) > 0)
	if s.attention.Text != strip.AttentionText {
		s.attention.Text = strip.AttentionText
		s.attention.Refresh()
	}
	s.row.Refresh()
	s.list.show(strip.Attention)
}

func show(o fyne.CanvasObject, shown bool) {
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
}

// attentionList shows what the server refused.
type attentionList struct {
	app     *App
	refused []desk.Refusal
	popup   *widget.PopUp
	body    *fyne.Container
	page    fyne.CanvasObject
}

func (l *attentionList) show(refused []desk.Refusal) {
	l.refused = refused
	if l.popup == nil {
		return
	}
	if len(refused) == 0 {
		l.close()
		return
	}
	l.fill()
}

func (l *attentionList) open() {
	l.body = kit.NewColumn()
	l.page = kit.NewPage(l.body)
	title := kit.NewHeading(l.app.text("desk.ui.attention"))
	closing := l.app.button("attention.close", l.app.text("desk.ui.close"), nil, kit.Plain, l.close)
	size := dialogSize(l.app.Window.Canvas(), 640, 520)
	l.popup = widget.NewModalPopUp(newSized(size, container.NewPadded(container.NewBorder(title, container.NewBorder(nil, nil, nil, closing), nil, nil, l.page))), l.app.Window.Canvas())
	l.fill()
	l.popup.Show()
}

func (l *attentionList) fill() {
	l.app.anchors.forget("attention.dismiss.")
	l.body.Objects = nil
	for _, r := range l.refused {
		l.body.Add(l.app.refusal("attention", r, func() {
			if !r.Ticket.IsZero() {
				l.close()
				l.app.Screen.Select(r.Ticket)
			}
		}))
	}
	l.page.Refresh()
}

func (l *attentionList) close() {
	if l.popup != nil {
		l.popup.Hide()
		l.popup = nil
	}
	l.app.anchors.forget("attention.")
}

// dialogSize is at most the canvas, with a margin.
func dialogSize(c fyne.Canvas, width, height float32) fyne.Size {
	size := c.Size()
	return fyne.NewSize(min(width, size.Width-80), min(height, size.Height-80))
}
