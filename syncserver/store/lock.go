package store

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

var (
	errViewing   = errors.New("a view does not write")
	errNotLocked = errors.New("the project was not locked before writing")
	errLockOnce  = errors.New("projects must be locked in one call, or two transactions wait for each other")
)

// Lock keeps other transactions from writing the projects' records until this
// one ends. It is called once, before what will be changed is read.
func (t *Tx) Lock(ctx context.Context, projects ...domain.ProjectID) error {
	if t.reading {
		return errViewing
	}
	projects = slices.Clone(projects)
	slices.SortFunc(projects, func(a, b domain.ProjectID) int { return bytes.Compare(a[:], b[:]) })
	for _, p := range slices.Compact(projects) {
		if t.locked[p] {
			continue
		}
		if len(t.locked) > 0 && t.beyond(p) {
			return errLockOnce
		}
		if err := t.backend.lock(ctx, t.tx, p); err != nil {
			return err
		}
		t.locked[p] = true
	}
	return nil
}

// beyond reports whether locking p now breaks the order in which everybody
// locks.
func (t *Tx) beyond(p domain.ProjectID) bool {
	for held := range t.locked {
		if bytes.Compare(held[:], p[:]) > 0 {
			return true
		}
	}
	return false
}

func (t *Tx) mayWrite(s syncproto.Scope) error {
	if !t.locked[s.Project] {
		return errNotLocked
	}
	return nil
}
