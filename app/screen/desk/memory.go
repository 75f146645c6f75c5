package desk

import (
	"context"
	"slices"

	"keyturn/shared/domain"
)

// memoryKey is where the desk's memory is kept.
const memoryKey = "desk/memory"

// memory is what the desk remembers from one start to the next.
type memory struct {
	// Seen is the highest ticket number that had arrived when the desk was last
	// closed, by project: later ones are new.
	Seen map[domain.ProjectID]string `json:"seen,omitempty"`
	// Dismissed are the op numbers of refusals that a person has taken note of.
	Dismissed []uint64 `json:"dismissed,omitempty"`
}

func (m memory) dismissed(seq uint64) bool { return slices.Contains(m.Dismissed, seq) }

// arrived reports whether a ticket has come since and nobody has worked on it.
func (n *snapshot) arrived(e entry) bool {
	return e.ticket.Status == domain.RepairRecorded && e.ticket.Number > n.memory.Seen[e.site.id]
}

// Dismiss takes a refusal off the list of what needs attention.
func (d *Desk) Dismiss(ctx context.Context, seq uint64) error {
	m := d.remembered()
	if m.dismissed(seq) {
		return nil
	}
	m.Dismissed = append(slices.Clone(m.Dismissed), seq)
	return d.noted(d.Memory.Keep(ctx, memoryKey, m))
}

// noted says of a note that found no room on the disk what a person can do.
func (d *Desk) noted(err error) error {
	if err != nil && d.full(err) {
		return d.unsaved(d.speaker(), err)
	}
	return err
}

func (d *Desk) remembered() memory {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		return memory{}
	}
	return d.last.memory
}

// rememberSeen notes, when the desk closes, which tickets have been shown.
func (d *Desk) rememberSeen(ctx context.Context) error {
	d.mu.Lock()
	last := d.last
	d.mu.Unlock()
	if last == nil || len(last.entries) == 0 {
		return nil
	}
	m := memory{Seen: map[domain.ProjectID]string{}, Dismissed: last.memory.Dismissed}
	for _, e := range last.entries {
		m.Seen[e.site.id] = max(m.Seen[e.site.id], e.ticket.Number)
	}
	return d.Memory.Keep(ctx, memoryKey, m)
}
