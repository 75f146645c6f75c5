//go:build linux

package faulttest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// planVariable carries the plan of a device's process as JSON.
const planVariable = "KEYTURN_FAULT_PLAN"

// plan is what a device's process is told to do.
type plan struct {
	Dir    string
	Server string
	// Code enrols the device if it has no identity yet.
	Code string
	Name string
	Seed uint64
	// Silence shortens how long a silent server is borne; 0 is the app's own limit.
	Silence time.Duration
	// Photos is how many photos a defect has at most.
	Photos int
	// Large makes one photo in so many larger than a piece of an upload; 0 none.
	Large int
	// Pause is the longest pause between two saves.
	Pause time.Duration
}

// driver is an inspector who saves defects as fast as told.
type driver struct {
	*core.Core
	plan    plan
	dice    *rand.Rand
	project domain.ProjectID
	units   []domain.UnitID
	rest    bool
	said    string
}

// say tells the test something, at once and in one piece.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// driveMain is the process of a device. It works until it is killed, told to
// end, or left alone by the test.
func driveMain(text string) int {
	d := &driver{}
	err := json.Unmarshal([]byte(text), &d.plan)
	if err == nil {
		err = d.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "device failed:", err)
		return 1
	}
	return 0
}

func (d *driver) run() (err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	status := make(chan syncer.Status, 1000)
	d.Core, err = core.Open(ctx, core.Options{
		Dir: d.plan.Dir, Version: "test", Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
		Changed: func(s syncer.Status) { status <- s },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close(ctx)) }()
	if err := d.identify(ctx); err != nil {
		return err
	}
	d.dice = rand.New(rand.NewPCG(d.plan.Seed, 0))
	d.Runner.Silence = d.plan.Silence
	rings, unsubscribe := d.Store.Subscribe()
	defer unsubscribe()
	d.Connect(ctx)
	commands := make(chan string)
	go listen(commands)
	next := time.NewTimer(0)
	say("open")
	for {
		select {
		case s := <-status:
			if s.Online {
				say("online")
			} else {
				say("offline %s", reason(s.Err))
			}
		case command := <-commands:
			switch command {
			case "rest":
				d.rest, d.said = true, ""
			case "retry":
				d.Runner.Retry()
			case "work":
				d.rest = false
				next.Reset(0)
			default: // "end", or the test has died
				return nil
			}
		case <-rings:
		case <-next.C:
			if d.rest {
				continue
			}
			if err := d.save(ctx); err != nil {
				return err
			}
			next.Reset(rand.N(d.plan.Pause))
		}
		if err := d.report(ctx); err != nil {
			return err
		}
	}
}

// listen hands on the test's commands; the end of the test is a command too.
func listen(commands chan<- string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		commands <- lines.Text()
	}
	commands <- "end"
}

// identify enrols a new device, and points one that moved at its server.
func (d *driver) identify(ctx context.Context) error {
	id, err := d.Store.Identity(ctx)
	if err != nil {
		return err
	}
	if !id.Enrolled() {
		return d.Enrol(ctx, d.plan.Server, d.plan.Code, d.plan.Name)
	}
	if id.Server == d.plan.Server {
		return nil
	}
	id.Server = d.plan.Server
	return d.Store.SetIdentity(ctx, id)
}

// report says how far a resting device has come, when that has changed.
func (d *driver) report(ctx context.Context) error {
	if !d.rest {
		return nil
	}
	var s state
	err := d.Store.View(ctx, func(t *localstore.Tx) (err error) {
		if s.Progress, err = t.Progress(ctx); err != nil {
			return err
		}
		s.Cursors, err = t.Cursors(ctx)
		return err
	})
	if err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err == nil && string(b) != d.said {
		d.said = string(b)
		say("state %s", b)
	}
	return err
}

// state is how far a device has come.
type state struct {
	Progress localstore.Progress
	Cursors  []syncproto.Cursor
}
