package store

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// Person is an account.
type Person struct {
	ID           domain.PersonID
	Login        string
	Name         string
	Locale       string
	PasswordHash string
	DisabledAt   domain.Instant
}

// PutPerson creates or replaces an account.
func (t *Tx) PutPerson(ctx context.Context, p Person) error {
	return t.exec(ctx, "put person",
		`INSERT INTO people VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name,
		 locale = excluded.locale, password_hash = excluded.password_hash, disabled_at = excluded.disabled_at`,
		p.ID[:], p.Login, p.Name, p.Locale, p.PasswordHash, p.DisabledAt)
}

const personColumns = "SELECT id, login, name, locale, password_hash, disabled_at FROM people"

// PersonByLogin finds an account, or ErrNotFound.
func (t *Tx) PersonByLogin(ctx context.Context, login string) (Person, error) {
	return t.person(ctx, personColumns+" WHERE login = ?", login)
}

// Person finds an account, or ErrNotFound.
func (t *Tx) Person(ctx context.Context, id domain.PersonID) (Person, error) {
	return t.person(ctx, personColumns+" WHERE id = ?", id[:])
}

func (t *Tx) person(ctx context.Context, query string, arg any) (p Person, err error) {
	var id []byte
	err = t.row(ctx, "person", []any{&id, &p.Login, &p.Name, &p.Locale, &p.PasswordHash, &p.DisabledAt}, query, arg)
	if err != nil {
		return p, err
	}
	err = p.ID.UnmarshalBinary(id)
	return p, err
}

// SetRole replaces what a role may do.
func (t *Tx) SetRole(ctx context.Context, role string, caps []domain.Capability) error {
	if err := t.exec(ctx, "role", "DELETE FROM role_capabilities WHERE role = ?", role); err != nil {
		return err
	}
	for _, c := range caps {
		if err := t.exec(ctx, "role", "INSERT INTO role_capabilities VALUES (?, ?)", role, string(c)); err != nil {
			return err
		}
	}
	return nil
}

// HasRoles reports whether any role has been set up.
func (t *Tx) HasRoles(ctx context.Context) (bool, error) {
	var n int
	err := t.row(ctx, "roles", []any{&n}, "SELECT count(*) FROM role_capabilities")
	return n > 0, err
}

// Grant gives a person a role in a project for a time.
type Grant struct {
	Person  domain.PersonID
	Project domain.ProjectID
	Role    string
	From    domain.Instant
	// To is 0 for an open end.
	To domain.Instant
}

// PutGrant writes a grant; the same person, project, role and start is replaced.
func (t *Tx) PutGrant(ctx context.Context, g Grant) error {
	return t.exec(ctx, "grant",
		"INSERT INTO grants VALUES (?, ?, ?, ?, ?) ON CONFLICT (person, project, role, valid_from) DO UPDATE SET valid_to = excluded.valid_to",
		g.Person[:], g.Project[:], g.Role, g.From, g.To)
}

// EndGrants ends every current grant of a person in a project.
func (t *Tx) EndGrants(ctx context.Context, p domain.PersonID, project domain.ProjectID, at domain.Instant) error {
	return t.exec(ctx, "end grants",
		"UPDATE grants SET valid_to = ? WHERE person = ? AND project = ? AND (valid_to = 0 OR valid_to > ?)", at, p[:], project[:], at)
}

// Rights lists, per project, what a person may do at a time.
func (t *Tx) Rights(ctx context.Context, p domain.PersonID, at domain.Instant) (map[domain.ProjectID]map[domain.Capability]bool, error) {
	type right struct {
		project domain.ProjectID
		c       domain.Capability
	}
	rows, err := sqltx.Collect(ctx, t.tx, "rights", func(r *sql.Rows) (x right, err error) {
		var project []byte
		if err = r.Scan(&project, &x.c); err != nil {
			return x, err
		}
		err = x.project.UnmarshalBinary(project)
		return x, err
	}, `SELECT g.project, c.capability FROM grants g
	    JOIN role_capabilities c ON c.role = g.role
	    JOIN people p ON p.id = g.person AND p.disabled_at = 0
	    WHERE g.person = ? AND g.valid_from <= ? AND (g.valid_to = 0 OR g.valid_to > ?)`, p[:], at, at)
	if err != nil {
		return nil, err
	}
	rights := map[domain.ProjectID]map[domain.Capability]bool{}
	for _, x := range rows {
		if rights[x.project] == nil {
			rights[x.project] = map[domain.Capability]bool{}
		}
		rights[x.project][x.c] = true
	}
	return rights, nil
}

// HasGrant reports whether a person has a role in a project at a time.
func (t *Tx) HasGrant(ctx context.Context, p domain.PersonID, project domain.ProjectID, role string, at domain.Instant) (bool, error) {
	var n int
	err := t.row(ctx, "has grant", []any{&n},
		"SELECT count(*) FROM grants WHERE person = ? AND project = ? AND role = ? AND valid_from <= ? AND (valid_to = 0 OR valid_to > ?)",
		p[:], project[:], role, at, at)
	return n > 0, err
}
