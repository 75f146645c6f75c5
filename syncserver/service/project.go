package service

import (
	"context"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/policy"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// ProjectID is the id of a project by its name: one server is one company, so
// names are unique.
func ProjectID(name string) domain.ProjectID { return ident.Derive[domain.Project]("project", name) }

// AddProject creates a project; one that exists keeps what it has.
func (s *Service) AddProject(ctx context.Context, p domain.Project) (domain.ProjectID, error) {
	id := ProjectID(p.Name)
	if _, err := policy.NewCalendar(p); err != nil {
		return id, fmt.Errorf("project %s: %w", p.Name, err)
	}
	return id, s.update(ctx, id, func(_ *store.Tx, w *intake.Writer) error {
		_, err := w.Create(ctx, domain.EntityProject, id.Any(), p)
		return err
	})
}

// Staff is a person to be given a role in a project.
type Staff struct {
	Login    string `json:"login"`
	Name     string `json:"name"`
	Locale   string `json:"locale,omitempty"`
	Role     string `json:"role"`
	Password string `json:"-"`
}

// AddStaff creates a person's account, gives them the role and makes their name
// known to colleagues. Repeating it changes nothing.
func (s *Service) AddStaff(ctx context.Context, project domain.ProjectID, staff Staff) (domain.PersonID, error) {
	id, err := s.Accounts.AddPerson(ctx, staff.Login, staff.Name, staff.Locale, staff.Password)
	if err != nil {
		return id, fmt.Errorf("staff %s: %w", staff.Login, err)
	}
	has := false
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		has, err = tx.HasGrant(ctx, id, project, staff.Role, s.now())
		return err
	})
	if err != nil {
		return id, err
	}
	if !has {
		if err := s.Accounts.GrantRole(ctx, id, project, staff.Role); err != nil {
			return id, err
		}
	}
	err = s.update(ctx, project, func(_ *store.Tx, w *intake.Writer) error {
		_, err := w.Create(ctx, domain.EntityPerson, ident.Derive[any](project.String(), id.String()), domain.Person{ProjectID: project, Name: staff.Name, Locale: staff.Locale, PersonID: id})
		return err
	})
	if err != nil {
		return id, err
	}
	return id, s.Regrant(ctx, id)
}

// PersonByLogin finds an account's id.
func (s *Service) PersonByLogin(ctx context.Context, login string) (id domain.PersonID, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.PersonByLogin(ctx, login)
		id = p.ID
		return err
	})
	return id, err
}

// Remove ends what a person may do in a project; their devices drop its streams.
func (s *Service) Remove(ctx context.Context, p domain.PersonID, project domain.ProjectID) error {
	err := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.EndGrants(ctx, p, project, s.now()) })
	if err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return s.Regrant(ctx, p)
}
