package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"keyturn/app/core"
	"keyturn/app/syncer"
	"keyturn/app/ui/shell"
	"keyturn/app/window"
	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/wording"
)

// program is one run of the app. Its methods belong to the UI goroutine where
// they do not say otherwise; files and the network are used beside it.
type program struct {
	options
	ctx     context.Context
	window  fyne.Window
	texts   *wording.Texts
	version string
	system  string // locale of the system

	work   sync.WaitGroup
	core   *core.Core
	shown  window.Opened
	failed error
}

func (p *program) words(locale string) wording.Reader {
	return wording.Reader{Texts: p.texts, Locale: locale}
}

// spoken is the language before a person's choice is known.
func (p *program) spoken() string {
	if p.locale != "" {
		return p.locale
	}
	return wording.Pick(p.system)
}

// start opens the device and fills the window.
func (p *program) start() {
	p.failed = nil
	p.window.SetContent(shell.Waiting(p.words(p.spoken()).Text("shell.opening")))
	p.beside(func() func() {
		locale, err := p.open()
		return func() { p.opened(locale, err) }
	})
}

// beside runs work off the UI goroutine and what it returns on it.
func (p *program) beside(work func() func()) {
	p.work.Go(func() {
		done := work()
		fyne.Do(done)
	})
}

// open opens the data directory, off the UI goroutine; whatever happens next,
// close finds the device. The locale is the chosen one, if any.
func (p *program) open() (locale string, err error) {
	if p.core == nil {
		o := core.Options{Dir: p.data, Version: p.version, Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS}
		c, err := core.Open(p.ctx, o)
		if err != nil {
			return p.spoken(), err
		}
		c.Runner.Changed = func(syncer.Status) { c.Store.Ring() } // screens show the connection
		p.core = c
	}
	if p.locale != "" {
		return p.locale, p.core.Store.SetLocale(p.ctx, p.locale)
	}
	if locale, err = p.core.Store.Locale(p.ctx); locale == "" {
		locale = p.spoken()
	}
	return locale, err
}

// opened goes on with an open device: it enrols by the code of the command line,
// is enrolled, or asks for a code. An enrolled device keeps its identity and its
// work with a new code, and goes on as it is if that code does not work: an old
// shortcut, or no network, locks nobody out.
func (p *program) opened(locale string, err error) {
	if err != nil {
		p.fail(locale, shell.Failure{Dir: p.data, Err: err})
		return
	}
	id, err := p.core.Store.Identity(p.ctx)
	switch {
	case err != nil:
		p.fail(locale, shell.Failure{Dir: p.data, Err: err})
	case p.code != "":
		p.window.SetContent(shell.Waiting(p.words(locale).Text("shell.enrolling", "server", p.server)))
		p.enrol(locale, p.server, p.code, func(err error) {
			if id.Enrolled() {
				p.goOn(locale) // where the connection shows, it says what is wrong
				return
			}
			p.fail(locale, shell.Failure{Server: p.server, Err: err})
		})
	case id.Enrolled():
		p.goOn(locale)
	case p.options.form == formDesk:
		p.ask(locale)
	default:
		p.show(locale) // the tablet enrols on a page of its own
	}
}

// enrol gives the device its identity and shows its form.
func (p *program) enrol(locale, server, code string, refused func(error)) {
	c := p.core
	p.beside(func() func() {
		name, err := os.Hostname()
		if err != nil {
			name = p.options.form
		}
		err = c.Enrol(p.ctx, server, code, name)
		return func() {
			if err != nil {
				refused(err)
				return
			}
			p.goOn(locale)
		}
	})
}

// goOn connects the enrolled device and shows its form.
func (p *program) goOn(locale string) {
	p.core.Connect(p.ctx)
	p.show(locale)
}

// ask shows the page on which a desk is enrolled.
func (p *program) ask(locale string) {
	page := shell.NewEnrol(p.words(locale), p.server)
	page.OnEnrol = func(server, code string) { p.enrol(locale, server, code, page.Refused) }
	p.window.SetContent(page.Object())
}

func (p *program) show(locale string) {
	if p.options.form == formDesk {
		p.shown = window.Desk(p.ctx, p.window, p.core, locale)
		return
	}
	form, err := window.Tablet(p.ctx, p.window, p.core, p.data, locale, nil)
	if err != nil {
		p.fail(locale, shell.Failure{Dir: p.data, Err: err})
		return
	}
	p.shown = form
}

// fail says why there is nothing to show, and lets the person try again.
func (p *program) fail(locale string, f shell.Failure) {
	p.failed = f.Err
	p.window.SetContent(shell.Failed(p.words(locale), f, p.start))
}

// leave ends the form while its window still exists.
func (p *program) leave() {
	if p.shown.Close != nil {
		p.shown.Close()
		p.shown = window.Opened{}
	}
}

// close ends the device, once the window is gone. The error of a start that
// failed for good is the program's own.
func (p *program) close() error {
	p.leave()
	p.work.Wait()
	if p.core == nil {
		return p.failed
	}
	return errors.Join(p.failed, p.core.Close(context.WithoutCancel(p.ctx)))
}
