//go:build cgo

package oncore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/app/screen/desk/oncore"
	"keyturn/app/syncer"
	reference "keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// device is a real core in a directory of its own, filled as a server would.
type device struct {
	*core.Core
	t      *testing.T
	states chan desk.State
	desk   *desk.Desk
	seq    map[domain.Audience]uint64
}

func newDevice(t *testing.T) *device {
	t.Helper()
	now := desktest.Opening.Add(30 * time.Hour).Time()
	c, err := core.Open(t.Context(), core.Options{
		Dir: t.TempDir(), Version: "test", Now: func() time.Time { return now }, Catalogue: reference.FS, Translations: translations.FS,
	})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close(context.WithoutCancel(t.Context()))) })
	d := &device{Core: c, t: t, states: make(chan desk.State), seq: map[domain.Audience]uint64{}}
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{
		Server: "http://127.0.0.1:1", Device: ident.Derive[domain.Device]("here"), Person: desktest.Coordinator, PersonName: "样例协调员",
	}))
	must(t, c.Store.Update(t.Context(), func(tx *localstore.Tx) error {
		var heads []syncproto.Head
		for _, a := range domain.Audiences() {
			heads = append(heads, syncproto.Head{Scope: syncproto.Scope{Project: desktest.Project, Audience: a}})
		}
		return tx.Follow(t.Context(), heads)
	}))
	return d
}

// run starts the desk.
func (d *device) run() {
	d.t.Helper()
	d.desk = desk.New(oncore.Deps(d.Core, wording.English))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- d.desk.Run(ctx, func(s desk.State) {
			select {
			case d.states <- s:
			case <-ctx.Done():
			}
		})
	}()
	d.t.Cleanup(func() {
		cancel()
		must(d.t, <-done)
	})
}

// until waits for a state.
func (d *device) until(what string, holds func(desk.State) bool) desk.State {
	d.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case s := <-d.states:
			if s.Problem != "" {
				d.t.Fatalf("%s: %s", what, s.Problem)
			}
			if holds(s) {
				return s
			}
		case <-deadline:
			d.t.Fatalf("%s: never", what)
		}
	}
}

// pull applies records as pages of the server's log.
func (d *device) pull(records ...desktest.Record) {
	d.t.Helper()
	pages := map[domain.Audience]*syncproto.Page{}
	for _, r := range records {
		info, ok := r.Entity.Info()
		if !ok {
			d.t.Fatalf("entity %d", r.Entity)
		}
		scope := syncproto.Scope{Project: desktest.Project, Audience: info.Audience}
		page := pages[info.Audience]
		if page == nil {
			page = &syncproto.Page{Scope: scope, Epoch: "e", PrevSeq: d.seq[info.Audience]}
			pages[info.Audience] = page
		}
		fields, err := syncproto.Encode(r.Value)
		must(d.t, err)
		d.seq[info.Audience]++
		seq := d.seq[info.Audience]
		page.LastSeq, page.Head = seq, seq
		page.Changes = append(page.Changes, syncproto.Logged{Seq: seq, Op: syncproto.Op{
			Device: ident.Derive[domain.Device]("server"), Seq: seq, Actor: desktest.Manager, CapturedAt: desktest.Opening, HLC: seq << 16,
			Scope: scope, Entity: r.Entity, ID: r.ID, Kind: syncproto.Recorded, Fields: fields, Schema: syncproto.SchemaVersion, At: desktest.Opening,
		}})
	}
	must(d.t, d.Store.Update(d.t.Context(), func(tx *localstore.Tx) error {
		for _, page := range pages {
			if ok, err := tx.Apply(d.t.Context(), page); err != nil || !ok {
				d.t.Fatalf("page of %s: %v, %v", page.Scope, ok, err)
			}
		}
		return nil
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTicketsArriveAndCommandsWait(t *testing.T) {
	d := newDevice(t)
	d.run()
	d.until("an empty board", func(s desk.State) bool { return s.Board.Empty != "" && !s.Strip.Online })
	d.pull(desktest.Master()...)
	d.pull(desktest.Put(2, desktest.Ticket(2, domain.RepairRecorded)))
	s := d.until("the ticket", func(s desk.State) bool { return len(s.Board.Rows) == 1 })
	if row := s.Board.Rows[0]; !row.New || row.Room != "Living room" || row.Contractor != "样例精装修工程公司" {
		t.Errorf("%+v", row)
	}
	d.desk.Select(desktest.TicketID(2))
	s = d.until("the ticket open", func(s desk.State) bool { return s.Ticket != nil })
	if len(s.Ticket.Steps) == 0 || s.Ticket.Steps[0].ID != "assign" {
		t.Fatalf("%+v", s.Ticket.Steps)
	}
	in := desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldContractor: desktest.FitOutScope.String()}}
	must(t, d.desk.Submit(t.Context(), s.Ticket.Steps[0], in))
	s = d.until("the command waiting", func(s desk.State) bool { return s.Ticket != nil && len(s.Ticket.Pending) == 1 })
	if s.Strip.Waiting == "" || !s.Board.Rows[0].Pending || !s.Ticket.Steps[0].Waiting {
		t.Errorf("%+v", s.Strip)
	}

	// The server refuses; the ticket says so and the action can be asked again.
	must(t, d.Store.Update(t.Context(), func(tx *localstore.Tx) error {
		return tx.Answer(t.Context(), syncproto.Answer{Seq: 1, Status: syncproto.Rejected, Code: syncproto.CodeForbidden, Details: []string{string(domain.CanWorkTickets)}})
	}))
	s = d.until("the refusal", func(s desk.State) bool { return s.Ticket != nil && len(s.Ticket.Refusals) == 1 })
	if r := s.Ticket.Refusals[0]; !strings.Contains(r.Reason, "working tickets") || len(s.Ticket.Pending) != 0 || s.Ticket.Steps[0].Waiting {
		t.Errorf("%+v", s.Ticket)
	}
	must(t, d.desk.Dismiss(t.Context(), s.Ticket.Refusals[0].Seq))
	d.until("the refusal dismissed", func(s desk.State) bool { return len(s.Strip.Attention) == 0 })

	// The decision of somebody else arrives.
	assigned := desktest.Ticket(2, domain.RepairAssigned)
	d.pull(desktest.Put(2, assigned))
	d.until("assigned", func(s desk.State) bool { return s.Ticket != nil && s.Ticket.Status == "Assigned" })
}

// A server whose certificate nobody vouches for is not called a network that is
// missing, neither in the strip nor where a new code is entered.
func TestServerThatIsNotToBeTrusted(t *testing.T) {
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	d := newDevice(t)
	must(t, d.Store.SetIdentity(t.Context(), localstore.Identity{
		Server: stranger.URL, Device: ident.Derive[domain.Device]("here"), Person: desktest.Coordinator, ServerKey: make([]byte, sha256.Size),
	}))
	d.Runner.Changed = func(syncer.Status) { d.Store.Ring() } // as the program does
	d.run()
	d.Connect(t.Context())
	const want = "The server cannot prove that it is yours: check the address, or ask the administrator"
	d.until("told in the strip", func(s desk.State) bool { return s.Strip.Why == want })
	var told *desk.Problem
	if err := d.desk.Enrol(t.Context(), stranger.URL, "code", "desk"); !errors.As(err, &told) || told.Text != want {
		t.Errorf("told %v", err)
	}
}

func TestLedgerFromTheOfficeAudience(t *testing.T) {
	d := newDevice(t)
	d.pull(append(desktest.Master(), desktest.Settled(12).Records...)...)
	d.run()
	d.desk.Open(desk.SectionLedger)
	s := d.until("the ledger", func(s desk.State) bool { return s.Ledger.Detail != nil })
	if row := s.Ledger.Detail.Row; row.Held != "¥934.38" || row.Available != "¥114,865.62" || len(s.Ledger.Detail.Charges) != 1 {
		t.Errorf("%+v", s.Ledger.Detail)
	}
}

// picture is a JPEG file.
func picture(t *testing.T) (path string, data []byte) {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil))
	path = filepath.Join(t.TempDir(), "after.jpg")
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path, b.Bytes()
}

func TestOwnPhotosAreShownBeforeTheyTravel(t *testing.T) {
	d := newDevice(t)
	d.pull(append(desktest.Master(), desktest.Put(3, desktest.Ticket(3, domain.RepairInProgress)))...)
	d.run()
	d.desk.Select(desktest.TicketID(3))
	s := d.until("the ticket", func(s desk.State) bool { return s.Ticket != nil })
	var finish desk.Action
	for _, a := range s.Ticket.Steps {
		if a.ID == "finish" {
			finish = a
		}
	}
	path, _ := picture(t)
	must(t, d.desk.Submit(t.Context(), finish, desk.Input{Note: "重新打胶", Files: []string{path}}))
	s = d.until("the photo", func(s desk.State) bool { return s.Ticket != nil && len(s.Ticket.Evidence.After) == 1 })
	p := s.Ticket.Evidence.After[0]
	if p.State != desk.PhotoWaiting {
		t.Errorf("state %d", p.State)
	}
	img, err := d.desk.Picture(t.Context(), p.ID)
	if err != nil || img.Bounds().Dx() != 64 {
		t.Errorf("%v, %v", img, err)
	}
}

func TestDownloadedPhotosAreShown(t *testing.T) {
	d := newDevice(t)
	_, data := picture(t)
	sha := domain.Hash(sha256.Sum256(data))
	must(t, d.Photos.Cache.Put(sha, bytes.NewReader(data)))
	records := desktest.Engaged(12).Records
	for i, r := range records {
		if a, ok := r.Value.(domain.Attachment); ok && a.SHA256 == desktest.PhotoSHA {
			a.WorkSHA256 = sha
			records[i].Value = a
		}
	}
	d.pull(append(desktest.Master(), records...)...)
	d.run()
	d.desk.Select(desktest.TicketID(12))
	s := d.until("the photos", func(s desk.State) bool { return s.Ticket != nil && len(s.Ticket.Evidence.Before) == 2 })
	states := map[desk.PhotoState]int{}
	for _, p := range s.Ticket.Evidence.Before {
		states[p.State]++
		_, err := d.desk.Picture(t.Context(), p.ID)
		if (err == nil) != (p.State == desk.PhotoHere) {
			t.Errorf("state %d: %v", p.State, err)
		}
	}
	if states[desk.PhotoHere] != 1 || states[desk.PhotoMissing] != 1 {
		t.Errorf("%v", states)
	}
}
