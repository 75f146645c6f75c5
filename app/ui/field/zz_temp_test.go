package field_test

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"keyturn/app/core"
	screen "keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/app/syncer"
	"keyturn/app/ui/field"
	"keyturn/app/ui/kit"
	"keyturn/assets/catalog"
	"keyturn/assets/fonts"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/syncserver/service"
)

func TestZZ(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC) }
	ctx := t.Context()
	srv, err := service.Open(ctx, service.Options{Dir: t.TempDir(), Now: now, Catalogue: catalog.FS, Translations: translations.FS, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil { t.Fatal(err) }
	if _, err := srv.LoadSample(ctx, sample.FS); err != nil { t.Fatal(err) }
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go http.Serve(l, srv.Handler(context.Background()))
	person, _ := srv.PersonByLogin(ctx, "inspector1")
	code, err := srv.Accounts.NewCode(ctx, person, time.Hour)
	if err != nil { t.Fatal(err) }
	dir := t.TempDir()
	var c *core.Core
	c, err = core.Open(ctx, core.Options{Dir: dir, Version: "t", Now: now, Catalogue: catalog.FS, Translations: translations.FS, Changed: func(syncer.Status) { c.Store.Ring() }})
	if err != nil { t.Fatal(err) }
	a := test.NewTempApp(t)
	a.Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, kit.Tablet))
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	s, err := screen.NewSession(ctx, oncore.Device(ctx, c, dir), os.Getenv("ZZLANG"))
	if err != nil { t.Fatal(err) }
	pic, _ := sample.FS.ReadFile("photos/wall-crack.jpg")
	picPath := filepath.Join(dir, "p.jpg")
	os.WriteFile(picPath, pic, 0o600)
	ui, err := field.New(ctx, s, field.Options{Window: w, PickPhoto: func(use func(string)) { use(picPath) }})
	if err != nil { t.Fatal(err) }
	w.SetContent(ui.Content())
	size := fyne.NewSize(1280, 800)
	if os.Getenv("ZZPORT") != "" { size = fyne.NewSize(800, 1280) }
	w.Resize(size)
	n := 0
	shot := func(name string) {
		n++
		time.Sleep(900 * time.Millisecond)
		f, _ := os.Create(fmt.Sprintf("/tmp/shots/real-%02d-%s.png", n, name))
		png.Encode(f, w.Canvas().Capture())
		f.Close()
	}
	tap := func(id string) {
		for range 100 {
			if o := ui.Find(id, test.WidgetRenderer); o != nil {
				if tp, ok := o.(fyne.Tappable); ok { test.Tap(tp); time.Sleep(300 * time.Millisecond); return }
				t.Fatalf("%s is %T", id, o)
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("no %s in %v", id, ui.IDs())
	}
	shot("enrol")
	s2 := ui.Find("enrol.server", nil).(interface{ SetText(string) })
	s2.SetText("http://" + l.Addr().String())
	ui.Find("enrol.code", nil).(interface{ SetText(string) }).SetText(code)
	ui.Find("enrol.device", nil).(interface{ SetText(string) }).SetText("平板")
	tap("enrol.submit")
	time.Sleep(3 * time.Second)
	shot("download")
	tap("download.begin")
	shot("home")
	tap("home.buildings")
	shot("buildings")
	tap("bar.back")
	tap("home.today.0")
	shot("unit")
	tap("unit.plan")
	time.Sleep(2 * time.Second)
	shot("plan")
	plan := ui.Find("plan", nil).(*kit.PinPlan)
	plan.Tapped(&fyne.PointEvent{Position: fyne.NewPos(plan.Size().Width*0.45, plan.Size().Height*0.5)})
	shot("form-from-plan")
	tap("defect.photo.add")
	shot("form-photo")
	for _, id := range ui.IDs() { if len(id) > 12 && id[:12] == "defect.pick." { tap(id); break } }
	tap("defect.save")
	shot("plan-with-pin")
	tap("bar.back")
	tap("unit.checklist")
	shot("checklist")
	tap("checklist.HO-010.ENT1.fail")
	shot("form-from-item")
	tap("defect.photo.add")
	tap("defect.save")
	shot("checklist-after")
	tap("bar.back")
	tap("unit.complete")
	shot("unit-blocked")
	tap("unit.complete.answer")
	shot("checklist-unit")
	tap("checklist.HO-030.UNIT.option.accept_with_list")
	shot("checklist-unit2")
	tap("checklist.room.LIV1")
	shot("checklist-liv")
	tap("checklist.BOTH-015.LIV1.reading")
	shot("pad")
	ov := w.Canvas().Overlays().Top()
	_ = ov
	if f, ok := w.Canvas().Focused().(fyne.Focusable); ok { f.TypedRune('3'); f.TypedRune('.'); f.TypedRune('5'); shot("pad-typed"); f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) } else { t.Error("no focus") }
	shot("reading-form")
	tap("defect.discard")
	shot("ask")
	tap("dialog.yes")
	shot("after-discard")
	tap("bar.back")
	tap("unit.checklist")
	tap("bar.back")
	shot("unit-after")
	for _, id := range ui.IDs() { if len(id) > 12 && id[:12] == "unit.defect." { tap(id); break } }
	time.Sleep(2 * time.Second)
	shot("defect")
	tap("bar.back")
	tap("unit.complete")
	shot("unit-complete")
	tap("unit.complete.yes")
	shot("unit-completed")
	tap("bar.back")
	tap("home.compare.0")
	tap("unit.checklist")
	time.Sleep(2 * time.Second)
	shot("compare")
	tap("bar.sync")
	shot("sync")
	tap("bar.language")
	shot("sync-en")
	s.Close()
	c.Close(context.Background())
}
