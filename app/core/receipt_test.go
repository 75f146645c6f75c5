package core_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
)

// signing is the far end of the wire: it signs for the ops that it is told.
type signing struct {
	*httptest.Server
	mu      sync.Mutex
	signer  *receipt.Signer
	device  domain.DeviceID
	bodies  [][]byte // of ops 1, 2, …
	perPart int
	asked   []string
	refuse  bool
}

func newSigning(t *testing.T, issuer receipt.Issuer) *signing {
	t.Helper()
	signer, err := receipt.NewSigner(rand.Reader, issuer, 1)
	must(t, err)
	s := &signing{signer: signer, device: tablet, perPart: 1000}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *signing) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.RequestURI())
	if s.refuse || r.Header.Get("Authorization") != "Bearer device-token" {
		http.Error(w, `{"code":"unauthorised"}`, http.StatusUnauthorized)
		return
	}
	from := uint64(1)
	if r.URL.Query().Get("from") != "1" {
		from = uint64(s.perPart) + 1
	}
	rc := receipt.Receipt{Device: s.device, SignedAt: domain.Instant(len(s.asked)), From: from, To: from - 1, Epoch: "epoch", Scopes: []syncproto.Scope{scope()}}
	for seq := from; seq <= uint64(len(s.bodies)) && rc.To+1 < from+uint64(s.perPart); seq++ {
		rc.Ops = append(rc.Ops, receipt.Op{Seq: seq, SHA256: sha256.Sum256(s.bodies[seq-1]), Entity: domain.EntityDefect, Status: syncproto.Applied})
		rc.To = seq
	}
	file, err := s.signer.Seal(rc)
	if err == nil {
		_, err = w.Write(file)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func scope() syncproto.Scope {
	return syncproto.Scope{Project: ident.Derive[domain.Project]("sample"), Audience: domain.AudienceField}
}

// answered is an enrolled device with n ops, each of which the server has
// answered; their bodies are the server's copies.
func answered(t *testing.T, c *core.Core, s *signing, n int) {
	t.Helper()
	ctx := t.Context()
	must(t, c.Store.SetIdentity(ctx, localstore.Identity{Server: s.URL, Device: tablet, DeviceToken: "device-token", SessionToken: "session", Person: ident.Derive[domain.Person]("me")}))
	must(t, c.Store.Update(ctx, func(tx *localstore.Tx) error {
		for i := range n {
			fields, err := syncproto.Encode(domain.Defect{Description: "sample"})
			must(t, err)
			change := localstore.Change{Project: scope().Project, Entity: domain.EntityDefect, ID: domain.AnyID{byte(i + 1)}, Kind: syncproto.Recorded, Fields: fields}
			seq, err := tx.Record(ctx, change)
			must(t, err)
			must(t, tx.Answer(ctx, syncproto.Answer{Seq: seq, Status: syncproto.Applied, LogSeq: seq}))
		}
		bodies, err := tx.AnsweredBodies(ctx, 0, n)
		s.bodies = nil
		for _, b := range bodies {
			s.bodies = append(s.bodies, b.Body)
		}
		return err
	}))
}

func newDevice(t *testing.T) (c *core.Core, dir string) {
	t.Helper()
	dir = t.TempDir()
	c = open(t, options(dir))
	t.Cleanup(func() { must(t, c.Close(context.WithoutCancel(t.Context()))) })
	return c, dir
}

func TestReceiptIsKept(t *testing.T) {
	dir := t.TempDir()
	c := open(t, options(dir))
	s := newSigning(t, receipt.Central)
	if _, ok, err := c.Receipts.Newest(t.Context()); ok || err != nil {
		t.Errorf("a receipt before any: %v", err)
	}
	if _, err := c.Receipts.Fetch(t.Context()); !errors.Is(err, localstore.ErrNotEnrolled) {
		t.Error(err)
	}
	answered(t, c, s, 5)
	s.perPart = 3 // two parts in one file
	got, err := c.Receipts.Fetch(t.Context())
	must(t, err)
	if got.From != 1 || got.To != 5 || got.Records != 5 || got.Server != s.signer.Keys.Server() || len(s.asked) != 2 {
		t.Errorf("%+v after %q", got, s.asked)
	}
	// A restart finds it, and what is handed on is what the server signed.
	must(t, c.Close(t.Context()))
	c = open(t, options(dir))
	defer func() { must(t, c.Close(t.Context())) }()
	if again, ok, err := c.Receipts.Newest(t.Context()); err != nil || !ok || again != got {
		t.Errorf("%+v, %v, %v", again, ok, err)
	}
	file, err := c.Receipts.File(t.Context())
	must(t, err)
	if v, err := receipt.Verify(file, s.signer.Keys); err != nil || len(v.Receipts) != 2 {
		t.Error(err)
	}
}

// What is not believed is not kept, and the person is told until a good one
// comes.
func TestReceiptRefused(t *testing.T) {
	c, dir := newDevice(t)
	s := newSigning(t, receipt.Central)
	answered(t, c, s, 2)
	first, err := c.Receipts.Fetch(t.Context())
	must(t, err)
	good, kept := s.signer, func() []byte {
		b, err := os.ReadFile(filepath.Join(dir, "receipts", tablet.String()+".receipt"))
		must(t, err)
		return b
	}
	before := kept()
	other, err := receipt.NewSigner(rand.Reader, receipt.Central, 1)
	must(t, err)
	for name, c2 := range map[string]struct {
		change func()
		want   error
	}{
		"another server":        {func() { s.signer = other }, receipt.ErrUntrusted},
		"another device":        {func() { s.device = ident.Derive[domain.Device]("another") }, core.ErrOtherDevice},
		"other content":         {func() { s.bodies = [][]byte{s.bodies[0], []byte("changed")} }, core.ErrNotMine},
		"less than it answered": {func() { s.bodies = s.bodies[:1] }, core.ErrNotMine},
	} {
		bodies := s.bodies
		c2.change()
		if _, err := c.Receipts.Fetch(t.Context()); !errors.Is(err, c2.want) {
			t.Errorf("%s: %v", name, err)
		}
		if held, ok, err := c.Receipts.Newest(t.Context()); !errors.Is(err, c2.want) || !ok || held != first {
			t.Errorf("%s: %+v, %v, %v", name, held, ok, err)
		}
		if !bytes.Equal(kept(), before) {
			t.Errorf("%s: it was kept", name)
		}
		s.signer, s.device, s.bodies = good, tablet, bodies
	}
	// A server that does not answer changes nothing of what is known.
	s.refuse = true
	var refused *syncer.Refused
	if _, err := c.Receipts.Fetch(t.Context()); !errors.As(err, &refused) {
		t.Error(err)
	}
	if _, ok, err := c.Receipts.Newest(t.Context()); !ok || err != nil {
		t.Errorf("a failed request looks like a false receipt: %v", err)
	}
	s.refuse = false
	// The old key leads to a new one.
	s.signer, err = good.Rotate(rand.Reader, 1)
	must(t, err)
	if _, err := c.Receipts.Fetch(t.Context()); err != nil {
		t.Error(err)
	}
	s.signer = other
	if _, err := c.Receipts.Fetch(t.Context()); !errors.Is(err, receipt.ErrUntrusted) {
		t.Error(err)
	}
}

// A relay's word is never taken for the server's, not even by a device that
// knows no server yet.
func TestRelaysReceiptIsRefused(t *testing.T) {
	c, dir := newDevice(t)
	s := newSigning(t, receipt.Relay)
	answered(t, c, s, 1)
	if _, err := c.Receipts.Fetch(t.Context()); !errors.Is(err, core.ErrNotCentral) {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "receipts", "*")); err != nil || len(files) != 0 {
		t.Errorf("kept: %v, %v", files, err)
	}
}

// A kept file that somebody changed is not shown as the server's word.
func TestKeptReceiptIsVerified(t *testing.T) {
	dir := t.TempDir()
	c := open(t, options(dir))
	s := newSigning(t, receipt.Central)
	answered(t, c, s, 2)
	_, err := c.Receipts.Fetch(t.Context())
	must(t, err)
	must(t, c.Close(t.Context()))
	path := filepath.Join(dir, "receipts", tablet.String()+".receipt")
	b, err := os.ReadFile(path)
	must(t, err)
	i := bytes.Index(b, []byte("epoch"))
	b[i] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
	c = open(t, options(dir))
	defer func() { must(t, c.Close(t.Context())) }()
	if _, ok, err := c.Receipts.Newest(t.Context()); ok || !errors.Is(err, receipt.ErrSignature) {
		t.Errorf("%v, %v", ok, err)
	}
}
