package localstore_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// handoverDay is a log of defects that other tablets recorded, each followed by
// its ticket.
func handoverDay(t testing.TB, defects int) (log []syncproto.Logged) {
	t.Helper()
	encode := func(record any) syncproto.Fields {
		f, err := syncproto.Encode(record)
		must(t, err)
		return f
	}
	seq := uint64(0)
	add := func(device domain.DeviceID, e domain.Entity, id domain.AnyID, f syncproto.Fields) {
		seq++
		log = append(log, syncproto.Logged{Seq: seq, Op: syncproto.Op{
			Device: device, Seq: seq, Actor: person, CapturedAt: 1_790_000_000_000, At: 1_790_000_000_000, UTCOffset: 480, HLC: seq << 16, Scope: field,
			Entity: e, ID: id, Kind: syncproto.Recorded, Fields: f, Schema: syncproto.SchemaVersion,
		}})
	}
	for i := range defects {
		// As tablets make them: a time, then chance.
		id := ident.Derive[any](fmt.Sprint(i))
		binary.BigEndian.PutUint64(id[:8], uint64(1_790_000_000_000+i%20*1000+i/20)<<16)
		unit := ident.Derive[domain.Unit](fmt.Sprint(i % 264))
		ticket := ident.Derive[domain.Ticket]("ticket", id.String())
		add(ident.Derive[domain.Device](fmt.Sprint(i%20)), domain.EntityDefect, id, encode(domain.Defect{
			UnitID: unit, State: domain.DefectOpen, Room: "LIV1", Element: "入户门", Trade: "门窗", Type: "划伤", LibraryCode: "DOR-02",
			Description: fmt.Sprintf("样例描述 %d：入户门门扇中部有划痕，业主要求更换，现场已拍照并告知维修时限", i), Severity: domain.Minor, Quantity: 3,
			Readings: []int64{3500, 2750}, Pin: &domain.Pin{PlanID: domain.PlanID(unit), X: 610_000, Y: 220_000}, CapturedAt: 1_790_000_000_000,
			Inspector: person, Stage: domain.StageHandover, WarrantyClass: "W-FIN",
		}))
		add(ident.ServerDevice, domain.EntityTicket, ticket.Any(), encode(domain.Ticket{
			UnitID: unit, Status: domain.RepairRecorded, Number: fmt.Sprintf("WX-2026-%06d", i), DefectID: domain.DefectID(id), Room: "LIV1", LibraryCode: "DOR-02",
			Description: fmt.Sprintf("样例描述 %d：入户门门扇中部有划痕，业主要求更换，现场已拍照并告知维修时限", i), Trade: "门窗", Severity: domain.Minor,
			ContractorID: domain.PartyID(unit), ScopeID: domain.ScopeID(unit), LiabilityReason: domain.Because("reason.liability.subcontractor", "party", "样例门窗", "building", "1#"),
			WarrantyClass: "W-FIN", ContractorEnd: "2028-06-30", WarrantyReason: domain.Because("reason.warranty.undelivered"),
			SLAClass: domain.P1, SLAReason: domain.Because("reason.sla.class", "class", "P1"), RecordedAt: 1_790_000_000_000, PromisedBy: "2026-10-03",
			RespondDue: 1_790_000_000_000, OnSiteDue: 1_790_000_000_000, MakeSafeDue: 1_790_000_000_000, FinishDue: 1_790_000_000_000, Attempt: 1,
			ConfigVersion: "0123456789abcdef", CatalogueVersion: "2026-01", RaisedBy: person, RaisedReason: domain.Because("reason.liability.subcontractor", "party", "样例门窗", "building", "1#"),
		}))
	}
	return log
}

// BenchmarkApply takes a handover day of 10,000 defects in pages.
func BenchmarkApply(b *testing.B) {
	log := handoverDay(b, 10_000)
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		b.StartTimer()
		for from := 0; from < len(log); from += 512 {
			p := &syncproto.Page{Scope: field, Epoch: "e", PrevSeq: uint64(from), Changes: log[from:min(from+512, len(log))]}
			p.LastSeq = p.Changes[len(p.Changes)-1].Seq
			w.update(func(ctx context.Context, tx *localstore.Tx) error {
				_, err := tx.Apply(ctx, p)
				return err
			})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(log)), "µs/entry")
}
