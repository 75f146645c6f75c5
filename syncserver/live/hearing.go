package live

import (
	"maps"
	"slices"
	"strings"

	"keyturn/shared/syncproto"
)

// Hearing is what one connection may hear and how far it has heard: a live page
// goes only to a device whose copy it continues. To one that is still pulling it
// would be bytes for nothing, on the links that have the fewest. It has no lock
// and does no I/O.
type Hearing struct {
	// sent is how far what was sent brings the device, by each scope that it may
	// hear.
	sent map[syncproto.Scope]uint64
	// behind holds the newest head that the device was not told of.
	behind map[syncproto.Scope]uint64
	epoch  string
}

// Grant makes the scopes that may be heard exactly those, and tells which came
// and which went. What a device has of a new one is not known.
func (h *Hearing) Grant(now []syncproto.Head) (came []syncproto.Head, went []syncproto.Scope) {
	before := h.sent
	h.sent = map[syncproto.Scope]uint64{}
	for _, head := range now {
		seq, known := before[head.Scope]
		if !known {
			came = append(came, head)
		}
		h.sent[head.Scope] = seq
		delete(before, head.Scope)
	}
	for _, scope := range sorted(before) {
		delete(h.behind, scope)
		went = append(went, scope)
	}
	return came, went
}

// sorted lists scopes in an order that is always the same.
func sorted[V any](of map[syncproto.Scope]V) []syncproto.Scope {
	return slices.SortedFunc(maps.Keys(of), func(a, b syncproto.Scope) int { return strings.Compare(a.String(), b.String()) })
}

// Greet learns from a HELLO and its WELCOME what the device has. Nothing is to be
// heard before.
func (h *Hearing) Greet(hello *syncproto.Hello, welcome *syncproto.Welcome) {
	h.epoch = welcome.Epoch
	for _, c := range hello.Cursors {
		if _, may := h.sent[c.Scope]; may && c.Epoch == h.epoch {
			h.sent[c.Scope] = c.Seq
		}
	}
}

// Answer notes what the device is sent in answer to a question.
func (h *Hearing) Answer(f syncproto.Frame) {
	if page, ok := f.(syncproto.EncodedPage); ok {
		if _, may := h.sent[page.Scope]; may {
			h.sent[page.Scope] = page.LastSeq
		}
	}
}

// Offer sends a live page of (prev, last] if the device can use it; send reports
// whether there was room. Otherwise the device lacks it, and is to be told so by
// the pages of Missed.
func (h *Hearing) Offer(scope syncproto.Scope, prev, last uint64, send func() bool) (lacks bool) {
	at, may := h.sent[scope]
	switch {
	case !may:
		return false
	case h.epoch != "" && at == prev && prev < last && send():
		h.sent[scope] = last
		return false
	}
	if h.behind == nil {
		h.behind = map[syncproto.Scope]uint64{}
	}
	h.behind[scope] = max(h.behind[scope], last)
	return true
}

// Missed gives pages without changes for what was kept from the device, so that
// it sees how far it is behind.
func (h *Hearing) Missed() (pages []*syncproto.Page) {
	if h.epoch == "" {
		return nil // WELCOME comes first
	}
	for _, scope := range sorted(h.behind) {
		if head := h.behind[scope]; head > h.sent[scope] {
			pages = append(pages, &syncproto.Page{Scope: scope, Epoch: h.epoch, PrevSeq: head, LastSeq: head, Head: head})
		}
	}
	clear(h.behind)
	return pages
}
