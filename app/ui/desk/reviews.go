package desk

import (
	"maps"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// reviewsPane shows what arrived without the right to be sent, for somebody to
// decide on.
type reviewsPane struct {
	app    *App
	object fyne.CanvasObject
	body   *fyne.Container
	page   fyne.CanvasObject
	media  *media
	shown  desk.Reviews
}

func newReviewsPane(a *App) *reviewsPane {
	r := &reviewsPane{app: a, body: kit.NewColumn(), media: newMedia(a)}
	r.page = kit.NewPage(r.body)
	margin := 2 * theme.Padding()
	r.object = container.New(layout.NewCustomPaddedLayout(0, 0, margin, margin), r.page)
	return r
}

func (r *reviewsPane) close() { r.media.stop() }

func (r *reviewsPane) show(s desk.State) {
	if s.Section != desk.SectionReviews || reflect.DeepEqual(r.shown, s.Reviews) {
		return
	}
	r.shown = s.Reviews
	r.app.anchors.forget("review.")
	r.app.anchors.forget("reviews.")
	r.drop()
	r.body.Objects = r.objects(s.Reviews)
	r.body.Refresh()
	r.page.Refresh()
}

// drop forgets the pictures of what is not on the page any more.
func (r *reviewsPane) drop() {
	listed := map[string]bool{}
	for _, s := range r.shown.Senders {
		for _, c := range s.Cards {
			listed[c.Key] = true
		}
	}
	maps.DeleteFunc(r.media.strips, func(key string, strip *kit.PhotoStrip) bool {
		if !listed[key] {
			strip.Stop()
		}
		return !listed[key]
	})
}

// From wideReviews on, in dp, cards stand side by side.
const wideReviews = 1100

func (r *reviewsPane) objects(s desk.Reviews) []fyne.CanvasObject {
	a := r.app
	var objects []fyne.CanvasObject
	if s.Notice != "" {
		notice := kit.NewBanner(statuses[s.NoticeTone], s.Notice)
		if s.NoticeTone == desk.ToneBad {
			notice.AddAction(a.text("desk.review.again"), func() { a.Screen.Open(desk.SectionReviews) })
		}
		a.anchors.mark("reviews.notice", notice)
		objects = append(objects, notice)
	}
	if s.Empty != "" {
		objects = append(objects, kit.NewBanner(kit.StatusOK, s.Empty))
	}
	if len(s.Senders) > 0 {
		objects = append(objects, caption(a.text("desk.review.explain")))
	}
	for _, sender := range s.Senders {
		objects = append(objects, r.sender(sender)...)
	}
	if s.More != "" {
		objects = append(objects, caption(s.More))
	}
	return objects
}

// sender is who sent something, and their work in two columns where there is
// room.
func (r *reviewsPane) sender(s desk.Sender) []fyne.CanvasObject {
	title := kit.NewColumn(kit.NewHeading(s.Title), toned(desk.ToneWarn, s.Why))
	objects := []fyne.CanvasObject{title}
	if len(s.Actions) > 0 {
		objects = append(objects, r.buttons("review."+s.Key, s.Actions))
	}
	left, right := kit.NewColumn(), kit.NewColumn()
	for i, c := range s.Cards {
		if i%2 == 0 {
			left.Add(r.card(c))
		} else {
			right.Add(r.card(c))
		}
	}
	if len(s.Cards) == 1 {
		return append(objects, left, newGap(theme.Padding()))
	}
	return append(objects, kit.NewResponsive(wideReviews, left, right), newGap(theme.Padding()))
}

func (r *reviewsPane) card(c desk.ReviewCard) fyne.CanvasObject {
	card := kit.NewColumn(caption(c.When))
	for _, l := range c.Lines {
		card.Add(kit.NewParagraph(l.What).Bold())
		if l.Where != "" {
			card.Add(caption(l.Where))
		}
		for _, f := range l.Facts {
			card.Add(fact(f))
		}
	}
	if len(c.Photos) > 0 {
		strip := r.media.strip(c.Key, c.Photos)
		r.app.anchors.mark("review."+c.Key+".photos", strip)
		card.Add(overWheel(r.page, strip))
	}
	for _, more := range c.More {
		card.Add(toned(desk.ToneNeutral, more))
	}
	card.Add(r.buttons("review."+c.Key, c.Actions))
	return newPanel(theme.ColorNameBackground, theme.ColorNameSeparator, card)
}

// buttons are the decisions, named "<prefix>.accept" and "<prefix>.discard".
func (r *reviewsPane) buttons(prefix string, actions []desk.Action) fyne.CanvasObject {
	row := newFlow()
	for _, action := range actions {
		row.Add(r.app.actionButton(strings.Join([]string{prefix, action.ID}, "."), action))
	}
	return row
}
