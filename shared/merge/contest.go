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

// Same reports whether two values are equal; cleared and never set are.
func Same(a, b []byte) bool {
	return bytes.Equal(a, b) || syncproto.IsNull(a) && syncproto.IsNull(b)
}

func (r *Record) contestOf(key uint64, open bool) int {
	return slices.IndexFunc(r.Contests, func(c Contest) bool { return c.Field == key && c.Open == open })
}

// Standing lists the values of a field that nobody has replaced knowingly:
// those between which a person must choose, or the one in force.
func (r Record) Standing(key uint64) []Version {
	if i := r.contestOf(key, true); i >= 0 {
		return slices.Clone(r.Contests[i].Versions)
	}
	return []Version{r.inForce(key)}
}

// inForce is the value of a field that no contest is open about.
func (r *Record) inForce(key uint64) Version {
	s, _ := r.Stamp(key)
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
		if !Same(v.Value, after[0].Value) {
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
		if syncproto.IsNull(v.Value) {
			continue
		}
		theirs := func(o Version) bool { return o.Device == v.Device && o.Actor == v.Actor }
		if i := slices.IndexFunc(kept, theirs); i < 0 {
			kept = append(kept, v)
		} else if kept[i].Stamp.Seq < v.Stamp.Seq {
			kept[i] = v
		}
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
	if Same(r.Fields[key], value) {
		return true
	}
	i := r.contestOf(key, true)
	return i >= 0 && slices.ContainsFunc(r.Contests[i].Versions, func(v Version) bool { return Same(v.Value, value) })
}

// replace writes a field knowing the value in force. Where that takes back a
// value that lost, the one in force takes its place among them, so that the
// choice can be undone.
func (r *Record) replace(key uint64, value syncproto.Value, s Stamp) {
	lost := r.contestOf(key, false)
	if lost < 0 {
		r.put(key, value, s)
		return
	}
	var replaced []Version
	if slices.ContainsFunc(r.Contests[lost].Versions, func(v Version) bool { return Same(v.Value, value) }) {
		replaced = append(replaced, r.inForce(key))
	}
	r.put(key, value, s)
	r.remember(key, replaced)
}
