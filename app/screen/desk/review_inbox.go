package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// inbox is what was read last of the server's review inbox.
type inbox struct {
	groups []reviewed
	// more: others wait behind them.
	more    bool
	reading bool
	err     error
	// of is what the device knew when it was read: from something else on it is
	// read anew.
	of string
}

// reviewed is a group with its project.
type reviewed struct {
	syncproto.ReviewGroup
	project domain.ProjectID
}

func (r reviewed) id() ReviewID { return ReviewID{r.Device, r.First} }

// reviewPages bounds how much of a project is read: what is decided on makes
// room for the rest.
const reviewPages = 5

// knownOf sums up what makes the inbox worth reading anew.
func (n *snapshot) knownOf(online bool) string {
	text := fmt.Sprint(online)
	for _, r := range n.reviews.list {
		text += fmt.Sprintf(" %s:%d:%d", r.ID, r.Record.Waiting, r.Record.Since)
	}
	return text
}

// wantInbox asks for the inbox to be read, soon and once.
func (d *Desk) wantInbox() {
	select {
	case d.inboxWanted <- struct{}{}:
	default:
	}
}

// followInbox reads the inbox when its page is open and something has changed.
func (d *Desk) followInbox() {
	online := d.Connection.Status().Online
	d.mu.Lock()
	wanted := d.view.section == SectionReviews && d.last != nil && d.last.knownOf(online) != d.inbox.of
	d.mu.Unlock()
	if wanted {
		d.wantInbox()
	}
}

// keepInbox reads the inbox whenever somebody wants it, until ctx ends.
func (d *Desk) keepInbox(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.inboxWanted:
			d.readInbox(ctx)
		}
	}
}

func (d *Desk) readInbox(ctx context.Context) {
	online := d.Connection.Status().Online
	d.mu.Lock()
	n := d.last
	if n == nil {
		d.mu.Unlock()
		return
	}
	d.inbox.of, d.inbox.reading = n.knownOf(online), online
	d.mu.Unlock()
	d.poke()
	if !online {
		return // what was read before stays to be looked at
	}
	next := inbox{of: n.knownOf(online)}
	for _, project := range n.reviews.projects() {
		groups, more, err := d.waitingIn(ctx, project)
		var refused *Refused
		if errors.As(err, &refused) && refused.Code == syncproto.CodeMissing {
			continue // somebody else decides there
		}
		next.groups, next.more = append(next.groups, groups...), next.more || more
		if err != nil {
			next.err = err
			break
		}
	}
	// What changes something comes after what it changes.
	slices.SortStableFunc(next.groups, func(a, b reviewed) int {
		return cmp.Or(slices.Compare(a.Device[:], b.Device[:]), cmp.Compare(a.First, b.First))
	})
	d.mu.Lock()
	d.inbox = next
	d.mu.Unlock()
	d.poke()
}

func (d *Desk) waitingIn(ctx context.Context, project domain.ProjectID) (groups []reviewed, more bool, err error) {
	var after *syncproto.ReviewGroup
	for range reviewPages {
		page, err := d.Inbox.Waiting(ctx, project, after)
		if err != nil {
			return groups, false, err
		}
		for _, g := range page.Groups {
			groups = append(groups, reviewed{g, project})
		}
		if more = page.More && len(page.Groups) > 0; !more {
			break
		}
		after = &page.Groups[len(page.Groups)-1]
	}
	return groups, more, nil
}
