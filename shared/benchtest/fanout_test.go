package benchtest

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyturn/shared/benchtest/floor"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
)

// fanout measures how long a single write takes to everybody: from before it is
// sent until it is decoded at a subscriber. Floor and Keyturn write in turn, so
// that the disk disturbs both alike.
func fanout(t *testing.T, b *bench) {
	bare, ours := b.floorChannel(t), b.keyturnChannel(t)
	for range b.rounds {
		b.writeAll(t, bare)
		b.writeAll(t, ours)
	}
	for _, q := range []struct {
		name string
		at   float64
		goal target
	}{{"fanout_p50", 0.5, target{}}, {"fanout_p99", 0.99, atMostTimes(2)}} {
		b.figure(t, q.name, quantile(ours.took(), q.at), "ms", quantile(bare.took(), q.at), q.goal)
	}
}

// channel is a writer with its subscribers. Writes are numbered from 1.
type channel struct {
	write func(n uint64) error

	began   []atomic.Int64 // by number: when the write began, ns since zero
	zero    time.Time
	written uint64
	due     atomic.Int64 // subscribers times writes that have not arrived yet
	arrived chan struct{}

	mu        sync.Mutex
	latencies []float64 // ms
}

func (b *bench) newChannel() *channel {
	return &channel{zero: time.Now(), began: make([]atomic.Int64, b.rounds*b.writes+1), arrived: make(chan struct{}, 1)}
}

// heard notes that a subscriber has decoded a write.
func (c *channel) heard(n uint64) {
	took := time.Since(c.zero) - time.Duration(c.began[n].Load())
	c.mu.Lock()
	c.latencies = append(c.latencies, took.Seconds()*1000)
	c.mu.Unlock()
	if c.due.Add(-1) == 0 {
		c.arrived <- struct{}{}
	}
}

func (c *channel) took() []float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latencies
}

// writeAll writes at the workload's pace and waits until everybody has heard.
func (b *bench) writeAll(t *testing.T, c *channel) {
	t.Helper()
	c.due.Add(int64(b.writes * b.subscribers))
	pace := time.NewTicker(time.Second / time.Duration(b.writesPerSecond))
	defer pace.Stop()
	for range b.writes {
		<-pace.C
		c.written++
		c.began[c.written].Store(int64(time.Since(c.zero)))
		must(t, c.write(c.written))
	}
	select {
	case <-c.arrived:
	case <-time.After(patience):
		t.Fatalf("%d of %d writes did not arrive", c.due.Load(), b.writes*b.subscribers)
	}
}

// listen runs receive until its connection ends with the test.
func listen(t *testing.T, end func() error, receive func() error) {
	var work sync.WaitGroup
	work.Go(func() {
		for receive() == nil {
		}
	})
	t.Cleanup(func() {
		_ = end() // what receive waits for
		work.Wait()
	})
}

func (b *bench) floorChannel(t *testing.T) *channel {
	t.Helper()
	p := launch(t, child(t, roleFloor, t.TempDir()))
	c := b.newChannel()
	dial := func(hear func(r floor.Record)) *floor.Link {
		l, err := floor.Dial(t.Context(), p.url)
		must(t, err)
		must(t, l.Follow(0))
		listen(t, l.Close, func() error {
			records, err := l.Heard()
			for _, r := range records {
				hear(r)
			}
			return err
		})
		return l
	}
	for range b.subscribers {
		dial(func(r floor.Record) { c.heard(binary.BigEndian.Uint64(r.ID[8:])) })
	}
	writer := dial(func(floor.Record) {})
	w := newWorkload(1, catalogue(t), []domain.UnitID{{1}}, domain.PersonID{1})
	c.write = func(n uint64) error {
		r := forFloor([]recorded{w.defect(t)})[0]
		binary.BigEndian.PutUint64(r.ID[8:], n)
		return writer.Push(r)
	}
	return c
}

func (b *bench) keyturnChannel(t *testing.T) *channel {
	t.Helper()
	s := newSite(t, 0, b.subscribers+1, nil)
	p := b.serving(t, s.dir)
	c := b.newChannel()
	author := s.light[b.subscribers].Device
	dial := func(i int, hear func(op syncproto.Op)) *light {
		l := connectLight(t, p.url, s.light[i])
		listen(t, l.ws.Close, func() error {
			f, err := l.receive()
			if page, ok := f.(*syncproto.Page); ok {
				for _, change := range page.Changes {
					hear(change.Op)
				}
			}
			return err
		})
		return l
	}
	for i := range b.subscribers {
		dial(i, func(op syncproto.Op) {
			if op.Device == author && op.Entity == domain.EntityDefect {
				c.heard(op.Seq)
			}
		})
	}
	writer := dial(b.subscribers, func(syncproto.Op) {})
	w := newWorkload(1, catalogue(t), s.units, s.person)
	c.write = func(n uint64) error { return writer.push(n, s.project, w.defect(t)) }
	return c
}

// push sends one defect as an op without waiting for the answer.
func (l *light) push(n uint64, project domain.ProjectID, r recorded) error {
	scope := syncproto.Scope{Project: project, Audience: domain.AudienceField}
	return l.send(&syncproto.Push{Batch: n, Ops: []syncproto.Op{newOp(l.id, n, scope, r)}})
}

// newOp is a defect as the op of a device.
func newOp(by accounts.Enrolled, seq uint64, scope syncproto.Scope, r recorded) syncproto.Op {
	now := domain.At(time.Now())
	return syncproto.Op{
		Device: by.Device, Seq: seq, Actor: by.Person, CapturedAt: now, HLC: syncproto.NextHLC(0, now), Scope: scope,
		Entity: domain.EntityDefect, ID: r.id.Any(), Kind: syncproto.Recorded, Fields: r.fields, Schema: syncproto.SchemaVersion,
	}
}
