package desk_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	reference "keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/wording"
)

func TestBoardGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reviewed := desktest.Ticket(12, domain.RepairPendingReinspect)
		reviewed.Review = []string{"guard.water_test"}
		job := ident.Derive[domain.Maintenance]("job")
		proposed := desktest.Ticket(8, domain.RepairAccepted)
		proposed.MaintenanceID = job
		proposed.AttendedAt = 0
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), with(
			at(1, domain.RepairRecorded), at(2, domain.RepairAssigned), at(3, domain.RepairAccepted), at(4, domain.RepairInProgress),
			at(5, domain.RepairPassed), at(6, domain.RepairClosed), at(7, domain.RepairDisputed), desktest.Put(8, proposed), at(9, domain.RepairSuspended),
			at(10, domain.RepairCancelled), at(11, domain.RepairSurveyed), desktest.Put(12, reviewed),
			desktest.Record{Entity: domain.EntityMaintenance, ID: job.Any(), Value: domain.Maintenance{TicketID: desktest.TicketID(8), Status: domain.MaintenanceProposed}},
		)...)
		b := sit(t, d, wording.English)
		want := map[desk.GroupID]int{
			desk.GroupOpen: 10, desk.GroupNew: 1, desk.GroupContractor: 3, desk.GroupWork: 3, desk.GroupReinspect: 2,
			desk.GroupOverdue:    1, // 2 should have been answered after 5 hours
			desk.GroupThirdParty: 1, desk.GroupReview: 2, desk.GroupClosed: 2,
		}
		if got := counts(b.state()); !maps.Equal(got, want) {
			t.Errorf("counts %v, want %v", got, want)
		}
		for group, numbersOf := range map[desk.GroupID][]string{
			desk.GroupNew: {"1"}, desk.GroupOverdue: {"2"}, desk.GroupThirdParty: {"8"}, desk.GroupReview: {"7", "12"}, desk.GroupClosed: {"6", "10"},
			desk.GroupReinspect: {"5", "12"}, desk.GroupWork: {"4", "11", "9"},
		} {
			b.ShowGroup(group)
			s := b.state()
			if got := numbers(s); !slices.Equal(got, numbersOf) {
				t.Errorf("%s: %v, want %v", group, got, numbersOf)
			}
			if got := counts(s); !maps.Equal(got, want) {
				t.Errorf("%s changes the counts: %v", group, got)
			}
		}
	})
}

func TestBoardOrderAndWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), with(
			at(1, domain.RepairInProgress), at(2, domain.RepairAssigned), at(3, domain.RepairRecorded), at(4, domain.RepairSuspended), at(5, domain.RepairAccepted))...)
		b := sit(t, d, wording.English)
		s := b.state()
		// New first, then what is due soonest; a suspended one has no due.
		if got, want := numbers(s), []string{"3", "2", "5", "1", "4"}; !slices.Equal(got, want) {
			t.Fatalf("order %v, want %v", got, want)
		}
		for i, want := range []desk.Row{
			{Status: "Unassigned", DueLabel: "Promise", Due: "6 d left", Age: "17 h", New: true},
			{Status: "Assigned", DueLabel: "Respond", Due: "15 h overdue", DueTone: desk.ToneBad, Age: "18 h"},
			{Status: "Accepted", DueLabel: "On site", Due: "10 h left", Age: "15 h"},
			{Status: "In work", DueLabel: "Finish", Due: "2 d left", Age: "19 h"},
			{Status: "Suspended", Due: "suspended, clock stopped", Age: "16 h"},
		} {
			got := s.Board.Rows[i]
			if got.Status != want.Status || got.DueLabel != want.DueLabel || got.Due != want.Due || got.DueTone != want.DueTone || got.Age != want.Age || got.New != want.New {
				t.Errorf("row %d: %+v, want %+v", i, got, want)
			}
		}
		first := s.Board.Rows[1]
		if first.Unit != "1号楼 1单元 201" || first.Room != "Living room" || first.Defect != "Lippage between floor tiles" ||
			first.Severity != "Cosmetic" || first.Contractor != "样例精装修工程公司" {
			t.Errorf("row: %+v", first)
		}
		// Time passes without a commit: the words follow by themselves.
		d.SetNow(desktest.Opening.Add(31 * time.Hour))
		b.pass(time.Minute) // fake time
		if due := b.state().Board.Rows[2]; due.Due != "60 min overdue" || due.DueTone != desk.ToneBad {
			t.Errorf("an hour after its due: %+v", due)
		}
	})
}

func TestBoardFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), append(desktest.Master(), desktest.Tickets(30)...)...)
		b := sit(t, d, wording.Chinese)
		all := b.state()
		if all.Board.Buildings[0].ID != "" || len(all.Board.Buildings) != 3 || all.Board.Buildings[1].Label != "1号楼" || len(all.Board.Contractors) != 4 {
			t.Fatalf("choices: %v %v", all.Board.Buildings, all.Board.Contractors)
		}
		for _, c := range []struct {
			name   string
			choose func()
			fits   func(desk.Row) bool
		}{
			{"building", func() { b.ShowBuilding("2号楼") }, func(r desk.Row) bool { return r.Unit[:4] == "2号" }},
			{"contractor", func() { b.ShowContractor("样例门窗公司") }, func(r desk.Row) bool { return r.Contractor == "样例门窗公司" }},
			{"number", func() { b.Search("000013") }, func(r desk.Row) bool { return r.Number == desktest.Number(13) }},
			{"defect", func() { b.Search("外窗渗水") }, func(r desk.Row) bool { return r.Defect == "外窗渗水" }},
			{"pinyin initials", func() { b.Search("wcss") }, func(r desk.Row) bool { return r.Defect == "外窗渗水" }},
			{"two words", func() { b.Search("外窗 402") }, func(r desk.Row) bool { return r.Number == desktest.Number(7) }},
			{"status", func() { b.Search("待接单") }, func(r desk.Row) bool { return r.Status == "待接单" }},
		} {
			b.ShowBuilding("")
			b.ShowContractor("")
			b.Search("")
			c.choose()
			s := b.state()
			want := 0
			for _, r := range all.Board.Rows {
				if c.fits(r) {
					want++
				}
			}
			if len(s.Board.Rows) != want || want == 0 || want == len(all.Board.Rows) {
				t.Errorf("%s: %d of %d rows, want %d", c.name, len(s.Board.Rows), len(all.Board.Rows), want)
			}
			for _, r := range s.Board.Rows {
				if !c.fits(r) {
					t.Errorf("%s: %+v", c.name, r)
				}
			}
		}
		b.Search("no such thing")
		if s := b.state(); len(s.Board.Rows) != 0 || s.Board.Empty == "" || s.Board.Summary == "" {
			t.Errorf("an empty board explains nothing: %+v", s.Board)
		}
	})
}

func TestNewTicketsAppearAndAreMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), with(at(1, domain.RepairAccepted))...)
		b := sit(t, d, wording.English)
		if s := b.state(); len(s.Board.Rows) != 1 || s.Board.Rows[0].New {
			t.Fatalf("%+v", s.Board.Rows)
		}
		d.Add(at(2, domain.RepairRecorded), at(3, domain.RepairAssigned))
		b.pass(time.Second) // the longest that a reload waits, in fake time
		s := b.state()
		if len(s.Board.Rows) != 3 || !s.Board.Rows[0].New || s.Board.Rows[0].Number != desktest.Number(2) || s.Board.Rows[1].New {
			t.Fatalf("the new ticket is not shown as new: %+v", s.Board.Rows)
		}
		b.ticket(2)
		if row := b.state().Board.Rows[0]; row.New || row.Number != desktest.Number(2) {
			t.Errorf("a ticket that was opened is not new any more and keeps its place: %+v", row)
		}
		b.stop()

		d.Add(at(4, domain.RepairRecorded))
		again := sit(t, d, wording.English)
		for _, r := range again.state().Board.Rows {
			if r.New != (r.Number == desktest.Number(4)) {
				t.Errorf("after a restart: %s new is %v", r.Number, r.New)
			}
		}
	})
}

// TestClosedTicketsAreReadRarely: the board stays right all the same.
func TestClosedTicketsAreReadRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), with(at(1, domain.RepairPassed), at(2, domain.RepairClosed), at(3, domain.RepairAssigned))...)
		b := sit(t, d, wording.English)
		b.ShowGroup(desk.GroupClosed)
		closed := func() string { return strings.Join(numbers(b.state()), " ") }
		if got := closed(); got != "2" {
			t.Fatalf("closed: %s", got)
		}
		d.Add(at(1, domain.RepairClosed))
		b.pass(time.Second)
		if got := closed(); got != "1 2" {
			t.Errorf("one has just been closed: %s", got)
		}
		d.Add(at(2, domain.RepairAssigned))
		b.pass(time.Second)
		if got := closed(); got != "1" {
			t.Errorf("one was reopened: %s", got)
		}
		d.Add(at(4, domain.RepairCancelled))
		b.pass(6 * time.Minute)
		d.Ring()
		b.pass(time.Second)
		if got := closed(); got != "1 4" {
			t.Errorf("one came closed: %s", got)
		}
		d.SetProgress(desk.Progress{Have: 1, Behind: 1})
		b.pass(time.Second)
		d.Add(at(5, domain.RepairClosed))
		d.SetProgress(desk.Progress{Have: 2})
		b.pass(time.Second)
		if got := closed(); got != "1 4 5" {
			t.Errorf("one came with a download: %s", got)
		}
	})
}

func TestSelectionAndLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), append(desktest.Master(), desktest.Tickets(8)...)...)
		b := sit(t, d, wording.English)
		b.ticket(4)
		s := b.state()
		if i := s.Board.Selected; i < 0 || s.Board.Rows[i].Number != desktest.Number(4) {
			t.Errorf("selected %d", i)
		}
		if err := b.Speak(t.Context(), wording.Chinese); err != nil {
			t.Fatal(err)
		}
		s = b.state()
		if s.Reader.Locale != wording.Chinese || s.Ticket.Status != "待复验" || s.Strip.Connection != "已连接" || d.Locale() != wording.Chinese {
			t.Errorf("not Chinese at once: %+v", s.Ticket.Status)
		}
		b.ShowGroup(desk.GroupClosed)
		if s := b.state(); s.Board.Selected != -1 || s.Ticket == nil {
			t.Errorf("a ticket outside of the filter stays open: %d", s.Board.Selected)
		}
	})
}

// BenchmarkBoard puts a board of 50,000 tickets into words, as each key typed
// into the search does.
func BenchmarkBoard(b *testing.B) {
	d := desktest.NewDevice(desktest.Opening.Add(20*time.Hour), append(desktest.Master(), desktest.Tickets(50_000)...)...)
	cat, err := catalog.Load(reference.FS)
	if err != nil {
		b.Fatal(err)
	}
	texts, err := wording.Load(translations.FS)
	if err != nil {
		b.Fatal(err)
	}
	board := desk.New(d.Deps(cat, texts, wording.Chinese))
	shown, done := make(chan int), make(chan error, 1)
	ctx, cancel := context.WithCancel(b.Context())
	go func() {
		done <- board.Run(ctx, func(s desk.State) {
			select {
			case shown <- len(s.Board.Rows):
			case <-ctx.Done():
			}
		})
	}()
	if n := <-shown; n == 0 {
		b.Fatal("nothing is shown")
	}
	for i := 0; b.Loop(); i++ {
		board.Search(fmt.Sprint("wx-2026-0", i%10))
		<-shown
	}
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}
