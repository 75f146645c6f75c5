package handoverlist

import (
	"errors"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Record is a domain record as the file wants it.
type Record struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Name is for people: "1# 1单元 101".
	Name string
	// Key is the natural key that the id is derived from.
	Key string
	// Fields holds Null for a cell that is empty and lacks the keys that the file
	// has no column for.
	Fields syncproto.Fields
	// Sheet and Row say where the record was first named.
	Sheet string
	Row   int
}

// Deriver makes an id from a natural key: equal parts, equal id. The first
// part is the project's id.
type Deriver func(parts ...string) [16]byte

// ErrRefused says that a book has errors and makes no records.
var ErrRefused = errors.New("the handover list has errors")

// Desired turns the book into records, parents before children. It fails with
// ErrRefused for a refused book.
func (b *Book) Desired(project domain.ProjectID, ids Deriver) ([]Record, error) {
	if b.Refused() {
		return nil, ErrRefused
	}
	d := &desire{project: project, ids: ids, book: b, known: map[string]bool{}, lists: map[domain.Entity][]Record{}}
	for _, add := range []func() error{d.addUnits, d.addScopes, d.addAppointments} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	var all []Record
	for _, t := range entityFields {
		all = append(all, d.lists[t.entity]...)
	}
	return all, nil
}

// desire collects records while rows are walked.
type desire struct {
	project domain.ProjectID
	ids     Deriver
	book    *Book
	// known holds the natural keys, with their entity, of records made so far.
	known map[string]bool
	lists map[domain.Entity][]Record
}

// naming is a record's entity, natural key and name.
type naming struct {
	entity domain.Entity
	parts  []string
	name   string
}

func (d *desire) id(e domain.Entity, parts ...string) domain.AnyID {
	return d.ids(append([]string{d.project.String(), e.String()}, parts...)...)
}

// add appends a record unless its natural key is there already: a building is
// named by each of its units.
func (d *desire) add(n naming, r tableRow, record any) error {
	known := strings.Join(append([]string{n.entity.String()}, n.parts...), "\x00")
	if d.known[known] {
		return nil
	}
	d.known[known] = true
	fields, err := encode(n.entity, record, r.has)
	if err != nil {
		return err
	}
	at := r.place()
	d.lists[n.entity] = append(d.lists[n.entity], Record{
		Entity: n.entity, ID: d.id(n.entity, n.parts...), Name: n.name, Key: strings.Join(n.parts, "/"), Fields: fields, Sheet: at.sheet, Row: at.row,
	})
	return nil
}
