package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Inbox reads and decides what waits in the server's review inbox. Each blocks
// and needs the connection; errors are as in Link.
type Inbox interface {
	// Waiting lists what waits in a project, newest first, behind a group; nil
	// begins.
	Waiting(ctx context.Context, project domain.ProjectID, after *syncproto.ReviewGroup) (syncproto.ReviewPage, error)
	// Accept and Discard decide on a group. The answer says what became of it:
	// applied, dup when somebody had decided before, or rejected.
	Accept(ctx context.Context, id ReviewID) (syncproto.Answer, error)
	Discard(ctx context.Context, id ReviewID, reason string) (syncproto.Answer, error)
}

// ReviewID names a group of ops in review.
type ReviewID struct {
	Device domain.DeviceID
	First  uint64
}

// String is "<device id>/<first op>", as on the server.
func (id ReviewID) String() string { return fmt.Sprintf("%s/%d", id.Device, id.First) }

// Reviews is the page of work that waits for a decision.
type Reviews struct {
	// Label names the page with how much waits; Waiting is whether anything does.
	Label   string
	Waiting bool
	// The rest is filled while the page is open.
	Senders []Sender
	// Notice says why the page is not complete: no connection, still reading, not
	// readable; NoticeTone how that is meant.
	Notice     string
	NoticeTone Tone
	// More says how much is not listed, Empty that nothing waits.
	More, Empty string
}

// Sender is one person at one device with the work that waits of them, in the
// order in which it was recorded.
type Sender struct {
	Key, Title string
	// Why it is in review.
	Why   string
	Cards []ReviewCard
	// Actions decide on all of Cards.
	Actions []Action
}

// ReviewCard is what is decided on as a whole.
type ReviewCard struct {
	Key string
	// When says when it was captured and received.
	When    string
	Lines   []ReviewLine
	Photos  []Photo
	Actions []Action
	// More says how much of it is not shown, or has not come yet.
	More []string
}

// ReviewLine is one record of a card.
type ReviewLine struct {
	What, Where string
	Facts       []Fact
}

// waitingReviews are the records that say how much waits, with their sum.
type waitingReviews struct {
	list  []listed[domain.Review]
	count int
}

// loadReviews reads how much captured work waits in the server's review inbox.
func (n *snapshot) loadReviews(ctx context.Context, t Snapshot) (err error) {
	n.reviews.list, err = list[domain.Review](ctx, t, domain.EntityReview, Filter{States: []string{string(domain.ReviewOpen)}})
	for _, r := range n.reviews.list {
		n.reviews.count += r.Record.Waiting
	}
	return err
}

// projects lists where something waits.
func (r waitingReviews) projects() (list []domain.ProjectID) {
	for _, one := range r.list {
		if p := one.Record.ProjectID; !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// inReview says how much waits, nothing if nothing does.
func (n *snapshot) inReview(w writer) string {
	if n.reviews.count == 0 {
		return ""
	}
	return w.Text("desk.board.reviews", "count", strconv.Itoa(n.reviews.count))
}
