package powercut_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"keyturn/shared/simtest/powercut"
	"keyturn/shared/sqlitedb"
)

var migrations = fstest.MapFS{"00001_notes.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;\n")}}

// machine is a database on a disk that can lose power.
type machine struct {
	t    *testing.T
	dir  string
	disk *powercut.Disk
	db   *sqlitedb.DB
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, dir: t.TempDir()}
	var err error
	m.disk, err = powercut.Mount(m.dir)
	must(t, err)
	t.Cleanup(m.disk.Unmount)
	m.start()
	t.Cleanup(func() { _ = m.db.Close() })
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) path() string { return filepath.Join(m.dir, "a.db") }

func (m *machine) start() {
	m.t.Helper()
	var err error
	m.db, err = sqlitedb.Open(context.Background(), m.path(), migrations)
	must(m.t, err)
}

// save commits three notes in one transaction.
func (m *machine) save(id int) error {
	tx, err := m.db.Write.Begin()
	if err != nil {
		return err
	}
	for part := range 3 {
		if _, err := tx.Exec("INSERT INTO notes VALUES (?, ?)", 3*id+part, strings.Repeat("x", 1500)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// fails cuts the power and gives the number of notes that are left.
func (m *machine) fails(fate powercut.Fate, dice *rand.Rand) (notes int) {
	m.t.Helper()
	m.disk.FailAfter(0)
	_ = m.db.Close() // writes nothing any more
	must(m.t, m.disk.Reboot(fate, dice))
	m.start()
	var verdict string
	must(m.t, m.db.Read.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		m.t.Fatalf("the database is damaged: %s", verdict)
	}
	must(m.t, m.db.Read.QueryRow("SELECT count(*) FROM notes").Scan(&notes))
	return notes
}

// Whatever the moment of the power cut and whatever of the last writes arrives:
// what was committed is there, whole, and the database is sound.
func TestCommittedIsDurable(t *testing.T) {
	lost := 0
	for seed := range uint64(60) {
		dice := rand.New(rand.NewPCG(seed, 1))
		m := newMachine(t)
		saved := 0
		for round := range 3 {
			m.disk.FailAfter(dice.IntN(80))
			began := saved
			for !m.disk.Dead() {
				if err := m.save(100*round + saved); err == nil {
					saved++
				} else {
					lost++
				}
			}
			notes := m.fails([]powercut.Fate{powercut.KeepAll, powercut.LoseAll, powercut.LoseSome}[dice.IntN(3)], dice)
			if notes%3 != 0 || notes < 3*saved || notes > 3*saved+3 {
				t.Fatalf("seed %d: %d notes are left, %d and then %d of 3 were saved", seed, notes, began, saved)
			}
			saved = notes / 3
		}
	}
	if lost < 60 {
		t.Fatalf("only %d commits were cut off: the test proves nothing", lost)
	}
}

// Without syncs a power cut loses what was committed: the simulation can tell.
func TestUnsyncedIsLost(t *testing.T) {
	m := newMachine(t)
	must(t, m.db.Close())
	loose, err := sql.Open("sqlite3", "file:"+url.PathEscape(m.path())+"?_journal_mode=WAL&_synchronous=NORMAL")
	must(t, err)
	for id := range 5 {
		_, err := loose.Exec("INSERT INTO notes VALUES (?, 'x')", id)
		must(t, err)
	}
	m.disk.FailAfter(0)
	_ = loose.Close()
	must(t, m.disk.Reboot(powercut.LoseAll, nil))
	m.start()
	var notes int
	must(t, m.db.Read.QueryRow("SELECT count(*) FROM notes").Scan(&notes))
	if notes != 0 {
		t.Errorf("%d notes survived that were never synced", notes)
	}
}

// A full disk and a failing sync refuse the commit and leave the rest usable;
// what the failed sync did not write stays lost.
func TestFailingDisk(t *testing.T) {
	m := newMachine(t)
	must(t, m.save(0))
	m.disk.SetFull(true)
	if err := m.save(1); !sqlitedb.IsFull(err) {
		t.Errorf("a full disk gives %v", err)
	}
	m.disk.SetFull(false)
	m.disk.FailSyncs(1)
	if err := m.save(2); err == nil {
		t.Error("a commit succeeded although its sync failed")
	}
	must(t, m.save(3))
	if notes := m.fails(powercut.LoseAll, nil); notes != 6 {
		t.Errorf("%d notes are left of 6", notes)
	}
}

// Files elsewhere are none of this disk's business.
func TestOtherDirectoriesAreUntouched(t *testing.T) {
	m := newMachine(t)
	db, err := sqlitedb.Open(context.Background(), filepath.Join(t.TempDir(), "b.db"), migrations)
	must(t, err)
	m.disk.FailAfter(0)
	_, err = db.Write.Exec("INSERT INTO notes VALUES (1, 'x')")
	must(t, err)
	must(t, db.Close())
}

// The cost of a commit and of opening a migrated file with the shim.
func BenchmarkCommit(b *testing.B) {
	dir := shm(b)
	disk, err := powercut.Mount(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer disk.Unmount()
	db, err := sqlitedb.Open(context.Background(), filepath.Join(dir, "a.db"), migrations)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		if _, err := db.Write.Exec("INSERT INTO notes VALUES (?, 'x')", n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(disk.Steps())/float64(n), "steps/op")
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkReopen(b *testing.B) {
	dir := shm(b)
	disk, err := powercut.Mount(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer disk.Unmount()
	for b.Loop() {
		db, err := sqlitedb.Open(context.Background(), filepath.Join(dir, "a.db"), migrations)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// shm is a directory in memory where the system has one.
func shm(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "powercut-*") //nolint:usetesting // in memory; b.TempDir may lie on a slow disk
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(fmt.Errorf("remove: %w", err))
		}
	})
	return dir
}
