package walktest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

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
	w.receipt(tablet)

	door := w.ticketsRaised(tablet, desk, work)
	w.assignAndAccept(desk, door)
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

// receipt is what the tablet can show at the end of the day: every record's id
// and every photo's hash, all held by the server.
func (w *world) receipt(d *device) {
	w.t.Helper()
	must(w.t, d.Store.View(w.t.Context(), func(t *localstore.Tx) error {
		sent, err := t.Sent(w.t.Context())
		photos, errPhotos := t.SentPhotos(w.t.Context())
		if err != nil || errPhotos != nil {
			return errors.Join(err, errPhotos)
		}
		for _, op := range sent {
			if op.State != localstore.OpDone || op.LogSeq == 0 {
				w.t.Errorf("op %d of %s %s: state %d", op.Op.Seq, op.Op.Entity, op.Op.ID, op.State)
			}
		}
		for _, p := range photos {
			if _, err := domain.ParseHash(p.Photo); err != nil || !p.Confirmed {
				w.t.Errorf("photo %s confirmed %v, %v", p.Photo, p.Confirmed, err)
			}
		}
		if len(photos) != 2 {
			w.t.Errorf("%d photos on the receipt", len(photos))
		}
		return nil
	}))
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

// sameStateEverywhere is step 6: the tablet that was offline all the time
// catches up, and all devices hold the same records per scope.
func (w *world) sameStateEverywhere(late, tablet, desk *device) {
	w.t.Helper()
	late.Connect(context.WithoutCancel(w.t.Context()))
	head := w.head(domain.AudienceField)
	for _, d := range []*device{late, tablet, desk} {
		d.until("the newest change", func(ctx context.Context, t *localstore.Tx) (bool, error) {
			cursors, err := t.Cursors(ctx)
			return slices.ContainsFunc(cursors, func(c syncproto.Cursor) bool {
				return c.Scope.Audience == domain.AudienceField && c.Seq == head
			}), err
		})
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

// head is the newest sequence of one of the project's streams.
func (w *world) head(a domain.Audience) (seq uint64) {
	w.t.Helper()
	must(w.t, w.server.Store.View(w.t.Context(), func(tx *store.Tx) (err error) {
		seq, err = tx.Head(w.t.Context(), syncproto.Scope{Project: w.project, Audience: a})
		return err
	}))
	return seq
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
