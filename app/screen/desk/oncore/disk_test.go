//go:build cgo

package oncore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/app/screen/desk/oncore"
	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// fullDisk is SQLite's own word for a full disk.
func fullDisk(t *testing.T) error {
	t.Helper()
	db, err := sql.Open("sqlite3", ":memory:")
	must(t, err)
	defer func() { must(t, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, setting := range []string{"PRAGMA max_page_count = 2", "CREATE TABLE t (v BLOB)"} {
		_, err = db.ExecContext(t.Context(), setting)
		must(t, err)
	}
	_, err = db.ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(100000))")
	if !sqlitedb.IsFull(err) {
		t.Fatalf("%v", err)
	}
	return fmt.Errorf("record ticket: %w", err)
}

// noRoom saves nothing.
type noRoom struct {
	desk.Work
	desk.Memory

	why error
}

func (n noRoom) Command(context.Context, domain.ProjectID, domain.Entity, domain.AnyID, syncproto.Command) error {
	return n.why
}

func (n noRoom) Keep(context.Context, string, any) error { return n.why }

func (n noRoom) SetLocale(context.Context, string) error { return n.why }

// When the disk is full the coordinator is told so, what is safe and what to do.
func TestSavingOnAFullDisk(t *testing.T) {
	d := newDevice(t)
	d.pull(append(desktest.Master(), desktest.Put(3, desktest.Ticket(3, domain.RepairAssigned)))...)
	for locale, want := range map[string]string{
		wording.English: "Not saved: this computer's disk is full. Everything saved before is safe. Free some disk space, then try again.",
		wording.Chinese: "没有保存：本机磁盘已满。之前保存的内容没有丢失。请清理磁盘空间，然后重试。",
	} {
		deps := oncore.Deps(d.Core, locale)
		disk := noRoom{Work: deps.Work, Memory: deps.Memory, why: fullDisk(t)}
		deps.Work, deps.Memory = disk, disk
		sits := desk.New(deps)
		ctx, stop := context.WithCancel(t.Context())
		states, done := make(chan desk.State, 100), make(chan error, 1)
		go func() { done <- sits.Run(ctx, func(s desk.State) { states <- s }) }()
		sits.Select(desktest.TicketID(3))
		var accept desk.Action
		for accept.ID == "" {
			select {
			case s := <-states:
				if s.Ticket != nil {
					accept = s.Ticket.Steps[0]
				}
			case <-time.After(time.Minute):
				t.Fatal("no ticket")
			}
		}
		for what, err := range map[string]error{
			"a command": sits.Submit(t.Context(), accept, desk.Input{}), "a note": sits.Dismiss(t.Context(), 1), "the language": sits.Speak(t.Context(), locale),
		} {
			var problem *desk.Problem
			if !errors.As(err, &problem) || problem.Text != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		stop()
		if err := <-done; !sqlitedb.IsFull(err) {
			t.Error(err)
		}
	}
}
