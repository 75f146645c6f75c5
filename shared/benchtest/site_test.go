package benchtest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	shipped "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// inspector is the sample person whose devices are measured.
const inspector = "inspector1"

// patience is how long an exchange may take before it is taken for stuck.
const patience = 15 * time.Minute

// site is a server's data directory with the sample project.
type site struct {
	dir     string
	project domain.ProjectID
	units   []domain.UnitID
	person  domain.PersonID
	// codes enrol tablets; light are enrolled already.
	codes []string
	light []accounts.Enrolled
}

// newSite prepares a data directory before its server starts.
func newSite(t *testing.T, tablets, light int, more func(*service.Service, *site)) *site {
	t.Helper()
	ctx := t.Context()
	s := &site{dir: t.TempDir()}
	server, err := openService(ctx, s.dir)
	must(t, err)
	defer func() { must(t, server.Close()) }()
	s.project, err = server.LoadSample(ctx, sample.FS)
	must(t, err)
	s.person, err = server.PersonByLogin(ctx, inspector)
	must(t, err)
	s.units = unitsOf(t, server, s.project)
	for i := range tablets + light {
		code, err := server.Accounts.NewCode(ctx, s.person, time.Hour)
		must(t, err)
		if i < tablets {
			s.codes = append(s.codes, code)
			continue
		}
		enrolled, err := server.Accounts.Enrol(ctx, code, accounts.Newcomer{Name: fmt.Sprintf("light %d", i)})
		must(t, err)
		s.light = append(s.light, enrolled)
	}
	if more != nil {
		more(server, s)
	}
	return s
}

func catalogue(t *testing.T) *shipped.Catalogue {
	t.Helper()
	cat, err := shipped.Load(catalog.FS)
	must(t, err)
	return cat
}

// tablet opens a production app core and enrols it through url.
func tablet(t *testing.T, url, code, name string) *core.Core {
	t.Helper()
	c := openTablet(t, filepath.Join(t.TempDir(), name))
	must(t, c.Enrol(t.Context(), url, code, name))
	return c
}

func openTablet(t *testing.T, dir string) *core.Core {
	t.Helper()
	c, err := core.Open(t.Context(), core.Options{
		Dir: dir, Version: "bench", Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
	})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close(context.WithoutCancel(t.Context()))) })
	return c
}

// await waits until the device's store satisfies a condition; it looks after
// every commit.
func await(t testing.TB, c *core.Core, what string, holds func(context.Context, *localstore.Tx) (bool, error)) {
	t.Helper()
	rings, stop := c.Store.Subscribe()
	defer stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		ok := false
		err := c.Store.View(t.Context(), func(tx *localstore.Tx) (err error) {
			ok, err = holds(t.Context(), tx)
			return err
		})
		if err != nil {
			t.Error(err)
			return
		}
		if ok {
			return
		}
		select {
		case <-rings:
		case <-deadline.C:
			t.Errorf("%s: not within %s (status %+v)", what, patience, c.Runner.Status())
			return
		}
	}
}

// confirmed: the server holds everything that the device made.
func confirmed(ctx context.Context, tx *localstore.Tx) (bool, error) {
	p, err := tx.Progress(ctx)
	return p.AllConfirmed(), err
}

// has: the device has applied so many log entries over all scopes.
func has(entries uint64) func(context.Context, *localstore.Tx) (bool, error) {
	return func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		cursors, err := tx.Cursors(ctx)
		sum := uint64(0)
		for _, c := range cursors {
			sum += c.Seq
		}
		return sum >= entries, err
	}
}

// downloaded: the device has what it should hold for work without a network.
func downloaded(c *core.Core) func(context.Context, *localstore.Tx) (bool, error) {
	return func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		p, err := tx.Progress(ctx)
		if err != nil || p.Have == 0 || p.Behind > 0 {
			return false, err
		}
		wanted, err := tx.WantedBlobs(ctx)
		for _, sha := range wanted {
			if !c.Photos.Cache.Has(sha) {
				return false, err
			}
		}
		return len(wanted) > 0, err
	}
}

// count counts records of an entity on a device.
func count(t *testing.T, c *core.Core, e domain.Entity) (n int) {
	t.Helper()
	must(t, c.Store.View(t.Context(), func(tx *localstore.Tx) error {
		records, err := tx.Records(t.Context(), e, localstore.Filter{})
		n = len(records)
		return err
	}))
	return n
}

func unitsOf(t *testing.T, s *service.Service, project domain.ProjectID) (ids []domain.UnitID) {
	t.Helper()
	must(t, s.Store.View(t.Context(), func(tx *store.Tx) error {
		units, err := intake.List[domain.Unit](t.Context(), tx, domain.EntityUnit, store.Filter{Project: project})
		for _, u := range units {
			ids = append(ids, u.ID)
		}
		return err
	}))
	return ids
}
