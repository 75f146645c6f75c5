package desk

import (
	"cmp"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// ThirdParty is the panel of a ticket's third-party job.
type ThirdParty struct {
	// Number, Status and Facts describe the job; empty before it is proposed.
	Number, Status string
	Tone           Tone
	Facts          []Fact
	// Triggers are the conditions of domain spec 3.5 that hold now.
	Triggers []Fact
	NoneHold string
	// Engagement unlocks the third party, Charge the back-charge.
	Engagement, Charge Gate
	Actions            []Action
	Charges            []Charge
}

// Gate is a checklist of facts.
type Gate struct {
	Title, Verdict string
	Open           bool
	Facts          []GateFact
}

// GateFact is one condition; Detail says what is there or what is missing.
type GateFact struct {
	Label, Have, Detail string
	Met                 bool
}

// readGate gathers what the gates look at, as the server does.
func (f *file) readGate() error {
	config, err := f.site.config.Override(policy.LevelContract, f.site.scopeConfig[f.ticket.ScopeID])
	if err != nil {
		return err
	}
	m := f.maintenance
	slices.SortFunc(f.events, func(a, b listed[domain.Event]) int { return a.Record.Compare(b.Record) })
	slices.SortFunc(f.notices, func(a, b listed[domain.Notice]) int {
		return cmp.Compare(a.Record.IssuedAt, b.Record.IssuedAt)
	})
	slices.SortFunc(f.contacts, func(a, b listed[domain.Contact]) int { return cmp.Compare(a.Record.At, b.Record.At) })
	f.gate = policy.GateFacts{
		Notices: records(f.notices), Contacts: records(f.contacts),
		BeforePhotos: len(f.before), AfterPhotos: len(f.after) + len(f.work),
		Emergency: policy.Emergency(f.ticket.SLAClass), ChargeToDeveloper: f.ticket.ChargeToDeveloper,
		Reinspected: f.ticket.PassedAt.Set(), MaintenanceStatus: m.Status, Approved: m.ApprovedAt.Set(),
	}
	for _, c := range f.costs {
		switch c.Record.Kind {
		case domain.CostQuote:
			f.gate.QuoteGiven, f.gate.QuoteAgreed = true, m.QuoteAgreedAt.Set()
		case domain.CostSettlement:
			f.gate.Settled = true
		}
	}
	f.gate.Triggers = policy.Triggers(policy.TriggerFacts{
		Ticket: f.ticket, Notices: f.gate.Notices, Contacts: f.gate.Contacts, Now: f.now, Suspensions: f.suspensions(),
		DisputedByTwo: f.ticket.Status == domain.RepairDisputed,
	}, config)
	if m.Trigger != "" && len(f.gate.Triggers) == 0 {
		f.gate.Triggers = []policy.TriggerHit{{Trigger: m.Trigger, Reason: m.TriggerWhy}}
	}
	return nil
}

func records[T any](list []listed[T]) []T {
	out := make([]T, len(list))
	for i, l := range list {
		out[i] = l.Record
	}
	return out
}

// suspensions reads from the timeline when the clock stood still since the
// assignment.
func (f *file) suspensions() []policy.Span {
	var spans []policy.Span
	for _, e := range f.events {
		switch {
		case e.Record.At < f.ticket.AssignedAt:
		case e.Record.To == string(domain.RepairSuspended):
			spans = append(spans, policy.Span{From: e.Record.At})
		case e.Record.From == string(domain.RepairSuspended) && len(spans) > 0:
			spans[len(spans)-1].To = e.Record.At
		}
	}
	return spans
}

func (p *page) thirdParty() ThirdParty {
	w, m := p.w, p.maintenance
	out := ThirdParty{
		Engagement: p.checklist("desk.gate.engagement", policy.EngagementGate(p.gate)),
		Charge:     p.checklist("desk.gate.charge", policy.ChargeGate(p.gate)),
	}
	for _, hit := range p.gate.Triggers {
		out.Triggers = append(out.Triggers, Fact{
			Label: string(hit.Trigger), Value: w.Text("desk.trigger." + string(hit.Trigger)), Reason: w.because(hit.Reason), Tone: ToneWarn,
		})
	}
	if len(out.Triggers) == 0 {
		out.NoneHold = w.Text("desk.trigger.none")
	}
	if m.Status != "" {
		out.Number, out.Status, out.Tone = m.Number, w.known("desk.maintenance.", string(m.Status)), jobTone(m.Status)
		out.Facts = p.job()
	}
	out.Actions = p.jobActions()
	for _, c := range p.charges {
		out.Charges = append(out.Charges, p.desk.charge(p.n, p.w, p.site.id, p.ticket, c))
	}
	return out
}

func (p *page) checklist(title string, facts []policy.Fact) Gate {
	g := Gate{Title: p.w.Text(title), Open: policy.Open(facts), Verdict: p.w.Text(title + ".closed")}
	if g.Open {
		g.Verdict = p.w.Text(title + ".open")
	}
	for _, f := range facts {
		have := "desk.gate.missing"
		if f.Have {
			have = "desk.gate.have"
		}
		g.Facts = append(g.Facts, GateFact{Label: p.w.Text(f.Key), Have: p.w.Text(have), Detail: p.w.because(f.Detail), Met: f.Have})
	}
	return g
}

// job lists what is known of the third party's work.
func (p *page) job() []Fact {
	m, w := p.maintenance, p.w
	list := []Fact{
		{Label: w.Text("desk.job.firm"), Value: p.n.parties[m.FirmID].Name},
		{Label: w.Text("desk.job.trigger"), Value: string(m.Trigger) + " " + w.Text("desk.trigger."+string(m.Trigger)), Reason: w.because(m.TriggerWhy)},
	}
	step := func(key string, at domain.Instant, by domain.PersonID) {
		if at.Set() {
			who := ""
			if !by.IsZero() {
				who = p.n.person(w, by)
			}
			list = append(list, Fact{Label: w.Text("desk.job." + key), Value: joined(" · ", w.Time(at), who)})
		}
	}
	step("proposed", m.ProposedAt, m.ProposedBy)
	step("approved", m.ApprovedAt, m.ApprovedBy)
	for _, c := range p.costs {
		list = append(list, Fact{
			Label: w.Text("desk.job." + string(c.Record.Kind)), Value: yuan(c.Record.AmountFen),
			Reason: joined(" · ", w.Time(c.Record.At), p.n.person(w, c.Record.By)),
		})
	}
	step("quote_agreed", m.QuoteAgreedAt, m.QuoteAgreedBy)
	step("dispatched", m.DispatchedAt, domain.PersonID{})
	if m.VisitDue.Set() && !m.FinishedAt.Set() {
		left, tone := w.remaining(p.now, m.VisitDue)
		list = append(list, Fact{Label: w.Text("desk.due.visit"), Value: w.Time(m.VisitDue), Reason: left, Tone: tone})
	}
	step("finished", m.FinishedAt, m.FinishedBy)
	step("accepted", m.AcceptedAt, domain.PersonID{})
	return list
}

func jobTone(s domain.MaintenanceStatus) Tone {
	switch s {
	case domain.MaintenanceProposed, domain.MaintenanceQuoted, domain.MaintenancePendingAccept:
		return TonePending
	case domain.MaintenanceAccepted, domain.MaintenanceSettled, domain.MaintenanceCharged, domain.MaintenanceClosed:
		return ToneOK
	case domain.MaintenanceRejected:
		return ToneBad
	case domain.MaintenanceCancelled:
		return ToneNeutral
	}
	return ToneInfo
}
