package merge

import (
	"bytes"
	"cmp"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// A field has at most one open contest, whose versions are all values that
// nobody has replaced knowingly, and at most one closed one, whose versions are
// the values that lost.

// seen reports whether the writer of op knew of a value when writing: the
// device had pulled it or had written it itself.
func seen(op syncproto.Op, s Stamp) bool { return s.Seq <= op.BaseSeq || s.Device == op.Device }

func same(a, b []byte) bool {
	return bytes.Equal(a, b) || syncproto.IsNull(a) && syncproto.IsNull(b)
}

func (r *Record) contestOf(key uint64, open bool) int {
	return slices.IndexFunc(r.Contests, func(c Contest) bool { return c.Field == key && c.Open == open })
}

// inForce is the value of a field that no contest is open about.
func (r *Record) inForce(key uint64) Version {
	s := r.Stamps[key]
	// A stamp knows the writer's clock but not the capture time; they agree to
	// within the clock's correction.
	return Version{Value: r.Fields[key], Stamp: s, Device: s.Device, Actor: s.Actor, At: domain.Instant(s.HLC >> 16)}
}

// succeed gives the values that stand after op: those that its writer had not
// seen, and mine in the place of those that they had. Values that are all the
// same are one.
func succeed(before []Version, op syncproto.Op, mine Version) (after, dropped []Version) {
	at := -1
	for _, v := range before {
		if !seen(op, v.Stamp) {
			after = append(after, v)
			continue
		}
		dropped = append(dropped, v)
		if at < 0 {
			at = len(after)
		}
	}
	if at < 0 {
		at = len(after)
	}
	after = slices.Insert(after, at, mine)
	for _, v := range after[1:] {
		if !same(v.Value, after[0].Value) {
			return after, dropped
		}
	}
	first := slices.MinFunc(after, func(a, b Version) int { return cmp.Compare(a.Stamp.Seq, b.Stamp.Seq) })
	return []Version{first}, dropped
}

// contested stores the values of a field that stand: several are an open
// contest. open is the index of the one there was, -1 if there was none.
func (r *Record) contested(key uint64, open int, versions []Version) {
	switch {
	case len(versions) > 1 && open >= 0:
		r.Contests[open] = Contest{Field: key, Open: true, Versions: versions}
	case len(versions) > 1:
		r.addContest(Contest{Field: key, Open: true, Versions: versions})
	case open >= 0:
		r.Contests = slices.Delete(r.Contests, open, open+1)
	}
}

// addContest keeps the contests in the order of their fields, open ones first,
// so that equal records are equal bytes.
func (r *Record) addContest(c Contest) {
	i, _ := slices.BinarySearchFunc(r.Contests, c, func(a, b Contest) int {
		if a.Field == b.Field && a.Open != b.Open {
			if a.Open {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Field, b.Field)
	})
	r.Contests = slices.Insert(r.Contests, i, c)
}

// remember keeps values that lost, for people to see and to take again. Of what
// one person wrote on one device only the newest stays: whoever writes a field
// anew has seen what they wrote before. So the list is no longer than the number
// of people and devices, and no value is on it that stands already.
func (r *Record) remember(key uint64, lost []Version) {
	at := r.contestOf(key, false)
	if len(lost) == 0 && at < 0 {
		return
	}
	var kept []Version
	if at >= 0 {
		kept = slices.Clone(r.Contests[at].Versions)
	}
	for _, v := range lost {
		if syncproto.IsNull(v.Value) || mechanical(r.Entity, key) {
			continue
		}
		newer := func(o Version) bool {
			return o.Stamp.Seq >= v.Stamp.Seq && (same(o.Value, v.Value) || o.Device == v.Device && o.Actor == v.Actor)
		}
		if slices.ContainsFunc(kept, newer) {
			continue
		}
		kept = slices.DeleteFunc(kept, func(o Version) bool { return same(o.Value, v.Value) || o.Device == v.Device && o.Actor == v.Actor })
		kept = append(kept, v)
	}
	kept = slices.DeleteFunc(kept, func(v Version) bool { return r.stands(key, v.Value) })
	slices.SortFunc(kept, func(a, b Version) int { return cmp.Compare(a.Stamp.Seq, b.Stamp.Seq) })
	switch {
	case len(kept) == 0 && at >= 0:
		r.Contests = slices.Delete(r.Contests, at, at+1)
	case len(kept) == 0:
	case at >= 0:
		r.Contests[at] = Contest{Field: key, Versions: kept}
	default:
		r.addContest(Contest{Field: key, Versions: kept})
	}
}

// stands reports whether a value is in force or in the field's open contest.
func (r *Record) stands(key uint64, value []byte) bool {
	if same(r.Fields[key], value) {
		return true
	}
	i := r.contestOf(key, true)
	return i >= 0 && slices.ContainsFunc(r.Contests[i].Versions, func(v Version) bool { return same(v.Value, value) })
}

// rewrite is what becomes of the values that lost when somebody writes the field
// knowing the one in force. Where they take back one that lost, the one in force
// takes its place on the list: the choice can be undone.
func (r *Record) rewrite(closed int, key uint64, mine Version) {
	var replaced []Version
	if slices.ContainsFunc(r.Contests[closed].Versions, func(v Version) bool { return same(v.Value, mine.Value) }) {
		replaced = append(replaced, r.inForce(key))
	}
	r.put(key, mine)
	r.remember(key, replaced)
}
