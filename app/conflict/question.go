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

// Questions lists what waits for a person, the newest first.
func (w Words) Questions(ctx context.Context, s Source, records []Record) ([]Question, error) {
	type dated struct {
		Question
		at domain.Instant
	}
	var all []dated
	for _, r := range records {
		for _, keys := range groups(r, true) {
			q, newest, err := w.question(ctx, s, r, keys)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", r.Entity, r.ID, err)
			}
			all = append(all, dated{q, newest})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(b.at, a.at) })
	list := make([]Question, len(all))
	for i, d := range all {
		list[i] = d.Question
	}
	return list, nil
}

func (w Words) question(ctx context.Context, s Source, r Record, keys []uint64) (q Question, newest domain.Instant, err error) {
	q.Key = fmt.Sprintf("%s.%s.%d", r.Entity, r.ID, keys[0])
	if q.Subject, err = w.subject(ctx, s, r); err != nil {
		return q, 0, err
	}
	seen := map[uint64][]syncproto.Value{}
	for _, k := range keys {
		for _, v := range r.Standing(k) {
			seen[k] = append(seen[k], v.Value)
			newest = max(newest, at(v))
		}
	}
	decide := func(values syncproto.Fields) Decision {
		return Decision{Entity: r.Entity, ID: r.ID, Values: values, Seen: seen}
	}
	if whole(r, keys[0]) {
		q.What = w.wholeLabel(r)
		for _, st := range statements(r, keys) {
			side := Side{Mine: st.by.Actor == w.Me, Who: w.who(st.by), At: w.Time(at(st.by)), InForce: st.inForce, decision: decide(st.fields)}
			if side.Value, side.Detail, err = w.whole(r, st.fields); err != nil {
				return q, 0, err
			}
			q.Sides = append(q.Sides, side)
		}
		return q, newest, nil
	}
	key := keys[0]
	q.What = w.label(r.Entity, key)
	if err := w.sides(ctx, r, key, decide, &q); err != nil {
		return q, 0, err
	}
	return q, newest, nil
}

// sides fills in the values of one field; several people may have given the
// same.
func (w Words) sides(ctx context.Context, r Record, key uint64, decide func(syncproto.Fields) Decision, q *Question) error {
	var texts []string
	for _, same := range byValue(r.Standing(key)) {
		last := slices.MaxFunc(same, func(a, b merge.Version) int { return cmp.Compare(at(a), at(b)) })
		side := Side{
			Who: w.who(same...), At: w.Time(at(last)), Mine: slices.ContainsFunc(same, w.mine),
			InForce: merge.Same(last.Value, r.Fields[key]), decision: decide(syncproto.Fields{key: valueOf(last)}),
		}
		var err error
		if side.Value, err = w.value(ctx, r, key, last.Value); err != nil {
			return err
		}
		if text, err := syncproto.DecodeField[string](syncproto.Fields{key: last.Value}, key); err == nil && text != "" {
			texts = append(texts, text)
		}
		q.Sides = append(q.Sides, side)
	}
	if f, known := fields[r.Entity][key]; !known || f.shape != plain || len(texts) < 2 {
		return nil
	}
	q.Both = together(texts)
	both, err := syncproto.Marshal(q.Both)
	q.both = decide(syncproto.Fields{key: both})
	return err
}

// valueOf is what an op carries to set a field to a version's value.
func valueOf(v merge.Version) syncproto.Value {
	if syncproto.IsNull(v.Value) {
		return syncproto.Null
	}
	return v.Value
}

// byValue groups versions that say the same, in the order in which they were
// written.
func byValue(versions []merge.Version) (list [][]merge.Version) {
	slices.SortStableFunc(versions, func(a, b merge.Version) int { return cmp.Compare(at(a), at(b)) })
	for _, v := range versions {
		i := slices.IndexFunc(list, func(same []merge.Version) bool { return merge.Same(same[0].Value, v.Value) })
		if i < 0 {
			list = append(list, []merge.Version{v})
		} else {
			list[i] = append(list[i], v)
		}
	}
	return list
}

func (w Words) mine(v merge.Version) bool { return v.Actor == w.Me }

// who names the writers of versions.
func (w Words) who(versions ...merge.Version) string {
	var names []string
	for _, v := range versions {
		if name := w.Person(v.Actor); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, w.Text("conflict.and"))
}
