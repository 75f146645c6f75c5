//go:build linux

package faulttest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// tickets: one for each defect, numbered from 1 without a hole.
func (a *account) tickets(ctx context.Context, tx *store.Tx) {
	a.t.Helper()
	found, err := intake.List[domain.Defect](ctx, tx, domain.EntityDefect, store.Filter{})
	must(a.t, err)
	for _, f := range found {
		a.defects[f.ID] = true
	}
	for _, d := range a.devices {
		for _, s := range d.acknowledged() {
			if !a.defects[s.defect] {
				a.wrong("%s showed defect %s as saved; the server does not have it", d.plan.Name, s.defect)
			}
		}
	}
	list, err := intake.List[domain.Ticket](ctx, tx, domain.EntityTicket, store.Filter{})
	must(a.t, err)
	numbers, of := map[int]bool{}, map[domain.DefectID]int{}
	for _, k := range list {
		of[k.Record.DefectID]++
		n, err := strconv.Atoi(k.Record.Number[strings.LastIndex(k.Record.Number, "-")+1:])
		must(a.t, err)
		numbers[n] = true
	}
	for id := range a.defects {
		if of[id] != 1 {
			a.wrong("defect %s has %d tickets", id, of[id])
		}
	}
	if len(list) != len(a.defects) || len(numbers) != len(list) || len(list) > 0 && slices.Max(slices.Collect(maps.Keys(numbers))) != len(list) {
		a.wrong("%d defects, %d tickets with %d numbers", len(a.defects), len(list), len(numbers))
	}
}
