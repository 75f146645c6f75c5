package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
)

// Contests reads and decides where people have written different things about
// the same record.
type Contests interface {
	// Waiting lists the records with fields that wait for a person.
	Waiting(ctx context.Context) ([]conflict.Record, error)
	// All lists those and the records with values that lost.
	All(ctx context.Context) ([]conflict.Record, error)
	// Of is one record with its contests; ok is false when the device has none.
	Of(ctx context.Context, e domain.Entity, id domain.AnyID) (r conflict.Record, ok bool, err error)
	// Decide writes a choice. It is a conflict.ErrChanged when the values have
	// changed since the person saw them.
	Decide(ctx context.Context, d conflict.Decision) error
}

// Conflicts is what waits for a choice, and what was replaced.
type Conflicts struct {
	// Label names the page with how much waits; Waiting is whether anything does.
	Label   string
	Waiting bool
	// The rest is filled while the page is open.
	Open            []Choosable
	Lost            []conflict.Lost
	OpenTitle       string
	LostTitle, More string
	// Empty is shown instead of Open when nothing waits.
	Empty string
	// Problem says why the last choice was not taken, empty if it was.
	Problem string
}

// Choosable is a question with the ticket of its defect, zero if it has none.
type Choosable struct {
	conflict.Question
	Ticket domain.TicketID
}

// lostShown bounds the replaced values of the page; each ticket shows its own.
const lostShown = 50

// choices are the questions and values that were shown, which a click refers to.
type choices struct {
	questions []conflict.Question
	lost      []conflict.Lost
}

func (c choices) question(key string) (conflict.Question, bool) {
	i := slices.IndexFunc(c.questions, func(q conflict.Question) bool { return q.Key == key })
	if i < 0 {
		return conflict.Question{}, false
	}
	return c.questions[i], true
}

// loadConflicts notes what waits, for the badge and the board.
func (n *snapshot) loadConflicts(ctx context.Context, c Contests) (err error) {
	n.conflicts, err = c.Waiting(ctx)
	n.contested = make(map[domain.DefectID]bool, len(n.conflicts))
	for _, r := range n.conflicts {
		if r.Entity == domain.EntityDefect {
			n.contested[domain.DefectID(r.ID)] = true
		}
	}
	return err
}

// conflicts is the page; only its label while it is not open.
func (d *Desk) conflicts(ctx context.Context, n *snapshot, w writer, v view) (out Conflicts, shown choices, err error) {
	count := conflict.Count(n.conflicts)
	out.Label, out.Waiting = w.Text("conflict.title"), count > 0
	if out.Waiting {
		out.Label = w.Text("conflict.tab", "count", strconv.Itoa(count))
	}
	out.Problem = d.choiceProblem(w, v.refused)
	if v.section != SectionConflicts {
		return out, shown, nil
	}
	records, err := d.Contests.All(ctx)
	if err != nil {
		return out, shown, err
	}
	err = d.Store.View(ctx, func(t Snapshot) error {
		words := n.conflictWords(t, w)
		if shown.questions, err = words.Questions(ctx, t, records); err != nil {
			return err
		}
		shown.lost, err = words.Lost(ctx, t, records)
		return err
	})
	if err != nil {
		return out, shown, err
	}
	for _, q := range shown.questions {
		out.Open = append(out.Open, Choosable{q, n.ticketOf(q.Subject)})
	}
	slices.SortStableFunc(out.Open, func(a, b Choosable) int { return v.rank(a) - v.rank(b) })
	out.OpenTitle = w.Text("conflict.open_title", "count", strconv.Itoa(len(out.Open)))
	out.LostTitle = w.Text("conflict.lost_title", "count", strconv.Itoa(len(shown.lost)))
	if more := len(shown.lost) - lostShown; more > 0 {
		out.More = w.Text("conflict.more", "count", strconv.Itoa(more))
		shown.lost = shown.lost[:lostShown]
	}
	out.Lost = shown.lost
	if len(out.Open) == 0 {
		out.Empty = w.Text("conflict.none")
	}
	return out, shown, nil
}

// rank puts the questions of the selected ticket first.
func (v view) rank(c Choosable) int {
	if !c.Ticket.IsZero() && c.Ticket == v.ticket {
		return 0
	}
	return 1
}

func (n *snapshot) ticketOf(s conflict.Subject) domain.TicketID {
	if s.Entity != domain.EntityDefect {
		return domain.TicketID{}
	}
	i := slices.IndexFunc(n.entries, func(e entry) bool { return e.ticket.DefectID.Any() == s.ID })
	if i < 0 {
		return domain.TicketID{}
	}
	return n.entries[i].id
}

// choiceProblem says why a choice was not taken.
func (d *Desk) choiceProblem(w writer, err error) string {
	switch {
	case err == nil:
		return ""
	case d.full(err):
		return w.Text("desk.problem.disk_full")
	case errors.Is(err, conflict.ErrChanged):
		return w.Text("conflict.changed") + w.Text("conflict.stop") + w.Text("conflict.changed_next")
	default:
		return w.Text("desk.problem.unreadable", "detail", err.Error())
	}
}

// contested says of a ticket's defect what several people wrote differently, and
// lists what was replaced.
func (d *Desk) contested(ctx context.Context, n *snapshot, w writer, id domain.DefectID) (notice string, lost []conflict.Lost, err error) {
	record, ok, err := d.Contests.Of(ctx, domain.EntityDefect, id.Any())
	if err != nil || !ok || len(record.Contests) == 0 {
		return "", nil, err
	}
	err = d.Store.View(ctx, func(t Snapshot) error {
		words := n.conflictWords(t, w)
		questions, err := words.Questions(ctx, t, []conflict.Record{record})
		if err != nil {
			return err
		}
		var names []string
		for _, q := range questions {
			names = append(names, q.What)
		}
		if len(names) > 0 {
			notice = w.Text("conflict.on_record", "what", strings.Join(names, w.Text("conflict.and")))
		}
		lost, err = words.Lost(ctx, t, []conflict.Record{record})
		return err
	})
	return notice, lost, err
}

// conflictWords are how contested values read on this desk.
func (n *snapshot) conflictWords(t Snapshot, w writer) conflict.Words {
	return conflict.Words{
		Reader: w.Reader, Catalogue: w.catalogue, Me: n.me.Person,
		Person: func(id domain.PersonID) string { return n.person(w, id) },
		Severity: func(s domain.Severity) string {
			name, _ := w.severity(s)
			return name
		},
		Answer: func(a domain.Answer) string { return w.known("desk.answer.", string(a)) },
		Place: func(ctx context.Context, id domain.UnitID, room string) (string, string, error) {
			u, ok, err := get(ctx, t, domain.EntityUnit, id)
			if err != nil || !ok || room == "" {
				return unitName(u), "", err
			}
			return unitName(u), n.room(w, u, room), nil
		},
	}
}

// TakeSide chooses one side of a question that was shown. What goes wrong is
// said on the page.
func (d *Desk) TakeSide(ctx context.Context, key string, side int) {
	q, known := d.shownChoices().question(key)
	decision, ok := q.Take(side)
	d.decide(ctx, decision, known && ok)
}

// TakeBoth chooses all sides of a question together.
func (d *Desk) TakeBoth(ctx context.Context, key string) {
	q, known := d.shownChoices().question(key)
	decision, ok := q.TakeBoth()
	d.decide(ctx, decision, known && ok)
}

// TakeAgain puts a replaced value back into force.
func (d *Desk) TakeAgain(ctx context.Context, key string) {
	c := d.shownChoices()
	i := slices.IndexFunc(c.lost, func(l conflict.Lost) bool { return l.Key == key })
	if i < 0 {
		d.decide(ctx, conflict.Decision{}, false)
		return
	}
	d.decide(ctx, c.lost[i].TakeAgain(), true)
}

func (d *Desk) shownChoices() choices {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.choices
}

func (d *Desk) decide(ctx context.Context, decision conflict.Decision, shown bool) {
	err := conflict.ErrChanged
	if shown {
		err = d.Contests.Decide(ctx, decision)
	}
	d.choose(func(v *view) { v.refused = err })
}
