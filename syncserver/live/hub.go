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

// Log is what the hub reads when somebody else has written: another server
// process, or the operator's commands.
type Log interface {
	Heads(ctx context.Context) ([]syncproto.Head, error)
	Page(ctx context.Context, pull *syncproto.Pull) (syncproto.EncodedPage, error)
}

// Hub knows the connections and what each may hear.
type Hub struct {
	log Log

	mu    sync.Mutex
	conns map[*conn]struct{}
	epoch string

	// telling keeps what connections hear of a scope in order.
	telling sync.Mutex
	streams map[syncproto.Scope]*stream // that somebody follows
}

type conn struct {
	person domain.PersonID
	device domain.DeviceID
	out    chan syncproto.Frame
	// lacks tells the writer that the device is to be told what it has missed.
	lacks chan struct{}
	// leave ends the connection; gone is closed when it has ended.
	leave context.CancelFunc
	gone  <-chan struct{}

	mu    sync.Mutex
	heard Hearing
}

// NewHub has no connections.
func NewHub(log Log) *Hub {
	return &Hub{log: log, conns: map[*conn]struct{}{}, streams: map[syncproto.Scope]*stream{}}
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

func (h *Hub) currentEpoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}

// offer queues a live page if it continues what the device has heard.
func (c *conn) offer(scope syncproto.Scope, prev, last uint64, frame syncproto.Encoded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lacks := c.heard.Offer(scope, prev, last, func() bool {
		select {
		case c.out <- frame:
			return true
		default:
			return false
		}
	})
	if lacks {
		c.remind()
	}
}

// remind lets the writer look what the device has missed.
func (c *conn) remind() {
	select {
	case c.lacks <- struct{}{}:
	default:
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
	c.mu.Lock()
	came, went := c.heard.Grant(now)
	c.mu.Unlock()
	for _, head := range came {
		c.urgent(&syncproto.ScopeAdd{Head: head})
	}
	for _, scope := range went {
		c.urgent(&syncproto.ScopeDrop{Scope: scope})
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

func (c *conn) missed() []*syncproto.Page {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard.Missed()
}
