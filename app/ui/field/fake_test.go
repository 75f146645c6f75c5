package field

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/assets/fonts"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/wording"
)

// fake is a view model that shows one State and notes what the page asks for.
type fake[S any] struct {
	state   S
	problem *screen.Problem
	calls   []string
	listens func(S, *screen.Problem)
}

func (f *fake[S]) Listen(listener func(S, *screen.Problem)) {
	f.listens = listener
	f.emit()
}

// emit shows the State again.
func (f *fake[S]) emit() {
	if f.listens != nil {
		f.listens(f.state, f.problem)
	}
}

func (f *fake[S]) Dismiss() { f.note("dismiss") }

func (f *fake[S]) note(call string) { f.calls = append(f.calls, call) }

// reader renders captions from the shipped texts.
type reader struct{ wording.Reader }

func (r *reader) Locale() string          { return r.Reader.Locale }
func (r *reader) SetLocale(locale string) { r.Reader.Locale = locale }

// album serves the sample's pictures under invented hashes, one at a time and
// only when the test lets it: the test driver runs what loaders hand to the UI
// on their own goroutines, where it would meet the test's drawing. The zero
// album serves nothing.
type album struct{ ask chan chan struct{} }

// serve lets one loader after the other do all it has to do. It runs in a
// synctest bubble.
func (b album) serve() {
	for {
		synctest.Wait()
		select {
		case granted := <-b.ask:
			close(granted)
		default:
			return
		}
	}
}

func (b album) Picture(_ context.Context, p screen.Picture) (io.ReadCloser, error) {
	granted := make(chan struct{})
	b.ask <- granted
	<-granted
	switch {
	case p == planPicture:
		return drawnPlan()
	case p.Original == "":
		return nil, fs.ErrNotExist
	default:
		return sample.FS.Open("photos/" + p.Original)
	}
}

var planPicture = screen.Picture{Blob: [32]byte{1}}

// drawnPlan is a plan of a few walls; the sample's own take long to decode.
func drawnPlan() (io.ReadCloser, error) {
	img := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for _, wall := range []image.Rectangle{
		image.Rect(200, 100, 1400, 116), image.Rect(200, 1084, 1400, 1100), image.Rect(200, 100, 216, 1100),
		image.Rect(1384, 100, 1400, 1100), image.Rect(800, 100, 812, 700), image.Rect(200, 690, 812, 702),
	} {
		draw.Draw(img, wall, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return io.NopCloser(&b), err
}

// stage is an app without a session in a window of exactly this size.
func stage(t *testing.T, locale string, size fyne.Size, whole bool) (*App, fyne.Window) {
	t.Helper()
	fyneApp := test.NewTempApp(t)
	if whole {
		fyneApp.Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, kit.Tablet))
	} else {
		fyneApp.Settings().SetTheme(kit.Theme(nil, nil, kit.Tablet))
	}
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	a := newApp(&reader{wording.Reader{Texts: texts, Locale: locale, Zone: time.UTC}}, album{}, Options{Window: w}, nil)
	a.badge = screen.SyncBadge{Text: "150/152", Tone: screen.TonePending}
	w.SetContent(a.Content())
	w.Resize(size)
	return a, w
}

// put shows a page alone; with a way back when under is true.
func (a *App) put(route screen.Route, again func() *page, under bool) {
	a.stack = nil
	if under {
		a.stack = append(a.stack, &opened{page: &page{app: a, root: container.NewStack(), left: func() {}, listen: func(bool) {}}, make: again})
	}
	a.stack = append(a.stack, &opened{page: again(), make: again, route: route})
	a.show()
}
