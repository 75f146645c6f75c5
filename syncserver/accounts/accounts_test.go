package accounts_test

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/store"
)

type world struct {
	*accounts.Accounts
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{now: time.Date(2026, 9, 26, 9, 0, 0, 0, time.UTC)}
	w.Accounts = &accounts.Accounts{
		Store: s, Random: rand.Reader, Now: func() domain.Instant { return domain.At(w.now) },
		IDs: ident.NewSource(func() time.Time { return w.now }, nil),
	}
	if err := w.Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestEnrolmentCodeWorksOnceAndForgivesTyping(t *testing.T) {
	w := newWorld(t)
	p, err := w.AddPerson(t.Context(), "inspector1", "样例验房员", "zh-Hans", "")
	if err != nil {
		t.Fatal(err)
	}
	code, err := w.NewCode(t.Context(), p, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	e, err := w.Enrol(t.Context(), strings.ToLower(strings.ReplaceAll(code, "-", " ")), accounts.Newcomer{Name: "tablet"})
	if err != nil || e.Person != p {
		t.Fatalf("%+v, %v", e, err)
	}
	if c, err := w.Authenticate(t.Context(), e.DeviceToken, e.SessionToken); err != nil || c.Person != p || c.Device.ID != e.Device {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := w.Enrol(t.Context(), code, accounts.Newcomer{Name: "second"}); !errors.Is(err, accounts.ErrDenied) {
		t.Fatalf("a used code enrolled again: %v", err)
	}
}

func TestEnrolmentCodeExpires(t *testing.T) {
	w := newWorld(t)
	p, err := w.AddPerson(t.Context(), "a", "A", "", "")
	if err != nil {
		t.Fatal(err)
	}
	code, err := w.NewCode(t.Context(), p, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	if _, err := w.Enrol(t.Context(), code, accounts.Newcomer{Name: "late"}); !errors.Is(err, accounts.ErrDenied) {
		t.Fatal(err)
	}
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	first, err := w.AddPerson(t.Context(), "first", "A", "", "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.AddPerson(t.Context(), "second", "B", "en", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	code, err := w.NewCode(t.Context(), first, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	e, err := w.Enrol(t.Context(), code, accounts.Newcomer{Name: "shared tablet"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		login, password string
		ok              bool
	}{
		"right": {"second", "correct horse battery", true}, "wrong": {"second", "correct horse batterz", false},
		"unknown": {"third", "correct horse battery", false}, "no password set": {"first", "", false},
	} {
		got, err := w.SignIn(t.Context(), e.Device, c.login, c.password)
		if c.ok && (err != nil || got.Person != second) || !c.ok && !errors.Is(err, accounts.ErrDenied) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := w.AddPerson(t.Context(), "weak", "W", "", "short"); !errors.Is(err, accounts.ErrWeakPassword) {
		t.Error(err)
	}
}

func TestTokensOfDifferentDevicesDoNotMix(t *testing.T) {
	w := newWorld(t)
	p, err := w.AddPerson(t.Context(), "a", "A", "", "")
	if err != nil {
		t.Fatal(err)
	}
	var enrolled []accounts.Enrolled
	for range 2 {
		code, err := w.NewCode(t.Context(), p, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		e, err := w.Enrol(t.Context(), code, accounts.Newcomer{Name: "tablet"})
		if err != nil {
			t.Fatal(err)
		}
		enrolled = append(enrolled, e)
	}
	if _, err := w.Authenticate(t.Context(), enrolled[0].DeviceToken, enrolled[1].SessionToken); !errors.Is(err, accounts.ErrDenied) {
		t.Fatalf("another device's session was accepted: %v", err)
	}
	if err := w.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.RevokeDevice(t.Context(), enrolled[0].Device, w.Now()) }); err != nil {
		t.Fatal(err)
	}
	if c, err := w.Authenticate(t.Context(), enrolled[0].DeviceToken, enrolled[0].SessionToken); err != nil || !c.Revoked {
		t.Fatalf("a revoked device must be recognised: %+v, %v", c, err)
	}
}

// A device that is enrolled again keeps its id, and so the numbers of its work,
// if it proves who it is or nobody else is that device.
func TestReturningDevice(t *testing.T) {
	w := newWorld(t)
	p, err := w.AddPerson(t.Context(), "a", "A", "", "")
	must(t, err)
	enrol := func(n accounts.Newcomer) (accounts.Enrolled, error) {
		t.Helper()
		code, err := w.NewCode(t.Context(), p, time.Hour)
		must(t, err)
		return w.Enrol(t.Context(), code, n)
	}
	known, err := enrol(accounts.Newcomer{Name: "known"})
	must(t, err)
	revoked, err := enrol(accounts.Newcomer{Name: "revoked"})
	must(t, err)
	must(t, w.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.RevokeDevice(t.Context(), revoked.Device, w.Now()) }))
	forgotten := ident.Derive[domain.Device]("forgotten by a restored server")
	for name, c := range map[string]struct {
		held  domain.DeviceID
		token string
		ok    bool
	}{
		"known": {known.Device, known.DeviceToken, true}, "known, unproven": {known.Device, "", false},
		"known, with another's token": {known.Device, revoked.DeviceToken, false},
		"revoked":                     {revoked.Device, revoked.DeviceToken, false}, "the server itself": {ident.ServerDevice, "", false},
		"forgotten": {forgotten, "whatever", true},
	} {
		e, err := enrol(accounts.Newcomer{Name: name, Held: c.held, Token: c.token})
		if !c.ok {
			if !errors.Is(err, accounts.ErrDenied) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || e.Device != c.held {
			t.Errorf("%s: device %s, %v", name, e.Device, err)
		}
		if caller, err := w.Authenticate(t.Context(), e.DeviceToken, e.SessionToken); err != nil || caller.Device.ID != c.held || caller.Revoked {
			t.Errorf("%s: %+v, %v", name, caller, err)
		}
	}
	if _, err := enrol(accounts.Newcomer{Name: "a thief", Held: forgotten, Token: "whatever"}); !errors.Is(err, accounts.ErrDenied) {
		t.Errorf("what a device was before is proof now: %v", err)
	}
}

// An answer that gets lost costs a code: the device keeps the token that it has,
// and comes again with it.
func TestReturningDeviceWhoseAnswerWasLost(t *testing.T) {
	w := newWorld(t)
	p, err := w.AddPerson(t.Context(), "a", "A", "", "")
	must(t, err)
	held := accounts.Newcomer{Name: "forgotten", Held: ident.Derive[domain.Device]("forgotten"), Token: strings.Repeat("a", 43)}
	for range 2 {
		code, err := w.NewCode(t.Context(), p, time.Hour)
		must(t, err)
		e, err := w.Enrol(t.Context(), code, held)
		if err != nil || e.Device != held.Held || e.DeviceToken != held.Token {
			t.Fatalf("%+v, %v", e, err)
		}
	}
	code, err := w.NewCode(t.Context(), p, time.Hour)
	must(t, err)
	held.Token = strings.Repeat("b", 43)
	if _, err := w.Enrol(t.Context(), code, held); !errors.Is(err, accounts.ErrDenied) {
		t.Errorf("another token is as good: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Only who can show another op under a number that was taken gets an identity of
// its own, and with it everybody who has worked on the device.
func TestFork(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	user, err := w.AddPerson(ctx, "a", "A", "", "")
	must(err)
	other, err := w.AddPerson(ctx, "b", "B", "", "long enough a password")
	must(err)
	code, err := w.NewCode(ctx, user, time.Hour)
	must(err)
	e, err := w.Enrol(ctx, code, accounts.Newcomer{Name: "tablet"})
	must(err)
	_, err = w.SignIn(ctx, e.Device, "b", "long enough a password")
	must(err)
	body, err := syncproto.Marshal(syncproto.Op{Device: e.Device, Seq: 1})
	must(err)
	must(w.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.SaveReceived(ctx, e.Device, store.Received{Body: body, Answer: syncproto.Answer{Seq: 1, Status: syncproto.Applied}}, 1)
	}))
	told := func() {
		must(w.Store.Update(ctx, func(tx *store.Tx) error { return tx.NoteCloned(ctx, e.Device, 1) }))
	}
	c, err := w.Authenticate(ctx, e.DeviceToken, e.SessionToken)
	must(err)
	if _, err := w.Fork(ctx, c, 1, domain.Hash{1}); !errors.Is(err, accounts.ErrNotCloned) {
		t.Errorf("a device that the server has told nothing: %v", err)
	}
	told()
	for name, try := range map[string]struct {
		seq uint64
		sha domain.Hash
	}{"the very op": {1, sha256.Sum256(body)}, "a free number": {2, domain.Hash{1}}, "no number": {0, domain.Hash{1}}} {
		if _, err := w.Fork(ctx, c, try.seq, try.sha); !errors.Is(err, accounts.ErrNotCloned) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forked, err := w.Fork(ctx, c, 1, domain.Hash{1})
	must(err)
	now, err := w.Authenticate(ctx, forked.DeviceToken, forked.SessionToken)
	if err != nil || now.Device.ID == e.Device || now.Person != user || now.Device.Name != "tablet" || now.Device.NextSeq != 1 {
		t.Errorf("%+v, %v", now, err)
	}
	if now.SignedInUntil != c.SignedInUntil {
		t.Errorf("signed in until %d instead of %d", now.SignedInUntil, c.SignedInUntil)
	}
	if _, err := w.Authenticate(ctx, e.DeviceToken, e.SessionToken); err != nil {
		t.Errorf("the other half is locked out: %v", err)
	}
	if _, err := w.Fork(ctx, c, 1, domain.Hash{1}); !errors.Is(err, accounts.ErrNotCloned) {
		t.Errorf("once told, forked twice: %v", err)
	}
	must(w.Store.View(ctx, func(tx *store.Tx) error {
		people, err := tx.PeopleOn(ctx, forked.Device)
		if !slices.Contains(people, other) || len(people) != 2 {
			t.Errorf("%v have worked on it, want %v and %v", people, user, other)
		}
		return err
	}))
	must(w.Store.Update(ctx, func(tx *store.Tx) error { return tx.RevokeDevice(ctx, e.Device, 1) }))
	told()
	if _, err := w.Fork(ctx, c, 1, domain.Hash{1}); !errors.Is(err, accounts.ErrDenied) {
		t.Errorf("a revoked device forked: %v", err)
	}
	if now, err := w.Authenticate(ctx, forked.DeviceToken, forked.SessionToken); err != nil || !now.Revoked {
		t.Errorf("the clone of a revoked device goes on: %+v, %v", now, err)
	}
}
