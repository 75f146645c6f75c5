package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/wording"
)

func unmet(g desk.Gate) (labels []string) {
	for _, f := range g.Facts {
		if !f.Met {
			labels = append(labels, f.Label)
		}
		if f.Detail == "" || f.Have == "" {
			labels = append(labels, "unexplained "+f.Label)
		}
	}
	return labels
}

func TestEngagementGateOpensWithItsFacts(t *testing.T) {
	story := desktest.Engaged(12).Records
	// The ticket with its defect and two photos; then everything.
	bare, whole := story[:5], story
	for _, c := range []struct {
		name    string
		records []desktest.Record
		hours   int
		missing []string
		trigger string
	}{
		{"nothing has happened", bare, 13, []string{"Trigger", "Rectification notice", "Proof of delivery", "Contact log"}, ""},
		{"the visit of a P1 is missed", bare, 20, []string{"Rectification notice", "Proof of delivery", "Contact log"}, "T3"},
		{"everything is there", whole, 70, nil, "T1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := desktest.Opening.Add(time.Duration(c.hours) * time.Hour)
				b := sit(t, desktest.NewDevice(now, with(c.records...)...), wording.English)
				third := b.ticket(12).Third
				if got := unmet(third.Engagement); !slices.Equal(got, c.missing) {
					t.Errorf("missing %q, want %q", got, c.missing)
				}
				if third.Engagement.Open != (c.missing == nil) || third.Charge.Open {
					t.Errorf("open %v, charge %v", third.Engagement.Open, third.Charge.Open)
				}
				switch {
				case c.trigger == "" && third.NoneHold == "":
					t.Error("nobody says that no trigger holds")
				case c.trigger != "" && (len(third.Triggers) == 0 || third.Triggers[0].Label != c.trigger || third.Triggers[0].Reason == ""):
					t.Errorf("triggers: %+v", third.Triggers)
				}
				propose := action(t, "propose", third.Actions)
				if len(propose.Blocked) != len(c.missing) {
					t.Errorf("proposing is blocked by %q", propose.Blocked)
				}
			})
		})
	}
}

// engaged is a third-party job in a status, proposed by somebody.
func engaged(status domain.MaintenanceStatus, by domain.PersonID, change func(*domain.Maintenance)) []desktest.Record {
	story := desktest.Engaged(12)
	job := ident.Derive[domain.Maintenance]("job")
	k := story.Ticket
	k.MaintenanceID = job
	m := domain.Maintenance{
		TicketID: desktest.TicketID(12), Status: status, Number: "WT-2026-000007", Trigger: domain.TriggerNoAttendance,
		TriggerWhy: domain.Because("reason.trigger.t1_no_attendance"), FirmID: desktest.ThirdParty, ProposedBy: by, ProposedAt: desktest.Opening.Add(62 * time.Hour),
	}
	if change != nil {
		change(&m)
	}
	return append(with(story.Records[1:]...), desktest.Put(12, k), desktest.Record{Entity: domain.EntityMaintenance, ID: job.Any(), Value: m})
}

func TestJobActions(t *testing.T) {
	approved := func(m *domain.Maintenance) { m.ApprovedAt = desktest.Opening.Add(63 * time.Hour) }
	for _, c := range []struct {
		name    string
		status  domain.MaintenanceStatus
		by      domain.PersonID
		change  func(*domain.Maintenance)
		want    []string
		blocked map[string]string
	}{
		{
			"proposed by me", domain.MaintenanceProposed, desktest.Coordinator, nil,
			[]string{"maintenance.approve", "maintenance.reject", "maintenance.dispatch", "maintenance.cancel"},
			map[string]string{"maintenance.approve": "the approver is not the proposer"},
		},
		{
			"proposed by another", domain.MaintenanceProposed, desktest.Manager, nil,
			[]string{"maintenance.approve", "maintenance.reject", "maintenance.dispatch", "maintenance.cancel"},
			nil,
		},
		{
			"in work, an emergency's approval and quote may follow", domain.MaintenanceInProgress, desktest.Manager, nil,
			[]string{"maintenance.approve", "maintenance.quote", "maintenance.agree_quote", "maintenance.finish"},
			map[string]string{"maintenance.agree_quote": "a quote exists"},
		},
		{
			"in work and approved", domain.MaintenanceInProgress, desktest.Manager, approved,
			[]string{"maintenance.quote", "maintenance.agree_quote", "maintenance.finish"},
			map[string]string{"maintenance.agree_quote": "a quote exists"},
		},
		{
			"accepted, not re-inspected", domain.MaintenanceAccepted, desktest.Manager, approved,
			[]string{"maintenance.quote", "maintenance.agree_quote", "maintenance.settle"},
			map[string]string{"maintenance.settle": "re-inspection was passed", "maintenance.agree_quote": "a quote exists"},
		},
		{
			"settled, the emergency's quote still open", domain.MaintenanceSettled, desktest.Manager, approved,
			[]string{"maintenance.quote", "maintenance.agree_quote", "maintenance.charge", "maintenance.close"},
			map[string]string{"maintenance.agree_quote": "a quote exists", "maintenance.charge": "There is no quote yet"},
		},
		{"rejected: proposed anew", domain.MaintenanceRejected, desktest.Manager, nil, []string{"propose"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := sit(t, desktest.NewDevice(desktest.Opening.Add(70*time.Hour), engaged(c.status, c.by, c.change)...), wording.English)
				third := b.ticket(12).Third
				if got := ids(third.Actions); !slices.Equal(got, c.want) {
					t.Errorf("%q, want %q", got, c.want)
				}
				for _, a := range third.Actions {
					got, want := strings.Join(a.Blocked, "; "), c.blocked[a.ID]
					if want == "" && got != "" || !strings.Contains(got, want) {
						t.Errorf("%s is blocked by %q, want %q", a.ID, got, want)
					}
				}
			})
		})
	}
}

func TestSettledJobAndItsCharge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(90*time.Hour), with(desktest.Settled(12).Records...)...)
		b := sit(t, d, wording.English)
		third := b.ticket(12).Third
		if third.Number != "WT-2026-000001" || third.Status != "Charged" || !third.Charge.Open || len(unmet(third.Charge)) > 0 {
			t.Errorf("%+v, missing %q", third.Charge, unmet(third.Charge))
		}
		for label, want := range map[string]string{"Quote": "¥860.00", "Settlement": "¥812.50", "Firm": "样例第三方维修公司"} {
			if f := value(t, label, third.Facts); f.Value != want {
				t.Errorf("%s: %+v", label, f)
			}
		}
		if len(third.Charges) != 1 {
			t.Fatalf("charges: %+v", third.Charges)
		}
		c := third.Charges[0]
		if c.Total != "¥934.38" || c.State != "Draft" || !strings.Contains(c.How, "the contract") || !slices.Equal(ids(c.Actions), []string{"charge.NOTIFIED"}) {
			t.Errorf("charge: %+v", c)
		}
		d.SetLink(desk.Link{Err: errors.New("no route")})
		b.pass(time.Second)
		if a := b.state().Ticket.Third.Charges[0].Actions[0]; len(a.Blocked) == 0 {
			t.Error("money moves offline")
		}
	})
}
