package desk

import (
	"context"
	"slices"
	"time"

	"keyturn/shared/domain"
)

// closedEvery is how often closed tickets are read again when nothing shows that
// they have changed. They are nearly all of an old project's tickets: reading
// 50,000 takes seconds, and a new ticket has to show within one.
const closedEvery = 5 * time.Minute

// newTickets is how many more tickets than before a reload has room for at first.
const newTickets = 256

// tickets is what entries are made from.
type tickets struct {
	units map[domain.UnitID]domain.Unit
	jobs  map[domain.MaintenanceID]domain.Maintenance
}

// loadTickets reads the open tickets, and the closed ones when they may have
// changed: at first, after a download, and from time to time. In between they
// are those of the snapshot before and those that have just been closed.
func (n *snapshot) loadTickets(ctx context.Context, t Snapshot, before *snapshot) error {
	k, err := readTickets(ctx, t)
	if err != nil {
		return err
	}
	whole := before == nil || before.progress.Behind > 0 && n.progress.Behind == 0 || time.Since(before.wholeAt) > closedEvery
	if before != nil { // an entry is large, and growing copies all of them
		n.entries, n.byID = make([]entry, 0, len(before.entries)+newTickets), make(map[domain.TicketID]int, len(before.entries)+newTickets)
	}
	states := openStates
	if whole {
		states = nil // all
	}
	for _, p := range n.projects {
		rows, err := list[domain.Ticket](ctx, t, domain.EntityTicket, Filter{Project: p.ID, States: states})
		if err != nil {
			return err
		}
		for _, r := range rows {
			n.add(k, n.sites[p.ID], r)
		}
	}
	if whole {
		n.wholeAt = time.Now()
		return nil
	}
	n.wholeAt = before.wholeAt
	return n.takeOver(ctx, t, k, before)
}

// takeOver adds the closed tickets of the snapshot before, and reads those that
// were open then and are not now.
func (n *snapshot) takeOver(ctx context.Context, t Snapshot, k tickets, before *snapshot) error {
	for _, e := range before.entries {
		if _, here := n.byID[e.id]; here || n.sites[e.site.id] == nil {
			continue
		}
		ticket := e.ticket
		if !slices.Contains(closed, ticket.Status) {
			now, ok, err := get(ctx, t, domain.EntityTicket, e.id)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			ticket = now
		}
		n.add(k, n.sites[e.site.id], listed[domain.Ticket]{ID: e.id, Record: ticket})
	}
	return nil
}

func readTickets(ctx context.Context, t Snapshot) (k tickets, err error) {
	units, err := list[domain.Unit](ctx, t, domain.EntityUnit, Filter{})
	if err != nil {
		return k, err
	}
	jobs, err := list[domain.Maintenance](ctx, t, domain.EntityMaintenance, Filter{})
	if err != nil {
		return k, err
	}
	k = tickets{make(map[domain.UnitID]domain.Unit, len(units)), make(map[domain.MaintenanceID]domain.Maintenance, len(jobs))}
	for _, u := range units {
		k.units[u.ID] = u.Record
	}
	for _, m := range jobs {
		k.jobs[m.ID] = m.Record
	}
	return k, nil
}

func (n *snapshot) add(k tickets, s *site, r listed[domain.Ticket]) {
	n.byID[r.ID] = len(n.entries)
	n.entries = append(n.entries, entry{
		id: r.ID, site: s, ticket: r.Record, unit: k.units[r.Record.UnitID],
		maintenance: k.jobs[r.Record.MaintenanceID], contractor: n.parties[r.Record.ContractorID].Name,
	})
}

// openStates are all statuses of the state machine that are not closed. One that
// this build does not know shows when all tickets are read.
var openStates = statesBut(closed)

func statesBut(excluded []domain.RepairStatus) (states []string) {
	for _, row := range domain.RepairTransitions {
		for _, s := range append(slices.Clone(row.From), row.To) {
			if s != "" && !slices.Contains(excluded, s) && !slices.Contains(states, string(s)) {
				states = append(states, string(s))
			}
		}
	}
	return states
}
