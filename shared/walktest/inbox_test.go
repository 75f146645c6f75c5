package walktest

import (
	"context"
	"io"
	"strings"
	"testing"

	"keyturn/app/localstore"
	"keyturn/app/screen/desk"
	"keyturn/shared/domain"
)

// A coordinator decides at the desk on what a shut-out tablet handed in: looks at
// it with its photo, accepts it in the order in which it was recorded, and
// everybody has it.
func TestReviewAtTheDesk(t *testing.T) {
	r := newInReview(t, newWorld(t), bars["taken off"])
	r.waiting(2)
	d, page := r.desk.desktop()
	d.Open(desk.SectionReviews)
	s := page.until("what waits", func(s desk.State) bool {
		return len(s.Reviews.Senders) == 1 && len(s.Reviews.Senders[0].Cards) == 2 && len(s.Reviews.Senders[0].Cards[1].Photos) == 1
	})
	sender := s.Reviews.Senders[0]
	if !s.Reviews.Waiting || !strings.Contains(sender.Why, "not a member") || sender.Cards[0].Lines[0].Facts[0].Value != "recorded offline" ||
		sender.Cards[1].Lines[0].Where != sender.Cards[0].Lines[0].Where {
		t.Errorf("%+v", s.Reviews)
	}
	f, err := d.OpenPlan(t.Context(), sender.Cards[1].Photos[0].ID) // any file: the photo of this test is no picture
	must(t, err)
	if b, err := io.ReadAll(f); err != nil || len(b) == 0 {
		t.Errorf("the photo in review: %d bytes, %v", len(b), err)
	}
	must(t, f.Close())
	if err := d.Submit(t.Context(), sender.Actions[0], desk.Input{}); err != nil {
		t.Fatal(err)
	}
	page.until("nothing waits", func(s desk.State) bool { return s.Reviews.Empty != "" && !s.Reviews.Waiting })
	r.other.until("everybody has it", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		photos, err := localstore.List[domain.Attachment](ctx, tx, domain.EntityAttachment, localstore.Filter{Parent: r.defect.Any()})
		return len(photos) == 1 && photos[0].Record.State == domain.AttachmentReady, err
	})
}

// What the desk does not take over it says to the device, in the coordinator's
// words.
func TestDiscardedAtTheDesk(t *testing.T) {
	r := newInReview(t, newWorld(t), bars["revoked"])
	r.waiting(2)
	d, page := r.desk.desktop()
	d.Open(desk.SectionReviews)
	s := page.until("what waits", func(s desk.State) bool { return len(s.Reviews.Senders) == 1 && len(s.Reviews.Senders[0].Actions) == 2 })
	const why = "样例理由"
	if err := d.Submit(t.Context(), s.Reviews.Senders[0].Actions[1], desk.Input{Note: why}); err != nil {
		t.Fatal(err)
	}
	r.tick()
	r.tablet.until("the device is told", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		attention, err := tx.NeedsAttention(ctx)
		told := 0
		for _, a := range attention {
			if len(a.Details) == 1 && a.Details[0] == why {
				told++
			}
		}
		return told == 2, err
	})
	if n := len(list[domain.Defect](r.other, domain.EntityDefect, localstore.Filter{})); n != 0 {
		t.Errorf("%d defects of what was discarded", n)
	}
}
