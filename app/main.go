// Command keyturn is the inspector's tablet and the coordinator's desktop: one
// program in two forms over the same device core.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a project's zone must resolve on a device without zone files

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"

	"keyturn/app/ui/kit"
	"keyturn/assets/fonts"
	"keyturn/assets/icons"
	"keyturn/assets/translations"
	"keyturn/shared/wording"
)

// appID is the one in FyneApp.toml.
const appID = "app.keyturn.inspect"

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	o, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(exitUsage)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "keyturn:", err)
		os.Exit(exitFailed)
	}
}

// run shows the window until it is closed or the process is told to end, and
// closes the device in order.
func run(o options) error {
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("keyturn.png", icons.Keyturn))
	if err := o.settle(fyne.CurrentDevice().IsMobile()); err != nil {
		return err
	}
	texts, err := wording.Load(translations.FS)
	if err != nil {
		return err
	}
	density := kit.Tablet
	if o.form == formDesk {
		density = kit.Desk
	}
	a.Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, density))
	// The same signals end what runs beside the window.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := a.NewWindow("Keyturn")
	w.Resize(o.size)
	p := &program{options: o, ctx: ctx, window: w, texts: texts, version: a.Metadata().Version, system: lang.SystemLocale().String()}
	a.Lifecycle().SetOnStarted(p.start)
	w.SetOnClosed(p.leave)
	w.ShowAndRun() // Fyne ends it on SIGINT and SIGTERM by itself
	return p.close()
}
