package blobs

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"os"
	"sync"

	"keyturn/shared/domain"
)

// maxSums bounds the uploads whose sums are kept; each takes some hundred bytes.
const maxSums = 1024

// sums are the hashes of the parts that this process has written, so that the
// last chunk does not need all of them read back. Whoever works on a blob has
// its lock.
type sums struct {
	mu    sync.Mutex
	parts map[domain.Hash]*sum
}

// sum is the hash of a part as this process left it.
type sum struct {
	hash.Hash
	left os.FileInfo
}

// take gives the sum of a part, nil if it is not known or the part is not as it
// was left, and forgets it: who writes more puts it back.
func (s *sums) take(sha domain.Hash, now os.FileInfo) *sum {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.parts[sha]
	delete(s.parts, sha)
	switch {
	case now.Size() == 0:
		return &sum{Hash: sha256.New()}
	case known == nil || known.left.Size() != now.Size() || !known.left.ModTime().Equal(now.ModTime()) || !os.SameFile(known.left, now):
		return nil
	default:
		return known
	}
}

// keep remembers the sum of a part, if there is one; when there are too many it
// takes the place of another.
func (s *sums) keep(sha domain.Hash, of *sum, part *os.File) (err error) {
	if of == nil {
		return nil
	}
	if of.left, err = part.Stat(); err != nil {
		return fmt.Errorf("append blob: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts == nil {
		s.parts = map[domain.Hash]*sum{}
	}
	if len(s.parts) >= maxSums {
		for other := range s.parts {
			delete(s.parts, other)
			break
		}
	}
	s.parts[sha] = of
	return nil
}

// drop forgets a part.
func (s *sums) drop(sha domain.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.parts, sha)
}
