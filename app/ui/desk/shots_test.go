package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"golang.org/x/image/draw"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/app/ui/kit"
	reference "keyturn/assets/catalog"
	"keyturn/assets/fonts"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// bench is a desk with its drawing on a test window.
type bench struct {
	t      *testing.T
	device *desktest.Device
	desk   *oneByOne
	app    *App
	window fyne.Window
	states chan desk.State
	// codes are the servers for which a new code was to be entered.
	codes []string
}

// oneByOne lets what the page does in the background happen only while the test
// waits, one after the other: the test driver runs what comes back to the UI on
// the goroutine that brings it, where it would meet the test's drawing.
type oneByOne struct {
	*desk.Desk
	asks chan chan struct{}
}

// turn waits until the test grants it. A page that has closed has nobody who
// grants.
func (o *oneByOne) turn(ctx context.Context) error {
	granted := make(chan struct{})
	select {
	case o.asks <- granted:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-granted:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// grant lets everything that asks have its turn.
func (o *oneByOne) grant() {
	for {
		synctest.Wait()
		select {
		case granted := <-o.asks:
			close(granted)
		default:
			return
		}
	}
}

func (o *oneByOne) Picture(ctx context.Context, id string) (image.Image, error) {
	if err := o.turn(ctx); err != nil {
		return nil, err
	}
	return o.Desk.Picture(ctx, id)
}

func (o *oneByOne) OpenPlan(ctx context.Context, id string) (io.ReadCloser, error) {
	if err := o.turn(ctx); err != nil {
		return nil, err
	}
	return o.Desk.OpenPlan(ctx, id)
}

func (o *oneByOne) Submit(ctx context.Context, a desk.Action, in desk.Input) error {
	if err := o.turn(ctx); err != nil {
		return err
	}
	return o.Desk.Submit(ctx, a, in)
}

// sampleFiles are the pictures of the invented project, small enough to be drawn
// many times.
var sampleFiles = sync.OnceValues(func() (map[domain.Hash][]byte, error) {
	files := map[domain.Hash][]byte{}
	for sha, name := range map[domain.Hash]string{
		desktest.PlanSHA: "plans/A.png", desktest.PhotoSHA: "photos/wall-crack.jpg", desktest.CloseSHA: "photos/window-leak.jpg", desktest.AfterSHA: "photos/wall-repaired.jpg",
	} {
		f, err := sample.FS.Open(name)
		if err != nil {
			return nil, err
		}
		picture, _, err := image.Decode(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		half := image.NewRGBA(image.Rect(0, 0, picture.Bounds().Dx()/2, picture.Bounds().Dy()/2))
		draw.ApproxBiLinear.Scale(half, half.Rect, picture, picture.Bounds(), draw.Src, nil)
		var b bytes.Buffer
		if err := png.Encode(&b, half); err != nil {
			return nil, err
		}
		files[sha] = b.Bytes()
	}
	return files, nil
})

var shippedCatalogue = sync.OnceValues(func() (*catalog.Catalogue, error) { return catalog.Load(reference.FS) })

// newBench draws a desk of the given records at a size and in a language.
func newBench(t *testing.T, width, height float32, locale string, now domain.Instant, records ...desktest.Record) *bench {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, kit.Desk))
	cat, err := shippedCatalogue()
	must(t, err)
	texts, err := wording.Load(translations.FS)
	must(t, err)
	files, err := sampleFiles()
	must(t, err)
	b := &bench{t: t, device: desktest.NewDevice(now, records...), states: make(chan desk.State, 64)}
	for sha, data := range files {
		b.device.SetFile(sha, data)
	}
	b.desk = &oneByOne{Desk: desk.New(b.device.Deps(cat, texts, locale)), asks: make(chan chan struct{}, 100)}
	b.window = test.NewTempWindow(t, nil)
	b.window.SetPadded(false)
	b.app = New(Deps{Screen: b.desk, Window: b.window, PickFile: func(done func(string)) { done("/sample/after.jpg") }, EnrolAgain: func(server string) { b.codes = append(b.codes, server) }})
	b.window.SetContent(b.app.Object())
	b.window.Resize(fyne.NewSize(width, height))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.desk.Run(ctx, func(s desk.State) { b.states <- s }) }()
	t.Cleanup(func() {
		b.app.Close()
		b.window.Canvas().Unfocus()
		cancel()
		must(t, <-done)
	})
	b.drawn()
	return b
}

// drawn draws what has been shown once everything is at rest.
func (b *bench) drawn() desk.State {
	b.t.Helper()
	for {
		<-time.After(time.Second) // fake time, in which the desk reloads
		b.desk.grant()
		select {
		case s := <-b.states:
			b.app.Show(s)
		default:
			return b.app.state
		}
	}
}

// open selects a ticket and draws it with its pictures.
func (b *bench) open(n int) {
	b.t.Helper()
	b.desk.Select(desktest.TicketID(n))
	if s := b.drawn(); s.Ticket == nil || s.Ticket.ID != desktest.TicketID(n) {
		b.t.Fatalf("ticket %d is not shown", n)
	}
}

// dispute has two people write differently about the defect of a ticket.
func (b *bench) dispute(n int) {
	b.t.Helper()
	records, err := desktest.Disputed(n)
	must(b.t, err)
	b.device.Contest(records...)
	b.drawn()
}

// tap presses what is found under a name.
func (b *bench) tap(id string) {
	b.t.Helper()
	o, ok := b.app.Find(id).(fyne.Tappable)
	if !ok {
		b.t.Fatalf("%s cannot be found or tapped", id)
	}
	o.Tapped(&fyne.PointEvent{})
	b.drawn()
}

// TestShots draws every screen: each size in one language, and in all of both
// where KEYTURN_PAGES names a folder to keep the pictures in, to look at them.
func TestShots(t *testing.T) {
	dir := os.Getenv("KEYTURN_PAGES")
	for i, size := range [][2]float32{{1366, 768}, {1920, 1080}, {1280, 800}} {
		for l, locale := range wording.Locales() {
			if dir == "" && l != i%2 {
				continue
			}
			for _, page := range pages {
				name := fmt.Sprintf("desk-%s-%s-%.0f", page.name, locale, size[0])
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := newBench(t, size[0], size[1], locale, page.now, page.records...)
						page.show(b)
						b.drawn()
						picture := b.window.Canvas().Capture()
						if got := picture.Bounds().Size(); got.X != int(size[0]) || got.Y != int(size[1]) {
							t.Errorf("the page needs %v, more than %v", got, size)
						}
						if dir != "" {
							save(t, filepath.Join(dir, name+".png"), picture)
						}
					})
				})
			}
		}
	}
}

func save(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, picture), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// shot is one picture to look at.
type shot struct {
	name    string
	now     domain.Instant
	records []desktest.Record
	show    func(b *bench)
}

func project(more ...[]desktest.Record) []desktest.Record {
	list := append(desktest.Master(), desktest.Tickets(36)...)
	for _, records := range more {
		for _, r := range records {
			list = append(replaced(list, r), r)
		}
	}
	return list
}

// replaced drops the record that another one takes the place of.
func replaced(list []desktest.Record, by desktest.Record) []desktest.Record {
	kept := list[:0]
	for _, r := range list {
		if r.Entity != by.Entity || r.ID != by.ID {
			kept = append(kept, r)
		}
	}
	return kept
}

// pages are the screens. Number 12 of the story is the ticket nobody came for.
var pages = []shot{
	{"board", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) { b.open(12) }},
	{"timeline", desktest.Opening.Add(48 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.timeline")
	}},
	{"letters", desktest.Opening.Add(48 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.letters")
	}},
	{"gate-closed", desktest.Opening.Add(14 * time.Hour), project(desktest.Engaged(12).Records[:4]), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.third")
	}},
	{"gate-open", desktest.Opening.Add(70 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.third")
	}},
	{"settled", desktest.Opening.Add(90 * time.Hour), project(desktest.Settled(12).Records), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.third")
	}},
	{"ledger", desktest.Opening.Add(90 * time.Hour), project(desktest.Settled(12).Records), func(b *bench) {
		b.tap("tab.ledger")
	}},
	{"form", desktest.Opening.Add(70 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.third")
		b.tap("gate.propose")
	}},
	{"form-finish", desktest.Opening.Add(30 * time.Hour), project(), func(b *bench) {
		b.open(3)
		b.tap("ticket.action.finish")
		b.tap("form.files")
		b.tap("form.ok")
	}},
	{"offline", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.device.SetLink(desk.Link{Err: errors.New("no route")})
		must(b.t, b.device.Wait(1, domain.EntityTicket, desktest.TicketID(12).Any(), syncproto.Command{Action: string(domain.RepairSurvey)}))
		b.device.SetProgress(desk.Progress{RecordsWaiting: 3, PhotosWaiting: 2})
		must(b.t, b.device.Refuse(2, domain.EntityTicket, desktest.TicketID(12).Any(), syncproto.Command{Action: domain.ActionPropose}, syncproto.CodeGuard, "fact.trigger", "fact.contact_log"))
		b.open(12)
	}},
	{"refused", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.device.SetLink(desk.Link{Err: &desk.Refused{Code: syncproto.CodeUnauthorised}})
		b.device.SetProgress(desk.Progress{RecordsWaiting: 3, PhotosWaiting: 2})
		must(b.t, b.device.Refuse(2, domain.EntityTicket, desktest.TicketID(12).Any(), syncproto.Command{Action: domain.ActionPropose}, syncproto.CodeGuard, "fact.trigger", "fact.contact_log"))
		b.open(12)
	}},
	{"attention", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		must(b.t, b.device.Refuse(2, domain.EntityTicket, desktest.TicketID(12).Any(), syncproto.Command{Action: domain.ActionPropose}, syncproto.CodeGuard, "fact.trigger", "fact.contact_log"))
		must(b.t, b.device.Refuse(3, domain.EntityTicket, desktest.TicketID(7).Any(), syncproto.Command{Action: string(domain.RepairUphold)}, syncproto.CodeForbidden, string(domain.CanRuleLiability)))
		b.drawn()
		b.tap("strip.attention")
	}},
	{"contested", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.dispute(12)
		b.open(12)
	}},
	{"conflicts", desktest.Opening.Add(30 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.dispute(12)
		b.tap("tab.conflicts")
	}},
	{"reviews", desktest.Opening.Add(50 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.waitingInReview()
		b.tap("tab.reviews")
	}},
	{"reviews-offline", desktest.Opening.Add(50 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.waitingInReview()
		b.tap("tab.reviews")
		b.drawn()
		b.device.SetLink(desk.Link{Err: errors.New("no route")})
	}},
	{"reviews-discard", desktest.Opening.Add(50 * time.Hour), project(desktest.Engaged(12).Records), func(b *bench) {
		b.waitingInReview()
		b.tap("tab.reviews")
		b.drawn()
		b.tap("review." + ident.Derive[domain.Device]("tablet in review").String() + "/41.discard")
		b.tap("form.ok")
	}},
	{"empty", desktest.Opening, desktest.Master(), func(*bench) {}},
}

// waitingInReview puts the sample's work into review.
func (b *bench) waitingInReview() {
	groups, err := desktest.InReview()
	must(b.t, err)
	b.device.SetInbox(groups...)
	b.drawn()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
