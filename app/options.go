package main

import (
	"flag"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
)

// Forms of the app.
const (
	formTablet = "tablet"
	formDesk   = "desk"
)

// options are the command line.
type options struct {
	data, form, server, code, locale string
	size                             fyne.Size
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("keyturn", flag.ContinueOnError)
	var width, height float64
	f.StringVar(&o.data, "data", "", "data directory (default: the user's own)")
	f.StringVar(&o.form, "form", formTablet, "tablet or desk")
	f.StringVar(&o.server, "server", "", "server address for -enrol")
	f.StringVar(&o.code, "enrol", "", "one-time code to enrol with at the first start")
	f.StringVar(&o.locale, "locale", "", "zh-Hans or en; empty follows the system")
	f.Float64Var(&width, "width", 1280, "window width in dp")
	f.Float64Var(&height, "height", 800, "window height in dp")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.size = fyne.NewSize(float32(width), float32(height))
	if o.data == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return o, err
		}
		o.data = filepath.Join(dir, "keyturn", o.form)
	}
	return o, nil
}
