package walktest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// inReview is a tablet whose work, done without a network, waits in review: a
// defect, and a photo of it.
type inReview struct {
	*world
	tablet, desk, other *device
	id                  domain.DeviceID
	defect              domain.DefectID
	reviewer            domain.PersonID
}

// bars are the ways in which a tablet may be shut out while it is offline.
var bars = map[string]func(*inReview) error{
	"revoked": func(r *inReview) error { return r.server.Revoke(r.t.Context(), r.id) },
	"taken off": func(r *inReview) error {
		person, err := r.server.PersonByLogin(r.t.Context(), "inspector1")
		must(r.t, err)
		return r.server.Remove(r.t.Context(), person, r.project)
	},
}

func newInReview(t *testing.T, w *world, bar func(*inReview) error) *inReview {
	t.Helper()
	r := &inReview{world: w, tablet: w.enrol("inspector1"), desk: w.enrol("coordinator1"), other: w.enrol("inspector2")}
	for _, d := range []*device{r.tablet, r.desk, r.other} {
		d.allConfirmed()
	}
	var err error
	r.reviewer, err = w.server.PersonByLogin(t.Context(), "coordinator1")
	must(t, err)
	r.id = r.tablet.identity().Device
	unit := list[domain.Unit](r.tablet, domain.EntityUnit, localstore.Filter{})[0].ID
	r.tablet.Disconnect()
	r.defect = recordDefect(t, r.tablet, w.project, unit, "recorded offline")
	attach(t, r.tablet, w.project, unit, r.defect)
	w.clock.Advance(time.Hour)
	must(t, bar(r))
	r.tablet.Connect(context.WithoutCancel(t.Context()))
	r.tablet.until("the server keeps work and photo", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		p, err := tx.Progress(ctx)
		return p.AllConfirmed() && p.Attention == 2, err
	})
	w.clock.Advance(time.Hour)
	return r
}

// waiting is what the desk hears of.
func (r *inReview) waiting(want int) {
	r.t.Helper()
	r.desk.until("the desk hears what waits", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		rows, err := localstore.List[domain.Review](ctx, tx, domain.EntityReview, localstore.Filter{})
		return len(rows) == 1 && rows[0].Record.Waiting == want && rows[0].Record.DeviceID == r.id, err
	})
}

func (r *inReview) keys() []store.ReviewKey {
	r.t.Helper()
	keys, err := r.server.WaitingOf(r.t.Context(), r.id, r.project)
	must(r.t, err)
	if len(keys) != 2 {
		r.t.Fatalf("in the inbox: %v", keys)
	}
	return keys
}

// A tablet that was shut out while it was offline hands its work in; a
// coordinator accepts it, and it is as if nothing had been in its way.
func TestReviewAccepted(t *testing.T) {
	for name, bar := range bars {
		for database, open := range map[string]func(*testing.T) *world{
			"SQLite":   newWorld,
			"Postgres": func(t *testing.T) *world { return newCluster(t, 1, backends.Postgres(t), "") },
		} {
			t.Run(name+" on "+database, func(t *testing.T) {
				r := newInReview(t, open(t), bar)
				r.waiting(2)
				for _, d := range []*device{r.desk, r.other} {
					if n := len(list[domain.Defect](d, domain.EntityDefect, localstore.Filter{})); n != 0 {
						t.Errorf("%d defects before anybody has accepted one", n)
					}
				}
				for _, k := range r.keys() {
					must(t, r.server.Accept(t.Context(), k, r.reviewer))
				}
				for _, d := range []*device{r.desk, r.other} {
					d.until("the ticket and its photo", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
						tickets, err := localstore.List[domain.Ticket](ctx, tx, domain.EntityTicket, localstore.Filter{})
						if err != nil || len(tickets) != 1 || tickets[0].Record.DefectID != r.defect || tickets[0].Record.RecordedAt != domain.At(opening) {
							return false, err
						}
						photos, err := localstore.List[domain.Attachment](ctx, tx, domain.EntityAttachment, localstore.Filter{Parent: r.defect.Any()})
						return len(photos) == 1 && photos[0].Record.State == domain.AttachmentReady, err
					})
				}
				r.waiting(0)
				r.tick()
				r.tablet.until("the tablet learns of it", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
					sent, err := tx.Sent(ctx)
					if err != nil {
						return false, err
					}
					p, err := tx.Progress(ctx)
					return p.Attention == 0 && !slices.ContainsFunc(sent, func(s localstore.SentOp) bool { return s.LogSeq == 0 }), err
				})
			})
		}
	}
}

// A tablet that is admitted again follows its project as before and has its
// accepted work like everybody else's.
func TestReviewAcceptedAndAdmittedAgain(t *testing.T) {
	r := newInReview(t, newWorld(t), bars["taken off"])
	for _, k := range r.keys() {
		must(t, r.server.Accept(t.Context(), k, r.reviewer))
	}
	person, err := r.server.PersonByLogin(t.Context(), "inspector1")
	must(t, err)
	must(t, r.server.Accounts.GrantRole(t.Context(), person, r.project, "inspector"))
	r.clock.Advance(time.Minute)
	r.tick()
	r.tablet.until("everything is done", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		sent, err := tx.Sent(ctx)
		return !slices.ContainsFunc(sent, func(s localstore.SentOp) bool { return s.State != localstore.OpDone }), err
	})
	r.tablet.allConfirmed()
	sameRecords(t, r.tablet, r.other)
}

// Discarded work reaches nobody, and the tablet's page says why.
func TestReviewDiscarded(t *testing.T) {
	const reason = "样例：与现场不符"
	for name, bar := range bars {
		t.Run(name, func(t *testing.T) {
			r := newInReview(t, newWorld(t), bar)
			for _, k := range r.keys() {
				must(t, r.server.Discard(t.Context(), k, r.reviewer, reason))
			}
			r.waiting(0)
			r.tick()
			r.tablet.until("the tablet learns of it", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
				list, err := tx.NeedsAttention(ctx)
				return len(list) == 2 && !slices.ContainsFunc(list, func(a localstore.Attention) bool {
					return a.State != localstore.OpRejected || a.Code != syncproto.CodeDiscarded || !slices.Equal(a.Details, []string{reason})
				}), err
			})
			if n := len(list[domain.Defect](r.desk, domain.EntityDefect, localstore.Filter{})); n != 0 {
				t.Errorf("%d defects at the desk", n)
			}
			session, err := field.NewSession(t.Context(), oncore.Device(t.Context(), r.tablet.Core, r.tablet.dir), "zh-Hans")
			must(t, err)
			defer session.Close()
			page := session.Sync()
			shown := make(chan field.SyncState, 100)
			page.Listen(func(s field.SyncState, p *field.Problem) {
				if p != nil {
					t.Errorf("%+v", *p)
				}
				shown <- s
			})
			defer page.Listen(nil)
			select {
			case s := <-shown:
				if len(s.Attention) != 2 || !strings.Contains(s.Attention[0].Why, "经审核未采纳") || !strings.Contains(s.Attention[0].Why, reason) {
					t.Errorf("%+v", s.Attention)
				}
			case <-time.After(patience):
				t.Fatal("the page shows nothing")
			}
		})
	}
}
