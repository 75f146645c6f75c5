package desk

import (
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

var jobSpecs = map[domain.MaintenanceAction]spec{
	domain.MaintenanceApprove:  {optional: []FieldKind{FieldNote}, emphasis: Primary, decisive: true},
	domain.MaintenanceReject:   {fields: []FieldKind{FieldNote}, emphasis: Danger, decisive: true},
	domain.MaintenanceQuote:    {fields: []FieldKind{FieldAmount}, emphasis: Primary, decisive: true},
	domain.MaintenanceAgree:    {emphasis: Primary, decisive: true},
	domain.MaintenanceDispatch: {emphasis: Primary},
	domain.MaintenanceStart:    {emphasis: Primary},
	domain.MaintenanceFinish:   {fields: []FieldKind{FieldAfter}, optional: []FieldKind{FieldNote}, emphasis: Primary},
	domain.MaintenanceRework:   {fields: []FieldKind{FieldNote}},
	domain.MaintenanceAccept:   {emphasis: Primary},
	domain.MaintenanceSettle:   {fields: []FieldKind{FieldAmount}, emphasis: Primary, decisive: true},
	domain.MaintenanceCharge:   {emphasis: Primary, decisive: true},
	domain.MaintenanceClose:    {decisive: true},
	domain.MaintenanceCancel:   {fields: []FieldKind{FieldNote}, emphasis: Danger, decisive: true},
}

// jobActions lists what can be done about a third party now.
func (p *page) jobActions() []Action {
	if p.maintenance.Status == "" || p.maintenance.Status == domain.MaintenanceRejected || p.maintenance.Status == domain.MaintenanceCancelled {
		return p.propose()
	}
	target := Target{Project: p.site.id, Entity: domain.EntityMaintenance, ID: p.ticket.MaintenanceID.Any(), Unit: p.ticket.UnitID}
	var list []Action
	offered := map[domain.MaintenanceAction]bool{}
	for _, candidate := range domain.MaintenanceTransitions {
		action := candidate.Action
		row, ok := domain.MaintenanceMove(p.maintenance.Status, action)
		if !ok || offered[action] || p.alreadyDone(action) {
			continue
		}
		offered[action] = true
		s := jobSpecs[action]
		a := p.make("maintenance."+string(action), target, string(action), s, p.jobUnmet(row.Unmet(p.jobFacts(action))))
		for i := range a.Fields {
			if a.Fields[i].Kind == FieldAfter {
				a.Fields[i].Required = len(p.work) == 0
			}
		}
		list = append(list, a)
	}
	return list
}

// alreadyDone hides what an emergency may do after its dispatch and has done.
func (p *page) alreadyDone(action domain.MaintenanceAction) bool {
	switch action {
	case domain.MaintenanceApprove:
		return p.maintenance.ApprovedAt.Set()
	case domain.MaintenanceAgree:
		return p.maintenance.QuoteAgreedAt.Set()
	}
	return false
}

// jobUnmet puts unmet guards into words; a closed gate is replaced by the facts
// that are missing from it.
func (p *page) jobUnmet(keys []string) []string {
	var out []string
	for _, key := range keys {
		switch key {
		case "guard.engagement_gate":
			out = append(out, p.missing(policy.EngagementGate(p.gate))...)
		case "guard.charge_gate":
			out = append(out, p.missing(policy.ChargeGate(p.gate))...)
		default:
			out = append(out, p.w.Text(key))
		}
	}
	return out
}

func (p *page) missing(facts []policy.Fact) []string {
	var out []string
	for _, f := range policy.Missing(facts) {
		out = append(out, p.w.because(f.Detail))
	}
	return out
}

// jobFacts is what the guards look at, with everything given that the form of
// an action asks for.
func (p *page) jobFacts(action domain.MaintenanceAction) domain.MaintenanceFacts {
	m := p.maintenance
	return domain.MaintenanceFacts{
		Emergency: p.gate.Emergency, SamePerson: m.ProposedBy == p.n.me.Person, Reason: true, FirmKnown: !m.FirmID.IsZero(),
		Approved: m.ApprovedAt.Set() && m.QuoteAgreedAt.Set(), QuoteGiven: p.gate.QuoteGiven || action == domain.MaintenanceQuote,
		GateOpen: policy.Open(policy.EngagementGate(p.gate)), ChargeGateOpen: policy.Open(policy.ChargeGate(p.gate)),
		AfterPhotos: 1, SettlementGiven: true, RepairPassed: p.ticket.PassedAt.Set(), BackCharged: len(p.charges) > 0,
	}
}

// propose offers the engagement. Only the approval may still be missing.
func (p *page) propose() []Action {
	if !p.ticket.Status.Active() {
		return nil
	}
	gate := p.gate
	gate.Approved = true
	s := spec{fields: []FieldKind{FieldFirm, FieldTrigger}, emphasis: Primary}
	return []Action{p.make("propose", p.target(), domain.ActionPropose, s, p.missing(policy.EngagementGate(gate)))}
}
