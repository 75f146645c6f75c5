package walktest

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/tickets"
)

// TestMain runs the inspector's offline work when the test binary was started
// as the app that will be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		os.Exit(offlineWork(dir))
	}
	os.Exit(m.Run())
}

const (
	killedDir  = "KEYTURN_WALK_DIR"
	killedPlan = "KEYTURN_WALK_PLAN"
	killedTime = "KEYTURN_WALK_TIME"
)

// assignment is what the killed app is told to work on.
type assignment struct {
	Project domain.ProjectID
	Task    domain.TaskID
	Unit    domain.UnitID
	Plan    domain.PlanID
	Photos  []string
}

// offlineWork is the app of step 2 as a process of its own: it answers items,
// records two defects with photos, leaves a third half-typed, and waits to be
// killed.
func offlineWork(dir string) int {
	ctx := context.Background()
	var a assignment
	ms, err := strconv.ParseInt(os.Getenv(killedTime), 10, 64)
	if err == nil {
		err = json.Unmarshal([]byte(os.Getenv(killedPlan)), &a)
	}
	if err == nil {
		err = inspect(ctx, dir, time.UnixMilli(ms), a)
	}
	if err != nil {
		os.Stdout.WriteString("failed: " + err.Error() + "\n")
		return 1
	}
	os.Stdout.WriteString("ready\n")
	select {} // until SIGKILL
}

func inspect(ctx context.Context, dir string, now time.Time, a assignment) error {
	c, err := core.Open(ctx, options(dir, func() time.Time { return now }))
	if err != nil {
		return err
	}
	inspection, err := c.Field.Start(ctx, a.Project, a.Task)
	if err != nil {
		return err
	}
	answered := fieldwork.Answered{Project: a.Project, Inspection: inspection, Unit: a.Unit, Room: "LIV1"}
	for item, answer := range map[string]domain.Answer{"HO-011": domain.AnswerPass, "HO-014": domain.AnswerNotApplicable} {
		answered.Item, answered.Answer = item, answer
		if _, err := c.Field.Answer(ctx, answered); err != nil {
			return err
		}
	}
	if err := doorDefect(ctx, c, a, inspection); err != nil {
		return err
	}
	if err := readingDefect(ctx, c, a, inspection); err != nil {
		return err
	}
	third, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	third.Room, third.Description = "BTH1", "地漏反"
	return c.Field.SaveDraft(ctx, third)
}

// doorDefect fails the entrance door; the form is prefilled from the item.
func doorDefect(ctx context.Context, c *core.Core, a assignment, inspection domain.InspectionID) error {
	result, err := c.Field.Answer(ctx, fieldwork.Answered{
		Project: a.Project, Inspection: inspection, Unit: a.Unit, Item: "HO-010", Room: "ENT1", Answer: domain.AnswerFail,
	})
	if err != nil {
		return err
	}
	form, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	lock, _ := c.Catalogue.Defect("DOR-02")
	form.Choose(lock.Code, lock.Element, lock.Trade, lock.Type, lock.Severity)
	form.Room, form.Description, form.Result, form.Inspection = "ENT1", "智能锁无法开启", result, inspection
	form.Pin = &domain.Pin{PlanID: a.Plan, X: 500_000, Y: 200_000}
	for _, path := range a.Photos {
		p, err := c.Field.Capture(ctx, path, photo.Meta{Zone: time.UTC})
		if err != nil {
			return err
		}
		form.Photos = append(form.Photos, p)
	}
	_, err = c.Field.RecordDefect(ctx, form)
	return err
}

// readingDefect fails a reading against its tolerance; its photo is missing,
// which warns and does not block.
func readingDefect(ctx context.Context, c *core.Core, a assignment, inspection domain.InspectionID) error {
	item, _ := c.Catalogue.Item("BOTH-015")
	verdict, err := item.Rule.Judge([]int64{3500}, nil)
	if err != nil {
		return err
	}
	result, err := c.Field.Answer(ctx, fieldwork.Answered{
		Project: a.Project, Inspection: inspection, Unit: a.Unit, Item: item.Code, Room: "LIV1",
		Answer: verdict.Answer, Readings: []int64{3500}, Verdict: verdict.Reason,
	})
	if err != nil {
		return err
	}
	form, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	hollow, _ := c.Catalogue.Defect("TIL-03")
	form.Choose(hollow.Code, hollow.Element, hollow.Trade, hollow.Type, hollow.Severity)
	form.Room, form.Result, form.Inspection, form.Readings = "LIV1", result, inspection, []int64{3500}
	_, err = c.Field.RecordDefect(ctx, form)
	return err
}

// TestWalk is the main job from end to end: the numbers are those of the issue.
func TestWalk(t *testing.T) {
	w := newWorld(t)
	late := w.enrol("inspector2")
	late.allConfirmed()
	late.goOffline()

	tablet := w.enrol("inspector1")
	desk := w.enrol("coordinator1")
	manager := w.enrol("manager1")
	tablet.allConfirmed()
	desk.allConfirmed()
	work := w.choose(tablet)

	tablet = w.offlineUntilKilled(tablet, work)
	w.compareShowFlat(tablet)
	w.finishHandover(tablet, work)
	w.network.Mend()
	for _, d := range []*device{tablet, desk, manager} {
		d.Runner.Retry()
	}
	tablet.allConfirmed()

	door := w.ticketsRaised(tablet, desk, work)
	w.contractorStaysAway(desk, door)
	w.gateOpens(desk, manager, door)
	w.thirdPartyRepairs(desk, door)
	w.reinspect(tablet, desk, door)
	w.settle(desk, manager, door)
	w.sameStateEverywhere(late, tablet, desk)
}

// choose finds today's handover task of a fitted unit with a plan.
func (w *world) choose(d *device) assignment {
	w.t.Helper()
	dir := w.t.TempDir()
	a := assignment{Project: w.project}
	for _, name := range []string{"wall-crack.jpg", "window-leak.jpg"} {
		b, err := sample.FS.ReadFile("photos/" + name)
		must(w.t, err)
		path := filepath.Join(dir, name)
		must(w.t, os.WriteFile(path, b, 0o600))
		a.Photos = append(a.Photos, path)
	}
	plans := list[domain.Plan](d, domain.EntityPlan, localstore.Filter{})
	for _, task := range list[domain.Task](d, domain.EntityTask, localstore.Filter{}) {
		unit := one(d, domain.EntityUnit, task.Record.UnitID)
		if task.Record.Stage != domain.StageHandover || unit.FitOut != domain.FitOutFitted || !unit.Sold {
			continue
		}
		for _, p := range plans {
			if p.Record.LayoutID == unit.LayoutID {
				a.Task, a.Unit, a.Plan = task.ID, task.Record.UnitID, p.ID
				return a
			}
		}
	}
	w.t.Fatal("the sample has no handover task of a fitted unit with a plan")
	return a
}

// goOffline stops the device's connection and leaves the app running.
func (d *device) goOffline() {
	d.t.Helper()
	d.Disconnect()
}

// offlineUntilKilled is step 2: the network is cut, the app works as a process
// of its own and is killed with SIGKILL in the middle of a third defect.
func (w *world) offlineUntilKilled(tablet *device, a assignment) *device {
	w.t.Helper()
	w.network.Cut()
	tablet.close()
	plan, err := json.Marshal(a)
	must(w.t, err)
	app := exec.CommandContext(w.t.Context(), os.Args[0])
	app.Env = append(os.Environ(), killedDir+"="+tablet.dir, killedPlan+"="+string(plan),
		killedTime+"="+strconv.FormatInt(w.clock.Now().UnixMilli(), 10))
	out, err := app.StdoutPipe()
	must(w.t, err)
	must(w.t, app.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		w.t.Fatalf("the app did not get to work: %q, %v", line, err)
	}
	must(w.t, app.Process.Kill())
	_ = app.Wait() // it was killed

	again := w.open(tablet.dir)
	if !again.Crashed {
		w.t.Error("the app does not know that it was killed")
	}
	drafts, err := again.Field.DefectDrafts(w.t.Context())
	must(w.t, err)
	if len(drafts) != 1 || drafts[0].Description != "地漏反" || drafts[0].Room != "BTH1" {
		w.t.Fatalf("the half-typed defect is not offered: %+v", drafts)
	}
	if n := len(list[domain.Defect](again, domain.EntityDefect, localstore.Filter{Parent: a.Unit.Any()})); n != 2 {
		w.t.Fatalf("%d of 2 recorded defects after the kill", n)
	}
	if n := len(list[domain.Result](again, domain.EntityResult, localstore.Filter{})); n != 4 {
		w.t.Fatalf("%d of 4 answers after the kill", n)
	}
	w.finishDraft(again, drafts[0])
	again.Connect(context.WithoutCancel(w.t.Context()))
	w.t.Cleanup(again.close)
	return again
}

// finishDraft completes the restored form; a second one at the same spot is
// linked to the first and not refused.
func (w *world) finishDraft(d *device, form fieldwork.DefectForm) {
	w.t.Helper()
	odor, _ := d.Catalogue.Defect("PLB-07")
	form.Choose(odor.Code, odor.Element, odor.Trade, odor.Type, odor.Severity)
	form.Description = "地漏反臭"
	first, err := d.Field.RecordDefect(w.t.Context(), form)
	must(w.t, err)
	again, err := d.Field.NewDefectForm(form.Project, form.Unit, form.Stage)
	must(w.t, err)
	again.Choose(odor.Code, odor.Element, odor.Trade, odor.Type, odor.Severity)
	again.Room = form.Room
	same, err := d.Field.Similar(w.t.Context(), again)
	must(w.t, err)
	if len(same) != 1 || same[0].ID != first {
		w.t.Fatalf("the possible duplicate was not seen: %+v", same)
	}
	again.DuplicateOf = same[0].ID
	_, err = d.Field.RecordDefect(w.t.Context(), again)
	must(w.t, err)
}

// compareShowFlat answers one item of the show-flat comparison with the frozen
// baseline's photo at hand, still without a network.
func (w *world) compareShowFlat(d *device) {
	w.t.Helper()
	for _, task := range list[domain.Task](d, domain.EntityTask, localstore.Filter{}) {
		if task.Record.Stage != domain.StageShowflatCompare {
			continue
		}
		baseline := one(d, domain.EntityBaseline, task.Record.BaselineID)
		item := baseline.Items[0]
		if baseline.State != domain.BaselineFrozen || !d.Photos.Cache.Has(item.Photo) {
			w.t.Fatal("the frozen baseline's photo is not on the tablet")
		}
		inspection, err := d.Field.Start(w.t.Context(), w.project, task.ID)
		must(w.t, err)
		_, err = d.Field.Answer(w.t.Context(), fieldwork.Answered{
			Project: w.project, Inspection: inspection, Unit: task.Record.UnitID, Item: item.Item, Room: item.Room, Answer: domain.AnswerPass,
		})
		must(w.t, err)
		must(w.t, d.Field.Complete(w.t.Context(), w.project, inspection))
		return
	}
	w.t.Fatal("no show-flat comparison task")
}

// finishHandover accepts the flat with its list of defects.
func (w *world) finishHandover(d *device, a assignment) {
	w.t.Helper()
	inspection := fieldwork.InspectionOf(a.Task)
	_, err := d.Field.Answer(w.t.Context(), fieldwork.Answered{
		Project: a.Project, Inspection: inspection, Unit: a.Unit, Item: "HO-030", Room: string(domain.RoomWhole), Answer: domain.AnswerPass,
	})
	must(w.t, err)
	must(w.t, d.Field.Complete(w.t.Context(), a.Project, inspection))
}

// ticketsRaised is step 4: one ticket per defect, each decision with its reason,
// on the coordinator's desk without a refresh.
func (w *world) ticketsRaised(tablet, desk *device, a assignment) domain.TicketID {
	w.t.Helper()
	defects := list[domain.Defect](tablet, domain.EntityDefect, localstore.Filter{Parent: a.Unit.Any()})
	desk.until("tickets on the desk", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		rows, err := localstore.List[domain.Ticket](ctx, t, domain.EntityTicket, localstore.Filter{Parent: a.Unit.Any()})
		return len(rows) >= len(defects), err
	})
	rows := list[domain.Ticket](desk, domain.EntityTicket, localstore.Filter{Parent: a.Unit.Any()})
	if len(rows) != len(defects) || len(rows) != 4 {
		w.t.Fatalf("%d tickets for %d defects", len(rows), len(defects))
	}
	numbers := map[string]bool{}
	for _, r := range rows {
		k := r.Record
		numbers[k.Number] = true
		if k.Number == "" || k.ContractorID.IsZero() || k.WarrantyClass == "" || k.SLAClass == "" || !k.FinishDue.Set() ||
			k.LiabilityReason.Key == "" || k.WarrantyReason.Key == "" || k.SLAReason.Key == "" {
			w.t.Errorf("ticket %s lacks a decision or its reason: %+v", k.Number, k)
		}
	}
	if len(numbers) != len(rows) {
		w.t.Errorf("numbers repeat: %v", numbers)
	}
	for _, d := range defects {
		if d.Record.LibraryCode == "DOR-02" {
			w.evidence(desk, d.ID)
			return tickets.TicketOf(d.ID)
		}
	}
	w.t.Fatal("no door defect")
	return domain.TicketID{}
}

// evidence waits until both photos are confirmed and the desk sees the pin.
func (w *world) evidence(desk *device, id domain.DefectID) {
	w.t.Helper()
	desk.until("photos ready", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		photos, err := localstore.List[domain.Attachment](ctx, t, domain.EntityAttachment, localstore.Filter{Parent: id.Any()})
		ready := 0
		for _, p := range photos {
			if p.Record.State == domain.AttachmentReady {
				ready++
			}
		}
		return ready == 2, err
	})
	if pin := one(desk, domain.EntityDefect, id).Pin; pin == nil {
		w.t.Error("the pin is missing")
	}
}

// command asks the server for a decision and waits for its answer.
func (d *device) command(project domain.ProjectID, e domain.Entity, id domain.AnyID, cmd syncproto.Command) (rejected []string) {
	d.t.Helper()
	must(d.t, d.Field.Command(d.t.Context(), project, e, id, cmd))
	d.until("answer to "+cmd.Action, func(ctx context.Context, t *localstore.Tx) (bool, error) {
		p, err := t.Progress(ctx)
		return p.RecordsConfirmed == p.Records, err
	})
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) error {
		attention, err := t.NeedsAttention(d.t.Context())
		sent, errSent := t.Sent(d.t.Context())
		if err != nil || errSent != nil {
			return err
		}
		last := sent[len(sent)-1].Op.Seq
		for _, a := range attention {
			if a.Op.Seq == last {
				rejected = append([]string{string(a.Code)}, a.Details...)
			}
		}
		return nil
	}))
	return rejected
}

// ask is a command on a ticket that must be granted.
func (d *device) ask(w *world, id domain.TicketID, cmd syncproto.Command) {
	d.t.Helper()
	if refused := d.command(w.project, domain.EntityTicket, id.Any(), cmd); refused != nil {
		d.t.Fatalf("%s was refused: %v", cmd.Action, refused)
	}
}

// ticketIs waits for a ticket's status on a device.
func (d *device) ticketIs(id domain.TicketID, status domain.RepairStatus) domain.Ticket {
	d.t.Helper()
	d.until("ticket "+string(status), func(ctx context.Context, t *localstore.Tx) (bool, error) {
		k, ok, err := localstore.Get(ctx, t, domain.EntityTicket, id)
		return ok && k.Status == status, err
	})
	return one(d, domain.EntityTicket, id)
}

// contractorStaysAway is the first half of step 5: the coordinator assigns and
// accepts for the contractor, and nobody comes.
func (w *world) contractorStaysAway(desk *device, id domain.TicketID) {
	w.t.Helper()
	w.clock.Advance(10 * time.Minute)
	desk.ask(w, id, syncproto.Command{Action: string(domain.RepairAssign)})
	desk.ask(w, id, syncproto.Command{Action: string(domain.RepairAccept)})
	desk.ticketIs(id, domain.RepairAccepted)

	refused := desk.command(w.project, domain.EntityTicket, id.Any(), syncproto.Command{
		Action: tickets.ActionPropose, PartyID: w.thirdParty(desk), Trigger: domain.TriggerNoAttendance,
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
	if refused := desk.command(w.project, domain.EntityNotice, notice.Any(), syncproto.Command{Action: tickets.ActionDelivered, ProofID: proof}); refused != nil {
		w.t.Fatalf("delivery refused: %v", refused)
	}
	desk.ask(w, id, syncproto.Command{Action: tickets.ActionContact, Channel: "phone", Note: "无人接听"})
	propose := syncproto.Command{Action: tickets.ActionPropose, PartyID: w.thirdParty(desk), Trigger: domain.TriggerNoAttendance}
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

// sameStateEverywhere is step 6: the tablet that was offline all the time
// catches up, and all devices hold the same records per scope.
func (w *world) sameStateEverywhere(late, tablet, desk *device) {
	w.t.Helper()
	late.Connect(context.WithoutCancel(w.t.Context()))
	for _, d := range []*device{late, tablet, desk} {
		d.allConfirmed()
	}
	want := fieldState(desk)
	for name, d := range map[string]*device{"tablet": tablet, "late tablet": late} {
		got := fieldState(d)
		if len(got) != len(want) {
			w.t.Errorf("%s has %d records, the desk %d", name, len(got), len(want))
		}
		for key, state := range want {
			if got[key] != state {
				w.t.Errorf("%s differs in %s", name, key)
			}
		}
	}
	for _, e := range []domain.Entity{domain.EntityTerms, domain.EntityHomeowner, domain.EntityBackCharge} {
		if rows := list[domain.Project](tablet, e, localstore.Filter{}); len(rows) != 0 {
			w.t.Errorf("the tablet holds %d %s records", len(rows), e)
		}
	}
}

// fieldState is every record of the field audience, encoded.
func fieldState(d *device) map[string]string {
	d.t.Helper()
	state := map[string]string{}
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) error {
		for e := domain.EntityProject; e <= domain.EntityPerson; e++ {
			if info, ok := e.Info(); !ok || info.Audience != domain.AudienceField {
				continue
			}
			rows, err := t.Records(d.t.Context(), e, localstore.Filter{})
			if err != nil {
				return err
			}
			for _, r := range rows {
				b, err := r.Encode()
				if err != nil {
					return err
				}
				state[e.String()+"/"+r.ID.String()] = string(b)
			}
		}
		return nil
	}))
	return state
}
