package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

// page is one screen: what it shows and how it begins and ends.
type page struct {
	app     *App
	title   string
	anchors Anchors
	notice  *fyne.Container
	root    *fyne.Container
	// listen starts and stops the view model while the page is in sight.
	listen func(on bool)
	// left is called once when the page goes for good.
	left func()
	// stop ends what works in the background for the page.
	stop []func()
	// boxes are the large pictures already read.
	boxes map[screen.Picture]fyne.CanvasObject
}

// newPage shows body below a place for problems. draw is called with every
// State of m.
func newPage[S any](a *App, m model[S], body fyne.CanvasObject, draw func(p *page, s S)) *page {
	p := &page{app: a, notice: kit.NewColumn(), left: func() {}}
	p.notice.Hide()
	p.root = kit.NewFillColumn(body, inset(p.notice), body)
	p.root.Objects[0].Hide()
	p.listen = follow(m, func(s S, problem *screen.Problem) {
		p.anchors.reset()
		p.showProblem(problem, m.Dismiss)
		draw(p, s)
		p.app.pageDrawn(p)
	})
	return p
}

func (p *page) showProblem(problem *screen.Problem, dismiss func()) {
	holder := p.root.Objects[0]
	if problem == nil {
		p.notice.Objects = nil
		p.notice.Hide()
		holder.Hide()
		return
	}
	panel := kit.NewErrorPanel(kit.ErrorText{Happened: problem.Happened, Safe: problem.Safe, Next: problem.Next}, nil)
	understood := p.button("problem.understood", p.text("field.understood"), theme.ConfirmIcon(), kit.Plain, dismiss)
	p.notice.Objects = []fyne.CanvasObject{kit.NewRow(panel, panel, understood)}
	p.notice.Show()
	holder.Show()
	p.root.Refresh()
}

func (p *page) text(key string, args ...string) string { return p.app.words.Text(key, args...) }

// button makes a button that tests can find.
func (p *page) button(id, caption string, icon fyne.Resource, emphasis kit.Emphasis, tapped func()) *kit.Button {
	b := kit.NewButton(caption, icon, emphasis, tapped)
	p.anchors.set(id, b)
	return b
}

// chips are choices side by side; the chosen one is filled and ticked.
func (p *page) chips(prefix string, chips []screen.Chip, chosen func(id string)) *fyne.Container {
	flow := newFlow()
	for _, c := range chips {
		emphasis, icon := kit.Plain, fyne.Resource(nil)
		if c.Tone != screen.ToneNeutral {
			icon = tone(c.Tone).Glyph()
		}
		if c.Chosen {
			emphasis, icon = kit.Primary, theme.ConfirmIcon()
		}
		flow.Add(p.button(prefix+"."+c.ID, c.Text, icon, emphasis, func() { chosen(c.ID) }))
	}
	return flow
}

// row makes a list row that tests can find.
func (p *page) row(id, title, detail string, t screen.Tone, state string, tapped func()) *listRow {
	r := newListRow(title, detail, tone(t), state, tapped)
	p.anchors.set(id, r)
	return r
}

// facts are captioned values, the captions in a column of their own.
func facts(all []screen.Fact) fyne.CanvasObject {
	column := kit.NewColumn()
	for _, f := range all {
		label := kit.NewParagraph(f.Label).Colored(kit.ColorNeutral)
		column.Add(newPair(factLabelWidth, label, kit.NewParagraph(f.Value)))
	}
	return column
}

// tones maps the view models' tones to the kit's statuses.
var tones = map[screen.Tone]kit.Status{
	screen.ToneNeutral: kit.StatusNeutral, screen.ToneOK: kit.StatusOK, screen.ToneWarn: kit.StatusWarn,
	screen.ToneBad: kit.StatusBad, screen.ToneInfo: kit.StatusInfo, screen.TonePending: kit.StatusPending,
}

func tone(t screen.Tone) kit.Status { return tones[t] }

// scrolling is a page that scrolls; fill replaces its content and keeps the
// place to which it was scrolled.
type scrolling struct {
	column *fyne.Container
	body   fyne.CanvasObject
}

func newScrolling() *scrolling {
	s := &scrolling{column: kit.NewColumn()}
	s.body = kit.NewPage(inset(s.column))
	return s
}

// reveal scrolls so that an object of the column stands at the top.
func (s *scrolling) reveal(o fyne.CanvasObject) {
	page, ok := s.body.(*fyne.Container)
	if !ok || len(page.Objects) == 0 {
		return
	}
	if scroll, ok := page.Objects[0].(*container.Scroll); ok {
		scroll.ScrollToOffset(fyne.NewPos(0, o.Position().Y))
	}
}

func (s *scrolling) fill(objects ...fyne.CanvasObject) {
	s.column.Objects = objects
	s.body.Refresh()
}

// margin is the space around what a page shows, in dp; the scroll bar runs in it.
const margin = 10

func inset(o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(margin/2, margin/2, margin, margin), o)
}

// twoColumns is the width, in dp, from which lists stand side by side.
const twoColumns = 1000

// twoSides places lists side by side where there is room.
func twoSides(left, right fyne.CanvasObject) fyne.CanvasObject {
	return kit.NewResponsive(twoColumns, left, right)
}

// factLabelWidth is wide enough for the longest caption of a fact in both
// languages.
const factLabelWidth = 150

// newPair places a caption of fixed width before a value that takes the rest
// and says how high it is there.
func newPair(width float32, label, value fyne.CanvasObject) *fyne.Container {
	return container.New(&pairLayout{label: width}, label, value)
}

type pairLayout struct{ label, width float32 }

func (l *pairLayout) value(objects []fyne.CanvasObject, width float32) {
	rest := max(0, width-l.label-theme.Padding())
	objects[0].Resize(fyne.NewSize(l.label, objects[0].MinSize().Height))
	objects[1].Resize(fyne.NewSize(rest, objects[1].Size().Height))
}

func (l *pairLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if l.width > 0 {
		l.value(objects, l.width)
	}
	return fyne.NewSize(l.label+theme.Padding()+objects[1].MinSize().Width, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
}

func (l *pairLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.value(objects, size.Width)
	objects[0].Move(fyne.Position{})
	objects[1].Move(fyne.NewPos(l.label+theme.Padding(), 0))
	objects[1].Resize(fyne.NewSize(objects[1].Size().Width, size.Height))
}
