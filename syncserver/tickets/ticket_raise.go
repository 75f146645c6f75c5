package tickets

import (
	"context"
	"slices"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// TicketOf is the id of the one ticket that a defect can have.
func TicketOf(defect domain.DefectID) domain.TicketID { return ident.Twin[domain.Ticket](defect) }

// defectChanged raises the ticket of a new defect, keeps the list fields of an
// untouched one in step, and cancels that of a withdrawn one.
func (d *desk) defectChanged(ctx context.Context, id domain.DefectID, r merge.Record) error {
	defect, err := merge.As[domain.Defect](r)
	if err != nil {
		return err
	}
	if err := d.Tx.SetSpot(ctx, id, defect.Spot()); err != nil {
		return err
	}
	ticket, raised, err := get[domain.Ticket](ctx, d, domain.EntityTicket, TicketOf(id).Any())
	switch {
	case err != nil:
		return err
	case !raised && !r.Withdrawn:
		return d.raise(ctx, id, defect)
	case raised && r.Withdrawn:
		return d.withdrawn(ctx, TicketOf(id), ticket)
	case raised && ticket.Status == domain.RepairRecorded:
		return d.reroute(ctx, TicketOf(id), ticket, defect)
	case raised && ticket.Status.Open():
		return d.amended(ctx, TicketOf(id), ticket, defect)
	default:
		return nil
	}
}

func (d *desk) raise(ctx context.Context, id domain.DefectID, defect domain.Defect) error {
	ticket, err := d.drafted(ctx, id, defect, d.At)
	if err != nil {
		return err
	}
	if ticket.Number, err = d.number(ctx, "WX"); err != nil {
		return err
	}
	ticket.RaisedBy = d.Actor
	_, err = d.Create(ctx, domain.EntityTicket, TicketOf(id).Any(), ticket)
	return err
}

// reroute decides again for a ticket that nobody has touched yet; the homeowner
// has been waiting since the first capture.
func (d *desk) reroute(ctx context.Context, id domain.TicketID, held domain.Ticket, defect domain.Defect) error {
	next, err := d.drafted(ctx, held.DefectID, defect, held.RecordedAt)
	if err != nil {
		return err
	}
	next.Number, next.RaisedBy, next.RaisedReason = held.Number, held.RaisedBy, held.Raised().Why
	return d.Amend(ctx, domain.EntityTicket, id.Any(), held, next)
}

// amended keeps what a ticket repeats of its defect in step after somebody has
// begun to work on it. What was decided stays; where the defect turns out worse
// than that rests on, a coordinator is asked.
func (d *desk) amended(ctx context.Context, id domain.TicketID, held domain.Ticket, defect domain.Defect) error {
	next := held
	next.Room, next.Description, next.Severity = defect.Room, defect.Description, defect.Severity
	if next.Room == held.Room && next.Description == held.Description && next.Severity == held.Severity {
		return nil
	}
	if next.Severity > held.Severity && !slices.Contains(held.Review, reviewWorse) {
		next.Review = append(slices.Clone(held.Review), reviewWorse)
	}
	if err := d.Amend(ctx, domain.EntityTicket, id.Any(), held, next); err != nil {
		return err
	}
	return d.event(ctx, id.Any(), domain.Event{What: domain.Because("event.defect_amended")})
}

const reviewWorse = "review.defect_worse"

func (d *desk) withdrawn(ctx context.Context, id domain.TicketID, held domain.Ticket) error {
	if held.Status != domain.RepairRecorded && held.Status != domain.RepairAssigned {
		return d.review(ctx, id, held, []string{"review.defect_withdrawn"})
	}
	next := held
	next.Status, next.ClosedAt = domain.RepairCancelled, d.Now
	return d.moved(ctx, id, held, next, domain.Because("event.defect_withdrawn"), domain.Reason{})
}

// drafted is the ticket of a defect with every automatic decision and its
// reason: warranty, liability, SLA class and dues. recorded is when the defect
// was captured.
func (d *desk) drafted(ctx context.Context, id domain.DefectID, defect domain.Defect, recorded domain.Instant) (domain.Ticket, error) {
	unit, _, err := get[domain.Unit](ctx, d, domain.EntityUnit, defect.UnitID.Any())
	if err != nil {
		return domain.Ticket{}, err
	}
	library := d.libraryOf(defect)
	on := d.calendar.Date(recorded)
	liable := policy.Liable(library.Trade, unit.Building, d.scopes, on)
	warranty := d.warranty(defect, unit, library, liable, on)

	t := domain.Ticket{
		UnitID: defect.UnitID, Status: domain.RepairRecorded, DefectID: id, Room: defect.Room, LibraryCode: defect.LibraryCode,
		Description: defect.Description, Trade: library.Trade, Severity: defect.Severity,
		ContractorID: liable.PartyID, ScopeID: liable.ScopeID, LiabilityReason: liable.Reason,
		ChargeToDeveloper: warranty.ChargeToDeveloper, WarrantyClass: library.WarrantyClass,
		ContractorEnd: warranty.ContractorEnd, OwnerEnd: warranty.OwnerEnd, WarrantyReason: warranty.Reason,
		SLAClass: library.SLA, RecordedAt: recorded, Attempt: 1,
		ConfigVersion: d.config.Version(), CatalogueVersion: d.catalogue.Version,
	}
	if t.DuplicateOf, err = d.earlierTicket(ctx, id, defect); err != nil {
		return t, err
	}
	return d.withDues(t, d.Now), nil
}

// withDues sets the dues as they follow from an assignment at the given time.
// Before assignment they are a forecast.
func (d *desk) withDues(t domain.Ticket, assigned domain.Instant) domain.Ticket {
	limits, ok := d.catalogue.SLALimits(t.SLAClass)
	if !ok {
		t.SLAReason = domain.Because("reason.sla.unknown_class", "class", string(t.SLAClass))
		return t
	}
	config := d.contractConfig(t.ScopeID)
	sla := policy.Deadlines(limits.Configured(config), t.RecordedAt, assigned, d.scope(t.ScopeID).ResponseHours, config, d.calendar)
	t.RespondDue, t.OnSiteDue, t.MakeSafeDue, t.FinishDue = sla.RespondDue, sla.OnSiteDue, sla.MakeSafeDue, sla.FinishDue
	t.PromisedBy, t.SLAReason = sla.PromisedBy, sla.Reason
	return t
}

func (d *desk) warranty(defect domain.Defect, u domain.Unit, lib catalog.LibraryDefect, l policy.Liability, on domain.Date) policy.WarrantyDecision {
	term, ok := d.catalogue.WarrantyTerm(lib.WarrantyClass, lib.WarrantySub)
	if !ok {
		return policy.WarrantyDecision{Reason: domain.Because("reason.warranty.unknown_class", "class", lib.WarrantyClass)}
	}
	return policy.Warranty(term, policy.WarrantyFacts{
		CompletedOn: u.CompletedOn, ContractStart: d.scope(l.ScopeID).WarrantyStart, DeliveredOn: u.DeliveredOn, On: on,
		RecordedBeforeHandover: u.DeliveredOn == "" || defect.Stage == domain.StageHandover,
	}, d.config)
}

// libraryOf is the library's entry, or what the inspector wrote where there is
// none.
func (d *desk) libraryOf(defect domain.Defect) catalog.LibraryDefect {
	if lib, ok := d.catalogue.Defect(defect.LibraryCode); ok {
		if defect.WarrantyClass != "" {
			lib.WarrantyClass, lib.WarrantySub = defect.WarrantyClass, ""
		}
		return lib
	}
	return catalog.LibraryDefect{
		Element: defect.Element, Trade: defect.Trade, Type: defect.Type, Severity: defect.Severity,
		WarrantyClass: defect.WarrantyClass, SLA: domain.P3,
	}
}

// earlierTicket finds an open ticket of the same spot: a duplicate is linked,
// never refused.
func (d *desk) earlierTicket(ctx context.Context, id domain.DefectID, defect domain.Defect) (domain.TicketID, error) {
	if !defect.DuplicateOf.IsZero() {
		return TicketOf(defect.DuplicateOf), nil
	}
	spot := defect.Spot()
	if spot == "" {
		return domain.TicketID{}, nil
	}
	others, err := d.Tx.SameSpot(ctx, spot, maxCandidates)
	if err != nil {
		return domain.TicketID{}, err
	}
	for _, o := range others {
		if o == id {
			continue
		}
		t, ok, err := get[domain.Ticket](ctx, d, domain.EntityTicket, TicketOf(o).Any())
		if err != nil {
			return domain.TicketID{}, err
		}
		if ok && t.Status.Open() {
			return TicketOf(o), nil
		}
	}
	return domain.TicketID{}, nil
}

// maxCandidates bounds how many earlier defects of a spot are looked at.
const maxCandidates = 20

// review leaves a fact standing that its guards did not let through and asks a
// coordinator to decide.
func (d *desk) review(ctx context.Context, id domain.TicketID, held domain.Ticket, unmet []string) error {
	next := held
	next.Review = unmet
	if err := d.Amend(ctx, domain.EntityTicket, id.Any(), held, next); err != nil {
		return err
	}
	return d.event(ctx, id.Any(), domain.Event{What: domain.Because("event.needs_review"), Why: domain.Because(unmet[0])})
}

// moved writes a ticket's new state with a line in its timeline.
func (d *desk) moved(ctx context.Context, id domain.TicketID, prev, next domain.Ticket, what, why domain.Reason) error {
	next.Review = nil
	if err := d.Amend(ctx, domain.EntityTicket, id.Any(), prev, next); err != nil {
		return err
	}
	return d.event(ctx, id.Any(), domain.Event{From: string(prev.Status), To: string(next.Status), What: what, Why: why})
}

// ticket reads a ticket or refuses.
func (d *desk) ticket(ctx context.Context, id domain.TicketID) (domain.Ticket, error) {
	t, ok, err := get[domain.Ticket](ctx, d, domain.EntityTicket, id.Any())
	if err == nil && !ok {
		err = refuse(syncproto.CodeMissing, "ticket")
	}
	return t, err
}
