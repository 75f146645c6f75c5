package localstore_test

import (
	"context"
	"fmt"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// A large project: ten buildings of 200 units with 49 defects each, every one
// with a ticket. The screen shows one building.
func BenchmarkUnsettledDefects(b *testing.B) {
	w := newWorld(b)
	place := uint64(0)
	for n := range 10 {
		building := ident.Derive[domain.Building](fmt.Sprint("building", n))
		page := &syncproto.Page{Scope: field, Epoch: "e", PrevSeq: place}
		add := func(e domain.Entity, id domain.AnyID, content any) {
			fields, err := syncproto.Encode(content)
			must(b, err)
			place++
			page.Changes = append(page.Changes, syncproto.Logged{Seq: place, Op: syncproto.Op{
				Device: other, Seq: place, Actor: person, Scope: field, Entity: e, ID: id, Kind: syncproto.Recorded, Fields: fields, HLC: place << 16, Schema: 1,
			}})
		}
		for u := range 200 {
			unit := ident.Derive[domain.Unit](building.String(), fmt.Sprint(u))
			add(domain.EntityUnit, unit.Any(), domain.Unit{BuildingID: building, Number: fmt.Sprint(u)})
			for d := range 49 {
				defect := ident.Derive[domain.Defect](unit.String(), fmt.Sprint(d))
				add(domain.EntityDefect, defect.Any(), domain.Defect{UnitID: unit, State: domain.DefectOpen, Room: "LIV1", Description: fmt.Sprintf("%0400d", d)})
				status := settled[0]
				if d%10 == 0 {
					status = domain.RepairAssigned
				}
				add(domain.EntityTicket, ident.Derive[any](defect.String()), domain.Ticket{UnitID: unit, Status: status, DefectID: defect, Description: fmt.Sprintf("%0400d", d)})
			}
		}
		page.LastSeq, page.Head = place, place
		if !w.apply(page) {
			b.Fatal("not applied")
		}
	}
	for b.Loop() {
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			got, err := tx.UnsettledDefects(ctx, ident.Derive[domain.Building]("building3"), settledNames())
			if err != nil || len(got) != 200 {
				b.Fatal(len(got), err)
			}
			return nil
		})
	}
}
