package kit

import (
	"image"
	"sync"
)

// thumbWorkers bounds the thumbnails loaded at once. Decoding is processor
// work, and a tablet needs cores left for the finger.
const thumbWorkers = 2

// thumbLoader loads thumbnails on at most thumbWorkers goroutines, which end
// when nothing is left to load. deliver is called on those goroutines, never
// after stop has returned.
type thumbLoader struct {
	load    func(id string) (image.Image, error)
	deliver func(id string, img image.Image, err error)

	mu         sync.Mutex
	queue      []string
	workers    int
	generation int // counts the stops; what was loaded for an earlier one is dropped
}

// request queues ids after those already waiting.
func (l *thumbLoader) request(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, ids...)
	for n := len(ids); n > 0 && l.workers < thumbWorkers; n-- {
		l.workers++
		go l.work(l.generation)
	}
}

// stop forgets what is queued and drops what is being loaded.
func (l *thumbLoader) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = nil
	l.workers = 0
	l.generation++
}

func (l *thumbLoader) work(generation int) {
	for {
		id, ok := l.next(generation)
		if !ok {
			return
		}
		img, err := l.load(id)
		l.hand(generation, id, img, err)
	}
}

func (l *thumbLoader) next(generation int) (id string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if generation != l.generation {
		return "", false
	}
	if len(l.queue) == 0 {
		l.workers--
		return "", false
	}
	id = l.queue[0]
	l.queue = l.queue[1:]
	return id, true
}

func (l *thumbLoader) hand(generation int, id string, img image.Image, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if generation == l.generation {
		l.deliver(id, img, err)
	}
}
