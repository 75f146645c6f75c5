package conflict

import (
	"cmp"
	"slices"
	"strings"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// stated is what one person said about a checklist item: the contested fields of
// a result as they came in one op.
type stated struct {
	by      merge.Version
	fields  syncproto.Fields
	inForce bool
}

// statements gathers the versions of a result's contested fields by the op that
// brought them. A field that an op did not bring, because it agreed with what
// stood, is as the first that stands.
func statements(r Record, keys []uint64) []stated {
	var ops []merge.Version
	for _, k := range keys {
		for _, v := range r.Standing(k) {
			if !slices.ContainsFunc(ops, func(o merge.Version) bool { return o.Stamp == v.Stamp }) {
				ops = append(ops, v)
			}
		}
	}
	slices.SortStableFunc(ops, func(a, b merge.Version) int {
		return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a.Stamp.Seq, b.Stamp.Seq))
	})
	list := make([]stated, len(ops))
	for i, op := range ops {
		list[i] = stated{by: op, fields: syncproto.Fields{}, inForce: true}
		for _, k := range keys {
			v := from(r.Standing(k), op)
			list[i].fields[k] = valueOf(v)
			list[i].inForce = list[i].inForce && merge.Same(v.Value, r.Fields[k])
		}
		list[i].signed(r)
	}
	return list
}

// from is the version that an op brought, else the first.
func from(versions []merge.Version, op merge.Version) merge.Version {
	i := slices.IndexFunc(versions, func(v merge.Version) bool { return v.Stamp == op.Stamp })
	return versions[max(i, 0)]
}

// signed adds who made the statement and when, so that a result that takes it
// over names them and not who chose.
func (st *stated) signed(r Record) {
	f, err := syncproto.Encode(domain.Result{Inspector: st.by.Actor, CapturedAt: at(st.by)})
	if err != nil || r.Entity != domain.EntityResult {
		return
	}
	for key, v := range f {
		st.fields[key] = v
	}
}

func (w Words) wholeLabel(r Record) string {
	if r.Entity == domain.EntityResult {
		return w.Text("conflict.field.statement")
	}
	return w.Text("conflict.field.library")
}

// whole puts fields that are chosen as one into a line, and the reason for them
// into another. What given lacks is as in the record.
func (w Words) whole(r Record, given syncproto.Fields) (value, detail string, err error) {
	all := r.Fields.Clone()
	for key, v := range given {
		all[key] = v
	}
	for key, v := range all {
		if syncproto.IsNull(v) {
			delete(all, key)
		}
	}
	if r.Entity == domain.EntityDefect {
		d, err := syncproto.Decode[domain.Defect](all)
		if known, ok := w.Catalogue.Defect(d.LibraryCode); ok {
			return known.Name(w.Locale), "", err
		}
		return strings.Join(slices.DeleteFunc([]string{d.Element, d.Type}, func(s string) bool { return s == "" }), " · "), "", err
	}
	res, err := syncproto.Decode[domain.Result](all)
	if err != nil {
		return "", "", err
	}
	parts := []string{w.Text("conflict.empty")}
	if res.Answer != "" {
		parts[0] = w.Answer(res.Answer)
	}
	if len(res.Readings) > 0 {
		parts = append(parts, w.points(res.Readings, w.measure(r)))
	}
	if res.Note != "" {
		parts = append(parts, w.note(res))
	}
	return strings.Join(parts, " · "), w.Reason(res.Verdict), nil
}

// note is what was typed, or the name of what was chosen.
func (w Words) note(r domain.Result) string {
	item, _ := w.Catalogue.Item(r.Item)
	if i := slices.IndexFunc(item.Options, func(o catalog.Option) bool { return o.Key == r.Note }); i >= 0 {
		return item.Options[i].Name(w.Locale)
	}
	return r.Note
}
