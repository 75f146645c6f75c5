package desk

import (
	"context"
	"image"
	"io"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

// Board is what the ticket board asks of the desk.
type Board interface {
	ShowGroup(desk.GroupID)
	ShowBuilding(id string)
	ShowContractor(id string)
	Search(text string)
	Select(domain.TicketID)
}

// Pages are what the desk's frame asks for.
type Pages interface {
	Open(desk.Section)
	SelectScope(domain.ScopeID)
	Speak(ctx context.Context, locale string) error
	Retry()
	Dismiss(ctx context.Context, seq uint64) error
}

// Chooser decides between values that several people gave. It blocks, so it is
// called off the UI goroutine.
type Chooser interface {
	TakeSide(ctx context.Context, key string, side int)
	TakeBoth(ctx context.Context, key string)
	TakeAgain(ctx context.Context, key string)
}

// Doer carries out actions. It blocks, so it is called off the UI goroutine.
type Doer interface {
	Submit(ctx context.Context, a desk.Action, in desk.Input) error
}

// Files gives pictures. They block, so they are called off the UI goroutine.
type Files interface {
	Picture(ctx context.Context, id string) (image.Image, error)
	OpenPlan(ctx context.Context, id string) (io.ReadCloser, error)
}

// Screen is the view model.
type Screen interface {
	Board
	Pages
	Chooser
	Doer
	Files
}

// Deps is what the desk's drawing is made from.
type Deps struct {
	Screen Screen
	Window fyne.Window
	// PickFile lets the person choose a picture file and calls done with its
	// path; not at all when they changed their mind.
	PickFile func(done func(path string))
	// EnrolAgain lets the person enter a new code for this device, which the
	// server does not let in any more.
	EnrolAgain func(server string)
	// Failed hears of errors that no place of the page explains.
	Failed func(error)
}

// App draws the desk.
type App struct {
	Deps

	ctx     context.Context
	stop    context.CancelFunc
	anchors anchors
	content *fyne.Container
	state   desk.State
	plans   *planCache

	top       *topBar
	rail      *rail
	board     *boardPane
	detail    *detailPane
	ledger    *ledgerPane
	conflicts *conflictsPane
	reviews   *reviewsPane
	strip     *stripBar

	mu     sync.Mutex
	latest *desk.State
}

// New makes the drawing; Object is what to put into the window.
func New(deps Deps) *App {
	ctx, stop := context.WithCancel(context.Background())
	return &App{Deps: deps, ctx: ctx, stop: stop, anchors: anchors{}, content: container.NewStack(), plans: newPlanCache()}
}

// Object is the whole desk.
func (a *App) Object() fyne.CanvasObject { return a.content }

// Close ends what runs in the background: photos and plans on their way.
func (a *App) Close() {
	a.stop()
	if a.detail != nil {
		a.detail.close()
		a.reviews.close()
	}
}

// Listen takes a State from any goroutine and draws it soon. States that come
// faster than they can be drawn are passed over.
func (a *App) Listen(state desk.State) {
	a.mu.Lock()
	waiting := a.latest != nil
	a.latest = &state
	a.mu.Unlock()
	if waiting {
		return
	}
	fyne.Do(func() {
		a.mu.Lock()
		next := a.latest
		a.latest = nil
		a.mu.Unlock()
		if next != nil && a.ctx.Err() == nil {
			a.Show(*next)
		}
	})
}

// Show draws a state.
func (a *App) Show(state desk.State) {
	fresh := a.top == nil || state.Reader.Locale != a.state.Reader.Locale
	turned := fresh || state.Section != a.state.Section
	a.state = state
	if fresh {
		if a.top != nil && a.Window != nil { // the language has changed
			a.Window.SetTitle(a.text("shell.title.desk"))
		}
		a.build()
	}
	a.top.show(state)
	a.strip.show(state)
	a.rail.show(state)
	a.board.show(state)
	a.detail.show(state)
	a.ledger.show(state)
	a.conflicts.show(state)
	a.reviews.show(state)
	if turned {
		a.turn()
	}
}

// build makes every part anew, in the language of the state.
func (a *App) build() {
	if a.detail != nil {
		a.detail.close()
		a.reviews.close()
	}
	a.anchors = anchors{}
	a.top, a.strip = newTopBar(a), newStripBar(a)
	a.rail, a.board, a.detail = newRail(a), newBoardPane(a), newDetailPane(a)
	a.ledger, a.conflicts = newLedgerPane(a), newConflictsPane(a)
	a.reviews = newReviewsPane(a)
}

// turn shows the section of the state.
func (a *App) turn() {
	var page fyne.CanvasObject
	switch a.state.Section {
	case desk.SectionLedger:
		page = a.ledger.object
	case desk.SectionConflicts:
		page = a.conflicts.object
	case desk.SectionReviews:
		page = a.reviews.object
	default:
		split := container.NewHSplit(a.board.object, a.detail.object)
		split.SetOffset(boardShare)
		page = container.NewBorder(nil, nil, a.rail.object, nil, split)
	}
	a.content.Objects = []fyne.CanvasObject{container.NewBorder(a.top.object, a.strip.object, nil, nil, page)}
	a.content.Refresh()
	if a.state.Section == desk.SectionTickets && a.Window != nil {
		a.Window.Canvas().Focus(a.board.list)
	}
}

// boardShare is the part of the width that the board gets beside the ticket.
const boardShare = 0.57

// text is a fixed text of the page.
func (a *App) text(key string, namesAndValues ...string) string {
	return a.state.Reader.Text(key, namesAndValues...)
}

// failed reports an error that no place of the page explains.
func (a *App) failed(err error) {
	if err != nil && a.Failed != nil {
		a.Failed(err)
	}
}

// inBackground runs work that blocks and hands its outcome back to the UI
// goroutine, unless the desk has closed meanwhile.
func (a *App) inBackground(work func(ctx context.Context) func()) {
	go func() {
		done := work(a.ctx)
		if done == nil || a.ctx.Err() != nil {
			return
		}
		fyne.Do(done)
	}()
}

// button is a kit button with a name to find it by.
func (a *App) button(id, text string, icon fyne.Resource, emphasis kit.Emphasis, tapped func()) *kit.Button {
	b := kit.NewButton(text, icon, emphasis, tapped)
	a.anchors.mark(id, b)
	return b
}
