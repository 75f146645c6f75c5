package localstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// place is where listings and counts find a record as it is shown, without
// reading its body. A withdrawn one is nowhere.
type place struct {
	parent domain.AnyID
	state  string
	// about is the defect of a ticket, nil for other records.
	about []byte
}

// keyTicketDefect is the field of domain.Ticket that names its defect.
const keyTicketDefect = 4

func placeOf(r merge.Record) (p place) {
	if r.Withdrawn {
		return p
	}
	p.parent, p.state = r.Fields.Parent(), r.Fields.State()
	if r.Entity == domain.EntityTicket {
		// One that cannot be read names no defect, as in a listing.
		if defect, err := syncproto.DecodeField[domain.DefectID](r.Fields, keyTicketDefect); err == nil && !defect.IsZero() {
			p.about = defect[:]
		}
	}
	return p
}

// UnsettledDefects counts the defects of each unit of a building that still need
// somebody's work: those without a ticket, and those with a ticket in another
// state than the settled ones. Units without any are not in the map. It reads
// indexes and no bodies: what it takes depends on the building and not on the
// project.
func (t *Tx) UnsettledDefects(ctx context.Context, building domain.BuildingID, settled []string) (map[domain.UnitID]int, error) {
	args := []any{}
	for _, s := range settled {
		args = append(args, s)
	}
	args = append(args, domain.EntityDefect, domain.EntityUnit, building[:], string(domain.DefectWithdrawn))
	type count struct {
		unit    domain.UnitID
		defects int
	}
	rows, err := sqltx.Collect(ctx, t.tx, "unsettled defects", func(r *sql.Rows) (c count, err error) {
		var unit []byte
		if err := r.Scan(&unit, &c.defects); err != nil {
			return c, err
		}
		err = c.unit.UnmarshalBinary(unit)
		return c, err
	}, `SELECT d.parent, sum(coalesce((SELECT max(t.state NOT IN (`+strings.Join(slices.Repeat([]string{"?"}, len(settled)), ", ")+`)) FROM records t WHERE t.about = d.id), 1))
		FROM records u CROSS JOIN records d ON d.entity = ? AND d.parent = u.id
		WHERE u.entity = ? AND u.parent = ? AND d.state <> ? GROUP BY d.parent`, args...)
	counts := make(map[domain.UnitID]int, len(rows))
	for _, c := range rows {
		if c.defects > 0 {
			counts[c.unit] = c.defects
		}
	}
	return counts, err
}

// learnAtOnce is how many old rows one transaction learns about: their bodies
// are in memory together.
const learnAtOnce = 500

// learnPlaces fills in where records are found that an older version stored.
func (s *Store) learnPlaces(ctx context.Context) error {
	for {
		learnt := 0
		err := s.db.Tx(ctx, func(tx sqltx.Tx) error {
			t := &Tx{tx: tx, now: s.now()}
			old, err := sqltx.Collect(ctx, tx, "places", scanRecord, "SELECT coalesce(body, server) FROM records WHERE about = x'' LIMIT ?", learnAtOnce)
			if err != nil {
				return err
			}
			for _, r := range old {
				p := placeOf(r)
				err := t.exec(ctx, "place of "+r.Entity.String(), "UPDATE records SET parent = ?, state = ?, about = ? WHERE entity = ? AND id = ?",
					p.parent[:], p.state, p.about, r.Entity, r.ID[:])
				if err != nil {
					return fmt.Errorf("%s %s: %w", r.Entity, r.ID, err)
				}
			}
			learnt = len(old)
			return nil
		})
		if err != nil || learnt == 0 {
			return err
		}
	}
}
