package tickets

import (
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
)

// suspensions reads from the timeline when the ticket's clock stood still since
// its assignment.
func (d *desk) suspensions(ctx context.Context, id domain.TicketID, t domain.Ticket) ([]policy.Span, error) {
	events, err := children[domain.Event](ctx, d, domain.EntityEvent, id.Any())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(events, func(a, b intake.Listed[domain.Event]) int { return a.Record.Compare(b.Record) })
	var spans []policy.Span
	for _, e := range events {
		switch {
		case e.Record.At < t.AssignedAt:
		case e.Record.To == string(domain.RepairSuspended):
			spans = append(spans, policy.Span{From: e.Record.At})
		case e.Record.From == string(domain.RepairSuspended) && len(spans) > 0:
			spans[len(spans)-1].To = e.Record.At
		}
	}
	return spans, nil
}

// gate gathers what the engagement and charge gates look at.
func (d *desk) gate(ctx context.Context, id domain.TicketID, t domain.Ticket) (policy.GateFacts, error) {
	f := policy.GateFacts{Emergency: policy.Emergency(t.SLAClass), ChargeToDeveloper: t.ChargeToDeveloper}
	var err error
	if f.Notices, err = d.notices(ctx, id); err != nil {
		return f, err
	}
	contacts, err := children[domain.Contact](ctx, d, domain.EntityContact, id.Any())
	if err != nil {
		return f, err
	}
	f.Contacts = recordsOf(contacts)
	spans, err := d.suspensions(ctx, id, t)
	if err != nil {
		return f, err
	}
	f.Triggers = policy.Triggers(policy.TriggerFacts{
		Ticket: t, Notices: f.Notices, Contacts: f.Contacts, Now: d.Now, Suspensions: spans,
		DisputedByTwo: t.Status == domain.RepairDisputed,
	}, d.config)
	if f.BeforePhotos, err = d.photos(ctx, t.DefectID.Any(), domain.RoleEvidence); err != nil {
		return f, err
	}
	err = d.addOutcome(ctx, &f, id, t)
	return f, err
}

// addOutcome adds what is known of the third party's job.
func (d *desk) addOutcome(ctx context.Context, f *policy.GateFacts, id domain.TicketID, t domain.Ticket) error {
	ticketPhotos, err := d.photos(ctx, id.Any(), domain.RoleAfter)
	if err != nil {
		return err
	}
	f.AfterPhotos = ticketPhotos
	f.Reinspected = t.PassedAt.Set()
	if t.MaintenanceID.IsZero() {
		return nil
	}
	m, ok, err := get[domain.Maintenance](ctx, d, domain.EntityMaintenance, t.MaintenanceID.Any())
	if err != nil || !ok {
		return err
	}
	f.MaintenanceStatus, f.Approved = m.Status, m.ApprovedAt.Set()
	if m.Trigger != "" && len(f.Triggers) == 0 {
		f.Triggers = []policy.TriggerHit{{Trigger: m.Trigger, Reason: m.TriggerWhy}}
	}
	work, err := d.photos(ctx, t.MaintenanceID.Any(), domain.RoleAfter)
	if err != nil {
		return err
	}
	f.AfterPhotos += work
	costs, err := children[domain.Cost](ctx, d, domain.EntityCost, t.MaintenanceID.Any())
	if err != nil {
		return err
	}
	for _, c := range costs {
		switch c.Record.Kind {
		case domain.CostQuote:
			f.QuoteGiven, f.QuoteAgreed = true, m.QuoteAgreedAt.Set()
		case domain.CostSettlement:
			f.Settled = true
		}
	}
	return nil
}

// unmetGate refuses with the keys of the facts that are missing.
func unmetGate(facts []policy.Fact) error {
	missing := policy.Missing(facts)
	if len(missing) == 0 {
		return nil
	}
	keys := make([]string, len(missing))
	for i, f := range missing {
		keys[i] = f.Key
	}
	return refuse(syncproto.CodeGuard, keys...)
}
