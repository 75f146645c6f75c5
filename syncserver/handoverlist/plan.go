package handoverlist

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Preview compares the book with the present state. The preview of a refused
// book has its faults only.
func (b *Book) Preview(ctx context.Context, project domain.ProjectID, ids Deriver, now Snapshot) (*Preview, error) {
	if b.Refused() {
		return &Preview{Faults: b.Faults, MoreFaults: b.MoreFaults}, nil
	}
	desired, err := b.Desired(project, ids)
	if err != nil {
		return nil, err
	}
	p, err := Plan(ctx, desired, now)
	if err != nil {
		return nil, err
	}
	p.Faults, p.MoreFaults = append(p.Faults, b.Faults...), p.MoreFaults+b.MoreFaults
	return p, nil
}

// Plan compares each field of the desired records three ways. A value that the
// file has not changed since the last import is left alone, whatever the app
// holds; one that the app has not changed is written; one that both changed,
// differently, is kept and shown, again at every import until one side gives
// in. States are written at creation only. An appointment for a unit that is
// neither desired nor present is an error, and then nothing is changed.
func Plan(ctx context.Context, desired []Record, now Snapshot) (*Preview, error) {
	p := &planner{now: now, preview: &Preview{}, desired: make(map[recordID]*Record, len(desired))}
	for i := range desired {
		r := &desired[i]
		if _, twice := p.desired[recordID{r.Entity, r.ID}]; twice {
			return nil, fmt.Errorf("plan import: %s %s is desired twice", r.Entity, r.ID)
		}
		p.desired[recordID{r.Entity, r.ID}] = r
	}
	for i := range desired {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("plan import: %w", err)
		}
		if err := p.record(ctx, &desired[i]); err != nil {
			return nil, fmt.Errorf("plan import of %s %s: %w", desired[i].Entity, desired[i].ID, err)
		}
	}
	if err := p.missing(ctx); err != nil {
		return nil, fmt.Errorf("plan import: %w", err)
	}
	p.preview.Faults, p.preview.MoreFaults = p.faults.sorted(nil), p.faults.more
	if p.preview.Refused() {
		return &Preview{Faults: p.preview.Faults, MoreFaults: p.preview.MoreFaults}, nil
	}
	return p.preview, nil
}

type recordID struct {
	entity domain.Entity
	id     domain.AnyID
}

type planner struct {
	now     Snapshot
	preview *Preview
	desired map[recordID]*Record
	faults  faultList
}

func (p *planner) record(ctx context.Context, r *Record) error {
	if r.Entity == domain.EntityAppointment {
		if err := p.checkUnit(ctx, r); err != nil {
			return err
		}
	}
	current, exists, err := p.now.Current(ctx, r.Entity, r.ID)
	if err != nil {
		return err
	}
	imported, known, err := p.now.Imported(ctx, r.Entity, r.ID)
	if err != nil {
		return err
	}
	count := p.count(r.Entity)
	switch {
	case !exists && !known:
		count.Create++
		p.create(r)
	case !exists:
		count.Unchanged++
		count.Kept++
		p.preview.Kept = append(p.preview.Kept, Kept{Entity: r.Entity, ID: r.ID, Name: r.Name, Removed: true})
	default:
		p.merge(r, current, imported, count)
	}
	return nil
}

func (p *planner) create(r *Record) {
	c := Change{Entity: r.Entity, ID: r.ID, Name: r.Name, Key: r.Key, Create: true, Patch: syncproto.Fields{}, Imported: syncproto.Fields{}}
	for key, value := range r.Fields {
		if syncproto.IsNull(value) {
			continue
		}
		c.Patch[key] = value
		if key != syncproto.KeyState {
			c.Imported[key] = value
		}
	}
	p.preview.Changes = append(p.preview.Changes, c)
}

// merge compares a record that exists field by field.
func (p *planner) merge(r *Record, current, imported syncproto.Fields, count *Count) {
	c := Change{Entity: r.Entity, ID: r.ID, Name: r.Name, Key: r.Key, Patch: syncproto.Fields{}, Imported: syncproto.Fields{}}
	for key, value := range imported {
		c.Imported[key] = value
	}
	kept := Kept{Entity: r.Entity, ID: r.ID, Name: r.Name}
	for _, key := range r.Fields.Keys() {
		file, have, last := r.Fields[key], current[key], imported[key]
		switch {
		case key == syncproto.KeyState || same(last, file):
			continue
		case same(have, file):
		case same(have, last):
			c.Patch[key] = file
			c.Fields = appendChange(c.Fields, r.Entity, key, have, file)
		default:
			kept.Fields = appendKept(kept.Fields, r.Entity, key, last, have, file)
			continue
		}
		c.Imported[key] = file
		if syncproto.IsNull(file) {
			delete(c.Imported, key)
		}
	}
	if len(kept.Fields) > 0 {
		count.Kept++
		p.preview.Kept = append(p.preview.Kept, kept)
	}
	if len(c.Patch) > 0 {
		count.Change++
	} else {
		count.Unchanged++
	}
	if len(c.Patch) > 0 || !c.Imported.Equal(imported) {
		p.preview.Changes = append(p.preview.Changes, c)
	}
}

// same compares values; cleared and never set are one.
func same(a, b []byte) bool {
	return syncproto.IsNull(a) && syncproto.IsNull(b) || bytes.Equal(a, b)
}

// checkUnit looks up the unit of an appointment from a file without units.
func (p *planner) checkUnit(ctx context.Context, r *Record) error {
	unit := r.Fields.Parent()
	if _, listed := p.desired[recordID{domain.EntityUnit, unit}]; listed {
		return nil
	}
	fields, exists, err := p.now.Current(ctx, domain.EntityUnit, unit)
	if err != nil {
		return err
	}
	fault := Fault{Sheet: r.Sheet, Row: r.Row, Value: r.Name}
	if !exists {
		fault.Severity, fault.Expected = SeverityError, domain.Because(keyUnitUnknown, "unit", r.Name)
		p.faults.add(fault)
		return nil
	}
	present, err := syncproto.Decode[domain.Unit](fields)
	if err == nil && !present.Sold {
		fault.Severity, fault.Expected = SeverityWarning, domain.Because(keyUnitUnsold, "unit", r.Name)
		p.faults.add(fault)
	}
	return err
}

// missing reports records of the file's tables that the file does not name.
func (p *planner) missing(ctx context.Context) error {
	keys, err := p.now.ImportedKeys(ctx)
	if err != nil {
		return err
	}
	tables := map[tableKind]bool{}
	for id := range p.desired {
		tables[tableOf(id.entity)] = true
	}
	for _, k := range keys {
		_, named := p.desired[recordID{k.Entity, k.ID}]
		if !named && tables[tableOf(k.Entity)] {
			p.preview.Missing = append(p.preview.Missing, k)
		}
	}
	return nil
}

// count is the line of an entity; records come grouped by entity or not.
func (p *planner) count(e domain.Entity) *Count {
	i := slices.IndexFunc(p.preview.Counts, func(c Count) bool { return c.Entity == e })
	if i < 0 {
		p.preview.Counts = append(p.preview.Counts, Count{Entity: e})
		i = len(p.preview.Counts) - 1
	}
	return &p.preview.Counts[i]
}
