package desktest

import (
	"context"
	"slices"
	"time"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// Written is what somebody, on a device of their own, wrote into a record
// without knowing what others wrote.
type Written struct {
	Who    domain.PersonID
	Minute int // after Opening
	Value  any
}

// Contested is a record that several people wrote into.
func Contested(e domain.Entity, id domain.AnyID, ops ...Written) (r conflict.Record, err error) {
	for _, o := range ops {
		fields, err := syncproto.Encode(o.Value)
		if err != nil {
			return r, err
		}
		at := Opening.Add(time.Duration(o.Minute) * time.Minute)
		r, _ = merge.Apply(r, syncproto.Op{
			Device: ident.Derive[domain.Device](o.Who.String()), Actor: o.Who, Kind: syncproto.Amended, Entity: e, ID: id,
			Scope: syncproto.Scope{Project: Project, Audience: domain.AudienceField}, Fields: fields, At: at, HLC: uint64(at) << 16,
		}, r.Seq+1)
	}
	return r, nil
}

// Contest stores contested records beside the others.
func (d *Device) Contest(records ...conflict.Record) {
	d.mu.Lock()
	d.contests = append(d.contests, records...)
	d.mu.Unlock()
	d.Ring()
}

// Waiting implements desk.Contests.
func (d *Device) Waiting(ctx context.Context) ([]conflict.Record, error) {
	all, err := d.All(ctx)
	return slices.DeleteFunc(all, func(r conflict.Record) bool { return r.OpenContests() == 0 }), err
}

// All implements desk.Contests.
func (d *Device) All(context.Context) ([]conflict.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.contests), nil
}

// Of implements desk.Contests.
func (d *Device) Of(_ context.Context, e domain.Entity, id domain.AnyID) (r conflict.Record, ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.contests, func(r conflict.Record) bool { return r.Entity == e && r.ID == id })
	if i < 0 {
		return r, false, nil
	}
	return d.contests[i], true, nil
}

// Decide implements desk.Contests: the choice holds at once.
func (d *Device) Decide(_ context.Context, decision conflict.Decision) error {
	d.mu.Lock()
	d.Decided = append(d.Decided, decision)
	for i, r := range d.contests {
		if r.Entity == decision.Entity && r.ID == decision.ID {
			d.contests[i] = merge.Overlay(r, syncproto.Op{
				Device: ident.Derive[domain.Device](Coordinator.String()), Actor: Coordinator, Kind: syncproto.Amended, BaseSeq: r.Seq,
				Entity: r.Entity, ID: r.ID, Scope: r.Scope, Fields: decision.Values, At: d.now, HLC: uint64(d.now) << 16,
			})
		}
	}
	d.mu.Unlock()
	d.Ring()
	return nil
}

// Disputed is what two people wrote differently about the defect of a ticket and
// about one checklist item: a description, a severity and an answer wait, a
// kind was replaced.
func Disputed(n int) ([]conflict.Record, error) {
	t := Ticket(n, domain.RepairAssigned)
	theirs := domain.Defect{
		UnitID: t.UnitID, Room: t.Room, LibraryCode: t.LibraryCode, Severity: domain.Minor, Description: "反锁后智能锁打不开，反复三次",
	}
	mine := theirs
	mine.LibraryCode, mine.Severity, mine.Description = "DOR-01", domain.Major, "锁舌卡住，猫眼松动"
	defect, err := Contested(domain.EntityDefect, t.DefectID.Any(), Written{Inspector, 12, theirs}, Written{Coordinator, 31, mine})
	if err != nil {
		return nil, err
	}
	passed := domain.Result{UnitID: t.UnitID, Item: "BOTH-015", Room: "LIV1", Answer: domain.AnswerPass, Readings: []int64{1500}, Inspector: Manager}
	failed := passed
	failed.Answer, failed.Readings, failed.Inspector = domain.AnswerFail, []int64{3500}, Inspector
	result, err := Contested(domain.EntityResult, ident.Derive[any]("desktest", "result"), Written{Manager, 20, passed}, Written{Inspector, 25, failed})
	return []conflict.Record{defect, result}, err
}
