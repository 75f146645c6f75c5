package desk

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// loadOutbox reads what waits for the server and what it refused.
func (n *snapshot) loadOutbox(ctx context.Context, t Snapshot) (err error) {
	if n.progress, err = t.Progress(ctx); err != nil {
		return err
	}
	waiting, err := t.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, op := range waiting {
		c, err := asCommand(ctx, t, op)
		if err != nil {
			return err
		}
		if c.cmd.Action != "" {
			n.waiting = append(n.waiting, c)
		}
	}
	attention, err := t.Attention(ctx)
	if err != nil {
		return err
	}
	for _, a := range attention {
		c, err := asCommand(ctx, t, a.Op)
		if err != nil {
			return err
		}
		n.refused = append(n.refused, refused{c, a.InReview, a.Code, a.Details})
	}
	return nil
}

// asCommand reads an op's command, if it is one, and finds its ticket.
func asCommand(ctx context.Context, t Snapshot, op syncproto.Op) (c command, err error) {
	c.op = op
	if op.Kind == syncproto.Commanded {
		if c.cmd, err = syncproto.Decode[syncproto.Command](op.Fields); err != nil {
			return c, err
		}
	}
	c.ticket, err = ticketOf(ctx, t, op.Entity, op.ID)
	return c, err
}

// ticketOf finds the ticket that a record belongs to; zero if there is none.
func ticketOf(ctx context.Context, t Snapshot, e domain.Entity, id domain.AnyID) (domain.TicketID, error) {
	switch e {
	case domain.EntityTicket:
		return domain.TicketID(id), nil
	case domain.EntityMaintenance:
		m, _, err := get(ctx, t, e, domain.MaintenanceID(id))
		return m.TicketID, err
	case domain.EntityNotice:
		n, _, err := get(ctx, t, e, domain.ID[domain.Notice](id))
		return n.TicketID, err
	case domain.EntityBackCharge:
		b, _, err := get(ctx, t, e, domain.BackChargeID(id))
		return b.TicketID, err
	default:
		return domain.TicketID{}, nil
	}
}

// pending lists the names of a ticket's unanswered commands, oldest first.
func (n *snapshot) pending(w writer, id domain.TicketID) []string {
	var names []string
	for _, c := range n.waiting {
		if c.ticket == id {
			names = append(names, w.action(c.op.Entity, c.cmd.Action))
		}
	}
	return names
}

// waits reports whether a command on a record is unanswered.
func (n *snapshot) waits(target Target, action string) bool {
	for _, c := range n.waiting {
		if c.op.Entity == target.Entity && c.op.ID == target.ID && c.cmd.Action == action {
			return true
		}
	}
	return false
}

// refusals renders what was refused and not dismissed, newest first; a zero
// ticket means all.
func (n *snapshot) refusals(w writer, ticket domain.TicketID) []Refusal {
	var list []Refusal
	for i := len(n.refused) - 1; i >= 0; i-- {
		r := n.refused[i]
		if n.memory.dismissed(r.op.Seq) || !ticket.IsZero() && r.ticket != ticket {
			continue
		}
		list = append(list, n.refusal(w, r))
	}
	return list
}

func (n *snapshot) refusal(w writer, r refused) Refusal {
	title := w.known("desk.record.", r.op.Entity.String())
	if r.cmd.Action != "" {
		title = w.action(r.op.Entity, r.cmd.Action)
	}
	if e, ok := n.entry(r.ticket); ok {
		title = e.ticket.Number + " · " + title
		w = w.in(e.site.zone)
	}
	out := Refusal{Seq: r.op.Seq, Ticket: r.ticket, Title: title, At: w.Time(r.op.CapturedAt)}
	if r.review {
		out.Reason = w.Text("desk.refused.in_review")
		return out
	}
	out.Reason, out.Details = w.refusal(r.code, r.details)
	return out
}

// refusal says why the server did not do something, and lists what is missing.
func (w writer) refusal(code syncproto.Code, keys []string) (reason string, details []string) {
	switch {
	case code == syncproto.CodeForbidden && len(keys) > 0:
		return w.Text("desk.refused.forbidden_for", "right", w.known("desk.right.", keys[0])), nil
	case code == syncproto.CodeBadTransition && len(keys) == 2:
		return w.Text("desk.refused.bad_transition_from", "status", w.status(keys[0])), nil
	}
	for _, key := range keys {
		details = append(details, w.known("", key))
	}
	return w.known("desk.refused.", string(code)), details
}
