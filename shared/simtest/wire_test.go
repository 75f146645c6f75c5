package simtest

import (
	"errors"
	"slices"

	"keyturn/shared/syncproto"
)

// connect opens a connection to a server unless there is one.
func (d *device) connect(p *process) {
	if d.conn != nil {
		return
	}
	session, err := p.authenticate(d)
	if errors.Is(err, errNotKept) {
		return
	}
	if err != nil {
		d.w.must(ignore(err, p.cloud.ailing()), "connect")
		return
	}
	d.conn = &conn{p: p, d: d, session: session}
	p.conns = append(p.conns, d.conn)
	d.w.tell("%s connects to server %d", d.name, p.n)
	frames, err := d.engine.Start(d.w.ctx)
	d.push(frames, err)
}

// ignore drops an error that a fault explains.
func ignore(err error, excused bool) error {
	if excused {
		return nil
	}
	return err
}

// push sends what the engine wants to; its error ends the connection.
func (d *device) push(frames []syncproto.Frame, err error) {
	if err != nil {
		d.broken(err)
		return
	}
	for _, f := range frames {
		if hello, ok := f.(*syncproto.Hello); ok && d.newer {
			hello.Schema += 3
		}
		if push, ok := f.(*syncproto.Push); ok && d.newer {
			for i := range push.Ops {
				push.Ops[i].Schema += 3
			}
		}
		b, err := syncproto.EncodeFrame(f)
		d.w.must(err, "encode a frame")
		d.w.sum(b)
		d.conn.up = append(d.conn.up, b)
	}
}

// broken ends a connection that the engine gave up.
func (d *device) broken(err error) {
	var refused *syncproto.Error
	switch {
	case errors.As(err, &refused), d.ailing():
	default:
		d.w.fail("the engine of %s gives up: %v", d.name, err)
	}
	d.w.tell("%s hangs up: %s", d.name, short(err))
	d.hangUp()
}

// work lets the engine push what has been recorded meanwhile.
func (d *device) work() {
	if d.conn == nil {
		return
	}
	frames, err := d.engine.Work(d.w.ctx)
	d.push(frames, err)
}

// deliverUp brings the server one frame; false when there was none.
func (c *conn) deliverUp() bool {
	if c.over {
		return false
	}
	if len(c.up) == 0 {
		if c.gone {
			c.lose()
		}
		return false
	}
	f, err := syncproto.DecodeFrame(c.up[0])
	c.p.cloud.w.must(err, "decode a frame")
	c.up = c.up[1:]
	c.handle(f)
	return true
}

// handle is what live's reader does with a frame.
func (c *conn) handle(f syncproto.Frame) {
	w, cloud := c.p.cloud.w, c.p.cloud
	hello, greets := f.(*syncproto.Hello)
	if greets {
		c.learn()
	}
	answers, err := c.session.Handle(w.ctx, f)
	if err != nil {
		if !cloud.ailing() {
			w.fail("server %d fails on a sound disk: %v", c.p.n, err)
		}
		w.tell("server %d fails: %s", c.p.n, short(err))
		c.send(&syncproto.Error{Code: syncproto.CodeStorage})
		c.leaveToDevice()
		return
	}
	cloud.follow()
	for i, a := range answers {
		c.heard.Answer(a)
		if page, ok := a.(syncproto.EncodedPage); ok {
			answers[i], err = syncproto.DecodeFrame(page.Encoded)
			w.must(err, "decode a page")
		}
		c.note(f, answers[i])
		c.send(a)
	}
	if greets && len(answers) == 1 {
		if welcome, ok := answers[0].(*syncproto.Welcome); ok {
			c.d.met = hello.WallClock - welcome.ServerTime
			c.epoch = welcome.Epoch
			c.heard.Greet(hello, welcome)
		}
	}
	w.tell("server %d takes %s of %s: %s", c.p.n, describe(f), c.d.name, describe(answers...))
}

// leaveToDevice ends the connection once the device has read what is queued.
func (c *conn) leaveToDevice() {
	c.p.conns = slices.DeleteFunc(slices.Clone(c.p.conns), func(o *conn) bool { return o == c })
	c.up, c.over = nil, true
}

// note looks at an answer as it leaves.
func (c *conn) note(asked, answer syncproto.Frame) {
	cloud := c.p.cloud
	switch answer := answer.(type) {
	case *syncproto.Answers:
		if push, ok := asked.(*syncproto.Push); ok {
			cloud.promise(c.d, push, answer)
		}
	case *syncproto.Page:
		c.mayRead(answer.Scope)
	case *syncproto.Snapshot:
		c.mayRead(answer.Scope)
	case *syncproto.Welcome:
		for _, h := range answer.Scopes {
			c.mayRead(h.Scope)
		}
	}
}

// mayRead: nobody is told anything of a scope that is not theirs.
func (c *conn) mayRead(s syncproto.Scope) {
	cloud := c.p.cloud
	if !cloud.parts.readable(c.session.Person, cloud.now())[s] && len(cloud.unsure) == 0 {
		cloud.w.fail("%s is told of %s, which %s may not read", c.d.name, s, c.session.Person)
	}
}

// deliverDown brings the device one frame; false when there was none.
func (d *device) deliverDown() bool {
	c := d.conn
	if c == nil {
		return false
	}
	if len(c.down) == 0 {
		if c.over {
			d.hangUp()
		}
		return false
	}
	f, err := syncproto.DecodeFrame(c.down[0])
	d.w.must(err, "decode a frame")
	c.down = c.down[1:]
	c.missed()
	ahead := d.engine.Ahead(f)
	frames, err := d.engine.Handle(d.w.ctx, f)
	frames = append(ahead, frames...)
	d.w.tell("%s reads %s: %s", d.name, describe(f), describe(frames...))
	d.push(frames, err)
	if d.conn != nil && d.engine.Cloned() {
		d.fork(c.p)
	}
	if !d.quick {
		d.check()
	}
	return true
}

// halve lets only part of a frame through: the receiver must refuse it, which
// ends the connection.
func (c *conn) halve(cut int) {
	for _, queue := range [][][]byte{c.up, c.down} {
		if len(queue) == 0 {
			continue
		}
		if f, err := syncproto.DecodeFrame(queue[0][:cut%len(queue[0])]); err == nil {
			c.p.cloud.w.fail("half a frame was read as %+v", f)
		}
		c.lose()
		return
	}
}
