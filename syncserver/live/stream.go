package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"keyturn/shared/syncproto"
)

// A live page holds at most liveOps changes and gathers no further ones beyond
// liveBytes of values. More than catchUpOps at once, as an import makes them, are
// left for the devices to pull.
const (
	liveOps    = 1024
	liveBytes  = 1 << 20
	catchUpOps = 2 * liveOps
)

// gatherFor is how long what is appended soon after a live page waits for more,
// to share the next (sync design, shape 15). What comes after a pause goes out
// at once. After a page of busyOps changes, as a handover day makes them, it is
// gatherBusy: larger pages weigh less, and devices store no more often.
const (
	gatherFor  = 20 * time.Millisecond
	gatherBusy = 100 * time.Millisecond
	busyOps    = 64
)

// stream is what connections hear of one scope. The hub's telling guards it.
type stream struct {
	scope syncproto.Scope
	// told is how far connections have heard; waiting follows it directly.
	told    uint64
	waiting []syncproto.Logged
	bytes   int // of the values in waiting
	// early holds what does not follow yet, by its first sequence: transactions
	// publish in any order. What never follows, the next CatchUp reads.
	early map[uint64][]syncproto.Logged
	// gathering: a page went out a moment ago.
	gathering bool
	// failed is why the last page that nobody waited for did not go out.
	failed error
}

// follows notes that somebody follows scopes from these heads on.
func (h *Hub) follows(heads []syncproto.Head) {
	h.telling.Lock()
	defer h.telling.Unlock()
	for _, head := range heads {
		if h.streams[head.Scope] == nil {
			h.streams[head.Scope] = &stream{scope: head.Scope, told: head.Seq, early: map[uint64][]syncproto.Logged{}}
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
		if s := h.streams[scope]; s != nil {
			errs = append(errs, h.publish(ctx, s, changes))
		}
	}
	return errors.Join(errs...)
}

func (h *Hub) publish(ctx context.Context, s *stream, changes []syncproto.Logged) error {
	failed := s.failed
	s.failed = nil
	known, last := s.told+uint64(len(s.waiting)), changes[len(changes)-1].Seq
	switch first := changes[0].Seq; {
	case last <= known:
		return failed
	case first > known+1 && first <= known+catchUpOps:
		s.early[first] = changes
		return failed
	case first != known+1:
		return errors.Join(failed, h.flush(s), h.catchUp(ctx, s, last))
	case len(changes) > catchUpOps:
		return errors.Join(failed, h.flush(s), h.tell(s, nil, last))
	}
	for ; changes != nil; changes = s.next() {
		bytes := sizeOf(changes)
		if len(s.waiting)+len(changes) > liveOps || s.bytes+bytes > liveBytes {
			failed = errors.Join(failed, h.flush(s))
		}
		s.waiting, s.bytes = append(s.waiting, changes...), s.bytes+bytes
	}
	if s.gathering {
		return failed
	}
	return errors.Join(failed, h.sendOff(s))
}

// next takes what came early and follows now.
func (s *stream) next() []syncproto.Logged {
	known := s.told + uint64(len(s.waiting))
	changes := s.early[known+1]
	for first := range s.early {
		if first <= known+1 {
			delete(s.early, first)
		}
	}
	return changes
}

// sizeOf is about how large changes are.
func sizeOf(changes []syncproto.Logged) (bytes int) {
	for _, l := range changes {
		for _, v := range l.Op.Fields {
			bytes += len(v)
		}
	}
	return bytes
}

// sendOff sends what waits and gathers what comes after it. The timer ends by
// itself at the first pause and touches nothing but the hub's memory.
func (h *Hub) sendOff(s *stream) error {
	s.gathering = true
	pause := gatherFor
	if len(s.waiting) >= busyOps {
		pause = gatherBusy
	}
	time.AfterFunc(pause, func() {
		h.telling.Lock()
		defer h.telling.Unlock()
		if s.gathering = len(s.waiting) > 0; s.gathering {
			s.failed = errors.Join(s.failed, h.sendOff(s))
		}
	})
	return h.flush(s)
}

// flush sends what waits.
func (h *Hub) flush(s *stream) error {
	waiting := s.waiting
	s.waiting, s.bytes = nil, 0
	for changes := range slices.Chunk(waiting, liveOps) {
		if err := h.tell(s, changes, changes[len(changes)-1].Seq); err != nil {
			return err
		}
	}
	return nil
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
		s := h.streams[head.Scope]
		if s == nil || head.Seq <= s.told+uint64(len(s.waiting)) {
			continue
		}
		errs = append(errs, h.flush(s), h.catchUp(ctx, s, head.Seq))
	}
	return errors.Join(errs...)
}

// catchUp reads what was not heard of yet; if that is too much for live pages
// devices hear only how far they are behind.
func (h *Hub) catchUp(ctx context.Context, s *stream, head uint64) error {
	epoch := h.currentEpoch()
	for s.told < head && epoch != "" && head-s.told <= catchUpOps {
		page, err := h.log.Page(ctx, &syncproto.Pull{Scope: s.scope, Epoch: epoch, After: s.told})
		if err != nil {
			return err
		}
		if page.LastSeq <= s.told {
			break
		}
		h.offer(s, s.told, page.LastSeq, page.Encoded)
	}
	if s.told < head {
		return h.tell(s, nil, head)
	}
	return nil
}

// tell encodes a live page once and offers it to everybody who follows.
func (h *Hub) tell(s *stream, changes []syncproto.Logged, last uint64) error {
	epoch := h.currentEpoch()
	page := &syncproto.Page{Scope: s.scope, Epoch: epoch, PrevSeq: last, LastSeq: last, Head: last, Changes: changes}
	if len(changes) > 0 {
		page.PrevSeq = changes[0].Seq - 1
	}
	frame, err := syncproto.EncodeFrame(page)
	if err != nil {
		return err
	}
	h.offer(s, page.PrevSeq, last, frame)
	return nil
}

func (h *Hub) offer(s *stream, prev, last uint64, frame syncproto.Encoded) {
	for _, c := range h.all() {
		c.offer(s.scope, prev, last, frame)
	}
	s.told = last
}
