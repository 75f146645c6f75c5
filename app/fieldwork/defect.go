package fieldwork

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// DefectForm is what the inspector fills in; as a draft it survives the app.
type DefectForm struct {
	Project     domain.ProjectID    `json:"project"`
	Unit        domain.UnitID       `json:"unit"`
	Inspection  domain.InspectionID `json:"inspection"`
	Stage       domain.Stage        `json:"stage"`
	Result      domain.ResultID     `json:"result"`
	Room        string              `json:"room"`
	LibraryCode string              `json:"library_code"`
	Element     string              `json:"element"`
	Trade       string              `json:"trade"`
	Type        string              `json:"type"`
	Description string              `json:"description"`
	Severity    domain.Severity     `json:"severity"`
	Readings    []int64             `json:"readings,omitempty"`
	Pin         *domain.Pin         `json:"pin,omitempty"`
	DuplicateOf domain.DefectID     `json:"duplicate_of"`
	OwnerHidden bool                `json:"owner_hidden"`
	// Photos are in the vault already; Draft names the form.
	Photos []Captured `json:"photos,omitempty"`
	Draft  string     `json:"draft"`
}

const defectDrafts = "defect/"

// NewDefectForm starts a form that is a draft from its first change on.
func (f *Field) NewDefectForm(project domain.ProjectID, unit domain.UnitID, stage domain.Stage) (DefectForm, error) {
	id, err := ident.New[domain.Defect](f.IDs)
	return DefectForm{Project: project, Unit: unit, Stage: stage, Draft: defectDrafts + id.String()}, err
}

// Choose takes over what the library knows of a defect.
func (form *DefectForm) Choose(code, element, trade, kind string, severity domain.Severity) {
	form.LibraryCode, form.Element, form.Trade, form.Type, form.Severity = code, element, trade, kind, severity
}

// SaveDraft keeps the form as it stands.
func (f *Field) SaveDraft(ctx context.Context, form DefectForm) error {
	return f.Store.SaveDraft(ctx, form.Draft, form)
}

// DefectDrafts lists the forms that were left half-filled, newest first.
func (f *Field) DefectDrafts(ctx context.Context) (forms []DefectForm, err error) {
	err = f.Store.View(ctx, func(t *localstore.Tx) error {
		drafts, err := t.Drafts(ctx)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if !strings.HasPrefix(d.Key, defectDrafts) {
				continue
			}
			var form DefectForm
			if err := json.Unmarshal(d.Body, &form); err != nil {
				return fmt.Errorf("draft %s: %w", d.Key, err)
			}
			forms = append(forms, form)
		}
		return nil
	})
	return forms, err
}

// DropDraft throws a form away.
func (f *Field) DropDraft(ctx context.Context, form DefectForm) error {
	return f.Store.Update(ctx, func(t *localstore.Tx) error { return t.DropDraft(ctx, form.Draft) })
}

// RecordDefect saves the defect with its photos as one group and ends the
// draft. Missing photos never prevent it.
func (f *Field) RecordDefect(ctx context.Context, form DefectForm) (domain.DefectID, error) {
	id, err := domain.ParseID[domain.Defect](strings.TrimPrefix(form.Draft, defectDrafts))
	if err != nil {
		return id, err
	}
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return id, err
	}
	return id, f.Store.Update(ctx, func(t *localstore.Tx) error {
		at, err := corrected(ctx, t, f.Store.Now())
		if err != nil {
			return err
		}
		defect, err := record(form.Project, domain.EntityDefect, id, domain.Defect{}, domain.Defect{
			UnitID: form.Unit, State: domain.DefectOpen, Room: form.Room, Element: form.Element, Trade: form.Trade, Type: form.Type,
			LibraryCode: form.LibraryCode, Description: form.Description, Severity: form.Severity, Quantity: 1, Readings: form.Readings,
			Pin: form.Pin, ResultID: form.Result, InspectionID: form.Inspection, DuplicateOf: form.DuplicateOf,
			OwnerHidden: form.OwnerHidden, CapturedAt: at, Inspector: who.Person, Stage: form.Stage,
		}, false)
		if err != nil {
			return err
		}
		changes := []localstore.Change{defect}
		for _, p := range form.Photos {
			c, err := f.attach(ctx, t, form.Project, form.Unit, id.Any(), domain.RoleEvidence, p, who.Person)
			if err != nil {
				return err
			}
			changes = append(changes, c)
		}
		if _, err := t.Record(ctx, changes...); err != nil {
			return err
		}
		return t.DropDraft(ctx, form.Draft)
	})
}

// AmendDefect changes a recorded defect.
func (f *Field) AmendDefect(ctx context.Context, project domain.ProjectID, id domain.DefectID, change func(*domain.Defect)) error {
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		held, ok, err := localstore.Get(ctx, t, domain.EntityDefect, id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("defect %s: %w", id, ErrGone)
		}
		next := held
		change(&next)
		c, err := record(project, domain.EntityDefect, id, held, next, true)
		if err != nil || len(c.Fields) == 0 {
			return err
		}
		_, err = t.Record(ctx, c)
		return err
	})
}

// WithdrawDefect takes a recorded defect back; it stays in the log.
func (f *Field) WithdrawDefect(ctx context.Context, project domain.ProjectID, id domain.DefectID) error {
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		_, err := t.Record(ctx, localstore.Change{Project: project, Entity: domain.EntityDefect, ID: id.Any(), Kind: syncproto.Withdrawn})
		return err
	})
}

// Similar lists open defects of the same spot, so that a duplicate is linked.
func (f *Field) Similar(ctx context.Context, form DefectForm) (same []localstore.Listed[domain.Defect], err error) {
	probe := domain.Defect{UnitID: form.Unit, Room: form.Room, Element: form.Element, Type: form.Type}
	err = f.Store.View(ctx, func(t *localstore.Tx) error {
		defects, err := localstore.List[domain.Defect](ctx, t, domain.EntityDefect, localstore.Filter{Parent: form.Unit.Any()})
		for _, d := range defects {
			if spot := probe.Spot(); spot != "" && d.Record.Spot() == spot {
				same = append(same, d)
			}
		}
		return err
	})
	return same, err
}
