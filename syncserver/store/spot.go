package store

import (
	"bytes"
	"context"
	"database/sql"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// SetSpot indexes a defect by the place and kind of what is wrong.
func (t *Tx) SetSpot(_ context.Context, id domain.DefectID, spot string) error {
	t.top().spots[id] = known[string]{value: spot, dirty: true}
	return nil
}

// SameSpot lists the earliest defects of a spot, at most limit.
func (t *Tx) SameSpot(ctx context.Context, spot string, limit int) ([]domain.DefectID, error) {
	stored, err := sqltx.Collect(ctx, t.tx, "same spot", func(r *sql.Rows) (id domain.DefectID, err error) {
		var raw []byte
		if err = r.Scan(&raw); err != nil {
			return id, err
		}
		err = id.UnmarshalBinary(raw)
		return id, err
	}, "SELECT defect FROM spots WHERE spot = ? ORDER BY defect LIMIT ?", spot, limit+len(t.base.spots)+len(t.top().spots))
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(stored, func(id domain.DefectID) bool {
		now, moved := find(t, spotsOf, id)
		return moved && now != spot
	})
	for _, l := range []*layer{t.base, t.top()} {
		for id := range l.spots {
			if now, _ := find(t, spotsOf, id); now == spot && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	slices.SortFunc(list, func(a, b domain.DefectID) int { return bytes.Compare(a[:], b[:]) })
	return list[:min(limit, len(list))], nil
}

func spotsOf(l *layer) map[domain.DefectID]known[string] { return l.spots }
