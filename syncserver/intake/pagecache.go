package intake

import (
	"errors"
	"sync"

	"keyturn/shared/syncproto"
)

// pageKey names a page whose content never changes: the log is only appended to.
type pageKey struct {
	scope       syncproto.Scope
	epoch       string
	after, last uint64
}

// pageCache keeps the pages that were made last; each is made once, however
// many devices ask at the same time.
type pageCache struct {
	mu    sync.Mutex
	pages map[pageKey]*keptPage
	order []pageKey // oldest first
	bytes int
}

type keptPage struct {
	once sync.Once
	page syncproto.EncodedPage
	err  error
}

var errUnread = errors.New("the page could not be read")

// maxCached bounds the cache; a page is some 100 KB.
const maxCached = 16 << 20

func (c *pageCache) get(k pageKey, read func() (syncproto.EncodedPage, error)) (syncproto.EncodedPage, error) {
	c.mu.Lock()
	kept := c.pages[k]
	if kept == nil {
		kept = &keptPage{}
		if c.pages == nil {
			c.pages = map[pageKey]*keptPage{}
		}
		c.pages[k] = kept
	}
	c.mu.Unlock()
	kept.once.Do(func() {
		kept.err = errUnread
		kept.page, kept.err = read()
		c.made(k, kept)
	})
	return kept.page, kept.err
}

// made counts a new page and forgets the oldest ones, and at once a page that
// could not be made.
func (c *pageCache) made(k pageKey, kept *keptPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept.err != nil {
		delete(c.pages, k)
		return
	}
	c.order = append(c.order, k)
	c.bytes += len(kept.page.Encoded)
	for c.bytes > maxCached && len(c.order) > 1 {
		c.bytes -= len(c.pages[c.order[0]].page.Encoded)
		delete(c.pages, c.order[0])
		c.order = c.order[1:]
	}
}
