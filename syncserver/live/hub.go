// Package live connects devices over websockets: it runs one session per
// connection and tells connected devices at once what was appended to the log.
// It is the only importer of the websocket library on the server.
package live

import (
	"context"
	"errors"
	"maps"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// queue is how many frames may wait for a slow reader before live pages are
// dropped; the device sees the gap and pulls.
const queue = 64

// liveOps is the largest live page; more is left for the device to pull.
const liveOps = 500

// Log is what the hub reads when somebody else has written: another server
// process, or the operator's commands.
type Log interface {
	Heads(ctx context.Context) ([]syncproto.Head, error)
	Page(ctx context.Context, pull *syncproto.Pull) (syncproto.Encoded, error)
}

// Hub knows the connections and what each may hear.
type Hub struct {
	log Log

	mu    sync.Mutex
	conns map[*conn]struct{}
	epoch string

	// telling keeps what connections hear of a scope in order; told is how far
	// they have heard of each scope that somebody follows.
	telling sync.Mutex
	told    map[syncproto.Scope]uint64
}

type conn struct {
	person domain.PersonID
	device domain.DeviceID
	out    chan syncproto.Frame
	// leave ends the connection; gone is closed when it has ended.
	leave context.CancelFunc
	gone  <-chan struct{}

	mu     sync.Mutex
	scopes map[syncproto.Scope]bool
	// dropped holds the newest head that a full queue kept from the device.
	dropped map[syncproto.Scope]uint64
	epoch   string
}

// NewHub has no connections.
func NewHub(log Log) *Hub {
	return &Hub{log: log, conns: map[*conn]struct{}{}, told: map[syncproto.Scope]uint64{}}
}

func (h *Hub) add(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c] = struct{}{}
}

func (h *Hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
}

func (h *Hub) all() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		list = append(list, c)
	}
	return list
}

// follows notes that somebody follows scopes from these heads on.
func (h *Hub) follows(heads []syncproto.Head) {
	h.telling.Lock()
	defer h.telling.Unlock()
	for _, head := range heads {
		if _, known := h.told[head.Scope]; !known {
			h.told[head.Scope] = head.Seq
		}
	}
}

// Publish tells connected devices what one transaction appended. It never
// blocks on a slow device.
func (h *Hub) Publish(ctx context.Context, logged []syncproto.Logged) error {
	byScope := map[syncproto.Scope][]syncproto.Logged{}
	for _, l := range logged {
		byScope[l.Op.Scope] = append(byScope[l.Op.Scope], l)
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	var errs []error
	for scope, changes := range byScope {
		told, followed := h.told[scope]
		last := changes[len(changes)-1].Seq
		switch {
		case !followed || last <= told:
		case changes[0].Seq != told+1:
			errs = append(errs, h.catchUp(ctx, scope, last))
		default:
			errs = append(errs, h.tell(scope, changes, last))
		}
	}
	return errors.Join(errs...)
}

// CatchUp tells connected devices what others have appended.
func (h *Hub) CatchUp(ctx context.Context) error {
	heads, err := h.log.Heads(ctx)
	if err != nil {
		return err
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	var errs []error
	for _, head := range heads {
		if told, followed := h.told[head.Scope]; followed && head.Seq > told {
			errs = append(errs, h.catchUp(ctx, head.Scope, head.Seq))
		}
	}
	return errors.Join(errs...)
}

// catchUp reads what was not heard of yet; if that is too much for live pages
// devices hear only how far they are behind.
func (h *Hub) catchUp(ctx context.Context, scope syncproto.Scope, head uint64) error {
	epoch := h.currentEpoch()
	for h.told[scope] < head && epoch != "" && head-h.told[scope] <= liveOps {
		frame, err := h.log.Page(ctx, &syncproto.Pull{Scope: scope, Epoch: epoch, After: h.told[scope]})
		if err != nil {
			return err
		}
		page, err := syncproto.DecodePage(frame)
		if err != nil {
			return err
		}
		if page.LastSeq <= h.told[scope] {
			break
		}
		h.offer(scope, page.LastSeq, frame)
	}
	if h.told[scope] < head {
		return h.tell(scope, nil, head)
	}
	return nil
}

func (h *Hub) currentEpoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}

// tell encodes a live page once and offers it to everybody who follows.
func (h *Hub) tell(scope syncproto.Scope, changes []syncproto.Logged, last uint64) error {
	epoch := h.currentEpoch()
	page := &syncproto.Page{Scope: scope, Epoch: epoch, PrevSeq: last, LastSeq: last, Head: last}
	if n := len(changes); n > 0 && n <= liveOps {
		page.PrevSeq, page.Changes = changes[0].Seq-1, changes
	}
	frame, err := syncproto.EncodeFrame(page)
	if err != nil {
		return err
	}
	h.offer(scope, last, syncproto.Encoded(frame))
	return nil
}

func (h *Hub) offer(scope syncproto.Scope, last uint64, frame syncproto.Encoded) {
	for _, c := range h.all() {
		c.offer(scope, last, frame)
	}
	h.told[scope] = last
}

// offer queues a live page if the connection follows the scope.
func (c *conn) offer(scope syncproto.Scope, last uint64, frame syncproto.Encoded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.scopes[scope]:
	case c.epoch == "":
		c.dropped[scope] = last // WELCOME is on its way and may not know of it
	default:
		select {
		case c.out <- frame:
		default:
			c.dropped[scope] = last
		}
	}
}

// Peer is who is connected.
type Peer struct {
	Device domain.DeviceID
	Person domain.PersonID
}

// Peers lists who is connected.
func (h *Hub) Peers() []Peer {
	var peers []Peer
	for _, c := range h.all() {
		peers = append(peers, Peer{Device: c.device, Person: c.person})
	}
	return peers
}

// Drop ends the connections of a device, as its revocation demands.
func (h *Hub) Drop(device domain.DeviceID) {
	for _, c := range h.all() {
		if c.device == device {
			c.leave()
		}
	}
}

// Regrant tells a person's connections which scopes came and went.
func (h *Hub) Regrant(person domain.PersonID, now []syncproto.Head) {
	h.follows(now)
	for _, c := range h.all() {
		if c.person == person {
			c.regrant(now)
		}
	}
}

func (c *conn) regrant(now []syncproto.Head) {
	after := map[syncproto.Scope]bool{}
	for _, head := range now {
		after[head.Scope] = true
	}
	c.mu.Lock()
	before := c.scopes
	c.scopes = maps.Clone(after) // a HELLO may add to it while it is compared here
	c.mu.Unlock()
	for _, head := range now {
		if !before[head.Scope] {
			c.urgent(&syncproto.ScopeAdd{Head: head})
		}
	}
	for scope := range before {
		if !after[scope] {
			c.urgent(&syncproto.ScopeDrop{Scope: scope})
		}
	}
}

// urgent queues a frame that must not be dropped without waiting for a slow
// reader: where there is no room the connection ends, and the next WELCOME says
// the same.
func (c *conn) urgent(f syncproto.Frame) {
	select {
	case c.out <- f:
	default:
		c.leave()
	}
}

// missed gives a page without changes for a scope whose live pages were
// dropped, so that the device sees how far it is behind; nil when none was.
func (c *conn) missed() *syncproto.Page {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == "" {
		return nil // WELCOME comes first
	}
	for scope, head := range c.dropped {
		delete(c.dropped, scope)
		return &syncproto.Page{Scope: scope, Epoch: c.epoch, PrevSeq: head, LastSeq: head, Head: head}
	}
	return nil
}
