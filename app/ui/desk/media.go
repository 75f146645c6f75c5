package desk

import (
	"context"
	"image"
	"slices"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

// media keeps the photo strips and the plan of one ticket, so that drawing the
// ticket anew loads nothing twice.
type media struct {
	app    *App
	ticket domain.TicketID
	strips map[string]*kit.PhotoStrip
	// place holds the plan. It stays the same object, because a plan that is
	// placed anew forgets where it was zoomed to.
	place  fyne.CanvasObject
	shown  string            // id of the plan in place
	page   fyne.CanvasObject // that the plan stands on
	cancel context.CancelFunc
}

func newMedia(a *App) *media { return &media{app: a, strips: map[string]*kit.PhotoStrip{}} }

// turnTo forgets the pictures of another ticket.
func (m *media) turnTo(ticket domain.TicketID) {
	m.stop()
	m.ticket, m.strips, m.place, m.shown = ticket, map[string]*kit.PhotoStrip{}, nil, ""
}

func (m *media) stop() {
	for _, s := range m.strips {
		s.Stop()
	}
	if m.cancel != nil {
		m.cancel()
		m.cancel = nil
	}
}

func (m *media) strip(group string, photos []desk.Photo) fyne.CanvasObject {
	s, ok := m.strips[group]
	if !ok {
		s = kit.NewPhotoStrip(func(id string) (image.Image, error) { return m.app.Screen.Picture(m.app.ctx, id) })
		s.OnTapped = m.app.enlarge
		m.strips[group] = s
	}
	states := map[desk.PhotoState]kit.PhotoState{
		desk.PhotoWaiting: kit.PhotoWaiting, desk.PhotoHere: kit.PhotoUploaded, desk.PhotoMissing: kit.PhotoMissing,
	}
	list := make([]kit.Photo, len(photos))
	for i, p := range photos {
		list[i] = kit.Photo{ID: p.ID, State: states[p.State]}
	}
	s.SetPhotos(list)
	return s
}

// plan shows the drawing around the pin on a page.
func (m *media) plan(page fyne.CanvasObject, p desk.Plan) fyne.CanvasObject {
	if m.place != nil && m.shown == p.ID && m.page == page {
		return m.place
	}
	view := kit.NewPinPlan(m.app.text("desk.ui.plan_loading"))
	view.SetPins([]kit.Pin{{ID: "pin", X: p.X, Y: p.Y, Label: p.Label, Status: kit.StatusBad, Selected: true}})
	m.place, m.shown, m.page = newSized(fyne.NewSize(0, planHeight), overWheel(page, view)), p.ID, page
	show := func(plan *kit.Pyramid) {
		view.SetPlan(plan)
		view.CenterOn(p.X, p.Y)
	}
	if plan := m.app.plans.get(p.ID); plan != nil {
		show(plan)
		return m.place
	}
	ctx, cancel := context.WithCancel(m.app.ctx)
	m.cancel = cancel
	m.app.inBackground(func(context.Context) func() {
		plan, err := readPlan(ctx, m.app.Screen, p.ID)
		if ctx.Err() != nil {
			return nil
		}
		return func() {
			if err != nil {
				view.SetMessage(m.app.text("desk.ui.plan_missing"))
				m.shown = "" // try again when the ticket is drawn anew
				return
			}
			m.app.plans.put(p.ID, plan)
			show(plan)
		}
	})
	return m.place
}

func readPlan(ctx context.Context, files Files, id string) (plan *kit.Pyramid, err error) {
	f, err := files.OpenPlan(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	return kit.ReadPyramid(ctx, f, nil)
}

// planCache keeps the plans that were seen last: neighbouring tickets often
// share a layout, and cutting a plan takes a good tenth of a second.
type planCache struct {
	mu    sync.Mutex
	ids   []string
	plans map[string]*kit.Pyramid
}

// plansKept bounds the cache; a plan takes some 65 MB.
const plansKept = 2

func newPlanCache() *planCache { return &planCache{plans: map[string]*kit.Pyramid{}} }

func (c *planCache) get(id string) *kit.Pyramid {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plans[id]
}

func (c *planCache) put(id string, plan *kit.Pyramid) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids = append(slices.DeleteFunc(c.ids, func(known string) bool { return known == id }), id)
	c.plans[id] = plan
	if len(c.ids) > plansKept {
		delete(c.plans, c.ids[0])
		c.ids = c.ids[1:]
	}
}

// enlarge shows one photo over the page.
func (a *App) enlarge(id string) {
	size := dialogSize(a.Window.Canvas(), 1200, 900)
	place := container.NewStack(container.NewCenter(kit.NewParagraph(a.text("desk.ui.photo_loading"))))
	var popup *widget.PopUp
	closing := a.button("photo.close", a.text("desk.ui.close"), theme.CancelIcon(), kit.Plain, func() {
		popup.Hide()
		a.anchors.forget("photo.")
	})
	popup = widget.NewModalPopUp(newSized(size, container.NewBorder(nil, container.NewCenter(closing), nil, nil, place)), a.Window.Canvas())
	popup.Show()
	a.inBackground(func(ctx context.Context) func() {
		picture, err := a.Screen.Picture(ctx, id)
		return func() {
			if err != nil {
				place.Objects = []fyne.CanvasObject{container.NewCenter(kit.NewParagraph(a.text("desk.ui.photo_missing")))}
			} else {
				image := canvas.NewImageFromImage(picture)
				image.FillMode = canvas.ImageFillContain
				image.ScaleMode = canvas.ImageScaleFastest
				place.Objects = []fyne.CanvasObject{image}
			}
			place.Refresh()
		}
	})
}
