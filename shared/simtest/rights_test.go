package simtest

import (
	"maps"
	"math/rand/v2"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// part is what somebody may do in a project, from and to a time; to 0 is open.
type part struct {
	person   domain.PersonID
	project  domain.ProjectID
	role     string
	from, to domain.Instant
}

// parts is who may do what, as the operator has told the server.
type parts []part

// firstParts are those of the template.
func firstParts() (list parts) {
	for _, m := range members {
		for i, role := range m.roles {
			if role != "" {
				list = append(list, part{person: m.id, project: projects[i], role: role, from: 1})
			}
		}
	}
	return list
}

// readable lists the scopes that a person may follow at a time.
func (p parts) readable(person domain.PersonID, at domain.Instant) map[syncproto.Scope]bool {
	may := map[syncproto.Scope]bool{}
	for project, caps := range p.rights(person, at) {
		for _, a := range domain.AudiencesOf(caps) {
			may[syncproto.Scope{Project: project, Audience: a}] = true
		}
	}
	return may
}

// rights lists what a person may do, by project.
func (p parts) rights(person domain.PersonID, at domain.Instant) map[domain.ProjectID]map[domain.Capability]bool {
	rights := map[domain.ProjectID]map[domain.Capability]bool{}
	for _, g := range p {
		if g.person != person || g.from > at || g.to != 0 && g.to <= at {
			continue
		}
		if rights[g.project] == nil {
			rights[g.project] = map[domain.Capability]bool{}
		}
		for _, c := range domain.DefaultRoles()[g.role] {
			rights[g.project][c] = true
		}
	}
	return rights
}

// decree is one change of somebody's part.
type decree struct {
	part
	ends bool
}

// after is who may do what once a decree is in force.
func (p parts) after(d decree) parts {
	next := slices.Clone(p)
	if !d.ends {
		return append(slices.DeleteFunc(next, func(g part) bool {
			return g.person == d.person && g.project == d.project && g.role == d.role && g.from == d.from
		}), d.part)
	}
	for i, g := range next {
		if g.person == d.person && g.project == d.project && (g.to == 0 || g.to > d.from) {
			next[i].to = d.from
		}
	}
	return next
}

// changeRights gives somebody a part in a project or takes it away. Half of the
// time the operator's command runs in a process of its own, and the servers hear
// of it when their timers run.
func changeRights(w *world, dice *rand.Rand) {
	c, p := w.cloud, w.server(dice)
	m, site, ends := members[dice.IntN(len(members))], dice.IntN(len(projects)), dice.IntN(3) == 0
	if asking := c.asking(); len(asking) > 0 && dice.IntN(2) == 0 {
		person := one(dice, asking...)
		m, ends = members[slices.IndexFunc(members, func(m member) bool { return m.id == person })], true
	}
	d := decree{part: part{person: m.id, project: projects[site], role: one(dice, "inspector", "coordinator", "manager"), from: w.now}, ends: ends}
	done := c.carryOut(d)
	w.tell("the %s's part in project %d ends %v, else as %s: done %v", m.name, site, d.ends, d.role, done)
	if done && dice.IntN(2) == 0 {
		p.regrantAll(m.id)
	}
}

// asking lists the people whose devices' frames are on their way to a server.
func (c *cloud) asking() (people []domain.PersonID) {
	for _, p := range c.procs {
		for _, conn := range p.conns {
			if len(conn.up) > 0 {
				people = append(people, conn.session.Person)
			}
		}
	}
	return people
}

// carryOut puts a decree in force, unless the disk fails.
func (c *cloud) carryOut(d decree) (done bool) {
	done = c.update(func(tx *store.Tx) error {
		if d.ends {
			return tx.EndGrants(c.w.ctx, d.person, d.project, d.from)
		}
		return tx.PutGrant(c.w.ctx, store.Grant{Person: d.person, Project: d.project, Role: d.role, From: d.from})
	})
	if done {
		c.parts = c.parts.after(d)
	} else {
		c.unsure = append(c.unsure, d)
	}
	return done
}

// makeSure finds out after a restart whether decrees that failed were carried
// out: nobody was told that they were, so both is right.
func (c *cloud) makeSure() {
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		for _, d := range c.unsure {
			held, err := tx.Rights(c.w.ctx, d.person, c.now())
			if err != nil {
				return err
			}
			if next := c.parts.after(d); !sameRights(held, c.parts.rights(d.person, c.now())) && sameRights(held, next.rights(d.person, c.now())) {
				c.parts = next
			}
		}
		c.unsure = nil
		return nil
	})
	c.w.must(err, "rights")
}

func sameRights(a, b map[domain.ProjectID]map[domain.Capability]bool) bool {
	return maps.EqualFunc(a, b, maps.Equal[map[domain.Capability]bool, map[domain.Capability]bool])
}
