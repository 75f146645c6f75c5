package walktest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// assignAndAccept is what the coordinator does first, the second on behalf of
// the contractor.
func (w *world) assignAndAccept(desk *device, id domain.TicketID) {
	w.t.Helper()
	w.clock.Advance(10 * time.Minute)
	desk.ask(w, id, syncproto.Command{Action: string(domain.RepairAssign)})
	desk.ask(w, id, syncproto.Command{Action: string(domain.RepairAccept)})
}

// contractorStaysAway is the first half of step 5: nobody comes to an accepted
// ticket, and the gate to a third party stays shut.
func (w *world) contractorStaysAway(desk *device, id domain.TicketID) {
	w.t.Helper()
	desk.ticketIs(id, domain.RepairAccepted)
	refused := desk.command(w.project, domain.EntityTicket, id.Any(), syncproto.Command{
		Action: domain.ActionPropose, PartyID: w.thirdParty(desk), Trigger: domain.TriggerNoAttendance,
	})
	for _, missing := range []string{"fact.trigger", "fact.notice", "fact.contact_log"} {
		if !slices.ContainsFunc(refused, func(r string) bool { return strings.HasPrefix(r, missing) }) {
			w.t.Errorf("the closed gate does not name %s: %v", missing, refused)
		}
	}
	w.pass(26 * time.Hour)
	desk.until("reminder, notice and escalation", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		k, _, err := localstore.Get(ctx, t, domain.EntityTicket, id)
		return slices.Contains(k.Escalated, policy.StepNoAttendance) && slices.Contains(k.Escalated, policy.StepOnSiteMissed), err
	})
	kinds := map[domain.NoticeKind]int{}
	for _, n := range list[domain.Notice](desk, domain.EntityNotice, localstore.Filter{Parent: id.Any()}) {
		kinds[n.Record.Kind]++
		if !strings.Contains(n.Record.Text, "智能锁") {
			w.t.Errorf("the letter does not name the defect: %s", n.Record.Text)
		}
	}
	if kinds[domain.NoticeReminder] != 1 || kinds[domain.NoticeRectification] != 1 {
		w.t.Errorf("notices: %v", kinds)
	}
}

func (w *world) thirdParty(d *device) domain.PartyID {
	w.t.Helper()
	for _, p := range list[domain.Party](d, domain.EntityParty, localstore.Filter{}) {
		if p.Record.Kind == domain.PartyThirdParty {
			return p.ID
		}
	}
	w.t.Fatal("no third party")
	return domain.PartyID{}
}

// gateOpens proves the notice's delivery, lets the second period pass and
// proposes the third party; the manager approves and the coordinator engages.
func (w *world) gateOpens(desk, manager *device, id domain.TicketID) {
	w.t.Helper()
	var notice domain.ID[domain.Notice]
	for _, n := range list[domain.Notice](desk, domain.EntityNotice, localstore.Filter{Parent: id.Any()}) {
		if n.Record.Kind == domain.NoticeRectification {
			notice = n.ID
		}
	}
	proof := desk.attach(w, id, notice.Any(), domain.RoleProof)
	if refused := desk.command(w.project, domain.EntityNotice, notice.Any(), syncproto.Command{Action: domain.ActionDelivered, ProofID: proof}); refused != nil {
		w.t.Fatalf("delivery refused: %v", refused)
	}
	desk.ask(w, id, syncproto.Command{Action: domain.ActionContact, Channel: "phone", Note: "无人接听"})
	propose := syncproto.Command{Action: domain.ActionPropose, PartyID: w.thirdParty(desk), Trigger: domain.TriggerNoAttendance}
	if refused := desk.command(w.project, domain.EntityTicket, id.Any(), propose); refused == nil {
		w.t.Fatal("T1 held before the second period had passed")
	}
	w.pass(25 * time.Hour)
	desk.ask(w, id, propose)
	desk.until("maintenance ticket", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		k, _, err := localstore.Get(ctx, t, domain.EntityTicket, id)
		return !k.MaintenanceID.IsZero(), err
	})
	m := one(desk, domain.EntityTicket, id).MaintenanceID
	if refused := desk.command(w.project, domain.EntityMaintenance, m.Any(), syncproto.Command{Action: string(domain.MaintenanceApprove)}); refused == nil {
		w.t.Error("the coordinator approved their own proposal")
	}
	manager.until("proposal at the manager's", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		_, ok, err := localstore.Get(ctx, t, domain.EntityMaintenance, m)
		return ok, err
	})
	manager.maintain(w, m, syncproto.Command{Action: string(domain.MaintenanceApprove)})
	desk.maintain(w, m, syncproto.Command{Action: string(domain.MaintenanceDispatch)})
	desk.ticketIs(id, domain.RepairThirdParty)
}

// maintain is a command on a third-party ticket that must be granted.
func (d *device) maintain(w *world, id domain.MaintenanceID, cmd syncproto.Command) {
	d.t.Helper()
	if refused := d.command(w.project, domain.EntityMaintenance, id.Any(), cmd); refused != nil {
		d.t.Fatalf("%s was refused: %v", cmd.Action, refused)
	}
}

// attach ties a sample photo to a record and gives the attachment's id.
func (d *device) attach(w *world, ticket domain.TicketID, parent domain.AnyID, role domain.AttachmentRole) domain.AttachmentID {
	d.t.Helper()
	b, err := sample.FS.ReadFile("photos/wall-repaired.jpg")
	must(d.t, err)
	path := filepath.Join(d.t.TempDir(), "after.jpg")
	must(d.t, os.WriteFile(path, b, 0o600))
	p, err := d.Field.Capture(d.t.Context(), path, photo.Meta{})
	must(d.t, err)
	unit := one(d, domain.EntityTicket, ticket).UnitID
	must(d.t, d.Field.Attach(d.t.Context(), w.project, unit, parent, role, p))
	return p.ID
}

// thirdPartyRepairs goes from engagement to work done.
func (w *world) thirdPartyRepairs(desk *device, id domain.TicketID) {
	w.t.Helper()
	m := one(desk, domain.EntityTicket, id).MaintenanceID
	desk.maintain(w, m, syncproto.Command{Action: string(domain.MaintenanceStart)})
	if refused := desk.command(w.project, domain.EntityMaintenance, m.Any(), syncproto.Command{Action: string(domain.MaintenanceFinish)}); !slices.Contains(refused, "guard.after_photos") {
		w.t.Errorf("finished without photos: %v", refused)
	}
	desk.attach(w, id, m.Any(), domain.RoleAfter)
	desk.maintain(w, m, syncproto.Command{Action: string(domain.MaintenanceFinish), Note: "更换锁体"})
	desk.maintain(w, m, syncproto.Command{Action: string(domain.MaintenanceAccept)})
	desk.ticketIs(id, domain.RepairPendingReinspect)
}

// reinspect: the tablet has the task and the original photo, passes the repair,
// and the homeowner confirms.
func (w *world) reinspect(tablet, desk *device, id domain.TicketID) {
	w.t.Helper()
	var task localstore.Listed[domain.Task]
	tablet.until("re-inspection task with its photo", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		tasks, err := localstore.List[domain.Task](ctx, t, domain.EntityTask, localstore.Filter{States: []string{string(domain.TaskOpen)}})
		for _, k := range tasks {
			if k.Record.TicketID == id {
				task = k
			}
		}
		if err != nil || task.ID.IsZero() {
			return false, err
		}
		wanted, err := t.WantedBlobs(ctx)
		for _, sha := range wanted {
			if !tablet.Photos.Cache.Has(sha) {
				return false, err
			}
		}
		return true, err
	})
	must(w.t, tablet.Field.Reinspect(w.t.Context(), fieldwork.Verdict{Project: w.project, Task: task.ID, Pass: true}))
	tablet.ticketIs(id, domain.RepairPassed)
	must(w.t, tablet.Field.Confirm(w.t.Context(), fieldwork.OwnerAnswer{Project: w.project, Ticket: id, Method: "signature"}))
	desk.ticketIs(id, domain.RepairClosed)
}

// settle: the emergency's quote follows the dispatch; settlement meets the charge
// gate, and the back-charge draft stands against the retention ledger.
func (w *world) settle(desk, manager *device, id domain.TicketID) {
	w.t.Helper()
	k := one(desk, domain.EntityTicket, id)
	if refused := manager.command(w.project, domain.EntityMaintenance, k.MaintenanceID.Any(), syncproto.Command{Action: string(domain.MaintenanceCharge)}); refused == nil {
		w.t.Error("charged before settlement")
	}
	desk.maintain(w, k.MaintenanceID, syncproto.Command{Action: string(domain.MaintenanceQuote), AmountFen: 860_00})
	manager.maintain(w, k.MaintenanceID, syncproto.Command{Action: string(domain.MaintenanceAgree)})
	manager.maintain(w, k.MaintenanceID, syncproto.Command{Action: string(domain.MaintenanceSettle), AmountFen: 812_50})
	desk.until("back-charge draft", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		charges, err := localstore.List[domain.BackCharge](ctx, t, domain.EntityBackCharge, localstore.Filter{Parent: id.Any()})
		return len(charges) == 1, err
	})
	charge := list[domain.BackCharge](desk, domain.EntityBackCharge, localstore.Filter{Parent: id.Any()})[0].Record
	terms := list[domain.ContractTerms](desk, domain.EntityTerms, localstore.Filter{Parent: k.ScopeID.Any()})[0].Record
	fee, total := policy.BackCharge(812_50, terms.FeeRate, 0)
	if charge.State != domain.BackChargeDraft || charge.CostFen != 812_50 || charge.FeeFen != fee || charge.TotalFen != total || fee == 0 {
		w.t.Errorf("back-charge: %+v", charge)
	}
	var entries []domain.LedgerEntry
	for _, e := range list[domain.LedgerEntry](desk, domain.EntityLedgerEntry, localstore.Filter{Parent: k.ScopeID.Any()}) {
		entries = append(entries, e.Record)
	}
	withheld := terms.RetentionRate.Of(terms.SettlementFen)
	if b := policy.RetentionBalance(entries); b.Withheld != withheld || b.Held != total || b.Available != withheld-total {
		w.t.Errorf("ledger: %+v, want %d withheld and %d held", b, withheld, total)
	}
}
