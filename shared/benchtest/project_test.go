package benchtest

import (
	"fmt"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/app/syncer"
	"keyturn/shared/benchtest/floor"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// project is a large one: how long a fresh device takes to get it, by snapshot
// as it ships and by pages as those not so far behind, and to open its units then.
func project(t *testing.T, b *bench) {
	var all []stored
	s := newSite(t, 2*b.rounds, 1, func(server *service.Service, s *site) {
		all = b.largeProject(t, s)
		fill(t, server, s.project, all)
	})
	p := b.serving(t, s.dir)
	head := connectLight(t, p.url, s.light[0])
	must(t, head.ws.Close())
	dir := t.TempDir()
	must(t, floor.Fill(t.Context(), dir, bodies(t, all)))
	bare := launch(t, child(t, roleFloor, dir))

	var pagedFloor, paged, whole []float64
	var c *core.Core
	for round := range b.rounds {
		pagedFloor = append(pagedFloor, freshFloor(t, bare.url, len(all)))
		c = tablet(t, p.url, s.codes[2*round], fmt.Sprint("paged", round))
		b.profiled(t, "fresh-pages", func() { paged = append(paged, freshPages(t, c, head.entries())) })
		b.checkFresh(t, c)
		c = tablet(t, p.url, s.codes[2*round+1], fmt.Sprint("whole", round))
		b.profiled(t, "fresh-snapshot", func() { whole = append(whole, fresh(t, c, head.entries())) })
		b.checkFresh(t, c)
	}
	b.figure(t, "fresh_100k_pages", median(paged), "s", median(pagedFloor), atMostTimes(1.5))
	b.figure(t, "fresh_100k_snapshot", median(whole), "s", median(pagedFloor), atMostTimes(0.4))
	b.profiled(t, "unit-list", func() { b.figure(t, "unit_list_open", b.openUnits(t, c), "ms", none, atMost(100)) })
}

// fresh gives the seconds that an empty device takes to get everything.
func fresh(t *testing.T, c *core.Core, entries uint64) float64 {
	t.Helper()
	began := time.Now()
	c.Connect(t.Context())
	await(t, c, "everything", has(entries))
	took := time.Since(began).Seconds()
	c.Disconnect()
	return took
}

// pagesOnly is the newest protocol version without snapshots.
const pagesOnly = 1

// freshPages gives the seconds by pages: the device's engine and store, told to
// speak the version that knows no snapshots.
func freshPages(t *testing.T, c *core.Core, entries uint64) float64 {
	t.Helper()
	ctx := t.Context()
	id, err := c.Store.Identity(ctx)
	must(t, err)
	began := time.Now()
	l := dialLight(t, id.Server, accounts.Enrolled{DeviceToken: id.DeviceToken, SessionToken: id.SessionToken})
	frames := make(chan syncproto.Frame, 1)
	listen(t, l.ws.Close, func() error {
		f, err := l.receive()
		if err != nil {
			close(frames)
			return err
		}
		select {
		case frames <- f:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	engine := &syncer.Engine{Store: c.Store, AppVersion: "bench"}
	out, err := engine.Start(ctx)
	must(t, err)
	out[0].(*syncproto.Hello).Version = pagesOnly
	for done := false; !done; {
		for _, f := range out {
			must(t, l.send(f))
		}
		f, ok := <-frames
		if !ok {
			t.Fatal("the connection broke")
		}
		for _, ahead := range engine.Ahead(f) {
			must(t, l.send(ahead))
		}
		out, err = engine.Handle(ctx, f)
		must(t, err)
		must(t, c.Store.View(ctx, func(tx *localstore.Tx) (err error) {
			done, err = has(entries)(ctx, tx)
			return err
		}))
	}
	took := time.Since(began).Seconds()
	must(t, l.ws.Close())
	return took
}

func (b *bench) checkFresh(t *testing.T, c *core.Core) {
	t.Helper()
	if got := count(t, c, domain.EntityDefect); got != b.freshDefects {
		t.Errorf("%d defects on the fresh device, want %d", got, b.freshDefects)
	}
}

func freshFloor(t *testing.T, url string, records int) float64 {
	t.Helper()
	d, err := floor.OpenDevice(t.Context(), t.TempDir())
	must(t, err)
	defer func() { must(t, d.Close()) }()
	began := time.Now()
	must(t, d.Sync(t.Context(), url, uint64(records)))
	took := time.Since(began).Seconds()
	if all, _, err := d.Count(t.Context()); err != nil || all != records {
		t.Errorf("%d records on the fresh floor device, want %d: %v", all, records, err)
	}
	return took
}

// openUnits is the median of what a tap on "units" takes to its first state, in
// milliseconds.
func (b *bench) openUnits(t *testing.T, c *core.Core) float64 {
	t.Helper()
	var took []float64
	for range b.screenOpens {
		session, err := field.NewSession(t.Context(), oncore.Device(t.Context(), c, t.TempDir()), "zh-Hans")
		must(t, err)
		shown := make(chan field.BuildingsState, 1)
		began := time.Now()
		screen := session.Buildings()
		screen.Listen(func(st field.BuildingsState, p *field.Problem) {
			if p != nil {
				t.Errorf("units: %+v", p)
			}
			select {
			case shown <- st:
			default:
			}
		})
		st := <-shown
		took = append(took, time.Since(began).Seconds()*1000)
		screen.Listen(nil)
		session.Close()
		if len(st.Cells) == 0 {
			t.Error("no units shown")
		}
	}
	return median(took)
}

// stored is a record of the large project.
type stored struct {
	entity domain.Entity
	id     domain.AnyID
	record any
}

// unitsPerBuilding is what one page of the unit matrix shows.
const unitsPerBuilding = 200

// largeProject makes units in their buildings and defects in the units.
func (b *bench) largeProject(t *testing.T, s *site) (all []stored) {
	t.Helper()
	var units []domain.UnitID
	var building domain.BuildingID
	for i := range b.freshUnits {
		if i%unitsPerBuilding == 0 {
			name := fmt.Sprintf("T%d", i/unitsPerBuilding+1)
			building = ident.Derive[domain.Building]("bench", name)
			all = append(all, stored{domain.EntityBuilding, building.Any(), domain.Building{ProjectID: s.project, Name: name}})
		}
		storey, door := i%unitsPerBuilding/4+1, i%4+1
		id := ident.Derive[domain.Unit](building.String(), fmt.Sprint(i))
		units = append(units, id)
		all = append(all, stored{domain.EntityUnit, id.Any(), domain.Unit{
			BuildingID: building, State: domain.UnitPending, Building: fmt.Sprintf("T%d", i/unitsPerBuilding+1), Entrance: "1", Floor: storey,
			Number: fmt.Sprintf("%d%02d", storey, door), Layout: "B", FitOut: domain.FitOutFitted, ContractAreaCM2: 1_186_200, Sold: true,
		}})
	}
	w := newWorkload(1, catalogue(t), units, s.person)
	for range b.freshDefects {
		d := w.defect(t)
		all = append(all, stored{domain.EntityDefect, d.id.Any(), d.defect})
	}
	return all
}

// perTransaction is how many records one transaction writes while the project is
// filled; nobody measures that.
const perTransaction = 5_000

// fill writes the project as an import would: with the server's authority.
func fill(t *testing.T, server *service.Service, p domain.ProjectID, all []stored) {
	t.Helper()
	ctx := t.Context()
	for len(all) > 0 {
		n := min(perTransaction, len(all))
		must(t, server.Store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.Lock(ctx, p); err != nil {
				return err
			}
			var logged []syncproto.Logged
			w := intake.NewWriter(tx, p, domain.At(time.Now()), &logged)
			for _, m := range all[:n] {
				if _, err := w.Create(ctx, m.entity, m.id, m.record); err != nil {
					return err
				}
			}
			return nil
		}))
		all = all[n:]
	}
}

// bodies are the same records for the floor.
func bodies(t *testing.T, all []stored) []floor.Record {
	t.Helper()
	records := make([]floor.Record, len(all))
	for i, m := range all {
		fields, err := syncproto.Encode(m.record)
		must(t, err)
		body, err := syncproto.Marshal(fields)
		must(t, err)
		records[i] = floor.Record{ID: m.id, Body: body}
	}
	return records
}
