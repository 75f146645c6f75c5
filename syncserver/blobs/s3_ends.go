package blobs

import (
	"sync"

	"keyturn/shared/domain"
)

// ends remembers where uploads stand that this process has looked at, so that
// the next chunk needs no listing. Another process may have moved on, finished
// or swept the upload: a wrong hint leads to a part too many, or to ErrOffset
// when the blob is put together, never to a wrong blob.
type ends struct {
	mu sync.Mutex
	at map[domain.Hash]int64
}

// maxEnds bounds the memory. When it is full any other hint goes.
const maxEnds = 4096

func (e *ends) get(sha domain.Hash) (end int64, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	end, known = e.at[sha]
	return end, known
}

func (e *ends) set(sha domain.Hash, end int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at == nil {
		e.at = map[domain.Hash]int64{}
	}
	if _, known := e.at[sha]; !known && len(e.at) >= maxEnds {
		for other := range e.at {
			delete(e.at, other)
			break
		}
	}
	e.at[sha] = end
}

func (e *ends) forget(sha domain.Hash) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.at, sha)
}
