package merge

import (
	"maps"
	"slices"

	"keyturn/shared/syncproto"
)

// Apply gives the record after op took place seq of its scope's log. conflict
// is true when a field of op now holds concurrent values that a person must
// resolve. The given record is not changed.
func Apply(r Record, op syncproto.Op, seq uint64) (next Record, conflict bool) {
	return apply(r, op, seq, false)
}

// Overlay shows a pending op on top of server state. The device's own edit wins
// on its own screen until the server has answered, so an op that resolves a
// contest takes it off the screen at once.
func Overlay(r Record, op syncproto.Op) Record {
	next, _ := apply(r, op, max(r.Seq, 1), true)
	next.Seq = r.Seq
	return next
}

func apply(r Record, op syncproto.Op, seq uint64, mineWins bool) (next Record, conflict bool) {
	next = r
	next.Entity, next.ID, next.Scope = op.Entity, op.ID, op.Scope
	next.Fields = maps.Clone(r.Fields)
	next.Stamps = maps.Clone(r.Stamps)
	next.Contests = slices.Clone(r.Contests)
	if next.Fields == nil {
		next.Fields = syncproto.Fields{}
	}
	if next.Stamps == nil {
		next.Stamps = map[uint64]Stamp{}
	}
	if !r.Exists() {
		next.Actor = op.Actor
	}
	next.Seq = seq
	if op.Kind == syncproto.Withdrawn {
		next.Withdrawn = true
		return next, false
	}
	for _, key := range op.Fields.Keys() {
		if next.write(key, op, seq, mineWins) {
			conflict = true
		}
	}
	return next, conflict
}

// write gives a field op's value, or puts it beside those that op's writer has
// not seen.
func (r *Record) write(key uint64, op syncproto.Op, seq uint64, mineWins bool) (conflict bool) {
	mine := Version{
		Value: op.Fields[key], Actor: op.Actor, At: op.At, Device: op.Device,
		Stamp: Stamp{Seq: seq, Device: op.Device, HLC: op.HLC, Actor: op.Actor},
	}
	held, known := r.Stamps[key]
	open := r.contestOf(key, true)
	if open < 0 && (!known || seen(op, held)) {
		if i := r.contestOf(key, false); i >= 0 {
			r.rewrite(i, key, mine)
		}
		r.put(key, mine)
		return false
	}
	before := []Version{r.inForce(key)}
	if open >= 0 {
		before = r.Contests[open].Versions
	}
	after, dropped := succeed(before, op, mine)
	force := ruleFor(op.Entity, key)
	winner := force.pick(after, r.Stamps)
	if i := slices.IndexFunc(after, func(v Version) bool { return v.Stamp == mine.Stamp }); mineWins && i >= 0 {
		winner = i
	}
	lost := dropped
	if open < 0 { // one value, which op's writer had not seen
		lost = nil
	}
	if force == laterWins {
		for i, v := range after {
			if i != winner {
				lost = append(lost, v)
			}
		}
		after, winner = after[winner:winner+1], 0
	}
	r.put(key, after[winner])
	r.contested(key, open, after)
	r.remember(key, lost)
	return len(after) > 1
}

func (r *Record) put(key uint64, v Version) {
	if syncproto.IsNull(v.Value) {
		delete(r.Fields, key)
	} else {
		r.Fields[key] = v.Value
	}
	r.Stamps[key] = v.Stamp
}
