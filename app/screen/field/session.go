package field

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// ErrGone says that a record is not on this device (any more).
var ErrGone = errors.New("the record is not on this device")

// Session is one person at one device: what every screen is made from. Its
// methods may be called from any goroutine; what they start happens on one.
type Session struct {
	device Device
	ctx    context.Context

	mu     sync.Mutex
	nav    Navigator
	reader wording.Reader
	queue  []func(context.Context)
	open   map[reloader]struct{}
	closed bool

	wake chan struct{}
	done chan struct{}

	// Used on the session's goroutine only.
	catalogues map[domain.ProjectID]*catalog.Catalogue
	recent     *recents
	restored   bool
	export     *exporting // nil when none is running
	exported   ExportLine // how the last one ended
	// trouble is a failure that no screen of its own shows; any screen does.
	trouble error
}

// reloader is a screen in sight.
type reloader interface{ reload(ctx context.Context) }

// NewSession starts a session. system is the language of the device, used until
// a person chooses one. Close ends the session; ctx does not, because work that
// was tapped must be stored.
func NewSession(ctx context.Context, d Device, system string) (*Session, error) {
	locale, err := d.Settings.Locale(ctx)
	if err != nil {
		return nil, err
	}
	if locale == "" {
		locale = system
	}
	s := &Session{
		device: d, ctx: context.WithoutCancel(ctx), reader: wording.Reader{Texts: d.Texts, Locale: wording.Pick(locale), Zone: time.Local},
		open: map[reloader]struct{}{}, wake: make(chan struct{}, 1), done: make(chan struct{}),
		catalogues: map[domain.ProjectID]*catalog.Catalogue{}, restored: d.Crashed,
	}
	rings, unsubscribe := d.Records.Subscribe()
	go s.work(rings, unsubscribe)
	return s, nil
}

// Navigate names who moves between screens.
func (s *Session) Navigate(nav Navigator) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nav = nav
}

// Close finishes what was tapped and ends the session.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.poke()
	<-s.done
}

// First is the screen that the app opens with.
func (s *Session) First(ctx context.Context) (Route, error) {
	who, err := s.device.Settings.Identity(ctx)
	if err != nil {
		return Route{}, err
	}
	if who.Device.IsZero() {
		return Route{Place: PlaceEnrol, Root: true}, nil
	}
	p, err := s.device.Outbox.Progress(ctx)
	if err != nil {
		return Route{}, err
	}
	if p.Have == 0 {
		return Route{Place: PlaceDownload, Root: true}, nil
	}
	return Route{Place: PlaceHome, Root: true}, nil
}

// Text renders a caption.
func (s *Session) Text(key string, namesAndValues ...string) string {
	return s.read().Text(key, namesAndValues...)
}

// Locale is the language in use.
func (s *Session) Locale() string { return s.read().Locale }

// SetLocale switches the language at once and remembers it.
func (s *Session) SetLocale(locale string) {
	s.mu.Lock()
	s.reader.Locale = wording.Pick(locale)
	s.mu.Unlock()
	s.post(func(ctx context.Context) {
		s.trouble = s.device.Settings.SetLocale(ctx, wording.Pick(locale))
		s.reloadAll(ctx)
	})
}

// Refresh shows again what no commit announced, such as the connection.
func (s *Session) Refresh() { s.post(s.reloadAll) }

func (s *Session) read() wording.Reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reader
}

func (s *Session) setZone(zone *time.Location) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reader.Zone = zone
}

// post queues work. After Close nothing more is taken.
func (s *Session) post(job func(context.Context)) {
	s.mu.Lock()
	if !s.closed {
		s.queue = append(s.queue, job)
	}
	s.mu.Unlock()
	s.poke()
}

func (s *Session) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Session) work(rings <-chan struct{}, unsubscribe func()) {
	defer close(s.done)
	defer unsubscribe()
	var due <-chan time.Time // set while a reload waits its turn
	rest := time.Duration(0)
	for {
		select {
		case <-s.wake:
			if s.runQueue() {
				return
			}
		case <-rings:
			if due == nil {
				due = time.After(rest)
			}
		case <-due:
			due = nil
			rest = s.afterRing()
		}
	}
}

// afterRing shows what was committed. It returns how long the next time should
// wait: as long as this one took, so that a busy connection, which rings at every
// page and photo, leaves half of the time for what is tapped.
func (s *Session) afterRing() time.Duration {
	began := time.Now()
	s.reloadAll(s.ctx)
	return min(time.Since(began), time.Second)
}

// runQueue works off what is queued and tells whether the session is over.
func (s *Session) runQueue() (over bool) {
	for {
		s.mu.Lock()
		jobs := s.queue
		s.queue = nil
		over = s.closed
		s.mu.Unlock()
		if len(jobs) == 0 {
			return over
		}
		for _, job := range jobs {
			job(s.ctx)
		}
	}
}

func (s *Session) reloadAll(ctx context.Context) {
	s.mu.Lock()
	open := make([]reloader, 0, len(s.open))
	for r := range s.open {
		open = append(open, r)
	}
	s.mu.Unlock()
	for _, r := range open {
		r.reload(ctx)
	}
}

func (s *Session) follow(r reloader, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.open[r] = struct{}{}
	} else {
		delete(s.open, r)
	}
}

// goTo opens a screen; goBack leaves one. Both do nothing without a navigator.
func (s *Session) goTo(r Route) {
	if nav := s.navigator(); nav != nil {
		nav.Open(r)
	}
}

func (s *Session) goBack() {
	if nav := s.navigator(); nav != nil {
		nav.Back()
	}
}

func (s *Session) navigator() Navigator {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nav
}

// Picture reads an image for the screen; it may be called on any goroutine.
func (s *Session) Picture(ctx context.Context, p Picture) (io.ReadCloser, error) {
	return s.device.Pictures.Open(ctx, p)
}

// Go opens a screen after everything tapped before is stored.
func (s *Session) Go(r Route) { s.post(func(context.Context) { s.goTo(r) }) }
