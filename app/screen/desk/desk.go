package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// Desk is the coordinator's desktop without its window.
type Desk struct {
	Deps

	poked       chan struct{}
	inboxWanted chan struct{}

	mu   sync.Mutex
	view view
	last *snapshot
	// opened are the tickets that were looked at since the start.
	opened map[domain.TicketID]bool
	// shown are the photos and files of the selected ticket, by id.
	shown map[string]Blob
	// choices are the questions and replaced values that are shown.
	choices choices
	inbox   inbox
}

// view is what the person has chosen to see.
type view struct {
	locale     string
	section    Section
	group      GroupID
	building   string
	contractor string
	search     string
	ticket     domain.TicketID
	scope      domain.ScopeID
	// refused is why the last choice between contested values was not taken.
	refused error
}

// New makes a desk; Run brings it to life.
func New(deps Deps) *Desk {
	return &Desk{
		Deps: deps, poked: make(chan struct{}, 1), inboxWanted: make(chan struct{}, 1), opened: map[domain.TicketID]bool{}, shown: map[string]Blob{},
		view: view{locale: deps.Locale, group: GroupOpen},
	}
}

// refreshEvery is how often remaining times are put into words anew.
const refreshEvery = 20 * time.Second

// Run shows the desk to one listener until ctx ends. The listener is called on
// this goroutine with a State of its own each time.
func (d *Desk) Run(ctx context.Context, changed func(State)) error {
	rings, stop := d.Store.Subscribe()
	defer stop()
	var reading sync.WaitGroup
	defer reading.Wait()
	reading.Go(func() { d.keepInbox(ctx) })
	clock := time.NewTicker(refreshEvery)
	defer clock.Stop()
	var due <-chan time.Time // set while a reload waits its turn
	rest := d.reload(ctx, changed)
	for {
		select {
		case <-ctx.Done():
			return d.rememberSeen(context.WithoutCancel(ctx))
		case <-rings:
			if due == nil {
				due = time.After(rest)
			}
		case <-due:
			due = nil
			rest = d.reload(ctx, changed)
		case <-d.poked:
			d.show(ctx, nil, changed)
		case <-clock.C:
			d.show(ctx, nil, changed)
		}
	}
}

// reload reads the store anew. It returns how long the next reload should wait:
// as long as this one took, so that a first download, which rings hundreds of
// times, leaves half of the time for other work.
func (d *Desk) reload(ctx context.Context, changed func(State)) time.Duration {
	began := time.Now()
	d.mu.Lock()
	before := d.last
	d.mu.Unlock()
	next, err := d.load(ctx, before)
	if err == nil {
		d.mu.Lock()
		d.last = next
		d.mu.Unlock()
	}
	d.followInbox()
	d.show(ctx, err, changed)
	return min(time.Since(began), time.Second)
}

func (d *Desk) show(ctx context.Context, failed error, changed func(State)) {
	if ctx.Err() != nil {
		return
	}
	state, err := d.state(ctx)
	if err = errors.Join(failed, err); err != nil {
		if ctx.Err() != nil {
			return
		}
		state.Problem = d.writer(state.Reader.Locale).Text("desk.problem.unreadable", "detail", err.Error())
	}
	changed(state)
}

// state puts the last snapshot into words for what the person has chosen.
func (d *Desk) state(ctx context.Context) (State, error) {
	d.mu.Lock()
	v, n := d.view, d.last
	opened := make(map[domain.TicketID]bool, len(d.opened))
	for id := range d.opened {
		opened[id] = true
	}
	d.mu.Unlock()
	w := d.writer(v.locale)
	if n == nil {
		return State{Reader: w.Reader, Section: v.section, Conflicts: Conflicts{Label: w.Text("conflict.title")}, Reviews: Reviews{Label: w.Text("desk.review.title")}, Strip: d.strip(&snapshot{}, w)}, nil
	}
	if len(n.projects) > 0 {
		w = w.in(n.sites[n.projects[0].ID].zone)
	}
	now := d.Store.Now()
	state := State{Reader: w.Reader, Section: v.section, Strip: d.strip(n, w)}
	state.Board = board{n: n, w: w, v: v, now: now, opened: opened}.build()
	var err error
	var shown choices
	if state.Conflicts, shown, err = d.conflicts(ctx, n, w, v); err != nil {
		return state, err
	}
	var inReview map[string]Blob
	if state.Reviews, inReview, err = d.reviewPage(ctx, n, w, v); err != nil {
		return state, err
	}
	if v.section == SectionLedger {
		state.Ledger, err = d.ledger(ctx, n, w, v)
		return state, err
	}
	var blobs map[string]Blob
	if e, ok := n.entry(v.ticket); ok {
		if state.Ticket, blobs, err = d.ticket(ctx, n, w.in(e.site.zone), e, now); err != nil {
			return state, err
		}
		if v.section == SectionTickets {
			shown.lost = state.Ticket.Lost
		}
	}
	if v.section == SectionReviews {
		blobs = inReview
	}
	d.mu.Lock()
	d.shown, d.choices = blobs, shown
	d.mu.Unlock()
	return state, nil
}

func (d *Desk) writer(locale string) writer {
	return writer{wording.Reader{Texts: d.Texts, Locale: locale}, d.Catalogue}
}

// choose changes what is seen and shows it.
func (d *Desk) choose(change func(*view)) {
	d.mu.Lock()
	change(&d.view)
	d.mu.Unlock()
	d.poke()
}

// poke shows anew what is known.
func (d *Desk) poke() {
	select {
	case d.poked <- struct{}{}:
	default:
	}
}

// Open turns to a section.
func (d *Desk) Open(s Section) {
	d.choose(func(v *view) { v.section, v.refused = s, nil })
	if s == SectionReviews {
		d.wantInbox()
	}
}

// ShowGroup narrows the board to a group of statuses.
func (d *Desk) ShowGroup(id GroupID) { d.choose(func(v *view) { v.group = id }) }

// ShowBuilding narrows the board to a building; empty shows all.
func (d *Desk) ShowBuilding(id string) { d.choose(func(v *view) { v.building = id }) }

// ShowContractor narrows the board to a contractor; empty shows all.
func (d *Desk) ShowContractor(id string) { d.choose(func(v *view) { v.contractor = id }) }

// Search narrows the board to tickets that contain every word of the text.
func (d *Desk) Search(text string) { d.choose(func(v *view) { v.search = text }) }

// Select opens a ticket; from then on it is not new any more.
func (d *Desk) Select(id domain.TicketID) {
	d.choose(func(v *view) {
		v.ticket, v.section, v.refused = id, SectionTickets, nil
		d.opened[id] = true
	})
}

// SelectScope opens the ledger of a contract scope.
func (d *Desk) SelectScope(id domain.ScopeID) {
	d.choose(func(v *view) { v.scope, v.section = id, SectionLedger })
}

// Speak changes the language at once and keeps the choice.
func (d *Desk) Speak(ctx context.Context, locale string) error {
	d.choose(func(v *view) { v.locale = locale })
	return d.noted(d.Memory.SetLocale(ctx, locale))
}

// Locale is the language of the moment.
func (d *Desk) Locale() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.view.locale
}

// Retry asks for a connection now.
func (d *Desk) Retry() { d.Connection.Retry() }
