package localstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// settled are the states that the counts of these tests leave out.
var settled = []domain.RepairStatus{domain.RepairClosed, domain.RepairCancelled}

func settledNames() (names []string) {
	for _, s := range settled {
		names = append(names, string(s))
	}
	return names
}

// Whatever comes in whatever order (others' work, own work on top, answers,
// refusals, snapshots, lost rights), the counts are those of reading every
// record.
func TestCountsAreThoseOfReading(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		undo := errors.New("the next run starts from the same state")
		err := w.store.Update(context.Background(), func(tx *localstore.Tx) error {
			h := &history{t: t, tx: tx, server: map[recordName]merge.Record{}}
			t.Repeat(map[string]func(*rapid.T){
				"others' work":  h.others,
				"page":          h.page,
				"own defect":    h.own,
				"answer":        h.answer,
				"rights":        h.rights,
				"snapshot":      h.snapshot,
				"epoch":         h.startOver,
				"":              h.counts,
				"others' work2": h.others, // more of it than of what throws it away
				"page2":         h.page,
			})
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

type recordName struct {
	entity domain.Entity
	id     domain.AnyID
}

// history is a server's log and what of it the device has.
type history struct {
	t       *rapid.T
	tx      *localstore.Tx
	log     []syncproto.Logged
	server  map[recordName]merge.Record
	waiting []syncproto.Op
	edits   uint64
	epoch   int
}

func (h *history) fatal(err error) {
	if err != nil {
		h.t.Fatal(err)
	}
}

// thing draws a record of a small world: two buildings, their units, the units'
// defects and the defects' tickets, with what makes counting hard.
func (h *history) thing(t *rapid.T, entities ...domain.Entity) (e domain.Entity, id domain.AnyID, content any) {
	n := func(what string, most int) string { return fmt.Sprint(what, rapid.IntRange(0, most).Draw(t, what)) }
	unit, defect := ident.Derive[domain.Unit](n("unit", 2)), ident.Derive[domain.Defect](n("defect", 3))
	switch e = rapid.SampledFrom(entities).Draw(t, "entity"); e {
	case domain.EntityUnit:
		return e, unit.Any(), domain.Unit{BuildingID: ident.Derive[domain.Building](n("building", 1))}
	case domain.EntityDefect:
		return e, defect.Any(), domain.Defect{UnitID: unit, State: rapid.SampledFrom([]domain.DefectState{"", domain.DefectOpen, domain.DefectWithdrawn}).Draw(t, "state")}
	default:
		status := rapid.SampledFrom([]domain.RepairStatus{"", domain.RepairRecorded, domain.RepairClosed, domain.RepairCancelled}).Draw(t, "status")
		return e, ident.Derive[any](n("ticket", 3)), domain.Ticket{UnitID: unit, Status: status, DefectID: rapid.SampledFrom([]domain.DefectID{{}, defect, defect}).Draw(t, "about")}
	}
}

// change is what somebody does to a record that has been seen so far.
func (h *history) change(t *rapid.T, seen merge.Record, content any) (syncproto.Kind, syncproto.Fields) {
	fields, err := syncproto.Encode(content)
	h.fatal(err)
	switch {
	case !seen.Exists():
		return syncproto.Recorded, fields
	case rapid.IntRange(0, 3).Draw(t, "withdraw") == 0:
		return syncproto.Withdrawn, nil
	default:
		return syncproto.Amended, fields
	}
}

func (h *history) append(op syncproto.Op) uint64 {
	place := uint64(len(h.log) + 1)
	h.log = append(h.log, syncproto.Logged{Seq: place, Op: op})
	name := recordName{op.Entity, op.ID}
	h.server[name], _ = merge.Apply(h.server[name], op, place)
	return place
}

func (h *history) others(t *rapid.T) {
	e, id, content := h.thing(t, domain.EntityUnit, domain.EntityDefect, domain.EntityTicket)
	kind, fields := h.change(t, h.server[recordName{e, id}], content)
	h.edits++
	h.append(syncproto.Op{
		Device: other, Seq: h.edits, Actor: person, Scope: field, Entity: e, ID: id, Kind: kind, Fields: fields,
		HLC: h.edits << 16, BaseSeq: uint64(len(h.log)), Schema: 1,
	})
}

func (h *history) own(t *rapid.T) {
	e, id, content := h.thing(t, domain.EntityDefect, domain.EntityUnit, domain.EntityTicket)
	shown, _, err := h.tx.Shown(context.Background(), e, id)
	h.fatal(err)
	c := localstore.Change{Project: project, Entity: e, ID: id}
	c.Kind, c.Fields = h.change(t, shown, content)
	_, err = h.tx.Record(context.Background(), c)
	h.fatal(err)
	sent, err := h.tx.Sent(context.Background())
	h.fatal(err)
	h.waiting = append(h.waiting, sent[len(sent)-1].Op)
}

// answer takes the oldest waiting op into the log, or into review, or not.
func (h *history) answer(t *rapid.T) {
	if len(h.waiting) == 0 {
		t.Skip("nothing waits")
	}
	op := h.waiting[0]
	h.waiting = h.waiting[1:]
	a := syncproto.Answer{Seq: op.Seq, Status: rapid.SampledFrom([]syncproto.Status{syncproto.Applied, syncproto.Rejected, syncproto.Quarantined}).Draw(t, "status")}
	if a.Status == syncproto.Applied {
		a.LogSeq = h.append(op)
	} else {
		a.Code = syncproto.CodeForbidden
	}
	h.fatal(h.tx.Answer(context.Background(), a))
}

func (h *history) cursor() (syncproto.Cursor, bool) {
	c, ok, err := h.tx.Cursor(context.Background(), field)
	h.fatal(err)
	return c, ok
}

func (h *history) page(t *rapid.T) {
	c, ok := h.cursor()
	if !ok || c.Epoch != "" && c.Epoch != h.name() {
		t.Skip("not followed")
	}
	last := rapid.Uint64Range(c.Seq, uint64(len(h.log))).Draw(t, "up to")
	h.apply(c.Seq, last)
}

func (h *history) name() string { return fmt.Sprint("e", h.epoch) }

func (h *history) apply(after, last uint64) {
	ok, err := h.tx.Apply(context.Background(), &syncproto.Page{
		Scope: field, Epoch: h.name(), PrevSeq: after, LastSeq: last, Head: uint64(len(h.log)), Changes: slices.Clone(h.log[after:last]),
	})
	h.fatal(err)
	if !ok {
		h.t.Fatalf("the page (%d,%d] was not applied", after, last)
	}
}

// startOver: the server was restored and its log has a new epoch.
func (h *history) startOver(t *rapid.T) {
	if _, ok := h.cursor(); !ok || rapid.IntRange(0, 5).Draw(t, "really") > 0 {
		t.Skip("not now")
	}
	h.epoch++
	h.apply(0, rapid.Uint64Range(0, uint64(len(h.log))).Draw(t, "up to"))
}

func (h *history) rights(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		t.Skip("not now")
	}
	if _, follows := h.cursor(); follows {
		h.fatal(h.tx.DropScope(context.Background(), field))
	} else {
		h.fatal(h.tx.FollowScope(context.Background(), syncproto.Head{Scope: field, Seq: uint64(len(h.log))}))
	}
}

// snapshot puts the server's whole state in place of the copy.
func (h *history) snapshot(t *rapid.T) {
	if _, follows := h.cursor(); !follows || rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		t.Skip("not now")
	}
	s, content := snapshotOf(t, h.name(), uint64(len(h.log)), slices.Collect(maps.Values(h.server))...)
	h.fatal(h.tx.Restore(context.Background(), s, content))
}

// snapshotOf is a snapshot of the field scope.
func snapshotOf(t rapid.TB, epoch string, seq uint64, records ...merge.Record) (*syncproto.Snapshot, io.Reader) {
	t.Helper()
	s := &syncproto.Snapshot{Scope: field, Epoch: epoch, Seq: seq, Head: seq, Records: len(records)}
	var content bytes.Buffer
	out, err := syncproto.NewStreamWriter(&content, syncproto.MaxSnapshotItem)
	if err = errors.Join(err, out.Write(s.Header())); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := out.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return s, &content
}

func (h *history) counts(t *rapid.T) {
	for n := range 2 {
		building := ident.Derive[domain.Building](fmt.Sprint("building", n))
		got, err := h.tx.UnsettledDefects(context.Background(), building, settledNames())
		h.fatal(err)
		if want := read(t, h.tx, building); !maps.Equal(got, want) {
			t.Fatalf("building %d counts %v, reading gives %v", n, got, want)
		}
	}
}

// read counts by decoding every record.
func read(t rapid.TB, tx *localstore.Tx, building domain.BuildingID) map[domain.UnitID]int {
	fatal := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	units, err := localstore.List[domain.Unit](context.Background(), tx, domain.EntityUnit, localstore.Filter{})
	fatal(err)
	tickets, err := localstore.List[domain.Ticket](context.Background(), tx, domain.EntityTicket, localstore.Filter{})
	fatal(err)
	defects, err := localstore.List[domain.Defect](context.Background(), tx, domain.EntityDefect, localstore.Filter{})
	fatal(err)
	here := map[domain.UnitID]bool{}
	for _, u := range units {
		here[u.ID] = u.Record.BuildingID == building
	}
	ticketed, open := map[domain.DefectID]bool{}, map[domain.DefectID]bool{}
	for _, k := range tickets {
		ticketed[k.Record.DefectID] = true
		open[k.Record.DefectID] = open[k.Record.DefectID] || !slices.Contains(settled, k.Record.Status)
	}
	counts := map[domain.UnitID]int{}
	for _, d := range defects {
		if here[d.Record.UnitID] && d.Record.State != domain.DefectWithdrawn && (!ticketed[d.ID] || open[d.ID]) {
			counts[d.Record.UnitID]++
		}
	}
	return counts
}

// A database of an older version knows neither a ticket's defect nor that a
// withdrawn record is nowhere; it learns when it is opened.
func TestCountsOfAnOlderVersionAreLearnt(t *testing.T) {
	w := newWorld(t)
	building, unit := ident.Derive[domain.Building]("building"), ident.Derive[domain.Unit]("unit")
	record := func(e domain.Entity, id domain.AnyID, kind syncproto.Kind, content any) {
		fields, err := syncproto.Encode(content)
		must(t, err)
		if kind == syncproto.Withdrawn {
			fields = nil
		}
		w.record(localstore.Change{Project: project, Entity: e, ID: id, Kind: kind, Fields: fields})
	}
	record(domain.EntityUnit, unit.Any(), syncproto.Recorded, domain.Unit{BuildingID: building})
	for _, name := range []string{"open", "withdrawn", "settled"} {
		record(domain.EntityDefect, ident.Derive[any](name), syncproto.Recorded, domain.Defect{UnitID: unit})
	}
	record(domain.EntityDefect, ident.Derive[any]("withdrawn"), syncproto.Withdrawn, nil)
	record(domain.EntityTicket, ident.Derive[any]("ticket"), syncproto.Recorded, domain.Ticket{
		UnitID: unit, Status: domain.RepairClosed, DefectID: ident.Derive[domain.Defect]("settled"),
	})
	for _, older := range []bool{false, true} {
		must(t, w.store.Close())
		if older {
			db, err := sql.Open("sqlite3", filepath.Join(w.dir, localstore.FileName))
			must(t, err)
			_, err = db.ExecContext(t.Context(), "UPDATE records SET about = x'', parent = ? WHERE entity IN (18, 20)", unit[:])
			must(t, err)
			must(t, db.Close())
		}
		w.open()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			got, err := tx.UnsettledDefects(ctx, building, settledNames())
			if want := (map[domain.UnitID]int{unit: 1}); err != nil || !maps.Equal(got, want) {
				t.Errorf("older %v: %v, %v", older, got, err)
			}
			return nil
		})
	}
}

// A device that holds many records looks only at those that were asked for.
func TestListingsUseTheIndexes(t *testing.T) {
	w := newWorld(t)
	parent, states := domain.AnyID{1}, []string{"open", "closed"}
	for want, filters := range map[string][]localstore.Filter{
		"records_parent (entity=? AND parent=?)": {{Parent: parent}, {Parent: parent, States: states[:1]}, {Parent: parent, States: states, Project: project}},
		"records_state (entity=? AND state=?)":   {{States: states[:1]}, {States: states}, {States: states, Project: project}},
	} {
		for _, f := range filters {
			w.view(func(ctx context.Context, tx *localstore.Tx) error {
				if plan, err := tx.PlanOf(ctx, domain.EntityTicket, f); err != nil || !strings.Contains(plan, "USING INDEX "+want) {
					t.Errorf("%+v: %s, %v", f, plan, err)
				}
				return nil
			})
		}
	}
}
