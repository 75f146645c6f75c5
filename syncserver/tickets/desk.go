// Package tickets is the server's authority over tickets: it raises a repair
// ticket from each defect, moves tickets by the domain's state machines, engages
// third parties behind the evidence gate and draws back-charges. It decides
// nothing itself that policy can decide, and every decision carries its reason.
package tickets

import (
	"context"
	"fmt"
	"sync"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Desk implements intake.Decider. Text renders a letter in the recipient's
// language; it must know the keys that TextKeys lists.
type Desk struct {
	Catalogue *catalog.Catalogue
	Text      func(locale, key string, args map[string]string) string

	mu    sync.Mutex
	sites map[domain.ProjectID]cachedSite
}

var _ intake.Decider = (*Desk)(nil)

// Reads lists a defect's unit and ticket.
func (d *Desk) Reads(op syncproto.Op) []store.Key {
	if op.Entity != domain.EntityDefect {
		return nil
	}
	return []store.Key{
		{Entity: domain.EntityUnit, ID: op.Fields.Parent()}, {Entity: domain.EntityTicket, ID: TicketOf(domain.DefectID(op.ID)).Any()},
	}
}

// Fact follows a fact that was applied: it made r of before.
func (d *Desk) Fact(ctx context.Context, w *intake.Writer, op syncproto.Op, before, r merge.Record) error {
	if op.Entity == domain.EntityConfig || op.Entity == domain.EntityProject {
		return d.checkSettings(r)
	}
	c, err := d.open(ctx, w)
	if err != nil {
		return err
	}
	switch op.Entity {
	case domain.EntityDefect:
		return c.defectChanged(ctx, domain.DefectID(r.ID), r)
	case domain.EntityReinspection:
		return c.reinspected(ctx, r)
	case domain.EntityConfirmation:
		return c.ownerAnswered(ctx, r)
	case domain.EntityInspection:
		return c.inspectionChanged(ctx, r)
	case domain.EntityResult:
		return c.resultChanged(ctx, before, r)
	default:
		return nil
	}
}

// checkSettings refuses values that no decision in the project could be made
// with: they would stop every ticket until somebody notices.
func (d *Desk) checkSettings(r merge.Record) error {
	if r.Entity == domain.EntityProject {
		project, err := merge.As[domain.Project](r)
		if err != nil {
			return err
		}
		if _, err := policy.NewCalendar(project); err != nil {
			return refuse(syncproto.CodeBadFields, "zone")
		}
		return nil
	}
	setting, err := merge.As[domain.Config](r)
	if err != nil || r.Withdrawn {
		return err
	}
	if _, err := d.Catalogue.Defaults().Override(policy.LevelCompany, map[string]string{setting.Key: setting.Value}); err != nil {
		return refuse(syncproto.CodeBadFields, setting.Key)
	}
	return nil
}

// Command decides what a person asked for.
func (d *Desk) Command(ctx context.Context, w *intake.Writer, op syncproto.Op, cmd syncproto.Command) error {
	c, err := d.open(ctx, w)
	if err != nil {
		return err
	}
	switch op.Entity {
	case domain.EntityTicket:
		return c.ticketCommand(ctx, domain.TicketID(op.ID), cmd)
	case domain.EntityMaintenance:
		return c.maintenanceCommand(ctx, domain.MaintenanceID(op.ID), cmd)
	case domain.EntityNotice:
		return c.noticeCommand(ctx, op.ID, cmd)
	case domain.EntityBackCharge:
		return c.backChargeCommand(ctx, domain.BackChargeID(op.ID), cmd)
	default:
		return refuse(syncproto.CodeUnknownKind, op.Entity.String())
	}
}

// desk is a Desk at work in one transaction on one project.
type desk struct {
	*intake.Writer
	*site
	text func(locale, key string, args map[string]string) string
}

func (d *Desk) open(ctx context.Context, w *intake.Writer) (*desk, error) {
	s, err := d.site(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("open project %s: %w", w.Project, err)
	}
	return &desk{Writer: w, site: s, text: d.Text}, nil
}

func refuse(code syncproto.Code, details ...string) error {
	return &intake.Refusal{Code: code, Details: details}
}

// may refuses somebody without the capability.
func (d *desk) may(c domain.Capability) error {
	if !d.Rights[c] {
		return refuse(syncproto.CodeForbidden, string(c))
	}
	return nil
}

// get reads a record of this project; those of others do not exist here, since
// the rights that were checked are this project's.
func get[T any](ctx context.Context, d *desk, e domain.Entity, id domain.AnyID) (record T, ok bool, err error) {
	r, err := d.Tx.Record(ctx, e, id)
	if err != nil || !r.Exists() || r.Scope.Project != d.Project {
		return record, false, err
	}
	record, err = merge.As[T](r)
	return record, err == nil, err
}

// children lists the records of this project below a parent; nothing is below
// no parent.
func children[T any](ctx context.Context, d *desk, e domain.Entity, parent domain.AnyID) ([]intake.Listed[T], error) {
	if parent.IsZero() {
		return nil, nil
	}
	return intake.List[T](ctx, d.Tx, e, store.Filter{Project: d.Project, Parent: parent})
}

// event appends a line to a record's timeline.
func (d *desk) event(ctx context.Context, subject domain.AnyID, e domain.Event) error {
	n, err := d.Tx.NextNumber(ctx, d.Project, "events/"+subject.String())
	if err != nil {
		return err
	}
	e.SubjectID, e.At, e.Actor, e.Number = subject, d.At, d.Actor, n
	_, err = d.Create(ctx, domain.EntityEvent, derive("event", subject.String(), numeral(n)), e)
	return err
}

// number draws "WX-2026-000123" in the project's year.
func (d *desk) number(ctx context.Context, prefix string) (string, error) {
	series := fmt.Sprintf("%s-%d", prefix, d.Now.Time().In(d.calendar.Zone).Year())
	n, err := d.Tx.NextNumber(ctx, d.Project, d.Project.String()+"/"+series)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%06d", series, n), nil
}

// site is what decisions in a project are based on.
type site struct {
	catalogue *catalog.Catalogue
	project   domain.Project
	calendar  policy.Calendar
	config    policy.Config
	contracts map[domain.ScopeID]policy.Config // of contracts with values of their own
	scopes    []policy.ScopeFacts
	parties   map[domain.PartyID]domain.Party
}

// cachedSite is valid while the records that it was made from stay as they are.
type cachedSite struct {
	site    *site
	version string
}

// siteEntities are what a site is made from.
var siteEntities = []domain.Entity{domain.EntityProject, domain.EntityConfig, domain.EntityScope, domain.EntityParty}

func (d *Desk) site(ctx context.Context, w *intake.Writer) (*site, error) {
	if w.Wrote(siteEntities...) {
		return d.readSite(ctx, w.Tx, w.Project) // may still be undone: not for the cache
	}
	version, err := w.Tx.Version(ctx, w.Project, siteEntities...)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	held, ok := d.sites[w.Project]
	d.mu.Unlock()
	if ok && held.version == version {
		return held.site, nil
	}
	s, err := d.readSite(ctx, w.Tx, w.Project)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sites == nil {
		d.sites = map[domain.ProjectID]cachedSite{}
	}
	d.sites[w.Project] = cachedSite{site: s, version: version}
	return s, nil
}

func (d *Desk) readSite(ctx context.Context, tx *store.Tx, project domain.ProjectID) (*site, error) {
	source, err := readSite(ctx, tx, project)
	if err != nil {
		return nil, err
	}
	return source.build(d.Catalogue, project)
}
