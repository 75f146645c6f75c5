package walktest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"keyturn/app/ui/kit"
	"keyturn/app/window"
	"keyturn/assets/fonts"
	"keyturn/assets/sample"
	"keyturn/shared/wording"
)

// form is what a hand's window shows.
type form func(ctx context.Context, w fyne.Window, d *device) (window.Opened, error)

func asTablet(ctx context.Context, w fyne.Window, d *device) (window.Opened, error) {
	return window.Tablet(ctx, w, d.Core, d.dir, wording.Chinese, test.WidgetRenderer)
}

func asDesk(ctx context.Context, w fyne.Window, d *device) (window.Opened, error) {
	return window.Desk(ctx, w, d.Core, wording.Chinese), nil
}

// atWindow opens a real window on a device and gives the hand of the person
// before it. leave shuts the form as the app does.
func atWindow(t *testing.T, name string, d *device, show form, size fyne.Size, x int) (h *hand, leave func()) {
	t.Helper()
	h = &hand{t: t, name: name, shots: os.Getenv("KEYTURN_SHOTS")}
	var opened window.Opened
	title := "walk " + name
	fyne.DoAndWait(func() {
		density := kit.Tablet
		if name == "desk" {
			density = kit.Desk
		}
		fyne.CurrentApp().Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, density))
		h.window = fyne.CurrentApp().NewWindow(title)
		h.window.Resize(size)
		var err error
		if opened, err = show(context.WithoutCancel(t.Context()), h.window, d); err != nil {
			t.Error(err)
			return
		}
		h.window.SetTitle(title)
		h.window.Show()
		h.find = opened.Find
	})
	if t.Failed() {
		t.FailNow()
	}
	h.place(title, x, 0)
	closed := false
	leave = func() {
		if closed {
			return
		}
		closed = true
		opened.Close()
		fyne.DoAndWait(h.window.Hide) // closing the last window would end the toolkit
	}
	t.Cleanup(leave)
	return h, leave
}

// photograph drops a sample photo into the device's camera folder, as a camera
// does.
func (d *device) photograph(name string) {
	d.t.Helper()
	b, err := sample.FS.ReadFile("photos/" + name)
	must(d.t, err)
	must(d.t, os.WriteFile(filepath.Join(d.dir, window.CameraDir, name), b, 0o600))
}

// TestWalkthrough drives the real windows through the main job and keeps
// pictures in KEYTURN_SHOTS.
func TestWalkthrough(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Skip("no DISPLAY: real windows need an X server; make walkthrough brings its own")
	}
	w := newWorld(t)
	tablet := w.open(filepath.Join(t.TempDir(), "tablet"))
	t.Cleanup(tablet.close)
	at, _ := atWindow(t, "tablet", tablet, asTablet, fyne.NewSize(1280, 800), 0)
	w.enrolByHand(at)
	at.tap("home.buildings")
	at.sees("bar.back")
	at.shot("matrix")
	at.tap("bar.back")
	w.network.Cut()
	w.inspectByHand(at, tablet)
}

// enrolByHand is step 1: address and one-time code are typed in, the project
// comes down with its progress.
func (w *world) enrolByHand(at *hand) {
	w.t.Helper()
	at.shot("enrol")
	at.typed("enrol.server", w.network.URL())
	at.typed("enrol.code", w.code("inspector1"))
	at.typed("enrol.device", "tablet 3")
	at.tap("enrol.submit")
	at.sees("download.begin")
	at.shot("download")
	at.tap("download.begin")
	at.sees("home.today.0")
	at.shot("home")
}

// inspectByHand is step 2: without a network the inspector fails the entrance
// door, photographs it, pins it and saves.
func (w *world) inspectByHand(at *hand, tablet *device) {
	w.t.Helper()
	at.tap("home.today.0")
	at.sees("unit.checklist")
	at.shot("unit")
	at.tap("unit.checklist")
	at.tap("checklist.room.ENT1")
	at.tap("checklist.HO-010.ENT1.fail")
	at.sees("defect.save")
	at.shot("form")
	at.tap("defect.pick.DOR-02")
	at.tap("defect.photo.add")
	tablet.photograph("wall-crack.jpg")
	at.sees("defect.photo.0")
	at.tap("defect.photo.add")
	tablet.photograph("window-leak.jpg")
	at.sees("defect.photo.1")
	at.shot("photos")
	at.tap("defect.pin")
	at.tapAt("plan", 0.5, 0.4)
	at.shot("plan")
	at.sees("defect.save")
	at.shot("pinned")
	at.tap("defect.save")
	at.shot("saved")
}
