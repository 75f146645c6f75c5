package tickets_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

func TestTicketOfADefect(t *testing.T) {
	w := newWorld(t)
	ticket := w.raised("lock", w.empty, lockFault)
	k := w.is(ticket, domain.RepairRecorded)
	if k.Number != "WX-2026-000001" || k.Attempt != 1 || k.UnitID != w.empty || k.Trade != "door" || k.Severity != domain.Major || k.LibraryCode != lockFault || k.Description != "lock" {
		t.Errorf("%+v", k)
	}
	if k.ContractorID != w.doors || k.ScopeID != w.doorScope || k.LiabilityReason.Key != "reason.liability.subcontractor" {
		t.Errorf("liability: %+v", k)
	}
	if k.WarrantyClass != "W-FIN" || k.ContractorEnd != "2028-08-01" || k.OwnerEnd != "" || k.WarrantyReason.Key != "reason.warranty.undelivered" || k.ChargeToDeveloper {
		t.Errorf("warranty: %+v", k)
	}
	if k.SLAClass != domain.P1 || k.SLAReason.Key != "reason.sla.class" || k.RespondDue != w.now+hour/2 || k.OnSiteDue != w.now+2*hour ||
		k.MakeSafeDue != w.now+day || k.FinishDue != w.now+3*day || k.PromisedBy != "2026-09-29" || k.RecordedAt != w.now {
		t.Errorf("limits: %+v", k)
	}
	if k.ConfigVersion == "" || k.CatalogueVersion != w.desk.Catalogue.Version {
		t.Error("the versions of what the decisions rest on are missing")
	}
	if got := w.timeline(ticket.Any()); !slices.Equal(got, []string{"event.raised"}) {
		t.Errorf("timeline %v", got)
	}
	if next := w.ticket(w.raised("second", w.empty, stiffDoor)); next.Number != "WX-2026-000002" {
		t.Errorf("the next number is %s", next.Number)
	}
	w.now += 365 * day
	if later := w.ticket(w.raised("next year", w.empty, stiffDoor)); later.Number != "WX-2027-000001" {
		t.Errorf("next year's first number is %s", later.Number)
	}
}

// The same push again, after the answer was lost, raises nothing twice.
func TestOneTicketHoweverOftenTheDefectIsPushed(t *testing.T) {
	w := newWorld(t)
	op := w.inspector.op(domain.EntityDefect, id[any]("d"), syncproto.Recorded, domain.Defect{UnitID: w.empty, LibraryCode: stiffDoor})
	w.inspector.push(op)
	if a := w.inspector.push(op); a.Status != syncproto.Dup {
		t.Errorf("%+v", a)
	}
	if rows := list[domain.Ticket](w, domain.EntityTicket, w.empty.Any()); len(rows) != 1 {
		t.Errorf("%d tickets", len(rows))
	}
}

// The warranty's end decides who pays: vector of domain spec 3.6 in kind.
func TestDeveloperPaysWhenTheContractorsWarrantyIsOver(t *testing.T) {
	w := newWorld(t)
	old := id[domain.Unit]("old")
	w.create(w.project, domain.EntityScope, id[any]("old scope"), domain.ContractScope{PartyID: w.rival, Trades: []string{"给排水"}, WarrantyStart: "2020-01-01"})
	w.create(w.project, domain.EntityUnit, old.Any(), domain.Unit{Building: "9#", CompletedOn: "2020-01-01", DeliveredOn: "2026-06-01"})
	w.inspector.record(domain.EntityDefect, id[any]("d"), syncproto.Recorded, domain.Defect{UnitID: old, LibraryCode: pipeBurst, Stage: domain.StagePostCheck3})
	k := w.ticket(tickets.TicketOf(id[domain.Defect]("d")))
	if !k.ChargeToDeveloper || k.ContractorEnd != "2022-01-01" || k.OwnerEnd <= "2026-09-26" || k.WarrantyReason.Key != "reason.warranty.developer_pays" {
		t.Errorf("%+v", k)
	}
}

func TestNoContractScopeStaysRecordedWithTheReason(t *testing.T) {
	w := newWorld(t)
	ticket := w.raised("burst", w.empty, pipeBurst)
	k := w.is(ticket, domain.RepairRecorded)
	if !k.ContractorID.IsZero() || k.LiabilityReason.Key != "reason.liability.no_scope" || k.LiabilityReason.Args["trade"] != "plumbing" {
		t.Errorf("%+v", k)
	}
	w.coordinator.cannot(ticket, domain.RepairAssign, "", "guard_unmet", "guard.contractor_known")
	for name, party := range map[string]domain.PartyID{"nobody known": id[domain.Party]("?"), "a third party": w.thirdParty} {
		got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(domain.RepairAssign), PartyID: party})
		if !slices.Equal(got, []string{"guard_unmet", "guard.contractor_known"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	w.now += hour
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(domain.RepairAssign), PartyID: w.rival})
	k = w.is(ticket, domain.RepairAssigned)
	if k.ContractorID != w.rival || k.LiabilityReason.Key != "reason.liability.by_hand" || k.LiabilityReason.Args["contractor"] != "Sample Rival" {
		t.Errorf("%+v", k)
	}
	if why := k.Raised().Why; why.Key != "reason.liability.no_scope" {
		t.Errorf("the timeline now says that it was raised because of %+v", why)
	}
	if k.AssignedAt != w.now || k.FinishDue != w.now+3*day {
		t.Errorf("the contractor's clock did not start at the assignment: %+v", k)
	}
}

// Other scopes' settings and terms do not leak into a ticket that has no scope.
func TestNoScopeMeansNobodysSettings(t *testing.T) {
	w := newWorld(t)
	w.configure(w.doorScope.Any(), "sla.P1.fix_days", "1")
	w.configure(id[any]("another project"), "sla.P1.fix_days", "2")
	k := w.ticket(w.raised("burst", w.empty, pipeBurst))
	if k.FinishDue != w.now+3*day {
		t.Errorf("fix within %d hours", (k.FinishDue-w.now)/hour)
	}
}

func TestConfigurationChangesDueTimes(t *testing.T) {
	for name, c := range map[string]struct {
		owner func(*world) domain.AnyID
		value string
		want  domain.Instant
	}{
		"shipped":              {nil, "", 7 * day},
		"project":              {func(w *world) domain.AnyID { return w.project.Any() }, "5", 5 * day},
		"contract":             {func(w *world) domain.AnyID { return w.doorScope.Any() }, "2", 2 * day},
		"company":              {func(*world) domain.AnyID { return domain.AnyID{} }, "6", 6 * day},
		"another's contract":   {func(w *world) domain.AnyID { return w.builderScope.Any() }, "2", 7 * day},
		"a foreign project":    {func(*world) domain.AnyID { return id[any]("other") }, "2", 7 * day},
		"contract beats below": {nil, "", 2 * day},
	} {
		w := newWorld(t)
		before := w.ticket(w.raised("before", w.empty, stiffDoor))
		if c.owner != nil {
			w.configure(c.owner(w), "sla.P3.fix_days", c.value)
		}
		if name == "contract beats below" {
			w.configure(domain.AnyID{}, "sla.P3.fix_days", "6")
			w.configure(w.doorScope.Any(), "sla.P3.fix_days", "2")
			w.configure(w.project.Any(), "sla.P3.fix_days", "5")
		}
		k := w.ticket(w.raised("after", w.empty, stiffDoor))
		if k.FinishDue != w.now+c.want {
			t.Errorf("%s: finish within %d hours, want %d", name, (k.FinishDue-w.now)/hour, c.want/hour)
		}
		if before.FinishDue != w.now+7*day {
			t.Errorf("%s: before it %d hours", name, (before.FinishDue-w.now)/hour)
		}
	}
}

// A setting that is none is refused when it is written, not when the next
// defect needs it: one bad value must not stop a project's tablets.
func TestBadSettingsAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]domain.Config{
		"no such key":       {OwnerID: w.project.Any(), Key: "no.such.key", Value: "1"},
		"no number":         {OwnerID: w.project.Any(), Key: "sla.P3.fix_days", Value: "soon"},
		"a contract's":      {OwnerID: w.doorScope.Any(), Key: "sla.P3.fix_days", Value: "soon"},
		"a company's":       {Key: "backcharge.fee_rate", Value: "a lot"},
		"an empty one":      {OwnerID: w.project.Any(), Key: "sla.P3.fix_days"},
		"a negative number": {OwnerID: w.project.Any(), Key: "sla.P3.fix_days", Value: "-1"},
	} {
		op := w.admin.op(domain.EntityConfig, id[any](name), syncproto.Recorded, c)
		a, _, err := w.engine.Push(t.Context(), w.admin.device, &syncproto.Push{Ops: []syncproto.Op{op}})
		if err != nil {
			w.admin.seq-- // nothing was taken
			t.Errorf("%s: the push failed: %v", name, err)
			continue
		}
		if a.Answers[0].Status != syncproto.Rejected || a.Answers[0].Code != syncproto.CodeBadFields {
			t.Errorf("%s: %+v", name, a.Answers[0])
		}
	}
	zone := w.admin.op(domain.EntityProject, w.project.Any(), syncproto.Amended, domain.Project{Zone: "Atlantis/Sunken"})
	if a, _, err := w.engine.Push(t.Context(), w.admin.device, &syncproto.Push{Ops: []syncproto.Op{zone}}); err != nil || a.Answers[0].Status != syncproto.Rejected {
		w.admin.seq--
		t.Errorf("a zone that is none: %+v, %v", a, err)
	}
	w.admin.record(domain.EntityConfig, id[any]("good"), syncproto.Recorded, domain.Config{OwnerID: w.project.Any(), Key: "sla.P3.fix_days", Value: "5"})
	if k := w.ticket(w.raised("d", w.empty, stiffDoor)); k.FinishDue != w.now+5*day {
		t.Errorf("%+v", k)
	}
}

// What was decided on in a group that was refused is forgotten with it.
func TestSettingsOfARefusedGroupAreForgotten(t *testing.T) {
	w := newWorld(t)
	w.raised("warm up", w.empty, stiffDoor)
	setting := func(name, value string) syncproto.Op {
		return w.admin.op(domain.EntityConfig, id[any](name), syncproto.Recorded, domain.Config{OwnerID: w.project.Any(), Key: "sla.P3.fix_days", Value: value})
	}
	if a := w.admin.push(setting("undone", "1"), w.admin.op(domain.EntityParty, id[any]("p"), syncproto.Recorded, domain.Party{Name: "x"})); a.Status != syncproto.Rejected {
		t.Fatalf("%+v", a)
	}
	w.admin.push(setting("kept", "5"))
	if k := w.ticket(w.raised("d", w.empty, stiffDoor)); k.FinishDue != w.now+5*day {
		t.Errorf("finish within %d hours", (k.FinishDue-w.now)/hour)
	}
}

// A possible duplicate is linked, never refused.
func TestDuplicatesAreLinked(t *testing.T) {
	w := newWorld(t)
	first := w.raised("first", w.empty, stiffDoor)
	if got := w.ticket(w.raised("again", w.empty, stiffDoor)).DuplicateOf; got != first {
		t.Errorf("the same spot: %s", got)
	}
	if got := w.ticket(w.raised("other flat", w.livedIn, stiffDoor)).DuplicateOf; !got.IsZero() {
		t.Errorf("another flat: %s", got)
	}
	if got := w.ticket(w.raised("other kind", w.empty, lockFault)).DuplicateOf; !got.IsZero() {
		t.Errorf("another kind: %s", got)
	}
	w.inspector.record(domain.EntityDefect, id[any]("by hand"), syncproto.Recorded, domain.Defect{UnitID: w.livedIn, LibraryCode: lockFault, DuplicateOf: id[domain.Defect]("first")})
	if got := w.ticket(tickets.TicketOf(id[domain.Defect]("by hand"))).DuplicateOf; got != first {
		t.Errorf("by the inspector's word: %s", got)
	}
	w.manager.move(first, domain.RepairCancel, "mistake")
	w.manager.move(tickets.TicketOf(id[domain.Defect]("again")), domain.RepairCancel, "mistake")
	if got := w.ticket(w.raised("afresh", w.empty, stiffDoor)).DuplicateOf; !got.IsZero() {
		t.Errorf("a cancelled ticket's duplicate: %s", got)
	}
}

// A defect that is being repaired by a third party, or waits, is still there.
func TestDuplicateOfASuspendedTicketIsLinked(t *testing.T) {
	w := newWorld(t)
	first := w.assigned("first", w.empty, stiffDoor)
	w.coordinator.move(first, domain.RepairSuspend, "material")
	if got := w.ticket(w.raised("again", w.empty, stiffDoor)).DuplicateOf; got != first {
		t.Errorf("%s", got)
	}
}

func TestWithdrawnDefect(t *testing.T) {
	w := newWorld(t)
	for name, prepare := range map[string]func(domain.TicketID){
		"recorded": func(domain.TicketID) {},
		"assigned": func(k domain.TicketID) { w.coordinator.move(k, domain.RepairAssign, "") },
	} {
		ticket := w.raised(name, w.empty, stiffDoor)
		prepare(ticket)
		w.inspector.record(domain.EntityDefect, id[any](name), syncproto.Withdrawn, nil)
		if k := w.is(ticket, domain.RepairCancelled); k.ClosedAt != w.now {
			t.Errorf("%s: %+v", name, k)
		}
	}
	working := w.assigned("working", w.livedIn, stiffDoor)
	w.coordinator.move(working, domain.RepairAccept, "")
	w.inspector.record(domain.EntityDefect, id[any]("working"), syncproto.Withdrawn, nil)
	if k := w.is(working, domain.RepairAccepted); !slices.Equal(k.Review, []string{"review.defect_withdrawn"}) {
		t.Errorf("a coordinator is not asked: %+v", k)
	}
	w.coordinator.ask(domain.EntityTicket, working.Any(), syncproto.Command{Action: domain.ActionReviewed, Note: "go on"})
	if k := w.is(working, domain.RepairAccepted); len(k.Review) != 0 {
		t.Errorf("%+v", k)
	}
}

// Once somebody works on the ticket its decisions stay; the words follow the
// defect, as after a resolved conflict, and a worse one is for a coordinator.
func TestAmendedDefectOfATicketAtWork(t *testing.T) {
	w := newWorld(t)
	ticket := w.assigned("d", w.empty, stiffDoor)
	before := w.ticket(ticket)
	amend := func(d domain.Defect) {
		t.Helper()
		w.inspector.record(domain.EntityDefect, id[any]("d"), syncproto.Amended, d)
	}
	amend(domain.Defect{Description: "it sticks at the top"})
	k := w.is(ticket, domain.RepairAssigned)
	if k.Description != "it sticks at the top" || len(k.Review) != 0 || k.FinishDue != before.FinishDue || k.ContractorID != before.ContractorID {
		t.Errorf("%+v", k)
	}
	amend(domain.Defect{Severity: before.Severity + 1})
	amend(domain.Defect{Pin: &domain.Pin{X: 1}})
	k = w.is(ticket, domain.RepairAssigned)
	if k.Severity != before.Severity+1 || !slices.Equal(k.Review, []string{"review.defect_worse"}) || k.FinishDue != before.FinishDue {
		t.Errorf("%+v", k)
	}
	if n := w.count(ticket.Any(), "event.defect_amended"); n != 2 {
		t.Errorf("%d lines in the timeline", n)
	}
	w.manager.move(ticket, domain.RepairCancel, "the owner has had it done")
	amend(domain.Defect{Description: "too late"})
	if k := w.is(ticket, domain.RepairCancelled); k.Description != "it sticks at the top" {
		t.Errorf("a ticket that is over has changed: %+v", k)
	}
}

// Before anybody has touched the ticket it follows its defect; the homeowner's
// clock keeps running from the capture.
func TestAmendedDefectIsRoutedAgain(t *testing.T) {
	w := newWorld(t)
	ticket := w.raised("d", w.empty, stiffDoor)
	before := w.ticket(ticket)
	w.now += 2 * day
	w.inspector.record(domain.EntityDefect, id[any]("d"), syncproto.Amended, domain.Defect{LibraryCode: plasterCrack, Severity: domain.Major, Description: "no, the wall"})
	k := w.is(ticket, domain.RepairRecorded)
	if k.ContractorID != w.builder || k.Trade != "plaster" || k.Severity != domain.Major || k.Description != "no, the wall" || k.Number != before.Number {
		t.Errorf("%+v", k)
	}
	if k.RecordedAt != before.RecordedAt || k.PromisedBy != before.PromisedBy {
		t.Errorf("waiting since %d and promised for %s, before since %d for %s", k.RecordedAt, k.PromisedBy, before.RecordedAt, before.PromisedBy)
	}
	w.coordinator.move(ticket, domain.RepairAssign, "")
	w.inspector.record(domain.EntityDefect, id[any]("d"), syncproto.Amended, domain.Defect{LibraryCode: stiffDoor})
	if k := w.is(ticket, domain.RepairAssigned); k.ContractorID != w.builder {
		t.Error("an assigned ticket changed hands by itself")
	}
}

// The homeowner's clock starts at the corrected time of capture, the
// contractor's at the assignment.
func TestClocksOfALateDefect(t *testing.T) {
	w := newWorld(t)
	captured := w.now
	op := w.inspector.op(domain.EntityDefect, id[any]("d"), syncproto.Recorded, domain.Defect{UnitID: w.empty, LibraryCode: stiffDoor})
	w.now += 3 * day // the tablet was offline
	w.inspector.push(op)
	ticket := tickets.TicketOf(id[domain.Defect]("d"))
	if k := w.ticket(ticket); k.RecordedAt != captured || k.PromisedBy != "2026-10-03" || k.Age(w.now) != (3*day).Time().Sub(domain.Instant(0).Time()) {
		t.Errorf("%+v", k)
	}
	w.coordinator.move(ticket, domain.RepairAssign, "")
	if k := w.ticket(ticket); k.AssignedAt != w.now || k.FinishDue != w.now+7*day {
		t.Errorf("%+v", k)
	}
}

// A free-text defect has no library entry: the ticket says what is missing.
func TestFreeTextDefect(t *testing.T) {
	w := newWorld(t)
	w.inspector.record(domain.EntityDefect, id[any]("d"), syncproto.Recorded, domain.Defect{
		UnitID: w.empty, Element: "door", Trade: "door", Type: "odd", Description: "odd", Severity: domain.Minor, WarrantyClass: "W-FIN",
	})
	k := w.ticket(tickets.TicketOf(id[domain.Defect]("d")))
	if k.ContractorID != w.doors || k.SLAClass != domain.P3 || k.WarrantyClass != "W-FIN" || k.ContractorEnd == "" {
		t.Errorf("%+v", k)
	}
	w.inspector.record(domain.EntityDefect, id[any]("e"), syncproto.Recorded, domain.Defect{UnitID: w.empty, Element: "door", Trade: "door", Description: "?"})
	if k := w.ticket(tickets.TicketOf(id[domain.Defect]("e"))); k.WarrantyReason.Key != "reason.warranty.unknown_class" {
		t.Errorf("%+v", k)
	}
}

// Facts and commands of one project do not reach the records of another.
func TestOtherProjectsTicketsAreOutOfReach(t *testing.T) {
	w := newWorld(t)
	ticket := w.finished("d", w.empty, stiffDoor)
	other := id[domain.Project]("other")
	w.create(other, domain.EntityProject, other.Any(), domain.Project{Name: "Sample Court", Zone: "Asia/Shanghai"})
	stranger := w.person("stranger", "")
	w.update(func(ctx context.Context, tx *store.Tx) error {
		return tx.PutGrant(ctx, store.Grant{Person: stranger.id, Project: other, Role: "manager", From: 1})
	})
	before := w.ticket(ticket)
	foreign := func(op syncproto.Op) { op.Scope.Project = other; stranger.push(op) }
	foreign(stranger.op(domain.EntityReinspection, id[any]("r"), syncproto.Recorded, domain.Reinspection{TicketID: ticket, Answer: domain.AnswerPass, Attempt: 1}))
	foreign(stranger.op(domain.EntityConfirmation, id[any]("c"), syncproto.Recorded, domain.Confirmation{TicketID: ticket, Method: "phone"}))
	foreign(stranger.op(domain.EntityTicket, ticket.Any(), syncproto.Commanded, syncproto.Command{Action: string(domain.RepairSuspend), Note: "x"}))
	foreign(stranger.op(domain.EntityInspection, id[any]("i"), syncproto.Recorded, domain.Inspection{UnitID: w.empty, State: domain.InspectionCompleted, Stage: domain.StageHandover}))
	if after := w.ticket(ticket); after.Status != before.Status || len(after.Review) != 0 {
		t.Errorf("ticket: %s, review %v", after.Status, after.Review)
	}
	if u := get[domain.Unit](w, domain.EntityUnit, w.empty.Any()); u.State != domain.UnitBooked {
		t.Errorf("unit: %s", u.State)
	}
	w.view(func(ctx context.Context, tx *store.Tx) error {
		for e, record := range map[domain.Entity]domain.AnyID{domain.EntityTicket: ticket.Any(), domain.EntityUnit: w.empty.Any()} {
			if r, err := tx.Record(ctx, e, record); err != nil || r.Scope.Project != w.project {
				t.Errorf("%s moved to %s, %v", e, r.Scope, err)
			}
		}
		return nil
	})
}

// Letters and reasons name the parties by what people call them.
func TestReasonsCarryTheirArguments(t *testing.T) {
	w := newWorld(t)
	k := w.ticket(w.raised("d", w.empty, stiffDoor))
	if got := k.LiabilityReason.Args; got["party"] != "Sample Doors" || got["building"] != "1#" {
		t.Errorf("%v", got)
	}
	if e := k.Raised(); !strings.HasPrefix(e.What.Args["number"], "WX-2026-") || e.Actor != w.inspector.id || e.At != k.RecordedAt {
		t.Errorf("%+v", e)
	}
}
