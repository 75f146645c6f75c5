package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/conflict"
	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// disputed is a desk on which two people wrote differently about the defect of
// ticket 12.
func disputed(t *testing.T, locale string) *bench {
	t.Helper()
	d := desktest.NewDevice(desktest.Opening.Add(30*time.Hour), with(at(12, domain.RepairAssigned), at(7, domain.RepairAssigned))...)
	records, err := desktest.Disputed(12)
	if err != nil {
		t.Fatal(err)
	}
	d.Contest(records...)
	return sit(t, d, locale)
}

func TestConflictsAreShownEverywhere(t *testing.T) {
	for locale, want := range map[string]struct{ label, notice, inForce, room, lost string }{
		wording.English: {"Conflicts (3)", "Description, Severity", "Major", "Entrance hall", "Entrance door or smart lock fault"},
		wording.Chinese: {"冲突（3）", "说明、严重程度", "较重", "玄关", "入户门锁/智能锁故障"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := disputed(t, locale)
			s := b.state()
			if !s.Conflicts.Waiting || s.Conflicts.Label != want.label || len(s.Conflicts.Open) > 0 {
				t.Errorf("%+v", s.Conflicts)
			}
			for _, r := range s.Board.Rows {
				if r.Contested != (r.ID == desktest.TicketID(12)) {
					t.Errorf("%s is contested: %v", r.Number, r.Contested)
				}
			}
			if ticket := b.ticket(12); !strings.Contains(ticket.Conflict, want.notice) || len(ticket.Lost) != 1 || ticket.Lost[0].Value != want.lost {
				t.Errorf("%q %+v", ticket.Conflict, ticket.Lost)
			}
			b.Open(desk.SectionConflicts)
			page := b.state().Conflicts
			if len(page.Open) != 3 || len(page.Lost) != 1 || page.Empty != "" {
				t.Fatalf("%+v", page)
			}
			first := page.Open[0] // of the ticket that was selected
			if first.Ticket != desktest.TicketID(12) || first.Both != "反锁后智能锁打不开，反复三次；锁舌卡住，猫眼松动" || !strings.Contains(first.Where, want.room) ||
				first.Sides[0].Who != "验房员甲" || first.Sides[0].At != "2026-09-26 09:12" || !first.Sides[1].Mine {
				t.Errorf("%+v", first)
			}
			if s := page.Open[1].Sides[1]; s.Value != want.inForce || !s.InForce {
				t.Errorf("%+v", s)
			}
			if answer := page.Open[2]; !answer.Ticket.IsZero() || len(answer.Sides) != 2 || !strings.Contains(answer.Sides[1].Value, "3.5 mm") {
				t.Errorf("%+v", answer)
			}
		})
	}
}

func TestConflictsAreDecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := disputed(t, wording.English)
		b.ticket(12)
		b.Open(desk.SectionConflicts)
		open := b.state().Conflicts.Open
		b.TakeBoth(t.Context(), open[0].Key)
		b.TakeSide(t.Context(), open[1].Key, 0)
		b.pass(time.Second)
		page := b.state().Conflicts
		if len(page.Open) != 1 || page.Label != "Conflicts (1)" || page.Problem != "" {
			t.Errorf("%+v", page)
		}
		if len(b.device.Decided) != 2 {
			t.Fatalf("%+v", b.device.Decided)
		}
		text, err := syncproto.DecodeField[string](b.device.Decided[0].Values, 8)
		severity, failed := syncproto.DecodeField[domain.Severity](b.device.Decided[1].Values, 9)
		if err = errors.Join(err, failed); err != nil || text != open[0].Both || severity != domain.Minor {
			t.Errorf("%q, %v, %v", text, severity, err)
		}

		// A choice that is not there any more is not guessed.
		b.TakeSide(t.Context(), open[0].Key, 0)
		b.pass(time.Second)
		if s := b.state(); !strings.Contains(s.Conflicts.Problem, "Look at the values again") || len(b.device.Decided) != 2 {
			t.Errorf("%q, %d decisions", s.Conflicts.Problem, len(b.device.Decided))
		}

		// What lost is taken again, from the ticket.
		ticket := b.ticket(12)
		if b.last.Conflicts.Problem != "" {
			t.Error("the problem stays")
		}
		i := slices.IndexFunc(ticket.Lost, func(l conflict.Lost) bool { return l.What == "Kind of defect" })
		b.TakeAgain(t.Context(), ticket.Lost[i].Key)
		b.pass(time.Second)
		lost := b.state().Ticket.Lost
		if !slices.ContainsFunc(lost, func(l conflict.Lost) bool {
			return l.What == "Kind of defect" && l.Now == "Entrance door or smart lock fault"
		}) || len(b.device.Decided) != 3 {
			t.Errorf("%+v", lost)
		}
	})
}

func TestNothingToChoose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sit(t, desktest.NewDevice(desktest.Opening, with(at(12, domain.RepairAssigned))...), wording.English)
		b.Open(desk.SectionConflicts)
		if c := b.state().Conflicts; c.Waiting || c.Label != "Conflicts" || c.Empty == "" || len(c.Open)+len(c.Lost) > 0 {
			t.Errorf("%+v", c)
		}
	})
}
