package conflict

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// Lost lists the values that others have replaced without their writers knowing
// of each other, or that a person decided against, those replaced last first.
// Those of a field that waits for a person come when it is decided.
func (w Words) Lost(ctx context.Context, s Source, records []Record) ([]Lost, error) {
	type dated struct {
		Lost
		at domain.Instant
	}
	var all []dated
	for _, r := range records {
		for _, keys := range groups(r, false) {
			if slices.ContainsFunc(groups(r, true), func(open []uint64) bool { return related(r, open[0], keys[0]) }) {
				continue
			}
			found, err := w.lost(ctx, s, r, keys)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", r.Entity, r.ID, err)
			}
			stamp, _ := r.Stamp(keys[0])
			for _, l := range found {
				all = append(all, dated{l, domain.Instant(stamp.HLC >> 16)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(b.at, a.at) })
	list := make([]Lost, len(all))
	for i, d := range all {
		list[i] = d.Lost
	}
	return list, nil
}

// related reports whether two fields belong to one question.
func related(r Record, a, b uint64) bool {
	return a == b || whole(r, a) && whole(r, b)
}

func (w Words) lost(ctx context.Context, s Source, r Record, keys []uint64) (list []Lost, err error) {
	subject, err := w.subject(ctx, s, r)
	if err != nil {
		return nil, err
	}
	stamp, _ := r.Stamp(keys[0])
	inForce := merge.Version{Actor: stamp.Actor, Stamp: stamp}
	base := Lost{Subject: subject, NowWho: w.who(inForce), NowAt: w.Time(at(inForce))}
	if whole(r, keys[0]) {
		return w.lostWholes(r, keys, base)
	}
	key := keys[0]
	base.What = w.label(r.Entity, key)
	if base.Now, err = w.value(ctx, r, key, r.Fields[key]); err != nil {
		return nil, err
	}
	for _, same := range byValue(closed(r, key)) {
		v := same[len(same)-1]
		if w.contained(r, key, v.Value) {
			continue
		}
		l := base
		l.Key = fmt.Sprintf("%s.%s.%d.%d", r.Entity, r.ID, key, v.Stamp.Seq)
		l.Who, l.At, l.Mine = w.who(same...), w.Time(at(v)), slices.ContainsFunc(same, w.mine)
		if l.Value, err = w.value(ctx, r, key, v.Value); err != nil {
			return nil, err
		}
		l.decision = again(r, syncproto.Fields{key: v.Value})
		list = append(list, l)
	}
	return list, nil
}

// lostWholes gathers the fields that are chosen as one by the op that brought
// them.
func (w Words) lostWholes(r Record, keys []uint64, base Lost) (list []Lost, err error) {
	base.What = w.wholeLabel(r)
	if base.Now, _, err = w.whole(r, nil); err != nil {
		return nil, err
	}
	var ops []stated
	for _, k := range keys {
		for _, v := range closed(r, k) {
			i := slices.IndexFunc(ops, func(o stated) bool { return o.by.Stamp == v.Stamp })
			if i < 0 {
				i = len(ops)
				ops = append(ops, stated{by: v, fields: syncproto.Fields{}})
			}
			ops[i].fields[k] = v.Value
		}
	}
	for _, st := range ops {
		st.signed(r)
		l := base
		l.Key = fmt.Sprintf("%s.%s.%d.%d", r.Entity, r.ID, keys[0], st.by.Stamp.Seq)
		l.Who, l.At, l.Mine = w.who(st.by), w.Time(at(st.by)), w.mine(st.by)
		if l.Value, _, err = w.whole(r, st.fields); err != nil {
			return nil, err
		}
		l.decision = again(r, st.fields)
		if l.Value != l.Now {
			list = append(list, l)
		}
	}
	return list, nil
}

// closed lists the values of a field that lost.
func closed(r Record, key uint64) []merge.Version {
	i := slices.IndexFunc(r.Contests, func(c merge.Contest) bool { return c.Field == key && !c.Open })
	if i < 0 {
		return nil
	}
	return slices.Clone(r.Contests[i].Versions)
}

// contained reports whether the words that lost stand in those in force, as they
// do when both were kept.
func (w Words) contained(r Record, key uint64, lost syncproto.Value) bool {
	if f, known := fields[r.Entity][key]; !known || f.shape != plain {
		return false
	}
	now, err := syncproto.DecodeField[string](r.Fields, key)
	was, failed := syncproto.DecodeField[string](syncproto.Fields{key: lost}, key)
	return err == nil && failed == nil && strings.Contains(now, strings.TrimRight(strings.TrimSpace(was), endings))
}

// again puts values that lost back into force, where those that replaced them
// are still there.
func again(r Record, values syncproto.Fields) Decision {
	d := Decision{Entity: r.Entity, ID: r.ID, Values: values, Seen: map[uint64][]syncproto.Value{}}
	for key := range values {
		for _, v := range r.Standing(key) {
			d.Seen[key] = append(d.Seen[key], v.Value)
		}
	}
	return d
}
