// Package window fills a window with one of the app's two forms: screens, their
// drawing, the camera, on a device core. The program and the real-window tests
// open their windows here.
package window

import (
	"context"
	"path/filepath"
	"sync"

	"fyne.io/fyne/v2"

	"keyturn/app/camera"
	"keyturn/app/core"
	deskscreen "keyturn/app/screen/desk"
	deskcore "keyturn/app/screen/desk/oncore"
	fieldscreen "keyturn/app/screen/field"
	fieldcore "keyturn/app/screen/field/oncore"
	deskui "keyturn/app/ui/desk"
	fieldui "keyturn/app/ui/field"
	"keyturn/app/ui/shell"
	"keyturn/shared/wording"
)

// Opened is a form in its window.
type Opened struct {
	// Find gives what a person can touch by its name, nil if it is not shown.
	// It belongs to the UI goroutine.
	Find func(id string) fyne.CanvasObject
	// Close ends what the form started; what was tapped is stored first.
	Close func()
}

// CameraDir is the watched camera folder in a device's data directory.
const CameraDir = "camera"

// Tablet shows the inspector's screens and watches the camera folder in dir,
// the device's data directory.
func Tablet(ctx context.Context, w fyne.Window, c *core.Core, dir, locale string, render func(fyne.Widget) fyne.WidgetRenderer) (Opened, error) {
	session, err := fieldscreen.NewSession(ctx, fieldcore.Device(ctx, c, dir), locale)
	if err != nil {
		return Opened{}, err
	}
	f := newFrame(ctx, w, c, dir, func() string { return session.Locale() })
	w.SetTitle(f.words().Text("shell.title.tablet"))
	ui, err := fieldui.New(ctx, session, fieldui.Options{Window: w, PickPhoto: f.shutter.Ask, Copy: fyne.CurrentApp().Clipboard().SetContent})
	if err != nil {
		f.close()
		session.Close()
		return Opened{}, err
	}
	w.SetContent(ui.Content())
	return Opened{
		Find: func(id string) fyne.CanvasObject { return ui.Find(id, render) },
		Close: func() {
			f.close()
			session.Close()
		},
	}, nil
}

// Desk shows the coordinator's screens and watches the camera folder beside the
// core's other data.
func Desk(ctx context.Context, w fyne.Window, c *core.Core, locale string) Opened {
	desk := deskscreen.New(deskcore.Deps(c, locale))
	f := newFrame(ctx, w, c, filepath.Dir(c.Photos.Cache.Dir), desk.Locale)
	w.SetTitle(f.words().Text("shell.title.desk"))
	again := &counter{frame: f, desk: desk}
	var ui *deskui.App
	ui = deskui.New(deskui.Deps{
		Screen: desk, Window: w, PickFile: f.shutter.Ask, Failed: f.report,
		EnrolAgain: func(server string) { again.open(server, ui.Object()) },
	})
	w.SetContent(ui.Object())
	f.work.Go(func() { f.report(desk.Run(f.ctx, ui.Listen)) })
	find := func(id string) fyne.CanvasObject {
		if o := again.find(id); o != nil {
			return o
		}
		return ui.Find(id)
	}
	return Opened{Find: find, Close: func() {
		ui.Close()
		f.close()
	}}
}

// frame is what both forms have around their pages.
type frame struct {
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
	window  fyne.Window
	words   func() wording.Reader
	shutter *shell.Shutter
}

func newFrame(ctx context.Context, w fyne.Window, c *core.Core, dir string, locale func() string) *frame {
	f := &frame{window: w, words: func() wording.Reader { return wording.Reader{Texts: c.Texts, Locale: locale()} }}
	f.ctx, f.stop = context.WithCancel(ctx)
	folder := camera.Folder{Dir: filepath.Join(dir, CameraDir)}
	f.shutter = shell.NewShutter(w, f.words, folder.Dir)
	f.work.Go(func() {
		f.report(folder.Watch(f.ctx, func(path string) { fyne.Do(func() { f.shutter.Taken(path) }) }))
	})
	return f
}

// report shows an error that no page explains; it may be called from anywhere.
func (f *frame) report(err error) {
	if err != nil && f.ctx.Err() == nil {
		fyne.Do(func() { shell.Report(f.window, f.words(), err) })
	}
}

func (f *frame) close() {
	f.stop()
	f.work.Wait()
}
