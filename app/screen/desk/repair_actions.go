package desk

import (
	"slices"
	"time"

	"keyturn/shared/domain"
)

// actions lists what the state machine allows, and what can be done beside it.
// The device does not know the person's rights: the server has the last word.
func (p *page) actions() (steps, side []Action) {
	facts := p.repairFacts()
	for _, action := range domain.RepairActions(p.ticket.Status) {
		s, offered := repairSpecs[action] // engaging, returning and closing follow from other actions
		if !offered {
			continue
		}
		if action == domain.RepairStart && facts.PlanNeeded { // the note is the repair plan
			s.fields, s.optional = s.optional, nil
		}
		row, _ := domain.RepairMove(p.ticket.Status, action)
		var unmet []string
		for _, key := range row.Unmet(facts) {
			unmet = append(unmet, p.w.Text(key))
		}
		steps = append(steps, p.make(string(action), p.target(), string(action), s, unmet))
	}
	if len(p.ticket.Review) > 0 {
		s := spec{optional: []FieldKind{FieldNote}, emphasis: Primary}
		side = append(side, p.make(domain.ActionReviewed, p.target(), domain.ActionReviewed, s, nil))
	}
	for _, s := range sideSpecs {
		if slices.Contains(closed, p.ticket.Status) || s.active && !p.ticket.Status.Active() {
			continue
		}
		side = append(side, p.make(s.action, p.target(), s.action, s.spec, p.sideUnmet(s.action)))
	}
	return steps, side
}

// sideUnmet says why an action beside the state machine is of no use now.
func (p *page) sideUnmet(action string) []string {
	switch {
	case action == domain.ActionAttend && p.ticket.AttendedAt.Set():
		return []string{p.w.Text("desk.blocked.attended", "at", p.w.Time(p.ticket.AttendedAt))}
	case action == domain.ActionRefusal && p.ticket.RefusedInWriting:
		return []string{p.w.Text("desk.blocked.refusal_recorded")}
	case action == domain.ActionNotify && p.noticed():
		return []string{p.w.Text("desk.blocked.notice_issued")}
	}
	return nil
}

// noticed: there is one rectification notice per assignment.
func (p *page) noticed() bool {
	for _, n := range p.notices {
		if n.Record.Kind == domain.NoticeRectification && n.Record.IssuedAt >= p.ticket.AssignedAt {
			return true
		}
	}
	return false
}

// repairFacts is what the guards look at, with everything given that the form
// of an action asks for.
func (p *page) repairFacts() domain.RepairFacts {
	t := p.ticket
	lib, _ := p.w.catalogue.Defect(t.LibraryCode)
	window := time.Duration(p.site.config.Days("repair.reopen_window_days")) * day
	return domain.RepairFacts{
		ContractorKnown: true, ContractorChanged: true, Reason: true, Method: true, SettlementAgreed: true,
		PlanNeeded: lib.NeedsRepairPlan, PlanGiven: true, AfterPhotos: 1,
		SamePerson: t.FinishedBy == p.n.me.Person, Leak: lib.Leak,
		WithinReopenWindow: t.ClosedAt.Set() && p.now <= t.ClosedAt.Add(window),
	}
}

func (p *page) noticeAction(n listed[domain.Notice]) Action {
	target := Target{Project: p.site.id, Entity: domain.EntityNotice, ID: n.ID.Any(), Unit: p.ticket.UnitID}
	return p.make(domain.ActionDelivered+"."+n.Record.Number, target, domain.ActionDelivered, spec{fields: []FieldKind{FieldProof}, emphasis: Primary}, nil)
}
