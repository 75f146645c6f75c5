// Command keyturn is the inspector's tablet and the coordinator's desktop: one
// program in two forms over the same device core.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a project's zone must resolve on a device without zone files

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"

	"keyturn/app/core"
	"keyturn/app/syncer"
	"keyturn/app/ui/kit"
	"keyturn/app/ui/shell"
	"keyturn/app/window"
	"keyturn/assets/catalog"
	"keyturn/assets/fonts"
	"keyturn/assets/icons"
	"keyturn/assets/translations"
	"keyturn/shared/wording"
)

const appID = "app.keyturn.inspect"

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("keyturn.png", icons.Keyturn))
	density := kit.Tablet
	if o.form == formDesk {
		density = kit.Desk
	}
	a.Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, density))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := a.NewWindow("Keyturn")
	w.Resize(o.size)
	done := start(ctx, a, w, o)
	context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	w.ShowAndRun()
	stop()
	if err := done(); err != nil {
		fmt.Fprintln(os.Stderr, "keyturn:", err)
	}
}

// start opens the device and fills the window; done closes both in order.
func start(ctx context.Context, a fyne.App, w fyne.Window, o options) (done func() error) {
	locale := o.locale
	if locale == "" {
		locale = wording.Pick(lang.SystemLocale().String())
	}
	var c *core.Core
	c, err := core.Open(ctx, core.Options{
		Dir: o.data, Version: a.Metadata().Version, Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
		Changed: func(syncer.Status) { c.Store.Ring() },
	})
	if err == nil {
		err = enrol(ctx, c, o)
	}
	var opened window.Opened
	switch {
	case err != nil:
	case o.form == formDesk:
		opened = window.Desk(ctx, w, c, locale)
	default:
		opened, err = window.Tablet(ctx, w, c, o.data, locale, nil)
	}
	if err != nil {
		texts, textsErr := wording.Load(translations.FS)
		if textsErr == nil {
			w.SetContent(shell.Failed(texts, locale, err))
		}
	}
	return func() error {
		if opened.Close != nil {
			opened.Close()
		}
		if c == nil {
			return nil
		}
		return c.Close(context.WithoutCancel(ctx))
	}
}

// enrol uses the code from the command line once, and connects a device that
// has an identity.
func enrol(ctx context.Context, c *core.Core, o options) error {
	id, err := c.Store.Identity(ctx)
	if err != nil || !id.Enrolled() && o.code == "" {
		return err
	}
	if !id.Enrolled() {
		name, err := os.Hostname()
		if err != nil {
			name = o.form
		}
		if err := c.Enrol(ctx, o.server, o.code, name+" "+o.form); err != nil {
			return err
		}
	}
	c.Connect(ctx)
	return nil
}
