package merge

import (
	"bytes"
	"maps"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Apply gives the record after op took place seq of its scope's log. conflict
// is true when a field now holds concurrent values that a person must resolve.
// The given record is not changed.
func Apply(r Record, op syncproto.Op, seq uint64) (next Record, conflict bool) {
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
		if next.applyField(key, op.Fields[key], op, seq) {
			conflict = true
		}
	}
	return next, conflict
}

// Overlay shows a pending op on top of server state. The device's own edit
// wins on its own screen until the server has answered.
func Overlay(r Record, op syncproto.Op) Record {
	mine := op
	mine.BaseSeq = ^uint64(0)
	next, _ := Apply(r, mine, max(r.Seq, 1))
	next.Seq = r.Seq
	return next
}

func (r *Record) applyField(key uint64, value syncproto.Value, op syncproto.Op, seq uint64) (conflict bool) {
	held, known := r.Stamps[key]
	stamp := Stamp{Seq: seq, Device: op.Device, HLC: op.HLC, Actor: op.Actor}
	concurrent := known && held.Seq > op.BaseSeq && held.Device != op.Device
	switch {
	case !concurrent:
		r.close(key, op)
		r.put(key, value, stamp)
		return false
	case bytes.Equal(r.Fields[key], value):
		return false
	}
	mine := Version{Value: value, Actor: op.Actor, Stamp: stamp, At: op.At, Device: op.Device}
	theirs := Version{Value: r.Fields[key], Stamp: held, Device: held.Device, Actor: held.Actor, At: domain.Instant(held.HLC >> 16)}
	rule := ruleFor(op.Entity, key)
	r.contest(key, rule != laterWins, theirs, mine)
	if rule.prefers(value, r.Fields[key], stamp, held) {
		r.put(key, value, stamp)
	}
	return rule != laterWins
}

func (r *Record) put(key uint64, value syncproto.Value, s Stamp) {
	if syncproto.IsNull(value) {
		delete(r.Fields, key)
	} else {
		r.Fields[key] = value
	}
	r.Stamps[key] = s
}

// close ends an open contest that the writer of op has seen.
func (r *Record) close(key uint64, op syncproto.Op) {
	for i, c := range r.Contests {
		if c.Field != key || !c.Open {
			continue
		}
		seenAll := !slices.ContainsFunc(c.Versions, func(v Version) bool {
			return v.Stamp.Seq > op.BaseSeq && v.Device != op.Device
		})
		if seenAll {
			r.Contests[i].Open = false
		}
	}
}

// contest adds a version to the field's contest, opening one if needed.
func (r *Record) contest(key uint64, open bool, theirs, mine Version) {
	for i, c := range r.Contests {
		if c.Field == key && c.Open {
			r.Contests[i].Versions = append(slices.Clone(c.Versions), mine)
			return
		}
	}
	r.Contests = append(r.Contests, Contest{Field: key, Open: open, Versions: []Version{theirs, mine}})
}
