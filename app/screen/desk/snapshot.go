package desk

import (
	"context"
	"time"

	"keyturn/app/conflict"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// site is a project with what decisions in it are based on.
type site struct {
	id      domain.ProjectID
	project domain.Project
	zone    *time.Location
	config  policy.Config
	// scopeConfig holds the values that contracts set for themselves.
	scopeConfig map[domain.ScopeID]map[string]string
}

// entry is one ticket with what its row needs.
type entry struct {
	id          domain.TicketID
	site        *site
	ticket      domain.Ticket
	unit        domain.Unit
	maintenance domain.Maintenance
	contractor  string
}

// snapshot is what the board is made from, read in one transaction.
type snapshot struct {
	me       Identity
	memory   memory
	sites    map[domain.ProjectID]*site
	entries  []entry
	byID     map[domain.TicketID]int
	parties  map[domain.PartyID]domain.Party
	people   map[domain.PersonID]string
	scopes   []listed[domain.ContractScope]
	rooms    map[domain.LayoutID][]domain.Room
	layouts  map[domain.LayoutID]domain.Layout
	progress Progress
	waiting  []command
	refused  []refused
	projects []listed[domain.Project]
	// conflicts are the records that wait for a choice, contested the defects
	// among them.
	conflicts []conflict.Record
	contested map[domain.DefectID]bool
	// reviews is how much captured work waits in the server's review inbox.
	reviews waitingReviews
	// wholeAt is when the closed tickets were read.
	wholeAt time.Time
}

// command is an unanswered command with the ticket that it concerns.
type command struct {
	op     syncproto.Op
	cmd    syncproto.Command
	ticket domain.TicketID
}

// refused is an op that the server did not take.
type refused struct {
	command
	review  bool
	code    syncproto.Code
	details []string
}

// load reads the snapshot, with what it can take over from the one before.
func (d *Desk) load(ctx context.Context, before *snapshot) (*snapshot, error) {
	me, err := d.Store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	n := &snapshot{
		me: me, sites: map[domain.ProjectID]*site{}, byID: map[domain.TicketID]int{}, parties: map[domain.PartyID]domain.Party{},
		people: map[domain.PersonID]string{}, rooms: map[domain.LayoutID][]domain.Room{}, layouts: map[domain.LayoutID]domain.Layout{},
	}
	err = d.Store.View(ctx, func(t Snapshot) error {
		for _, step := range []func(context.Context, Snapshot) error{
			func(ctx context.Context, t Snapshot) error { return n.loadSites(ctx, t, d.Catalogue) },
			n.loadPeople, n.loadPlaces, n.loadOutbox, n.loadReviews,
			func(ctx context.Context, t Snapshot) error { return n.loadTickets(ctx, t, before) },
		} {
			if err := step(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = n.loadConflicts(ctx, d.Contests)
	}
	if err == nil {
		_, err = d.Memory.Kept(ctx, memoryKey, &n.memory)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (n *snapshot) loadSites(ctx context.Context, t Snapshot, cat *catalog.Catalogue) (err error) {
	if n.projects, err = list[domain.Project](ctx, t, domain.EntityProject, Filter{}); err != nil {
		return err
	}
	configs, err := list[domain.Config](ctx, t, domain.EntityConfig, Filter{})
	if err != nil {
		return err
	}
	for _, p := range n.projects {
		s := &site{id: p.ID, project: p.Record, zone: time.UTC, scopeConfig: map[domain.ScopeID]map[string]string{}}
		if calendar, err := policy.NewCalendar(p.Record); err == nil {
			s.zone = calendar.Zone
		} // a project without a zone shows UTC; the server refuses it anyway
		if s.config, err = s.configure(cat, configs); err != nil {
			return err
		}
		n.sites[p.ID] = s
	}
	return nil
}

// configure lays the project's own values over the company's, as the server
// does; a contract's values are kept for contractConfig.
func (s *site) configure(cat *catalog.Catalogue, rows []listed[domain.Config]) (policy.Config, error) {
	company, own := map[string]string{}, map[string]string{}
	for _, r := range rows {
		switch r.Record.OwnerID {
		case domain.AnyID{}:
			company[r.Record.Key] = r.Record.Value
		case s.id.Any():
			own[r.Record.Key] = r.Record.Value
		default:
			scope := domain.ScopeID(r.Record.OwnerID)
			if s.scopeConfig[scope] == nil {
				s.scopeConfig[scope] = map[string]string{}
			}
			s.scopeConfig[scope][r.Record.Key] = r.Record.Value
		}
	}
	config, err := cat.Defaults().Override(policy.LevelCompany, company)
	if err != nil {
		return policy.Config{}, err
	}
	return config.Override(policy.LevelProject, own)
}

func (n *snapshot) loadPeople(ctx context.Context, t Snapshot) error {
	people, err := list[domain.Person](ctx, t, domain.EntityPerson, Filter{})
	if err != nil {
		return err
	}
	for _, p := range people {
		n.people[p.Record.PersonID] = p.Record.Name
	}
	n.people[n.me.Person] = n.me.PersonName
	parties, err := list[domain.Party](ctx, t, domain.EntityParty, Filter{})
	for _, p := range parties {
		n.parties[p.ID] = p.Record
	}
	if err != nil {
		return err
	}
	n.scopes, err = list[domain.ContractScope](ctx, t, domain.EntityScope, Filter{})
	return err
}

// loadPlaces reads the rooms of each layout from the newest revision of its plan.
func (n *snapshot) loadPlaces(ctx context.Context, t Snapshot) error {
	layouts, err := list[domain.Layout](ctx, t, domain.EntityLayout, Filter{})
	if err != nil {
		return err
	}
	for _, l := range layouts {
		n.layouts[l.ID] = l.Record
	}
	plans, err := list[domain.Plan](ctx, t, domain.EntityPlan, Filter{})
	newest := map[domain.LayoutID]int{}
	for _, p := range plans {
		if revision, ok := newest[p.Record.LayoutID]; !ok || p.Record.Revision > revision {
			newest[p.Record.LayoutID] = p.Record.Revision
			n.rooms[p.Record.LayoutID] = p.Record.Rooms
		}
	}
	return err
}

// entry finds a ticket.
func (n *snapshot) entry(id domain.TicketID) (entry, bool) {
	i, ok := n.byID[id]
	if !ok {
		return entry{}, false
	}
	return n.entries[i], true
}

// room names a room of a unit: by its plan, else by the standard rooms of its
// layout, else by its code.
func (n *snapshot) room(w writer, u domain.Unit, code string) string {
	rooms := n.rooms[u.LayoutID]
	if len(rooms) == 0 {
		rooms = w.catalogue.StandardRooms(joined(" ", n.layouts[u.LayoutID].Name, u.Layout))
	}
	for _, r := range rooms {
		if r.Code == code {
			return r.Name(w.Chinese())
		}
	}
	if code == string(domain.RoomWhole) {
		return w.catalogue.RoomTypeName(domain.RoomWhole, w.Locale)
	}
	return code
}

func (n *snapshot) person(w writer, id domain.PersonID) string {
	if id.IsZero() || id == ident.ServerPerson {
		return w.Text("desk.person.system")
	}
	if name := n.people[id]; name != "" {
		return name
	}
	return w.Text("desk.person.unknown")
}
