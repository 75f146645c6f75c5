package field

import (
	"cmp"
	"context"
	"slices"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// flat is a unit with all that screens about it need.
type flat struct {
	ID      domain.UnitID
	Unit    domain.Unit
	Project domain.ProjectID
	// Rooms of the newest plan, else the standard rooms of the layout's name.
	Rooms     []domain.Room
	PlanID    domain.PlanID
	Plan      domain.Plan
	HasPlan   bool
	Catalogue *catalog.Catalogue
	Config    policy.Config
}

func (s *Session) flat(ctx context.Context, snap Snapshot, id domain.UnitID) (flat, error) {
	f := flat{ID: id}
	var err error
	if f.Unit, err = need(ctx, snap, domain.EntityUnit, id); err != nil {
		return f, err
	}
	building, err := need(ctx, snap, domain.EntityBuilding, f.Unit.BuildingID)
	if err != nil {
		return f, err
	}
	f.Project = building.ProjectID
	project, _, err := get(ctx, snap, domain.EntityProject, f.Project)
	if err != nil {
		return f, err
	}
	s.useZone(project)
	f.Catalogue = s.catalogue(f.Project, project)
	if f.Config, err = configured(ctx, snap, f.Project, f.Catalogue.Defaults()); err != nil {
		return f, err
	}
	err = f.readPlan(ctx, snap)
	return f, err
}

// readPlan takes the newest revision of the layout's plan; without one the
// layout's name says which rooms are usual.
func (f *flat) readPlan(ctx context.Context, snap Snapshot) error {
	plans, err := list[domain.Plan](ctx, snap, domain.EntityPlan, Filter{Parent: f.Unit.LayoutID.Any()})
	if err != nil {
		return err
	}
	if len(plans) > 0 && !f.Unit.LayoutID.IsZero() {
		newest := slices.MaxFunc(plans, func(a, b listed[domain.Plan]) int { return cmp.Compare(a.Record.Revision, b.Record.Revision) })
		f.PlanID, f.Plan, f.HasPlan, f.Rooms = newest.ID, newest.Record, true, newest.Record.Rooms
		return nil
	}
	f.Rooms = f.Catalogue.StandardRooms(f.Unit.Layout)
	return nil
}

// room by its code; ok is false for one that the layout does not have.
func (f flat) room(code string) (domain.Room, bool) {
	i := slices.IndexFunc(f.Rooms, func(r domain.Room) bool { return r.Code == code })
	if i < 0 {
		return domain.Room{Code: code, Type: domain.RoomWhole}, false
	}
	return f.Rooms[i], true
}

// useZone shows times in the project's zone from now on.
func (s *Session) useZone(p domain.Project) {
	if p.Zone == "" || s.read().Zone != nil && s.read().Zone.String() == p.Zone {
		return
	}
	if zone, err := time.LoadLocation(p.Zone); err == nil {
		s.setZone(zone)
	}
}

// catalogue is the one with the project's tolerance profile. A profile that
// this version does not know leaves the general tolerances.
func (s *Session) catalogue(id domain.ProjectID, p domain.Project) *catalog.Catalogue {
	c, ok := s.catalogues[id]
	if ok {
		return c
	}
	c, err := s.device.Catalogue.ForProject(p)
	if err != nil {
		c = s.device.Catalogue
	}
	s.catalogues[id] = c
	return c
}

// configured lays the company's and then the project's values over the
// defaults. Values that this version cannot read leave the defaults: an older
// app must go on inspecting.
func configured(ctx context.Context, snap Snapshot, project domain.ProjectID, base policy.Config) (policy.Config, error) {
	rows, err := list[domain.Config](ctx, snap, domain.EntityConfig, Filter{})
	if err != nil {
		return base, err
	}
	levels := map[policy.Level]map[string]string{policy.LevelCompany: {}, policy.LevelProject: {}}
	for _, r := range rows {
		switch r.Record.OwnerID {
		case domain.AnyID{}:
			levels[policy.LevelCompany][r.Record.Key] = r.Record.Value
		case project.Any():
			levels[policy.LevelProject][r.Record.Key] = r.Record.Value
		}
	}
	for _, level := range []policy.Level{policy.LevelCompany, policy.LevelProject} {
		if next, err := base.Override(level, levels[level]); err == nil {
			base = next
		}
	}
	return base, nil
}
