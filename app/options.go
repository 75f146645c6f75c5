package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"keyturn/shared/wording"
)

// Forms of the app.
const (
	formTablet = "tablet"
	formDesk   = "desk"
)

// options are the command line. An empty form follows the machine, an empty
// locale the person's choice and then the system.
type options struct {
	data, form, server, code, locale string
	size                             fyne.Size
}

// defaultSize is the smallest screen that the app is made for, in dp.
const defaultSize = "1280x800"

var errOption = errors.New("bad option")

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("keyturn", flag.ContinueOnError)
	var size string
	f.StringVar(&o.data, "data", "", "data directory (default: the user's own)")
	f.StringVar(&o.form, "form", "", "tablet or desk (default: tablet on a phone or tablet, else desk)")
	f.StringVar(&o.server, "server", "", "server address for -enrol, such as https://keyturn.example")
	f.StringVar(&o.code, "enrol", "", "one-time code to enrol with; also lets a device in again that is enrolled already")
	f.StringVar(&o.locale, "locale", "", "language to switch to: "+strings.Join(wording.Locales(), " or "))
	f.StringVar(&size, "size", defaultSize, "window size in dp")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		err = fmt.Errorf("%w: unexpected %q", errOption, f.Arg(0))
	case o.form != "" && o.form != formTablet && o.form != formDesk:
		err = fmt.Errorf("%w: -form %q", errOption, o.form)
	case o.locale != "" && !slices.Contains(wording.Locales(), o.locale):
		err = fmt.Errorf("%w: -locale %q", errOption, o.locale)
	case o.code != "" && o.server == "":
		err = fmt.Errorf("%w: -enrol needs -server", errOption)
	default:
		o.size, err = parseSize(size)
	}
	if err != nil {
		fmt.Fprintln(f.Output(), err)
	}
	return o, err
}

// parseSize reads "1280x800".
func parseSize(text string) (fyne.Size, error) {
	across, down, ok := strings.Cut(text, "x")
	width, errWidth := strconv.Atoi(across)
	height, errHeight := strconv.Atoi(down)
	if !ok || errWidth != nil || errHeight != nil || width <= 0 || height <= 0 {
		return fyne.Size{}, fmt.Errorf("%w: -size %q is not like %s", errOption, text, defaultSize)
	}
	return fyne.NewSize(float32(width), float32(height)), nil
}

// settle fills in what the command line left open.
func (o *options) settle(mobile bool) error {
	if o.form == "" {
		o.form = formDesk
		if mobile {
			o.form = formTablet
		}
	}
	if o.data != "" {
		return nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	o.data = filepath.Join(dir, "keyturn", o.form)
	return nil
}
