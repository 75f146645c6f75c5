package desk

import (
	"context"
	"strconv"

	"keyturn/shared/domain"
)

// loadReviews counts the captured work that waits in the server's review inbox.
func (n *snapshot) loadReviews(ctx context.Context, t Snapshot) error {
	reviews, err := list[domain.Review](ctx, t, domain.EntityReview, Filter{States: []string{string(domain.ReviewOpen)}})
	for _, r := range reviews {
		n.reviews += r.Record.Waiting
	}
	return err
}

// inReview says how much waits, nothing if nothing does.
func (n *snapshot) inReview(w writer) string {
	if n.reviews == 0 {
		return ""
	}
	return w.Text("desk.board.reviews", "count", strconv.Itoa(n.reviews))
}
