package merge_test

import (
	"maps"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

var (
	tabletA = ident.Derive[domain.Device]("a")
	tabletB = ident.Derive[domain.Device]("b")
	defect  = ident.Derive[any]("defect")
)

func op(t testing.TB, dev domain.DeviceID, base, hlc uint64, kind syncproto.Kind, d domain.Defect) syncproto.Op {
	t.Helper()
	f, err := syncproto.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	return syncproto.Op{Device: dev, BaseSeq: base, HLC: hlc, Kind: kind, Entity: domain.EntityDefect, ID: defect, Fields: f}
}

func view(t *testing.T, r merge.Record) domain.Defect {
	t.Helper()
	d, err := merge.As[domain.Defect](r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConcurrentEdits(t *testing.T) {
	first := domain.Defect{Room: "LIV1", Description: "crack", Severity: domain.Minor, Element: "wall"}
	for name, c := range map[string]struct {
		b        domain.Defect
		base     uint64
		hlc      uint64
		dev      domain.DeviceID
		want     domain.Defect
		conflict bool
		open     int
	}{
		"seen before writing":            {b: domain.Defect{Severity: domain.Cosmetic}, base: 2, dev: tabletB, want: domain.Defect{Severity: domain.Cosmetic, Description: "A", Element: "wall"}},
		"own device is never concurrent": {b: domain.Defect{Severity: domain.Cosmetic}, base: 1, dev: tabletA, want: domain.Defect{Severity: domain.Cosmetic, Description: "A", Element: "wall"}},
		"highest severity in force":      {b: domain.Defect{Severity: domain.Critical}, base: 1, dev: tabletB, want: domain.Defect{Severity: domain.Critical, Description: "A", Element: "wall"}, conflict: true, open: 1},
		"lower severity keeps both":      {b: domain.Defect{Severity: domain.Cosmetic}, base: 1, dev: tabletB, want: domain.Defect{Severity: domain.Major, Description: "A", Element: "wall"}, conflict: true, open: 1},
		"first description in force":     {b: domain.Defect{Description: "B"}, base: 1, hlc: 99, dev: tabletB, want: domain.Defect{Severity: domain.Major, Description: "A", Element: "wall"}, conflict: true, open: 1},
		"same value is no conflict":      {b: domain.Defect{Description: "A"}, base: 1, dev: tabletB, want: domain.Defect{Severity: domain.Major, Description: "A", Element: "wall"}},
		"untouched field applies":        {b: domain.Defect{Element: "ceiling"}, base: 1, dev: tabletB, want: domain.Defect{Severity: domain.Major, Description: "A", Element: "ceiling"}},
	} {
		r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, first), 1)
		r, _ = merge.Apply(r, op(t, tabletA, 1, 2, syncproto.Amended, domain.Defect{Severity: domain.Major, Description: "A"}), 2)
		r, conflict := merge.Apply(r, op(t, c.dev, c.base, c.hlc, syncproto.Amended, c.b), 3)
		got := view(t, r)
		if got.Severity != c.want.Severity || got.Description != c.want.Description || got.Element != c.want.Element {
			t.Errorf("%s: %+v", name, got)
		}
		if conflict != c.conflict || r.OpenContests() != c.open {
			t.Errorf("%s: conflict %v, open %d", name, conflict, r.OpenContests())
		}
	}
}

func TestLaterClockWinsAndLoserIsKept(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Element: "wall"}), 1)
	r, _ = merge.Apply(r, op(t, tabletA, 1, 50, syncproto.Amended, domain.Defect{Element: "ceiling"}), 2)
	r, conflict := merge.Apply(r, op(t, tabletB, 1, 40, syncproto.Amended, domain.Defect{Element: "floor"}), 3)
	if conflict || view(t, r).Element != "ceiling" {
		t.Fatalf("%v %+v", conflict, view(t, r))
	}
	if len(r.Contests) != 1 || len(r.Contests[0].Versions) != 1 || r.Contests[0].Open {
		t.Fatalf("the loser was forgotten: %+v", r.Contests)
	}
}

func TestResolutionClosesContest(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Description: "A"}), 1)
	r, _ = merge.Apply(r, op(t, tabletB, 0, 2, syncproto.Amended, domain.Defect{Description: "B"}), 2)
	if r.OpenContests() != 1 {
		t.Fatal("no contest")
	}
	r, _ = merge.Apply(r, op(t, tabletA, 2, 3, syncproto.Amended, domain.Defect{Description: "A and B"}), 3)
	if r.OpenContests() != 0 || view(t, r).Description != "A and B" {
		t.Fatalf("%d open, %q", r.OpenContests(), view(t, r).Description)
	}
}

// A contest that the device has not seen stays open when it edits the field.
func TestUnseenContestStaysOpen(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Description: "A"}), 1)
	r, _ = merge.Apply(r, op(t, tabletB, 0, 2, syncproto.Amended, domain.Defect{Description: "B"}), 2)
	r, _ = merge.Apply(r, op(t, tabletA, 1, 3, syncproto.Amended, domain.Defect{Description: "C"}), 3)
	if r.OpenContests() != 1 {
		t.Fatal("a value that nobody looked at was dropped")
	}
}

func TestClearedField(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Description: "A", Room: "BED1"}), 1)
	clearing := op(t, tabletA, 1, 2, syncproto.Amended, domain.Defect{})
	clearing.Fields[8] = syncproto.Null
	r, _ = merge.Apply(r, clearing, 2)
	if got := view(t, r); got.Description != "" || got.Room != "BED1" {
		t.Fatalf("%+v", got)
	}
}

func TestOverlayNeverLosesOwnEdit(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Description: "A"}), 1)
	r, _ = merge.Apply(r, op(t, tabletB, 1, 2, syncproto.Amended, domain.Defect{Description: "B", Severity: domain.Critical}), 2)
	shown := merge.Overlay(r, op(t, tabletA, 1, 1, syncproto.Amended, domain.Defect{Description: "mine", Severity: domain.Minor}))
	if got := view(t, shown); got.Description != "mine" || got.Severity != domain.Minor {
		t.Fatalf("the pending edit flickered away: %+v", got)
	}
}

// Ops and records are shared: applying one changes neither, whatever it clears.
func TestApplyChangesNothingInPlace(t *testing.T) {
	pending := func(fields syncproto.Fields) syncproto.Op {
		return syncproto.Op{Device: tabletA, Entity: domain.EntityDefect, ID: defect, Kind: syncproto.Amended, Fields: fields}
	}
	value := syncproto.Value{0x01}
	held := merge.Overlay(merge.Record{}, pending(syncproto.Fields{5: value}))
	held = merge.Overlay(held, pending(syncproto.Fields{5: syncproto.Null})) // only the stamp of the clearing is left
	stamps := maps.Clone(held.Stamps)
	third := pending(syncproto.Fields{5: value, 7: syncproto.Null})
	next := merge.Overlay(held, third)
	if !maps.Equal(held.Stamps, stamps) || !third.Fields.Equal(syncproto.Fields{5: value, 7: syncproto.Null}) {
		t.Errorf("the record is %+v, the op %+v", held, third)
	}
	if _, cleared := next.Stamps[7]; !cleared || !next.Fields.Equal(syncproto.Fields{5: value}) || len(next.Stamps) != 1 {
		t.Errorf("%+v", next)
	}
}
