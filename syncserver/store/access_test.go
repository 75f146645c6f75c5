package store_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/syncserver/store"
)

func addPerson(t *testing.T, s *store.Store, name string) domain.PersonID {
	t.Helper()
	id := ident.Derive[domain.Person](name)
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutPerson(ctx, store.Person{ID: id, Login: name, Name: name, Locale: "en", PasswordHash: "h"})
	})
	return id
}

func people(t *testing.T, s *store.Store) {
	id := addPerson(t, s, "sample1")
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutPerson(ctx, store.Person{ID: id, Login: "sample1", Name: "Sample One", Locale: "zh-Hans", DisabledAt: 7})
	})
	want := store.Person{ID: id, Login: "sample1", Name: "Sample One", Locale: "zh-Hans", DisabledAt: 7}
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		if got, err := tx.PersonByLogin(ctx, "sample1"); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := tx.Person(ctx, id); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		return nil
	})
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.PutPerson(t.Context(), store.Person{ID: domain.PersonID{9}, Login: "sample1"})
	})
	if err == nil {
		t.Error("two people have one login")
	}
}

func rightsOf(t *testing.T, s *store.Store, p domain.PersonID, at domain.Instant) (found map[domain.ProjectID][]string) {
	t.Helper()
	found = map[domain.ProjectID][]string{}
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		rights, err := tx.Rights(ctx, p, at)
		for project, caps := range rights {
			for c := range maps.Keys(caps) {
				found[project] = append(found[project], string(c))
			}
			slices.Sort(found[project])
		}
		return err
	})
	return found
}

// Grants hold from their start up to, not including, their end; roles are data.
func grants(t *testing.T, s *store.Store) {
	p, other := addPerson(t, s, "p"), addPerson(t, s, "other")
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetRole(ctx, "inspector", []domain.Capability{domain.CanCapture, domain.CanReinspect}))
		must(t, tx.SetRole(ctx, "manager", []domain.Capability{domain.CanCapture, domain.CanApproveMoney}))
		must(t, tx.PutGrant(ctx, store.Grant{Person: p, Project: projectA, Role: "inspector", From: 100, To: 200}))
		must(t, tx.PutGrant(ctx, store.Grant{Person: p, Project: projectA, Role: "manager", From: 150}))
		must(t, tx.PutGrant(ctx, store.Grant{Person: p, Project: projectB, Role: "inspector", From: 100}))
		return tx.PutGrant(ctx, store.Grant{Person: other, Project: projectA, Role: "no such role", From: 1})
	})
	inspector, manager := []string{"capture", "reinspect"}, []string{"approve_money", "capture"}
	both := []string{"approve_money", "capture", "reinspect"}
	for _, c := range []struct {
		at   domain.Instant
		a, b []string
	}{
		{99, nil, nil}, {100, inspector, inspector}, {150, both, inspector}, {199, both, inspector}, {200, manager, inspector}, {1 << 40, manager, inspector},
	} {
		got := rightsOf(t, s, p, c.at)
		if !slices.Equal(got[projectA], c.a) || !slices.Equal(got[projectB], c.b) {
			t.Errorf("at %d: %v", c.at, got)
		}
	}
	if got := rightsOf(t, s, other, 50); len(got) != 0 {
		t.Errorf("an unknown role grants %v", got)
	}
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		for at, want := range map[domain.Instant]bool{99: false, 100: true, 200: false} {
			if has, err := tx.HasGrant(ctx, p, projectA, "inspector", at); err != nil || has != want {
				t.Errorf("inspector at %d: %v, %v", at, has, err)
			}
		}
		return nil
	})
	update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.EndGrants(ctx, p, projectA, 160) })
	if got := rightsOf(t, s, p, 159); !slices.Equal(got[projectA], both) {
		t.Errorf("before the end: %v", got)
	}
	if got := rightsOf(t, s, p, 160); got[projectA] != nil || !slices.Equal(got[projectB], inspector) {
		t.Errorf("after the end: %v", got)
	}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.SetRole(ctx, "inspector", []domain.Capability{domain.CanConfirm})
	})
	if got := rightsOf(t, s, p, 300); !slices.Equal(got[projectB], []string{"confirm"}) {
		t.Errorf("after the role changed: %v", got)
	}
}

func disabledPeople(t *testing.T, s *store.Store) {
	p := addPerson(t, s, "p")
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetRole(ctx, "inspector", []domain.Capability{domain.CanCapture}))
		must(t, tx.PutGrant(ctx, store.Grant{Person: p, Project: projectA, Role: "inspector", From: 1}))
		held, err := tx.Person(ctx, p)
		must(t, err)
		held.DisabledAt = 5
		return tx.PutPerson(ctx, held)
	})
	if got := rightsOf(t, s, p, 10); len(got) != 0 {
		t.Errorf("a disabled person may %v", got)
	}
}

func addDevice(t *testing.T, s *store.Store, id domain.DeviceID, token string, at domain.Instant) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddDevice(ctx, store.Device{ID: id, Name: token, TokenHash: []byte(token), EnrolledAt: at, NextSeq: 1})
	})
}

func devices(t *testing.T, s *store.Store) {
	later := domain.DeviceID{9}
	addDevice(t, s, tablet, "first", 10)
	addDevice(t, s, later, "second", 20)
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetNextSeq(ctx, tablet, 42))
		must(t, tx.Seen(ctx, tablet, 30, -500))
		must(t, tx.RevokeDevice(ctx, tablet, 40))
		return tx.RevokeDevice(ctx, tablet, 50) // the first time counts
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.DeviceByToken(ctx, []byte("first"))
		must(t, err)
		if got.ID != tablet || got.NextSeq != 42 || got.LastSeenAt != 30 || got.ClockAhead != -500 || got.RevokedAt != 40 || got.EnrolledAt != 10 {
			t.Errorf("%+v", got)
		}
		if other, err := tx.Device(ctx, later); err != nil || other.RevokedAt.Set() || other.NextSeq != 1 {
			t.Errorf("%+v, %v", other, err)
		}
		list, err := tx.Devices(ctx)
		must(t, err)
		if len(list) != 2 || list[0].ID != later || list[1].ID != tablet {
			t.Errorf("newest first: %+v", list)
		}
		return nil
	})
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.AddDevice(t.Context(), store.Device{ID: domain.DeviceID{7}, TokenHash: []byte("first"), NextSeq: 1})
	})
	if err == nil {
		t.Error("two devices share a token")
	}
}

func sessions(t *testing.T, s *store.Store) {
	a, b := addPerson(t, s, "a"), addPerson(t, s, "b")
	other := domain.DeviceID{9}
	addDevice(t, s, tablet, "tablet", 1)
	addDevice(t, s, other, "other", 1)
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for i, who := range []domain.PersonID{a, b, a} {
			must(t, tx.AddSession(ctx, store.Session{TokenHash: []byte{byte(i)}, Person: who, Device: tablet, StartedAt: 1, ExpiresAt: 100}))
		}
		return tx.AddSession(ctx, store.Session{TokenHash: []byte{9}, Person: b, Device: other, StartedAt: 1, ExpiresAt: 100})
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		if got, err := tx.SessionByToken(ctx, []byte{1}, 99); err != nil || got.Person != b || got.Device != tablet {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := tx.SessionByToken(ctx, []byte{1}, 100); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at its end a session still holds: %v", err)
		}
		// Who signed in once stays known after the session has ended.
		on, err := tx.PeopleOn(ctx, tablet)
		must(t, err)
		if len(on) != 2 || !slices.Contains(on, a) || !slices.Contains(on, b) {
			t.Errorf("on the tablet: %v", on)
		}
		if on, err = tx.PeopleOn(ctx, other); err != nil || !slices.Equal(on, []domain.PersonID{b}) {
			t.Errorf("on the other: %v, %v", on, err)
		}
		return nil
	})
}

// Of many who present one code at once, one is enrolled.
func enrolmentOnce(t *testing.T, s *store.Store) {
	p := addPerson(t, s, "p")
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.AddEnrolment(ctx, store.Enrolment{CodeHash: []byte("late"), Person: p, ExpiresAt: 50}))
		return tx.AddEnrolment(ctx, store.Enrolment{CodeHash: []byte("code"), Person: p, ExpiresAt: 100})
	})
	use := func(code string, now domain.Instant) (got domain.PersonID, err error) {
		err = s.Update(t.Context(), func(tx *store.Tx) error {
			got, err = tx.UseEnrolment(t.Context(), []byte(code), now)
			return err
		})
		return got, err
	}
	for _, code := range []string{"late", "unknown"} {
		if _, err := use(code, 50); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", code, err)
		}
	}
	var mu sync.Mutex
	var enrolled int
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			got, err := use("code", 60)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && got == p:
				enrolled++
			case !errors.Is(err, store.ErrNotFound):
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	work.Wait()
	if enrolled != 1 {
		t.Errorf("%d devices enrolled with one code", enrolled)
	}
}
