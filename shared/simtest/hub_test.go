package simtest

import (
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/store"
)

// queueLimit is how many frames may wait for a slow device before live pages
// are dropped. It is small, so that it happens.
const queueLimit = 6

// conn is the server's end of a connection. It does with frames what
// live.Hub does, without its sockets and goroutines.
type conn struct {
	p       *process
	d       *device
	session *intake.Session
	// up and down are encoded frames on their way.
	up, down [][]byte
	heard    live.Hearing
	epoch    string
	// gone is set when the device has left and the server has not noticed.
	gone bool
	// over is set when the server has ended it and the device has not noticed.
	over bool
	// lossy makes the next live page disappear.
	lossy bool
}

// lose ends the connection on both ends; what is on its way is lost.
func (c *conn) lose() {
	c.p.conns = slices.DeleteFunc(slices.Clone(c.p.conns), func(o *conn) bool { return o == c })
	if c.d.conn == c {
		c.d.conn = nil
	}
}

// leave ends it on the device's end only.
func (c *conn) leave() {
	c.gone, c.down = true, nil
	c.d.conn = nil
}

func (c *conn) send(f syncproto.Frame) {
	b, err := syncproto.EncodeFrame(f)
	c.p.cloud.w.must(err, "encode a frame")
	c.p.cloud.w.sum(b)
	if !c.gone {
		c.down = append(c.down, b)
	}
}

// published hears of what a session appended. A process that dies before fan-out
// tells nobody.
func (p *process) published(logged []syncproto.Logged) {
	p.cloud.follow()
	if !p.silent {
		p.publish(logged)
	}
}

// follows notes that a connection follows scopes from these heads on.
func (p *process) follows(heads []syncproto.Head) {
	for _, h := range heads {
		if _, known := p.told[h.Scope]; !known {
			p.told[h.Scope] = h.Seq
		}
	}
}

// publish tells connected devices what one transaction appended, in the order of
// the log.
func (p *process) publish(logged []syncproto.Logged) {
	byScope := map[syncproto.Scope][]syncproto.Logged{}
	for _, l := range logged {
		byScope[l.Op.Scope] = append(byScope[l.Op.Scope], l)
	}
	for _, scope := range scopes() {
		changes := byScope[scope]
		told, followed := p.told[scope]
		if len(changes) == 0 || !followed || changes[len(changes)-1].Seq <= told {
			continue
		}
		if changes[0].Seq == told+1 {
			p.tell(scope, changes, changes[len(changes)-1].Seq)
		} else {
			p.catchUp(scope)
		}
	}
}

// poke lets a process look for what other processes have appended.
func (p *process) poke() {
	for _, scope := range scopes() {
		p.catchUp(scope)
	}
}

// catchUp tells connected devices what they have not heard of.
func (p *process) catchUp(scope syncproto.Scope) {
	log := p.cloud.history.logs[scope]
	if told, followed := p.told[scope]; followed && told < uint64(len(log)) {
		p.tell(scope, log[told:], uint64(len(log)))
	}
}

func (p *process) tell(scope syncproto.Scope, changes []syncproto.Logged, last uint64) {
	for _, c := range p.conns {
		c.offer(scope, changes, last)
	}
	p.told[scope] = last
}

func (c *conn) offer(scope syncproto.Scope, changes []syncproto.Logged, last uint64) {
	prev := changes[0].Seq - 1
	c.heard.Offer(scope, prev, last, func() bool {
		switch {
		case c.lossy:
			c.lossy = false
			c.p.cloud.w.tell("a live page for %s is lost", c.d.name)
		case len(c.down) >= queueLimit:
			return false
		default:
			c.send(&syncproto.Page{Scope: scope, Epoch: c.epoch, PrevSeq: prev, LastSeq: last, Head: last, Changes: changes})
		}
		return true
	})
}

// missed tells the device how far it is behind, once its queue is empty.
func (c *conn) missed() {
	if len(c.down) > 0 {
		return
	}
	for _, page := range c.heard.Missed() {
		c.send(page)
	}
}

// refresh brings connections in line with rights that have changed, as the
// service's timer does. A device whose work was reviewed asks for the outcome
// when it connects again.
func (p *process) refresh() {
	for _, c := range slices.Clone(p.conns) {
		leave := false
		err := p.cloud.store.View(p.cloud.w.ctx, func(tx *store.Tx) error {
			d, err := tx.Device(p.cloud.w.ctx, c.d.identity.Device)
			if leave = d.RevokedAt.Set(); err == nil && !leave {
				leave, err = tx.ReviewedSince(p.cloud.w.ctx, d.ID, d.LastSeenAt)
			}
			return err
		})
		p.cloud.w.must(err, "look for revoked devices")
		if leave {
			c.lose()
		} else {
			c.regrant()
		}
	}
}

// regrant tells a connection which scopes came and went.
func (c *conn) regrant() {
	came, went := c.learn()
	for _, h := range came {
		c.send(&syncproto.ScopeAdd{Head: h})
	}
	for _, s := range went {
		c.send(&syncproto.ScopeDrop{Scope: s})
	}
}

// learn reads what the device may hear and tells what came and went.
func (c *conn) learn() (came []syncproto.Head, went []syncproto.Scope) {
	var heads []syncproto.Head
	if !c.session.Revoked {
		var err error
		heads, err = c.session.Scopes(c.p.cloud.w.ctx)
		c.p.cloud.w.must(err, "a connection's scopes")
	}
	c.p.follows(heads)
	return c.heard.Grant(heads)
}

// regrantAll is what the process that changed somebody's rights does at once.
func (p *process) regrantAll(person domain.PersonID) {
	for _, c := range slices.Clone(p.conns) {
		if c.session.Person == person {
			c.regrant()
		}
	}
}
