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
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// reviewing is a desk with the sample's work in review, its page open.
func reviewing(t *testing.T, locale string) (*desktest.Device, *bench) {
	t.Helper()
	d := desktest.NewDevice(desktest.Opening.Add(50*time.Hour), with(at(12, domain.RepairPendingReinspect))...)
	groups, err := desktest.InReview()
	if err != nil {
		t.Fatal(err)
	}
	d.SetInbox(groups...)
	b := sit(t, d, locale)
	b.Open(desk.SectionReviews)
	return d, b
}

// sender finds who sent something by a part of the title.
func sender(t *testing.T, r desk.Reviews, title string) desk.Sender {
	t.Helper()
	i := slices.IndexFunc(r.Senders, func(s desk.Sender) bool { return strings.Contains(s.Title, title) })
	if i < 0 {
		t.Fatalf("nobody called %s: %+v", title, r)
	}
	return r.Senders[i]
}

func (b *bench) decide(t *testing.T, a desk.Action, note string) error {
	t.Helper()
	err := b.Submit(t.Context(), a, desk.Input{Note: note})
	b.pass(time.Second)
	b.device.Ring()
	return err
}

// The page says who sent what from which device, when, why it is in review and
// what it says, in both languages; the records of one sender in their order.
func TestWorkInReviewIsReadable(t *testing.T) {
	for locale, want := range map[string]struct {
		label, why, when string
		lines, values    []string
	}{
		wording.English: {
			"Review (4)", "The person is not a member of the project (any more).", "Captured 2026-09-27 11:41 · received 2026-09-28 07:00",
			[]string{"Defect · Floor drain", "Change · Defect · Floor drain", "Answer · "},
			[]string{"Severity Major", "Description 地漏反坡，积水约 20 毫米", "Readings 20", "Severity Critical", "Answer failed · 3.5 / 4.2 mm", "Answer failed", "Water test done yes"},
		},
		wording.Chinese: {
			"待审核（4）", "该人员不是（或不再是）本项目成员。", "采集于 2026-09-27 11:41 · 收到于 2026-09-28 07:00",
			[]string{"缺陷 · 地漏", "修改 · 缺陷 · 地漏", "查验结果 · "},
			[]string{"严重程度 较重", "说明 地漏反坡，积水约 20 毫米", "读数 20", "严重程度 严重", "不合格 · 3.5 / 4.2 mm", "已做闭水/淋水试验 是"},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, b := reviewing(t, locale)
			page := b.state().Reviews
			if page.Label != want.label || !page.Waiting || page.Notice != "" || page.Empty != "" || len(page.Senders) != 2 {
				t.Fatalf("%+v", page)
			}
			s := sender(t, page, "样例验房员丙")
			if s.Title != "样例验房员丙 · 样例平板 3" || s.Why != want.why || len(s.Cards) != 3 || s.Cards[0].When != want.when {
				t.Errorf("%+v", s)
			}
			var values []string
			for i, card := range append(slices.Clone(s.Cards), sender(t, page, "样例平板 7").Cards...) {
				if i < len(want.lines) && !strings.HasPrefix(card.Lines[0].What, want.lines[i]) {
					t.Errorf("%s: %q, want %q", locale, card.Lines[0].What, want.lines[i])
				}
				if card.Lines[0].Where == "" {
					t.Errorf("%+v is nowhere", card.Lines[0])
				}
				for _, f := range card.Lines[0].Facts {
					values = append(values, f.Label+" "+f.Value)
				}
			}
			for _, text := range want.values {
				if !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, text) }) {
					t.Errorf("%s: %q is not among %q", locale, text, values)
				}
			}
			if c := s.Cards[0]; len(c.Photos) != 3 || c.Photos[0].State != desk.PhotoHere || c.Photos[2].State != desk.PhotoMissing || len(c.More) != 1 {
				t.Errorf("%+v", c)
			}
		})
	}
}

// A decision goes to the server and the work leaves the page; discarding needs a
// reason that fits.
func TestDecidingOnWorkInReview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := reviewing(t, wording.English)
		card := sender(t, b.state().Reviews, "样例平板 7").Cards[0]
		discard := action(t, "discard", card.Actions)
		for note, want := range map[string]string{"": "Please fill in: Reason", " ": "Please fill in: Reason", strings.Repeat("长", 167): "too long"} {
			var problem *desk.Problem
			if err := b.decide(t, discard, note); !errors.As(err, &problem) || !strings.Contains(problem.Text, want) || problem.Field != desk.FieldNote {
				t.Errorf("%q: %v", note, err)
			}
		}
		if err := b.decide(t, discard, " 测试用的平板 "); err != nil {
			t.Fatal(err)
		}
		if err := b.decide(t, action(t, "accept", sender(t, b.state().Reviews, "样例平板 3").Cards[0].Actions), ""); err != nil {
			t.Fatal(err)
		}
		page := b.state().Reviews
		if len(page.Senders) != 1 || len(page.Senders[0].Cards) != 2 {
			t.Errorf("%+v", page)
		}
		if err := b.decide(t, action(t, "accept", page.Senders[0].Actions), ""); err != nil {
			t.Fatal(err)
		}
		if got, want := d.Reviewed(), []string{"discard 9: 测试用的平板", "accept 41", "accept 45", "accept 46"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		d.SetInbox()
		b.pass(2 * time.Second)
		if page := b.state().Reviews; page.Empty != "Nothing waits for review." || page.Label != "Review" || page.Waiting {
			t.Errorf("%+v", page)
		}
	})
}

// What stands against accepting is said, does not stop the rest and stays.
func TestWhatCannotBeAcceptedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := reviewing(t, wording.English)
		d.AnswerReview(45, syncproto.Answer{Seq: 45, Status: syncproto.Rejected, Code: syncproto.CodeForbidden, Details: []string{string(domain.CanWorkTickets)}})
		s := sender(t, b.state().Reviews, "样例平板 3")
		var problem *desk.Problem
		err := b.decide(t, action(t, "accept", s.Actions), "")
		if !errors.As(err, &problem) || problem.Text != "Done: 2 of 3. The rest still waits: You do not have the right: working tickets." {
			t.Errorf("%v", err)
		}
		if s := sender(t, b.state().Reviews, "样例平板 3"); len(s.Cards) != 1 || !strings.HasSuffix(s.Cards[0].Key, "/45") {
			t.Errorf("%+v", s)
		}
		// Somebody else was faster.
		d.AnswerReview(45, syncproto.Answer{Seq: 45, Status: syncproto.Dup})
		if err := b.decide(t, action(t, "accept", sender(t, b.state().Reviews, "样例平板 3").Cards[0].Actions), ""); err != nil {
			t.Error(err)
		}
	})
}

// Without a connection the desk knows the count and says what deciding needs;
// what was read stays to be looked at. It reads again when it is back.
func TestReviewNeedsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := reviewing(t, wording.English)
		b.state()
		d.SetLink(desk.Link{Err: errors.New("no route")})
		b.pass(2 * time.Second)
		page := b.state().Reviews
		if page.Label != "Review (4)" || !strings.Contains(page.Notice, "Work waiting for review on the server: 4") || page.NoticeTone != desk.ToneWarn || len(page.Senders) != 2 {
			t.Errorf("%+v", page)
		}
		accept := action(t, "accept", page.Senders[0].Cards[0].Actions)
		if len(accept.Blocked) != 1 || b.Submit(t.Context(), accept, desk.Input{}) == nil || len(d.Reviewed()) != 0 {
			t.Errorf("%+v, %v", accept, d.Reviewed())
		}
		groups, err := desktest.InReview()
		if err != nil {
			t.Fatal(err)
		}
		d.SetInbox(groups[:1]...)
		d.SetLink(desk.Link{Online: true})
		b.pass(2 * time.Second)
		if page := b.state().Reviews; page.Notice != "" || len(page.Senders) != 1 || page.Label != "Review (1)" {
			t.Errorf("%+v", page)
		}
		d.FailInbox(&desk.Refused{Code: syncproto.CodeStorage})
		b.Open(desk.SectionReviews)
		if page := b.state().Reviews; page.NoticeTone != desk.ToneBad || !strings.Contains(page.Notice, "The server could not store it") {
			t.Errorf("%+v", page)
		}
	})
}

// A desk that opens offline shows the count alone.
func TestReviewOpenedOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening, desktest.Master()...)
		d.SetLink(desk.Link{Err: errors.New("no route")})
		d.SetInbox(make([]syncproto.ReviewGroup, 3)...)
		b := sit(t, d, wording.Chinese)
		b.Open(desk.SectionReviews)
		if page := b.state().Reviews; !strings.Contains(page.Notice, "3 项") || len(page.Senders) != 0 || page.Empty != "" {
			t.Errorf("%+v", page)
		}
	})
}
