// Package window fills a window with one of the app's two forms: screens, their
// drawing, the camera, on a device core. The program and the real-window tests
// open their windows here.
package window

import (
	"context"
	"path/filepath"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

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
	w.SetTitle(wording.Reader{Texts: c.Texts, Locale: locale}.Text("shell.title.tablet"))
	session, err := fieldscreen.NewSession(ctx, fieldcore.Device(ctx, c, dir), locale)
	if err != nil {
		return Opened{}, err
	}
	shutter := shell.NewShutter(w)
	ui, err := fieldui.New(ctx, session, fieldui.Options{Window: w, PickPhoto: shutter.Ask, Copy: fyne.CurrentApp().Clipboard().SetContent})
	if err != nil {
		session.Close()
		return Opened{}, err
	}
	w.SetContent(ui.Content())
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		folder := camera.Folder{Dir: filepath.Join(dir, CameraDir)}
		report(w, folder.Watch(ctx, func(path string) { fyne.Do(func() { shutter.Taken(path) }) }))
	})
	return Opened{
		Find: func(id string) fyne.CanvasObject { return ui.Find(id, render) },
		Close: func() {
			stop()
			work.Wait()
			session.Close()
		},
	}, nil
}

// Desk shows the coordinator's screens.
func Desk(ctx context.Context, w fyne.Window, c *core.Core, locale string) Opened {
	w.SetTitle(wording.Reader{Texts: c.Texts, Locale: locale}.Text("shell.title.desk"))
	desk := deskscreen.New(deskcore.Deps(c, locale))
	ui := deskui.New(deskui.Deps{
		Screen: desk, Window: w, PickFile: func(done func(string)) { shell.PickPicture(w, done) },
		Failed: func(err error) { dialog.ShowError(err, w) },
	})
	w.SetContent(ui.Object())
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { report(w, desk.Run(ctx, ui.Listen)) })
	return Opened{Find: ui.Find, Close: func() {
		ui.Close()
		stop()
		work.Wait()
	}}
}

// report shows an error that no page explains.
func report(w fyne.Window, err error) {
	if err != nil {
		fyne.Do(func() { dialog.ShowError(err, w) })
	}
}
