package powercut

import "math/rand/v2"

// sector is what a disk writes wholly or not at all, in bytes.
const sector = 512

// certainty is how sure it is that a write arrives.
type certainty int

const (
	maybe   certainty = iota // not synced yet
	settled                  // synced, but kept because an earlier write is doomed
	doomed                   // its sync failed
)

// write is a change of one file: data at an offset, or an end cut off.
type write struct {
	at   int64
	data []byte
	cut  bool
	// old is what data replaced or what was cut off; size the file's before.
	old  []byte
	size int64
	// undone is a write during which the power failed: the file never saw it.
	undone bool
	sure   certainty
}

// book remembers what one file would lose. It is guarded by its disk.
type book struct {
	disk    *Disk
	pending []write
}

func (b *book) writes(w write) int {
	b.disk.mu.Lock()
	defer b.disk.mu.Unlock()
	dead := b.disk.dead
	switch {
	case dead:
		return resultIOWrite
	case !b.disk.step():
		w.undone = true
		b.pending = append(b.pending, w)
		return resultIOWrite
	case b.disk.full && w.at+int64(len(w.data)) > w.size:
		return resultFull
	}
	b.pending = append(b.pending, w)
	return resultOK
}

func (b *book) truncates(w write) int {
	b.disk.mu.Lock()
	defer b.disk.mu.Unlock()
	if !b.disk.step() {
		return resultIOTrunc
	}
	b.pending = append(b.pending, w)
	return resultOK
}

func (b *book) syncs() int {
	b.disk.mu.Lock()
	defer b.disk.mu.Unlock()
	if !b.disk.step() {
		return resultIOFsync
	}
	to, result := settled, resultOK
	if b.disk.badSyncs > 0 {
		b.disk.badSyncs--
		b.disk.struck = true
		to, result = doomed, resultIOFsync
	}
	lost := false
	for i := range b.pending {
		if b.pending[i].sure == maybe {
			b.pending[i].sure = to
		}
		lost = lost || b.pending[i].sure == doomed
	}
	if !lost {
		b.pending = nil
	}
	return result
}

// forgive lets what a failed sync lost be synced again.
func (b *book) forgive() {
	for i := range b.pending {
		if b.pending[i].sure == doomed {
			b.pending[i].sure = maybe
		}
	}
}

// survivors is the file after the power cut, made from its present content.
func (b *book) survivors(content []byte, fate Fate, dice *rand.Rand) []byte {
	for i := len(b.pending) - 1; i >= 0; i-- {
		w := b.pending[i]
		if w.undone {
			continue
		}
		content = grown(content, w.at+int64(len(w.old)))
		copy(content[w.at:], w.old)
		content = grown(content, w.size)[:w.size]
	}
	for _, w := range b.pending {
		keep := w.sure == settled || w.sure == maybe && fate == LoseSome && dice.IntN(2) == 0
		switch {
		case !keep:
		case w.cut:
			content = grown(content, w.at)[:w.at]
		case w.sure == maybe && dice.IntN(4) == 0:
			content = torn(content, w, dice)
		default:
			content = grown(content, w.at+int64(len(w.data)))
			copy(content[w.at:], w.data)
		}
	}
	return content
}

// torn writes some sectors of w only.
func torn(content []byte, w write, dice *rand.Rand) []byte {
	for from := int64(0); from < int64(len(w.data)); {
		at := w.at + from
		to := min(from+sector-at%sector, int64(len(w.data)))
		if dice.IntN(2) == 0 {
			content = grown(content, w.at+to)
			copy(content[at:], w.data[from:to])
		}
		from = to
	}
	return content
}

// grown is content with at least n bytes; holes are zeros.
func grown(content []byte, n int64) []byte {
	if missing := n - int64(len(content)); missing > 0 {
		content = append(content, make([]byte, missing)...)
	}
	return content
}
