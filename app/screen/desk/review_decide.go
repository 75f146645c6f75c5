package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/syncproto"
)

// maxReason is how long the reason may be that a device shows, in bytes
// (PROTOCOL.md, section 16).
const maxReason = 500

// reviewActions are the decisions on groups.
func (d *Desk) reviewActions(w writer, online bool, ids ...ReviewID) []Action {
	suffix := ""
	if len(ids) > 1 {
		suffix = "_all"
	}
	count := strconv.Itoa(len(ids))
	accept := Action{
		ID: "accept", Label: w.Text("desk.review.accept"+suffix, "count", count), Emphasis: Primary,
		Explain: w.Text("desk.review.explain_accept"), review: ids,
	}
	discard := Action{
		ID: "discard", Label: w.Text("desk.review.discard"+suffix, "count", count), Emphasis: Danger,
		Explain: w.Text("desk.review.explain_discard"), review: ids,
		Fields: []Field{{Kind: FieldNote, Label: w.Text("desk.review.reason"), Required: true}},
	}
	if !online {
		why := []string{w.Text("desk.review.needs_connection")}
		accept.Blocked, discard.Blocked = why, why
	}
	return []Action{accept, discard}
}

// decideReview carries a decision out on each group, in the order in which they
// were recorded. What cannot be accepted waits on and does not stop the others.
func (d *Desk) decideReview(ctx context.Context, w writer, a Action, in Input) error {
	reason := strings.TrimSpace(in.Note)
	discard := a.ID == "discard"
	switch {
	case discard && reason == "":
		return &Problem{Field: FieldNote, Text: w.Text("desk.problem.required", "field", a.Fields[0].Label)}
	case discard && len(reason) > maxReason:
		return &Problem{Field: FieldNote, Text: w.Text("desk.review.reason_long")}
	}
	defer d.wantInbox()
	decided := 0
	var against []string
	for _, id := range a.review {
		var answer syncproto.Answer
		var err error
		if discard {
			answer, err = d.Inbox.Discard(ctx, id, reason)
		} else {
			answer, err = d.Inbox.Accept(ctx, id)
		}
		if err != nil {
			return &Problem{Text: w.undecided(decided, len(a.review), why(w, err)), Err: err}
		}
		if answer.Status == syncproto.Rejected {
			if why := w.standsAgainst(answer); !slices.Contains(against, why) {
				against = append(against, why)
			}
			continue
		}
		decided++
		d.forgetReview(id)
	}
	if len(against) > 0 {
		return &Problem{Text: w.undecided(decided, len(a.review), strings.Join(against, w.Text("desk.ui.list")))}
	}
	return nil
}

// forgetReview takes a group off the page at once.
func (d *Desk) forgetReview(id ReviewID) {
	d.mu.Lock()
	d.inbox.groups = slices.DeleteFunc(slices.Clone(d.inbox.groups), func(r reviewed) bool { return r.id() == id })
	d.mu.Unlock()
	d.poke()
}

// undecided says what became of a decision that was not wholly carried out.
func (w writer) undecided(decided, all int, why string) string {
	if all == 1 {
		return w.Text("desk.review.undecided", "why", why)
	}
	return w.Text("desk.review.undecided_some", "count", strconv.Itoa(decided), "all", strconv.Itoa(all), "why", why)
}

// standsAgainst says why work in review cannot be accepted.
func (w writer) standsAgainst(a syncproto.Answer) string {
	reason, details := w.refusal(a.Code, a.Details)
	return joined(" ", reason, strings.Join(details, w.Text("desk.ui.list")))
}
