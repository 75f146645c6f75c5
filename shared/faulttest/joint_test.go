//go:build linux

package faulttest

import (
	"net"
	"sync"
	"time"
)

// joint is one connection from both sides.
type joint struct {
	w         *wire
	near, far *net.TCPConn
	lost      chan struct{}
	losing    sync.Once

	mu    sync.Mutex
	bytes int
}

// carry joins the two sides until the connection ends.
func (j *joint) carry() {
	now := j.w.now()
	if now.hole {
		j.lose()
	}
	if j.gone() { // nobody answers, nobody closes
		<-j.w.ended.Done()
		return
	}
	far, err := net.Dial("tcp", j.w.server)
	if err != nil || now.closed {
		j.close()
		return
	}
	j.mu.Lock()
	j.far = far.(*net.TCPConn)
	j.mu.Unlock()
	for _, c := range []*net.TCPConn{j.near, j.far} {
		// The buffers of a loopback swallow megabytes, which no slow link does. Below
		// one of its segments (64 KB) it crawls.
		_ = c.SetReadBuffer(buffered) // a connection that has ended already says so when it is read
	}
	var both sync.WaitGroup
	both.Go(func() { j.flow(j.far, j.near) })
	both.Go(func() { j.flow(j.near, j.far) })
	both.Wait()
}

const buffered = 128 << 10

// carried is the largest piece that travels at once.
const carried = 4 << 10

// piece is what was read, and when it may arrive.
type piece struct {
	bytes []byte
	due   time.Time
}

// flow carries one way until either side ends or the connection is lost.
func (j *joint) flow(to, from *net.TCPConn) {
	pieces := make(chan piece, 64)
	j.w.work.Go(func() {
		defer close(pieces)
		for {
			b := make([]byte, carried)
			n, err := from.Read(b)
			if n > 0 {
				select {
				case pieces <- piece{b[:n], time.Now().Add(j.w.now().delay)}:
				case <-j.w.ended.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	for p := range pieces {
		if !j.deliver(to, p) {
			break
		}
	}
	if j.gone() {
		<-j.w.ended.Done()
	}
	j.close()
	for range pieces { // until the reader has seen the end
		continue
	}
}

// deliver writes a piece as the weather allows; false ends the connection.
func (j *joint) deliver(to *net.TCPConn, p piece) bool {
	if !j.wait(time.Until(p.due)) {
		return false
	}
	now := j.w.now()
	j.mu.Lock()
	j.bytes += len(p.bytes)
	over := j.bytes - now.cutAfter
	j.mu.Unlock()
	cut := now.cutAfter > 0 && over >= 0
	if cut {
		p.bytes = p.bytes[:max(0, len(p.bytes)-over)]
	}
	if _, err := to.Write(p.bytes); err != nil {
		return false
	}
	if cut {
		j.reset()
		return false
	}
	return now.rate == 0 || j.wait(time.Second*time.Duration(len(p.bytes))/time.Duration(now.rate))
}

// wait lets time pass; false when the connection is lost or the test ends.
func (j *joint) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !j.gone()
	case <-j.lost:
		return false
	case <-j.w.ended.Done():
		return false
	}
}

func (j *joint) lose() {
	j.losing.Do(func() {
		close(j.lost)
		j.w.mu.Lock()
		j.w.lost++
		j.w.mu.Unlock()
	})
}

func (j *joint) gone() bool {
	select {
	case <-j.lost:
		return true
	default:
		return false
	}
}

// reset breaks the connection as a router does that has restarted.
func (j *joint) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range []*net.TCPConn{j.near, j.far} {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// close ends both sides and forgets the connection.
func (j *joint) close() {
	j.mu.Lock()
	_ = j.near.Close()
	if j.far != nil {
		_ = j.far.Close()
	}
	j.mu.Unlock()
	j.w.mu.Lock()
	delete(j.w.joints, j)
	j.w.mu.Unlock()
}
