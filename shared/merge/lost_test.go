package merge_test

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// written is an op as it was applied.
type written struct {
	syncproto.Op
	seq uint64
}

func (w written) seen(by written) bool { return by.BaseSeq >= w.seq || by.Device == w.Device }

// tablet is a device that writes, pushes later and pulls when it can.
type tablet struct {
	id      domain.DeviceID
	pulled  uint64
	waiting []syncproto.Op
}

var people = []domain.PersonID{ident.Derive[domain.Person]("p"), ident.Derive[domain.Person]("q")}

// offers are fields of every rule with values that people may give them; few of
// them, so that people agree now and then. nil clears the field.
var offers = map[domain.Entity]map[uint64][]any{
	domain.EntityDefect: {8: {"a", "b", "c", "d", nil}, 9: {1, 2, 3, 4}, 3: {"LIV1", "BED1", "KIT1", nil}, 11: {[]int64{1}, []int64{2, 3}, nil}},
	domain.EntityResult: {2: {"pass", "fail", "na"}, 5: {[]int64{1}, []int64{2}, nil}, 7: {"x", "y", nil}},
	domain.EntityTask:   {5: {"Sample A", "Sample B"}, 4: {"2026-09-26", "2026-09-27", "2026-09-28"}},
}

// TestNothingTypedIsLost: in whatever order the ops of devices that know little
// of each other arrive, what a person gave a field is in force, in a contest, or
// was replaced by somebody who had seen it.
func TestNothingTypedIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entity := rapid.SampledFrom([]domain.Entity{domain.EntityDefect, domain.EntityResult, domain.EntityTask}).Draw(t, "entity")
		fields := syncproto.Fields{}
		for k := range offers[entity] {
			fields[k] = nil
		}
		tablets := []*tablet{{id: tabletA}, {id: tabletB}, {id: tabletC}}
		r, log, stood := merge.Record{}, []written(nil), standing{}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				d := rapid.SampledFrom(tablets).Draw(t, "device")
				patch := syncproto.Fields{}
				for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields.Keys()), 1, 2, rapid.ID).Draw(t, "fields") {
					patch[k] = encoded(t, rapid.SampledFrom(offers[entity][k]).Draw(t, "value"))
				}
				d.waiting = append(d.waiting, syncproto.Op{
					Device: d.id, Actor: rapid.SampledFrom(people).Draw(t, "person"), BaseSeq: d.pulled, HLC: rapid.Uint64Range(1, 20).Draw(t, "clock"),
					Kind: syncproto.Amended, Entity: entity, ID: defect, Fields: patch,
				})
			},
			"push": func(t *rapid.T) {
				d := rapid.SampledFrom(tablets).Draw(t, "device")
				if len(d.waiting) == 0 {
					t.Skip("nothing waits")
				}
				w := written{Op: d.waiting[0], seq: r.Seq + 1}
				d.waiting, log = d.waiting[1:], append(log, w)
				r, _ = merge.Apply(r, w.Op, w.seq)
			},
			"pull": func(t *rapid.T) { rapid.SampledFrom(tablets).Draw(t, "device").pulled = r.Seq },
			"": func(t *rapid.T) {
				for _, key := range fields.Keys() {
					stood.note(r, key)
					nothingLost(t, r, log, stood, key)
					contestsAreSound(t, r, log, key)
				}
			},
		})
	})
}

// standing lists the places in the log by which a value of a field has stood, in
// force or in an open contest: whoever has pulled one of them has seen it.
type standing map[string][]uint64

func (s standing) note(r merge.Record, key uint64) {
	add := func(value []byte, seq uint64) {
		k := fmt.Sprintf("%d %x", key, value)
		if !slices.Contains(s[k], seq) {
			s[k] = append(s[k], seq)
		}
	}
	if s, known := r.Stamp(key); known {
		add(r.Fields[key], s.Seq)
	}
	for _, c := range r.Contests {
		for _, v := range c.Versions {
			if c.Open && c.Field == key {
				add(v.Value, v.Stamp.Seq)
			}
		}
	}
}

func nothingLost(t *rapid.T, r merge.Record, log []written, stood standing, key uint64) {
	held := [][]byte{r.Fields[key]}
	for _, c := range r.Contests {
		for _, v := range c.Versions {
			if c.Field == key {
				held = append(held, v.Value)
			}
		}
	}
	for _, w := range log {
		value, given := w.Fields[key]
		if !given || syncproto.IsNull(value) || slices.ContainsFunc(held, func(v []byte) bool { return bytes.Equal(v, value) }) {
			continue
		}
		places := append(slices.Clone(stood[fmt.Sprintf("%d %x", key, []byte(value))]), w.seq)
		if !slices.ContainsFunc(log, func(by written) bool {
			_, writes := by.Fields[key]
			return writes && by.seq > w.seq && slices.ContainsFunc(places, func(seq uint64) bool { return seq < by.seq && log[seq-1].seen(by) })
		}) {
			t.Fatalf("field %d: %x of seq %d was dropped silently: %s", key, value, w.seq, said(t, r, key))
		}
	}
}

// contestsAreSound: the versions of an open contest do not know each other and
// one of them is in force; the list of losers is short.
func contestsAreSound(t *rapid.T, r merge.Record, log []written, key uint64) {
	if !slices.IsSortedFunc(r.Contests, func(a, b merge.Contest) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(fmt.Sprint(b.Open), fmt.Sprint(a.Open)))
	}) {
		t.Fatalf("out of order: %+v", r.Contests)
	}
	for _, c := range r.Contests {
		if c.Field != key {
			continue
		}
		writers := map[string]int{}
		for i, v := range c.Versions {
			writers[v.Device.String()+v.Actor.String()]++
			for _, o := range c.Versions[:i] {
				if c.Open && log[o.Stamp.Seq-1].seen(log[v.Stamp.Seq-1]) && log[v.Stamp.Seq-1].seen(log[o.Stamp.Seq-1]) {
					t.Fatalf("field %d: versions %d and %d know each other", key, o.Stamp.Seq, v.Stamp.Seq)
				}
			}
			if !c.Open && bytes.Equal(v.Value, r.Fields[key]) {
				t.Fatalf("field %d: the value in force is among the losers", key)
			}
		}
		for who, n := range writers {
			if n > 1 {
				t.Fatalf("field %d: %d versions of %s", key, n, who)
			}
		}
		if s, _ := r.Stamp(key); c.Open && !slices.ContainsFunc(c.Versions, func(v merge.Version) bool { return v.Stamp == s }) {
			t.Fatalf("field %d: what is in force is none of the versions", key)
		}
		if c.Open && !merge.KeepsBoth(r.Entity, key) {
			t.Fatalf("field %d waits for a person", key)
		}
	}
}
