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
	next.Entity, next.ID, next.Scope, next.Seq = op.Entity, op.ID, op.Scope, seq
	stamp := Stamp{Seq: seq, Device: op.Device, HLC: op.HLC, Actor: op.Actor}
	created := !r.Exists()
	if created {
		next.Actor = op.Actor
	}
	if op.Kind == syncproto.Withdrawn {
		next.Withdrawn = true
		return next, false
	}
	if created {
		next.create(op.Fields, stamp)
		return next, false
	}
	next.Stamps = maps.Clone(r.Stamps)
	next.Fields = maps.Clone(r.Fields)
	if next.Fields == nil {
		next.Fields = syncproto.Fields{}
	}
	next.Contests = slices.Clone(r.Contests)
	if op.Kind == syncproto.Erased {
		next.erase(op, stamp)
		return next, false
	}
	for _, key := range op.Fields.Keys() {
		if next.write(key, op, stamp, mineWins) {
			conflict = true
		}
	}
	return next, conflict
}

// create begins a record with the fields of an op: the op's own, unless some are
// cleared. Nobody changes either's fields in place.
func (r *Record) create(fields syncproto.Fields, stamp Stamp) {
	r.Base, r.Fields, r.Stamps = stamp, fields, maps.Clone(r.Stamps)
	shared := true
	for key, value := range fields {
		if !syncproto.IsNull(value) {
			delete(r.Stamps, key)
			continue
		}
		if shared {
			r.Fields, shared = maps.Clone(fields), false
		}
		r.put(key, value, stamp)
	}
}

// erase clears fields and forgets every value that they had.
func (r *Record) erase(op syncproto.Op, stamp Stamp) {
	r.Erased = maps.Clone(r.Erased)
	if r.Erased == nil {
		r.Erased = map[uint64]uint64{}
	}
	for key := range op.Fields {
		r.put(key, syncproto.Null, stamp)
		r.Erased[key] = stamp.Seq
	}
	r.Contests = slices.DeleteFunc(r.Contests, func(c Contest) bool {
		_, erased := op.Fields[c.Field]
		return erased
	})
}

// write gives a field op's value, or puts it beside those that op's writer has
// not seen.
func (r *Record) write(key uint64, op syncproto.Op, stamp Stamp, mineWins bool) (conflict bool) {
	held, known := r.Stamp(key)
	open := r.contestOf(key, true)
	if open < 0 && (!known || seen(op, held)) {
		r.replace(key, op.Fields[key], stamp)
		return false
	}
	before := []Version{r.inForce(key)}
	if open >= 0 {
		before = r.Contests[open].Versions
	}
	after, dropped := succeed(before, op, Version{Value: op.Fields[key], Stamp: stamp, Device: op.Device, Actor: op.Actor, At: op.At})
	rule := ruleFor(op.Entity, key)
	answer, _ := r.Stamp(answerKey)
	winner := rule.pick(after, answer.Seq)
	if i := slices.IndexFunc(after, func(v Version) bool { return v.Stamp == stamp }); mineWins && i >= 0 {
		winner = i
	}
	var lost []Version
	if len(dropped) > 1 { // a decision; one value alone was simply replaced
		lost = dropped
	}
	if !rule.keepsBoth() {
		for i, v := range after {
			if i != winner {
				lost = append(lost, v)
			}
		}
		after, winner = after[winner:winner+1], 0
	}
	r.put(key, after[winner].Value, after[winner].Stamp)
	r.contested(key, open, after)
	r.remember(key, lost)
	return len(after) > 1
}

// put sets a field, or clears it. A field with the stamp of the record's
// creation needs none of its own while it is set.
func (r *Record) put(key uint64, value syncproto.Value, s Stamp) {
	if syncproto.IsNull(value) {
		delete(r.Fields, key)
	} else {
		r.Fields[key] = value
		if s == r.Base {
			delete(r.Stamps, key)
			return
		}
	}
	if r.Stamps == nil {
		r.Stamps = map[uint64]Stamp{}
	}
	r.Stamps[key] = s
}
