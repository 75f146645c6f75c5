package walktest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/ui/kit"
	"keyturn/app/window"
	"keyturn/assets/fonts"
	"keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// form is what a hand's window shows.
type form func(ctx context.Context, w fyne.Window, d *device) (window.Opened, error)

func asTablet(ctx context.Context, w fyne.Window, d *device) (window.Opened, error) {
	return window.Tablet(ctx, w, d.Core, d.dir, wording.Chinese, test.WidgetRenderer)
}

func asDesk(ctx context.Context, w fyne.Window, d *device) (window.Opened, error) {
	return window.Desk(ctx, w, d.Core, wording.Chinese), nil
}

// atWindow opens a real window on a device and gives the hand of the person
// before it. leave shuts the form as the app does.
func atWindow(t *testing.T, name string, d *device, show form, size fyne.Size, x int) (h *hand, leave func()) {
	t.Helper()
	h = &hand{t: t, name: name, shots: os.Getenv("KEYTURN_SHOTS")}
	var opened window.Opened
	title := "walk " + name
	fyne.DoAndWait(func() {
		density := kit.Tablet
		if name == "desk" {
			density = kit.Desk
		}
		fyne.CurrentApp().Settings().SetTheme(kit.Theme(fonts.Regular, fonts.Bold, density))
		h.window = fyne.CurrentApp().NewWindow(title)
		h.window.Resize(size)
		var err error
		if opened, err = show(context.WithoutCancel(t.Context()), h.window, d); err != nil {
			t.Error(err)
			return
		}
		h.window.SetTitle(title)
		h.window.Show()
		h.find = opened.Find
	})
	if t.Failed() {
		t.FailNow()
	}
	h.place(title, x, 0)
	closed := false
	leave = func() {
		if closed {
			return
		}
		closed = true
		opened.Close()
		fyne.DoAndWait(h.window.Hide) // closing the last window would end the toolkit
	}
	t.Cleanup(leave)
	return h, leave
}

// photograph drops a sample photo into the device's camera folder, as a camera
// does.
func (d *device) photograph(name string) {
	d.t.Helper()
	b, err := sample.FS.ReadFile("photos/" + name)
	must(d.t, err)
	must(d.t, os.WriteFile(filepath.Join(d.dir, window.CameraDir, name), b, 0o600))
}

// TestWalkthrough drives the real windows through the main job and keeps
// pictures in KEYTURN_SHOTS.
func TestWalkthrough(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Skip("no DISPLAY: real windows need an X server; make walkthrough brings its own")
	}
	w := newWorld(t)
	tablet := w.open(filepath.Join(t.TempDir(), "tablet"))
	t.Cleanup(tablet.close)
	at, _ := atWindow(t, "tablet", tablet, asTablet, fyne.NewSize(1280, 800), 0)
	w.enrolByHand(at)
	at.tap("home.buildings")
	at.sees("bar.back")
	at.shot("matrix")
	at.tap("bar.back")
	w.network.Cut()
	w.inspectByHand(at, tablet)
	w.otherWays(at)
	walked := list[domain.Inspection](tablet, domain.EntityInspection, localstore.Filter{})[0].Record
	w.finishHandover(tablet, assignment{Project: w.project, Task: walked.TaskID, Unit: walked.UnitID})

	desk := w.deskOnline(tablet)
	manager := w.enrol("manager1")
	manager.allConfirmed()
	office, _ := atWindow(t, "desk", desk, asDesk, fyne.NewSize(1366, 768), 1300)
	at.tap("bar.sync")
	at.shot("all-confirmed")
	at.tap("bar.back")

	door, number := w.doorTicket(desk)
	w.assignByHand(office, desk, door, number)
	w.contractorStaysAway(desk, door)
	office.shot("refused")
	office.understood(desk)
	office.tap("ticket.tab.timeline")
	office.shot("nobody-came")
	office.tap("ticket.tab.letters")
	office.shot("notice")
	office.tap("ticket.tab.third")
	office.shot("gate-shut")
	w.gateOpens(desk, manager, door)
	office.understood(desk)
	office.shot("engaged")
	w.thirdPartyRepairs(desk, door)
	w.reinspectByHand(at, tablet, desk, door)
	w.settle(desk, manager, door)
	office.understood(desk)
	office.tap("ticket.tab.timeline")
	office.shot("closed")
	office.tap("tab.ledger")
	office.shot("ledger")
	office.tap("strip.locale.en")
	office.shot("ledger-english")
	office.tap("tab.tickets")
	office.shot("ticket-english")
}

// enrolByHand is step 1: address and one-time code are typed in, the project
// comes down with its progress.
func (w *world) enrolByHand(at *hand) {
	w.t.Helper()
	at.shot("enrol")
	at.typed("enrol.server", w.network.URL())
	at.typed("enrol.code", w.code("inspector1"))
	at.typed("enrol.device", "tablet 3")
	at.tap("enrol.submit")
	at.sees("download.begin")
	at.shot("download")
	at.tap("download.begin")
	at.sees("home.today.0")
	at.shot("home")
}

// inspectByHand is step 2: without a network the inspector fails the entrance
// door, photographs it, pins it on the plan and saves.
func (w *world) inspectByHand(at *hand, tablet *device) {
	w.t.Helper()
	at.tap("home.today.0")
	at.sees("unit.checklist")
	at.shot("unit")
	at.tap("unit.checklist")
	at.tap("checklist.room.ENT1")
	at.tap("checklist.HO-010.ENT1.fail")
	at.sees("defect.save")
	at.shot("form")
	at.tap("defect.pick.DOR-02")
	for i, photo := range []string{"wall-crack.jpg", "window-leak.jpg"} {
		at.tap("defect.photo.add")
		tablet.photograph(photo)
		at.sees(fmt.Sprintf("defect.photo.%d", i))
	}
	at.shot("photos")
	at.tap("defect.pin")
	at.shot("plan")
	for !at.there("defect.save") { // the plan is drawn when its tiles are ready
		at.tapAt("plan", 0.607, 0.11)
	}
	at.shot("pinned")
	at.tap("defect.save")
	at.sees("checklist.HO-011.ENT1.pass")
	at.tap("checklist.HO-011.ENT1.pass")
	at.tap("checklist.HO-014.ENT1.na")
	at.shot("checklist")
	at.tap("bar.back")
	at.sees("unit.checklist")
}

// otherWays shows the same pages upright and in English.
func (w *world) otherWays(at *hand) {
	w.t.Helper()
	at.tap("bar.language")
	at.shot("unit-english")
	at.resize(fyne.NewSize(800, 1280))
	at.shot("unit-english-upright")
	at.tap("bar.language")
	at.tap("unit.checklist")
	at.tap("checklist.room.ENT1")
	at.shot("checklist-upright")
	at.tap("bar.back")
	at.tap("bar.back")
	at.sees("home.today.0")
	at.shot("home-upright")
	at.resize(fyne.NewSize(1280, 800))
}

// deskOnline brings the network back, lets the tablet sync by itself and opens
// the coordinator's device.
func (w *world) deskOnline(tablet *device) *device {
	w.t.Helper()
	w.network.Mend()
	tablet.Runner.Retry()
	tablet.allConfirmed()
	desk := w.enrol("coordinator1")
	desk.allConfirmed()
	return desk
}

// doorTicket is the ticket that the server raised from the door.
func (w *world) doorTicket(desk *device) (domain.TicketID, string) {
	w.t.Helper()
	rows := list[domain.Ticket](desk, domain.EntityTicket, localstore.Filter{})
	if len(rows) != 1 {
		w.t.Fatalf("%d tickets for one defect", len(rows))
	}
	w.evidence(desk, rows[0].Record.DefectID)
	return rows[0].ID, rows[0].Record.Number
}

// assignByHand lets the coordinator look at the new ticket, assign it and accept
// for the contractor.
func (w *world) assignByHand(office *hand, desk *device, id domain.TicketID, number string) {
	w.t.Helper()
	office.tap("board.row." + number)
	office.sees("ticket.action.assign")
	office.shot("new-ticket")
	office.tap("ticket.action.assign")
	office.shot("assign")
	office.confirm(func() bool { return statusOf(desk, id) == domain.RepairAssigned })
	desk.ticketIs(id, domain.RepairAssigned)
	office.tap("ticket.action.accept")
	office.confirm(func() bool { return statusOf(desk, id) == domain.RepairAccepted })
	desk.ticketIs(id, domain.RepairAccepted)
}

func statusOf(d *device, id domain.TicketID) domain.RepairStatus {
	d.t.Helper()
	return one(d, domain.EntityTicket, id).Status
}

// reinspectByHand compares the old photo with a new one on the tablet, passes
// the repair and takes the homeowner's signature.
func (w *world) reinspectByHand(at *hand, tablet, desk *device, id domain.TicketID) {
	w.t.Helper()
	tablet.allConfirmed()
	at.tap("home.reinspect.0")
	at.sees("reinspect.pass")
	at.tap("reinspect.photo")
	tablet.photograph("wall-repaired.jpg")
	at.uncovered()
	at.shot("reinspect")
	at.tap("reinspect.pass")
	tablet.ticketIs(id, domain.RepairPassed)
	at.shot("passed")
	if !at.there("confirm.sign") {
		must(w.t, tablet.Field.Confirm(w.t.Context(), fieldwork.OwnerAnswer{Project: w.project, Ticket: id, Method: "phone"}))
	} else {
		at.scribble("confirm.pad")
		at.shot("signature")
		at.tap("confirm.sign")
	}
	desk.until("answer of the homeowner", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		k, ok, err := localstore.Get(ctx, t, domain.EntityTicket, id)
		return ok && k.Status == domain.RepairClosed, err
	})
	at.shot("after")
}

// understood puts away what the server refused.
func (h *hand) understood(d *device) {
	h.t.Helper()
	var refused []localstore.Attention
	must(h.t, d.Store.View(h.t.Context(), func(t *localstore.Tx) (err error) {
		refused, err = t.NeedsAttention(h.t.Context())
		return err
	}))
	for _, a := range refused {
		if id := fmt.Sprintf("ticket.dismiss.%d", a.Op.Seq); h.there(id) {
			h.tap(id)
		}
	}
}
