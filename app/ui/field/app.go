package field

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// Words are the captions in the reader's language.
type Words interface {
	Text(key string, namesAndValues ...string) string
	Locale() string
	SetLocale(locale string)
}

// Pictures reads images; it is called off the UI goroutine.
type Pictures interface {
	Picture(ctx context.Context, p screen.Picture) (io.ReadCloser, error)
}

// Options is what the window hands in.
type Options struct {
	// Window shows the app; dialogs open over it.
	Window fyne.Window
	// PickPhoto asks for a picture file, from the camera's folder or by a file
	// dialog, and calls use with its path unless the person cancels.
	PickPhoto func(use func(path string))
	// Copy puts a text on the clipboard.
	Copy func(text string)
}

// App is the inspector's tablet in one window.
type App struct {
	Options
	words    Words
	pictures Pictures
	// build makes a page afresh for a route, over the same view model each time.
	build func(a *App, r screen.Route) func() *page

	bar, frame *fyne.Container
	barAnchors Anchors
	badge      screen.SyncBadge
	stack      []*opened
}

// opened is a page on the way back, and how to make it again in another
// language.
type opened struct {
	*page
	make  func() *page
	route screen.Route
}

// New makes the app of a session and opens its first screen.
func New(ctx context.Context, s *screen.Session, o Options) (*App, error) {
	first, err := s.First(ctx)
	if err != nil {
		return nil, err
	}
	a := newApp(s, s, o, func(a *App, r screen.Route) func() *page { return pageOf(a, s, r) })
	s.Navigate(navigator{a})
	badge := s.Badge()
	follow(badge, func(b screen.SyncBadge, _ *screen.Problem) {
		a.badge = b
		a.drawBar()
	})(true)
	a.open(first)
	return a, nil
}

func newApp(words Words, pictures Pictures, o Options, build func(*App, screen.Route) func() *page) *App {
	a := &App{Options: o, words: words, pictures: pictures, build: build}
	a.bar = container.NewStack()
	a.frame = container.NewBorder(a.bar, nil, nil, nil)
	return a
}

// Content is what the window shows.
func (a *App) Content() fyne.CanvasObject { return a.frame }

// Find gives what a person can touch by its name, nil if it is not on the
// screen. See [Anchors.Find].
func (a *App) Find(id string, look func(fyne.Widget) fyne.WidgetRenderer) fyne.CanvasObject {
	if o := a.barAnchors.Find(id, look); o != nil {
		return o
	}
	if top := a.top(); top != nil {
		return top.anchors.Find(id, look)
	}
	return nil
}

// IDs lists the names that Find knows at the moment.
func (a *App) IDs() []string {
	ids := a.barAnchors.IDs()
	if top := a.top(); top != nil {
		ids = append(ids, top.anchors.IDs()...)
	}
	return ids
}

// navigator brings the session's wishes to the UI goroutine.
type navigator struct{ a *App }

func (n navigator) Open(r screen.Route) { onUI(func() { n.a.open(r) }) }
func (n navigator) Back()               { onUI(n.a.Back) }

func (a *App) top() *opened {
	if len(a.stack) == 0 {
		return nil
	}
	return a.stack[len(a.stack)-1]
}

func (a *App) open(r screen.Route) {
	switch {
	case r.Root:
		for range a.stack {
			a.drop()
		}
	case r.Instead:
		a.drop()
	default:
		a.cover()
	}
	build := a.build(a, r)
	a.stack = append(a.stack, &opened{page: build(), make: build, route: r})
	a.show()
}

// Back leaves the screen in sight; the first one stays.
func (a *App) Back() {
	if len(a.stack) > 1 {
		a.drop()
		a.show()
	}
}

func (a *App) cover() {
	if top := a.top(); top != nil {
		top.listen(false)
	}
}

func (a *App) drop() {
	top := a.top()
	if top == nil {
		return
	}
	top.end()
	top.left()
	a.stack = a.stack[:len(a.stack)-1]
}

func (p *page) end() {
	p.listen(false)
	for _, stop := range p.stop {
		stop()
	}
	p.stop = nil
}

func (a *App) show() {
	top := a.top()
	a.frame.Objects = []fyne.CanvasObject{a.bar, top.root}
	a.drawBar()
	a.frame.Refresh()
	top.listen(true)
}

// pageDrawn shows a page's new title.
func (a *App) pageDrawn(p *page) {
	if top := a.top(); top != nil && top.page == p {
		a.drawBar()
	}
}

// setLocale switches the language: every page on the way back is made anew over
// its view model.
func (a *App) setLocale(locale string) {
	a.words.SetLocale(locale)
	for _, o := range a.stack {
		o.end()
		o.page = o.make()
	}
	a.show()
}

// enrolled tells whether the device has work of its own to count: not on the
// first two screens.
func (a *App) enrolled() bool {
	top := a.top()
	return top != nil && top.route.Place != screen.PlaceEnrol && top.route.Place != screen.PlaceDownload
}

// drawBar shows the way back, where one is, what is confirmed, and the language.
func (a *App) drawBar() {
	a.barAnchors.reset()
	title := ""
	if top := a.top(); top != nil {
		title = top.title
	}
	heading := kit.NewHeading(title)
	var parts []fyne.CanvasObject
	if len(a.stack) > 1 {
		back := kit.NewButton(a.words.Text("field.back"), theme.NavigateBackIcon(), kit.Plain, a.Back)
		a.barAnchors.set("bar.back", back)
		parts = append(parts, back)
	}
	parts = append(parts, heading)
	if a.badge.Text != "" && a.enrolled() {
		caption := "field.bar.sync"
		if a.badge.Refused {
			caption = "field.bar.refused"
		}
		sync := kit.NewButton(a.words.Text(caption, "count", a.badge.Text), tone(a.badge.Tone).Glyph(), kit.Plain, func() {
			if top := a.top(); top != nil && top.route.Place != screen.PlaceSync {
				a.open(screen.Route{Place: screen.PlaceSync})
			}
		})
		a.barAnchors.set("bar.sync", sync)
		parts = append(parts, sync)
	}
	other := wording.English
	if a.words.Locale() == wording.English {
		other = wording.Chinese
	}
	language := kit.NewButton(a.words.Text("field.bar.language"), theme.SettingsIcon(), kit.Plain, func() { a.setLocale(other) })
	a.barAnchors.set("bar.language", language)
	parts = append(parts, language)

	surface := canvas.NewRectangle(theme.Color(theme.ColorNameHeaderBackground))
	a.bar.Objects = []fyne.CanvasObject{surface, container.New(layout.NewCustomPaddedLayout(6, 6, 8, 8), kit.NewRow(heading, parts...))}
	a.bar.Refresh()
}
