// Package live connects devices over websockets: it runs one session per
// connection and tells connected devices at once what was appended to the log.
// It is the only importer of the websocket library on the server.
package live

import (
	"context"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// queue is how many frames may wait for a slow reader before live pages are
// dropped; the device sees the gap and pulls.
const queue = 64

// liveOps is the largest live page; more is left for the device to pull.
const liveOps = 500

// Hub knows the connections and what each may hear.
type Hub struct {
	mu    sync.Mutex
	conns map[*conn]struct{}
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
func NewHub() *Hub { return &Hub{conns: map[*conn]struct{}{}} }

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

// Publish tells connected devices what one transaction appended. It never
// blocks on a slow device.
func (h *Hub) Publish(logged []syncproto.Logged) {
	if len(logged) == 0 {
		return
	}
	byScope := map[syncproto.Scope][]syncproto.Logged{}
	for _, l := range logged {
		byScope[l.Op.Scope] = append(byScope[l.Op.Scope], l)
	}
	for _, c := range h.all() {
		for scope, changes := range byScope {
			c.offer(scope, changes)
		}
	}
}

// offer queues a live page if the connection follows the scope.
func (c *conn) offer(scope syncproto.Scope, changes []syncproto.Logged) {
	last := changes[len(changes)-1].Seq
	c.mu.Lock()
	epoch, follows := c.epoch, c.scopes[scope]
	if follows && epoch == "" {
		c.dropped[scope] = last // WELCOME is on its way and may not know of it
	}
	c.mu.Unlock()
	if !follows || epoch == "" {
		return
	}
	page := &syncproto.Page{Scope: scope, Epoch: epoch, PrevSeq: changes[0].Seq - 1, LastSeq: last, Head: last, Changes: changes}
	if len(changes) > liveOps {
		page.Changes, page.LastSeq = nil, page.PrevSeq // too much for a live page: say only that there is more
	}
	select {
	case c.out <- page:
	default:
		c.mu.Lock()
		c.dropped[scope] = last
		c.mu.Unlock()
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
	for _, c := range h.all() {
		if c.person == person {
			c.regrant(now)
		}
	}
}

func (c *conn) regrant(now []syncproto.Head) {
	c.mu.Lock()
	before := c.scopes
	c.scopes = map[syncproto.Scope]bool{}
	for _, head := range now {
		c.scopes[head.Scope] = true
	}
	after := c.scopes
	c.mu.Unlock()
	for _, head := range now {
		if !before[head.Scope] {
			c.send(&syncproto.ScopeAdd{Head: head})
		}
	}
	for scope := range before {
		if !after[scope] {
			c.send(&syncproto.ScopeDrop{Scope: scope})
		}
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
