package desk

import (
	"errors"
	"image/color"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// inBubble runs a test on a desk of 36 tickets, number 12 being the story.
func inBubble(t *testing.T, work func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		work(newBench(t, 1366, 768, wording.English, desktest.Opening.Add(70*time.Hour), project(desktest.Engaged(12).Records)...))
	})
}

// texts lists every text that is drawn.
func (b *bench) texts() []string {
	var list []string
	for _, o := range test.LaidOutObjects(b.window.Canvas().Content()) {
		if p, ok := o.(*kit.Paragraph); ok && p.Visible() {
			list = append(list, p.Text())
		}
	}
	return list
}

func (b *bench) sees(what string) bool {
	return slices.ContainsFunc(b.texts(), func(s string) bool { return strings.Contains(s, what) })
}

func TestRowsAreFoundAndOpened(t *testing.T) {
	inBubble(t, func(b *bench) {
		last := b.app.state.Board.Rows[len(b.app.state.Board.Rows)-1]
		row, ok := b.app.Find("board.row." + last.Number).(*boardRow)
		if !ok || row.row.Number != last.Number {
			b.t.Fatalf("the last row is not scrolled into view: %v", row)
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(row)
		test.TapCanvas(b.window.Canvas(), at.AddXY(40, 20))
		if s := b.drawn(); s.Ticket == nil || s.Ticket.Number != last.Number {
			b.t.Fatalf("a click opened %+v", s.Ticket)
		}
		if row.area.FillColor != theme.Color(theme.ColorNameSelection) {
			b.t.Error("the row does not show that it is selected")
		}
		if b.app.Find("board.row.WX-2026-999999") != nil || b.app.Find("no.such.thing") != nil {
			b.t.Error("found what is not there")
		}
	})
}

func TestBoardByKeyboard(t *testing.T) {
	inBubble(t, func(b *bench) {
		list := b.app.board.list
		if b.window.Canvas().Focused() != list {
			b.t.Fatal("the board has not the focus")
		}
		press := func(keys ...fyne.KeyName) string {
			for _, k := range keys {
				list.TypedKey(&fyne.KeyEvent{Name: k})
			}
			s := b.drawn()
			return s.Ticket.Number
		}
		rows := b.app.state.Board.Rows
		for _, c := range []struct {
			keys []fyne.KeyName
			want int
		}{
			{[]fyne.KeyName{fyne.KeyDown}, 0},
			{[]fyne.KeyName{fyne.KeyDown, fyne.KeyDown}, 2},
			{[]fyne.KeyName{fyne.KeyUp}, 1},
			{[]fyne.KeyName{fyne.KeyEnd}, len(rows) - 1},
			{[]fyne.KeyName{fyne.KeyDown}, len(rows) - 1},
			{[]fyne.KeyName{fyne.KeyHome, fyne.KeyUp}, 0},
		} {
			if got := press(c.keys...); got != rows[c.want].Number {
				b.t.Errorf("%v: %s, want %s", c.keys, got, rows[c.want].Number)
			}
		}
		list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		focused, ok := b.window.Canvas().Focused().(*kit.Button)
		if !ok || focused.Disabled() {
			b.t.Errorf("Enter does not lead to something to do: %v", b.window.Canvas().Focused())
		}
	})
}

func TestFiltersReachTheDesk(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.tap("board.group." + string(desk.GroupClosed))
		for _, r := range b.app.state.Board.Rows {
			if r.Status != "Closed" {
				b.t.Errorf("%+v", r)
			}
		}
		b.tap("board.group." + string(desk.GroupOpen))
		test.Type(b.app.Find("board.search").(*widget.Entry), "leak")
		if s := b.drawn(); s.Board.Search != "leak" || len(s.Board.Rows) == 0 || len(s.Board.Rows) >= 30 {
			b.t.Errorf("%d rows for %q", len(s.Board.Rows), s.Board.Search)
		}
		b.app.Find("board.contractor").(*widget.Select).SetSelected("样例建工总承包公司")
		for _, r := range b.drawn().Board.Rows {
			if r.Contractor != "样例建工总承包公司" {
				b.t.Errorf("%+v", r)
			}
		}
	})
}

func TestProposeThroughTheForm(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		b.tap("ticket.tab.third")
		for _, text := range []string{"T1 Nobody attended after the notice", "Rectification notice ZG-2026-000002 issued"} {
			if !b.sees(text) {
				b.t.Errorf("not shown: %s", text)
			}
		}
		b.tap("gate.propose")
		b.tap("form.ok")
		if len(b.device.Sent) != 1 || b.device.Sent[0].PartyID != desktest.ThirdParty || b.device.Sent[0].Trigger != domain.TriggerNoAttendance {
			b.t.Fatalf("sent %+v", b.device.Sent)
		}
		if b.app.Find("form.ok") != nil || b.window.Canvas().Overlays().Top() != nil {
			b.t.Error("the form stays open")
		}
		<-time.After(time.Second)
		b.drawn()
		button := b.app.Find("gate.propose").(*kit.Button)
		if !button.Disabled() || !b.sees("Sent, waiting for the server: Propose third party") {
			b.t.Error("the command does not show as pending")
		}
	})
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(3)
		b.tap("ticket.action.finish")
		test.Type(b.app.Find("form.note").(*widget.Entry), "resealed")
		b.tap("form.ok")
		problem := b.app.Find("form.problem")
		if problem == nil || !problem.Visible() || len(b.device.Sent) > 0 {
			b.t.Fatal("an incomplete form was sent or says nothing")
		}
		b.tap("form.files")
		b.tap("form.ok")
		if len(b.device.Sent) != 1 || b.device.Sent[0].Note != "resealed" || len(b.device.Attached) != 1 {
			b.t.Errorf("sent %+v, attached %v", b.device.Sent, b.device.Attached)
		}
	})
}

func TestCancelledFormSendsNothing(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		b.tap("ticket.action.survey")
		b.tap("form.cancel")
		if len(b.device.Sent) > 0 || b.window.Canvas().Overlays().Top() != nil || b.app.Find("form.ok") != nil {
			b.t.Errorf("sent %+v", b.device.Sent)
		}
	})
}

func TestLanguageAtOnce(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		if !b.sees("Entrance door or smart lock fault") {
			b.t.Fatal("not English")
		}
		b.tap("strip.locale." + wording.Chinese)
		if !b.sees("入户门锁/智能锁故障") || b.sees("Entrance door") {
			b.t.Error("not Chinese at once")
		}
		if b.app.Find("ticket.action.survey").(*kit.Button).Text != "登记勘查" || b.device.Locale() != wording.Chinese {
			b.t.Error("the actions are not Chinese, or it was not remembered")
		}
	})
}

func TestScrollingStaysWhileTheTicketChanges(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		page := b.app.detail.page
		b.device.SetNow(desktest.Opening.Add(75 * time.Hour))
		<-time.After(time.Second)
		b.drawn()
		if b.app.detail.page != page {
			b.t.Error("the page is made anew for the same ticket")
		}
		b.open(3)
		if b.app.detail.page == page {
			b.t.Error("another ticket does not begin at its top")
		}
	})
}

func TestWheelScrollsThePageOverPhotos(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		scroll := scrollIn(b.app.detail.page).(*container.Scroll)
		strip := b.app.Find("ticket.photo.before")
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(strip)
		test.Scroll(b.window.Canvas(), at.AddXY(50, 50), 0, -60)
		if scroll.Offset.Y != 60 {
			b.t.Errorf("the page is at %v", scroll.Offset.Y)
		}
	})
}

func TestLedgerRowsAndCharges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1366, 768, wording.English, desktest.Opening.Add(90*time.Hour), project(desktest.Settled(12).Records)...)
		b.tap("tab.ledger")
		for _, text := range []string{"¥115,800.00", "¥934.38", "¥114,865.62"} {
			if !b.sees(text) {
				t.Errorf("not shown: %s", text)
			}
		}
		b.tap("charge." + desktest.Number(12) + ".NOTIFIED")
		b.tap("form.ok")
		if len(b.device.Sent) != 1 || b.device.Sent[0].Action != string(domain.BackChargeNotified) {
			t.Errorf("sent %+v", b.device.Sent)
		}
		second := b.app.Find("ledger.scope.1")
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(second)
		test.TapCanvas(b.window.Canvas(), at.AddXY(20, 10))
		if s := b.drawn(); s.Ledger.Selected != 1 {
			t.Errorf("selected %d", s.Ledger.Selected)
		}
	})
}

func TestPhotoIsEnlarged(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.open(12)
		strip := b.app.Find("ticket.photo.before")
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(strip)
		test.TapCanvas(b.window.Canvas(), at.AddXY(40, 40))
		b.drawn()
		if b.window.Canvas().Overlays().Top() == nil {
			b.t.Fatal("nothing opens")
		}
		b.tap("photo.close")
		if b.window.Canvas().Overlays().Top() != nil {
			b.t.Error("it does not close")
		}
	})
}

func TestConflictsThroughThePage(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.dispute(12)
		b.tap("tab.conflicts")
		for _, text := range []string{"To be chosen (3)", "Replaced (1)", "Together: 反锁后智能锁打不开，反复三次；锁舌卡住，猫眼松动", "验房员甲", "样例协调员 (you)"} {
			if !b.sees(text) {
				b.t.Errorf("not shown: %s", text)
			}
		}
		page := b.app.state.Conflicts
		b.tap("conflict." + page.Open[0].Key + ".both")
		b.tap("conflict." + page.Open[2].Key + ".1")
		b.tap("conflict.again." + page.Lost[0].Key)
		<-time.After(time.Second)
		if s := b.drawn(); len(b.device.Decided) != 3 || len(s.Conflicts.Open) != 1 {
			b.t.Errorf("%d decisions, %+v", len(b.device.Decided), s.Conflicts.Open)
		}
		if button := b.app.Find("tab.conflicts").(*kit.Button); button.Text != "Conflicts (1)" || button.Icon == nil {
			b.t.Errorf("the badge says %q", button.Text)
		}
		b.tap("conflict." + page.Open[1].Key + ".open")
	})
}

func TestFitEndsInAnEllipsis(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{}
	for _, text := range []string{"", "short", "a longer text that does not fit", "一段放不下的中文文字"} {
		for _, width := range []float32{10, 40, 80, 1000} {
			got := fit(text, width, 14, style)
			fits := fyne.MeasureText(text, 14, style).Width <= width
			if fits != (got == text) || !fits && !strings.HasSuffix(got, "…") {
				t.Errorf("%q in %v: %q", text, width, got)
			}
			if w := fyne.MeasureText(got, 14, style).Width; w > width && got != "…" {
				t.Errorf("%q in %v takes %v", text, width, w)
			}
		}
	}
}

func TestColumnsNeverOverlap(t *testing.T) {
	for _, width := range []float32{600, 678, 800, 1400} {
		edges, widths := columns(width)
		for i := 1; i < len(edges); i++ {
			if edges[i] < edges[i-1]+widths[i-1] {
				t.Errorf("at %v column %d begins at %v inside the one before", width, i, edges[i])
			}
		}
		if end := edges[3] + widths[3]; end > width && width >= 640 {
			t.Errorf("at %v the last column ends at %v", width, end)
		}
	}
}

// BenchmarkRowUpdate is what scrolling costs for each row that comes into view.
func BenchmarkRowUpdate(b *testing.B) {
	app := test.NewTempApp(b)
	app.Settings().SetTheme(kit.Theme(nil, nil, kit.Desk))
	row := newBoardRow()
	w := test.NewTempWindow(b, row)
	w.Resize(fyne.NewSize(700, 60))
	rows := []desk.Row{
		{Number: "WX-2026-000001", Unit: "1-1-101", Room: "Living room", Defect: "Exterior window water leak", Contractor: "Sample windows", Status: "Assigned", Due: "3 h left", Age: "5 h"},
		{Number: "WX-2026-000002", Unit: "1-1-102", Room: "Kitchen", Defect: "Stained or scratched wall finish", Contractor: "Sample fit-out", Status: "Accepted", Due: "2 d overdue", DueTone: desk.ToneBad, Age: "4 d", New: true},
	}
	for i := 0; b.Loop(); i++ {
		row.set(rows[i%2], rowTexts{"new", "waiting", "conflict"}, i%3 == 0)
	}
	if row.area.FillColor == color.Opaque {
		b.Fatal("never drawn")
	}
}

// A coordinator reads what waits in review, accepts one and discards the rest of
// a sender with a reason.
func TestReviewThroughThePage(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.waitingInReview()
		if button := b.app.Find("tab.reviews").(*kit.Button); button.Text != "Review (4)" || button.Icon == nil {
			b.t.Errorf("the badge says %q", button.Text)
		}
		b.tap("tab.reviews")
		b.drawn()
		for _, text := range []string{"样例验房员丙 · 样例平板 3", "The device has been revoked.", "地漏反坡，积水约 20 毫米", "Photos that have not arrived yet: 1"} {
			if !b.sees(text) {
				b.t.Errorf("not shown: %s", text)
			}
		}
		sender := b.app.state.Reviews.Senders[0]
		if !strings.Contains(sender.Title, "平板 3") {
			sender = b.app.state.Reviews.Senders[1]
		}
		b.tap("review." + sender.Cards[0].Key + ".accept")
		b.tap("form.ok")
		<-time.After(time.Second)
		b.drawn()
		b.tap("review." + sender.Key + ".discard")
		b.app.Find("form.note").(*widget.Entry).SetText("样例理由")
		b.tap("form.ok")
		<-time.After(time.Second)
		b.drawn()
		if got, want := b.device.Reviewed(), []string{"accept 41", "discard 45: 样例理由", "discard 46: 样例理由"}; !slices.Equal(got, want) {
			b.t.Errorf("%q, want %q", got, want)
		}
		if b.sees("样例平板 3") || !b.sees("样例平板 7") {
			b.t.Error("what was decided on is still there, or what was not is gone")
		}
	})
}

// A desk that is shut out leads to where a new code is entered, and only then.
func TestStripLeadsToANewCode(t *testing.T) {
	inBubble(t, func(b *bench) {
		shown := func(id string) bool { return b.app.Find(id).Visible() }
		b.device.SetLink(desk.Link{Err: errors.New("no route")})
		b.drawn()
		if !shown("strip.retry") || shown("strip.enrol") {
			b.t.Error("a new code is no help against a network that is not there")
		}
		b.device.SetLink(desk.Link{Err: &desk.Refused{Code: syncproto.CodeUnauthorised}})
		b.drawn()
		if shown("strip.retry") || !shown("strip.enrol") {
			b.t.Error("no new code is asked for")
		}
		b.tap("strip.enrol")
		if !slices.Equal(b.codes, []string{"https://keyturn.example"}) {
			b.t.Errorf("asked for %q", b.codes)
		}
		must(b.t, b.desk.Enrol(b.t.Context(), b.codes[0], desktest.NewCode, "desk"))
		b.drawn()
		if shown("strip.retry") || shown("strip.enrol") {
			b.t.Error("there is something left to do")
		}
	})
}
