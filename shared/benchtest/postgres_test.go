package benchtest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/backends"
	"keyturn/shared/benchtest/floor"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// writers push at once, as many as the sync design's measurement had.
const writers = 16

// postgres measures the server's engine and store on a durable Postgres, over
// many scopes and over one, beside the bare counter-row scheme on the same
// Postgres. A follower reads every scope's log meanwhile as devices do; a row
// that it passes without having seen it is missed.
func postgres(t *testing.T, b *bench) {
	server := backends.StartPostgres(t)
	missed := uint64(0)
	for _, c := range []struct {
		name   string
		scopes int
		goal   target
	}{{"postgres_20_scopes", b.scopes, atLeastTimes(0.8)}, {"postgres_hot_scope", 1, target{}}} {
		var bare, ours, entries []float64
		for round := range b.rounds {
			w := b.writing(t, round, c.scopes)
			bare = append(bare, b.logFloor(t, server.Database(t), w))
			ops, logged, lost := b.logKeyturn(t, server.Database(t), w)
			ours, entries, missed = append(ours, ops), append(entries, logged), missed+lost
		}
		b.figure(t, c.name, median(ours), "ops/s", median(bare), c.goal)
		b.figure(t, c.name+"_log", median(entries), "rows/s", none, target{})
	}
	b.figure(t, "postgres_missed", float64(missed), "rows", none, atMost(0))
}

// writing is what every writer pushes: by writer and push, to one scope each.
type writing struct {
	scopes int
	pushes [][][]recorded
}

// scope spreads the pushes over the scopes so that each meets each.
func (w *writing) scope(writer, push int) int { return (7*writer + push) % w.scopes }

func (w *writing) ops() float64 {
	return float64(len(w.pushes) * len(w.pushes[0]) * len(w.pushes[0][0]))
}

func (b *bench) writing(t *testing.T, seed, scopes int) *writing {
	t.Helper()
	w := &writing{scopes: scopes, pushes: make([][][]recorded, writers)}
	load := newWorkload(uint64(seed), catalogue(t), []domain.UnitID{{1}}, domain.PersonID{1})
	for i := range w.pushes {
		for range b.pushes {
			ops := make([]recorded, b.pushOps)
			for j := range ops {
				ops[j] = load.defect(t)
			}
			w.pushes[i] = append(w.pushes[i], ops)
		}
	}
	return w
}

// run lets every writer push what it has; it gives the seconds.
func (w *writing) run(t *testing.T, push func(writer, push int) error) float64 {
	t.Helper()
	began := time.Now()
	var group sync.WaitGroup
	for i := range w.pushes {
		group.Go(func() {
			for j := range w.pushes[i] {
				if err := push(i, j); err != nil {
					t.Errorf("writer %d, push %d: %v", i, j, err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began).Seconds()
}

// readRows is how many rows a follower reads at once.
const readRows = 1000

// follow reads every scope's log until stop has been called and everything is
// read; stop gives how many rows were passed without having been seen.
func follow(t *testing.T, scopes int, head func(scope int) (uint64, error), after func(scope int, seq uint64) (int, uint64, error)) (stop func() uint64) {
	t.Helper()
	cursor, seen := make([]uint64, scopes), make([]uint64, scopes)
	read := func() (n int) {
		for s := range scopes {
			got, last, err := after(s, cursor[s])
			if err != nil {
				t.Errorf("follow: %v", err)
				return 0
			}
			cursor[s], seen[s], n = last, seen[s]+uint64(got), n+got
		}
		return n
	}
	for s := range cursor { // what is there already is not followed
		at, err := head(s)
		must(t, err)
		cursor[s], seen[s] = at, at
	}
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		for ctx.Err() == nil {
			read()
			select {
			case <-look.C:
			case <-ctx.Done():
			}
		}
	})
	return func() (missed uint64) {
		cancel()
		following.Wait()
		for read() > 0 {
		}
		for s := range scopes {
			at, err := head(s)
			must(t, err)
			missed += at - seen[s]
		}
		return missed
	}
}

func (b *bench) logFloor(t *testing.T, url string, w *writing) float64 {
	t.Helper()
	ctx := t.Context()
	l, err := floor.OpenLog(ctx, url, w.scopes)
	must(t, err)
	defer func() { must(t, l.Close()) }()
	stop := follow(t, w.scopes, func(s int) (uint64, error) { return l.Head(ctx, s) }, func(s int, seq uint64) (int, uint64, error) {
		return l.After(ctx, s, seq, readRows)
	})
	records := make([][][]floor.Record, writers)
	for i := range records {
		for _, ops := range w.pushes[i] {
			records[i] = append(records[i], forFloor(ops))
		}
	}
	took := w.run(t, func(i, j int) error { return l.Append(ctx, w.scope(i, j), records[i][j]) })
	if missed := stop(); missed > 0 {
		t.Errorf("the floor's follower missed %d rows", missed)
	}
	return w.ops() / took
}

// logKeyturn gives pushed ops and appended log rows a second, and the rows that
// the follower missed.
func (b *bench) logKeyturn(t *testing.T, url string, w *writing) (ops, rows float64, missed uint64) {
	t.Helper()
	ctx := t.Context()
	s, err := service.Open(ctx, service.Options{
		Dir: t.TempDir(), Database: url, Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS, Log: quiet(),
	})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	projects, devices := staff(t, s, w.scopes)
	engine := &intake.Engine{
		Store: s.Store, Decider: &tickets.Desk{Catalogue: catalogue(t), Text: s.Texts.Text}, Now: func() domain.Instant { return domain.At(time.Now()) },
	}
	scope := func(n int) syncproto.Scope {
		return syncproto.Scope{Project: projects[n], Audience: domain.AudienceField}
	}
	pushes := make([][]*syncproto.Push, writers)
	for i, id := range devices {
		seq := uint64(0)
		for j, defects := range w.pushes[i] {
			p := &syncproto.Push{Batch: uint64(j + 1)}
			for _, r := range defects {
				seq++
				p.Ops = append(p.Ops, newOp(id, seq, scope(w.scope(i, j)), r))
			}
			pushes[i] = append(pushes[i], p)
		}
	}
	head := func(n int) (seq uint64, err error) {
		err = s.Store.View(ctx, func(tx *store.Tx) error {
			seq, err = tx.Head(ctx, scope(n))
			return err
		})
		return seq, err
	}
	before := sumHeads(t, w.scopes, head)
	stop := follow(t, w.scopes, head, func(n int, seq uint64) (got int, last uint64, err error) {
		last = seq
		err = s.Store.View(ctx, func(tx *store.Tx) error {
			at, err := tx.Head(ctx, scope(n))
			if err != nil {
				return err
			}
			changes, err := tx.ReadLog(ctx, scope(n), seq, at, readRows, syncproto.MaxInflatedBytes)
			if got = len(changes); got > 0 {
				last = changes[got-1].Seq
			}
			return err
		})
		return got, last, err
	})
	var took float64
	b.profiled(t, fmt.Sprint("postgres-", w.scopes), func() {
		took = w.run(t, func(i, j int) error {
			answers, _, err := engine.Push(ctx, devices[i].Device, pushes[i][j])
			if err != nil {
				return err
			}
			return allApplied(answers, len(pushes[i][j].Ops))
		})
	})
	missed = stop()
	logged := float64(sumHeads(t, w.scopes, head) - before)
	if logged < w.ops() {
		t.Errorf("%v log rows for %v ops", logged, w.ops())
	}
	return w.ops() / took, logged / took, missed
}

func sumHeads(t *testing.T, scopes int, head func(int) (uint64, error)) (sum uint64) {
	t.Helper()
	for n := range scopes {
		at, err := head(n)
		must(t, err)
		sum += at
	}
	return sum
}

func allApplied(a *syncproto.Answers, want int) error {
	if a.Code != "" || len(a.Answers) != want {
		return fmt.Errorf("%d of %d answers, code %q", len(a.Answers), want, a.Code)
	}
	for _, one := range a.Answers {
		if one.Status != syncproto.Applied {
			return fmt.Errorf("op %d: status %d, code %q", one.Seq, one.Status, one.Code)
		}
	}
	return nil
}

// staff sets up projects with the sample's handover list, and an inspector with
// a device for every writer.
func staff(t *testing.T, s *service.Service, count int) (projects []domain.ProjectID, devices []accounts.Enrolled) {
	t.Helper()
	ctx := t.Context()
	book, err := fs.ReadFile(sample.FS, "handover-list.xlsx")
	must(t, err)
	path := filepath.Join(t.TempDir(), "handover-list.xlsx")
	must(t, os.WriteFile(path, book, 0o600))
	for n := range count {
		id, err := s.AddProject(ctx, domain.Project{Name: fmt.Sprint("Sample ", n), Zone: "Asia/Shanghai"})
		must(t, err)
		_, err = s.Import(ctx, id, path, true)
		must(t, err)
		projects = append(projects, id)
	}
	for i := range writers {
		var person domain.PersonID
		for _, p := range projects {
			login := fmt.Sprint("sample", i)
			person, err = s.AddStaff(ctx, p, service.Staff{Login: login, Name: login, Role: "inspector"})
			must(t, err)
		}
		code, err := s.Accounts.NewCode(ctx, person, time.Hour)
		must(t, err)
		device, err := s.Accounts.Enrol(ctx, code, accounts.Newcomer{Name: "bench"})
		must(t, err)
		devices = append(devices, device)
	}
	return projects, devices
}
