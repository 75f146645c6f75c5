package desk_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

func TestSubmit(t *testing.T) {
	settling := func(m *domain.Maintenance) { m.ApprovedAt = desktest.Opening }
	passed := func(records []desktest.Record) []desktest.Record {
		for i, r := range records {
			if k, ok := r.Value.(domain.Ticket); ok {
				k.PassedAt = desktest.Opening
				records[i].Value = k
			}
		}
		return records
	}
	captured := ident.Derive[domain.Attachment]("captured", "/photos/proof.jpg")
	undelivered := func() []desktest.Record {
		records := desktest.Engaged(12).Records
		for i, r := range records {
			if n, ok := r.Value.(domain.Notice); ok {
				n.State, n.DeliveredAt = domain.NoticeIssued, 0
				records[i].Value = n
			}
		}
		return with(records...)
	}
	for _, c := range []struct {
		name    string
		records []desktest.Record
		number  int
		action  string
		in      desk.Input
		want    syncproto.Command
		role    domain.AttachmentRole
		problem string
	}{
		{
			"assign as resolved", with(at(2, domain.RepairRecorded)), 2, "assign",
			desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldContractor: desktest.FitOutScope.String()}},
			syncproto.Command{Action: "assign"},
			"", "",
		},
		{
			"assign to another", with(at(2, domain.RepairRecorded)), 2, "assign",
			desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldContractor: desktest.GeneralScope.String()}},
			syncproto.Command{Action: "assign", PartyID: desktest.General, ScopeID: desktest.GeneralScope},
			"", "",
		},
		{"assign to nobody", with(at(2, domain.RepairRecorded)), 2, "assign", desk.Input{}, syncproto.Command{}, "", "Please fill in: Contractor"},
		{
			"a reason", with(at(2, domain.RepairAccepted)), 2, "suspend",
			desk.Input{Note: "  等材料 "},
			syncproto.Command{Action: "suspend", Note: "等材料"},
			"", "",
		},
		{"a reason is missing", with(at(2, domain.RepairAccepted)), 2, "suspend", desk.Input{Note: "  "}, syncproto.Command{}, "", "Please fill in: Note"},
		{
			"contact", with(at(2, domain.RepairAccepted)), 2, domain.ActionContact,
			desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldChannel: "message"}, Reached: true, Note: "明日到场"},
			syncproto.Command{Action: domain.ActionContact, Channel: "message", Reached: true, Note: "明日到场"},
			"", "",
		},
		{
			"after photos", with(at(3, domain.RepairInProgress)), 3, "finish",
			desk.Input{Note: "重新打胶", Files: []string{"/photos/after.jpg"}},
			syncproto.Command{Action: "finish", Note: "重新打胶"},
			domain.RoleAfter, "",
		},
		{"no after photos", with(at(3, domain.RepairInProgress)), 3, "finish", desk.Input{Note: "重新打胶"}, syncproto.Command{}, "", "Please fill in: After photos"},
		{
			"delivery", undelivered(), 12, domain.ActionDelivered + ".ZG-2026-000002",
			desk.Input{Files: []string{"/photos/proof.jpg"}},
			syncproto.Command{Action: domain.ActionDelivered, ProofID: captured},
			domain.RoleProof, "",
		},
		{
			"quote", engaged(domain.MaintenanceApproved, desktest.Manager, settling), 12, "maintenance.quote",
			desk.Input{Amount: "1,860.5"},
			syncproto.Command{Action: "quote", AmountFen: 1860_50},
			"", "",
		},
		{
			"three decimals", engaged(domain.MaintenanceApproved, desktest.Manager, settling), 12, "maintenance.quote",
			desk.Input{Amount: "860.505"},
			syncproto.Command{},
			"", "At most two decimals",
		},
		{
			"no amount", passed(engaged(domain.MaintenanceAccepted, desktest.Manager, settling)), 12, "maintenance.settle",
			desk.Input{},
			syncproto.Command{},
			"", "Enter an amount",
		},
		{
			"propose", with(desktest.Engaged(12).Records...), 12, "propose",
			desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldFirm: desktest.ThirdParty.String(), desk.FieldTrigger: "T1"}},
			syncproto.Command{Action: domain.ActionPropose, PartyID: desktest.ThirdParty, Trigger: domain.TriggerNoAttendance},
			"", "",
		},
		{
			"a gate that is closed", with(desktest.Engaged(12).Records[:5]...), 12, "propose",
			desk.Input{Chosen: map[desk.FieldKind]string{desk.FieldFirm: desktest.ThirdParty.String(), desk.FieldTrigger: "T1"}},
			syncproto.Command{},
			"", "No rectification notice has been issued",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := desktest.NewDevice(desktest.Opening.Add(70*time.Hour), c.records...)
				b := sit(t, d, wording.English)
				k := b.ticket(c.number)
				lists := [][]desk.Action{k.Steps, k.Side, k.Third.Actions}
				for _, n := range k.Notices {
					lists = append(lists, n.Actions)
				}
				err := b.Submit(t.Context(), action(t, c.action, lists...), c.in)
				var problem *desk.Problem
				if c.problem != "" {
					if !errors.As(err, &problem) || !strings.Contains(problem.Text, c.problem) || len(d.Sent) > 0 {
						t.Fatalf("%v, sent %+v; want %q", err, d.Sent, c.problem)
					}
					return
				}
				if err != nil || len(d.Sent) != 1 || !reflect.DeepEqual(d.Sent[0], c.want) {
					t.Fatalf("%v, sent %+v; want %+v", err, d.Sent, c.want)
				}
				if c.role != "" && (len(d.Attached) != 1 || d.Attached[0] != c.role) || c.role == "" && len(d.Attached) > 0 {
					t.Errorf("attached %v, want %q", d.Attached, c.role)
				}
				b.pass(time.Second)
				s := b.state()
				if len(s.Ticket.Pending) != 1 {
					t.Errorf("pending: %v", s.Ticket.Pending)
				}
			})
		})
	}
}

func TestWaitingActionIsNotAskedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(2, domain.RepairAssigned))...)
		b := sit(t, d, wording.English)
		accept := action(t, "accept", b.ticket(2).Steps)
		if err := b.Submit(t.Context(), accept, desk.Input{}); err != nil {
			t.Fatal(err)
		}
		b.pass(time.Second)
		again := action(t, "accept", b.state().Ticket.Steps)
		if !again.Waiting || len(again.Blocked) == 0 || b.Submit(t.Context(), again, desk.Input{}) == nil || len(d.Sent) != 1 {
			t.Errorf("asked twice: %+v, sent %d", again, len(d.Sent))
		}
		if row := b.state().Board.Rows[0]; !row.Pending {
			t.Error("the board does not show that an answer is awaited")
		}
	})
}

func TestRefusedFileIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(3, domain.RepairInProgress))...)
		d.RefusePhotos(&photo.Error{Code: photo.CodeNotAnImage})
		b := sit(t, d, wording.English)
		finish := action(t, "finish", b.ticket(3).Steps)
		err := b.Submit(t.Context(), finish, desk.Input{Note: "x", Files: []string{`C:\photos\notes.txt`}})
		if err == nil || err.Error() != "notes.txt: it is no JPEG, PNG or HEIC picture. It was not sent." || len(d.Sent) > 0 {
			t.Errorf("%v, sent %v", err, d.Sent)
		}
	})
}
