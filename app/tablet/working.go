package tablet

import (
	"context"
	"errors"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
)

func asRefused(err error, into **field.Refused) bool { return errors.As(told(err), into) }

type inspecting struct{ *core.Core }

// Start implements field.Inspecting.
func (i inspecting) Start(ctx context.Context, project domain.ProjectID, task domain.TaskID) (domain.InspectionID, error) {
	id, err := i.Field.Start(ctx, project, task)
	return id, told(err)
}

// Answer implements field.Inspecting.
func (i inspecting) Answer(ctx context.Context, a field.Answered) (domain.ResultID, error) {
	id, err := i.Field.Answer(ctx, fieldwork.Answered(a))
	return id, told(err)
}

// Complete implements field.Inspecting.
func (i inspecting) Complete(ctx context.Context, project domain.ProjectID, id domain.InspectionID) error {
	return told(i.Field.Complete(ctx, project, id))
}

// InspectionOf implements field.Inspecting.
func (i inspecting) InspectionOf(task domain.TaskID) domain.InspectionID {
	return fieldwork.InspectionOf(task)
}

// ResultOf implements field.Inspecting.
func (i inspecting) ResultOf(inspection domain.InspectionID, item, room string) domain.ResultID {
	return fieldwork.ResultOf(inspection, item, room)
}

type drafts struct{ *core.Core }

// New implements field.Drafts.
func (d drafts) New(project domain.ProjectID, unit domain.UnitID, stage domain.Stage) (field.Form, error) {
	form, err := d.Field.NewDefectForm(project, unit, stage)
	return shown(form), err
}

// Save implements field.Drafts.
func (d drafts) Save(ctx context.Context, form field.Form) error {
	return d.Field.SaveDraft(ctx, kept(form))
}

// Get implements field.Drafts.
func (d drafts) Get(ctx context.Context, key string) (form field.Form, ok bool, err error) {
	err = d.Store.View(ctx, func(t *localstore.Tx) error {
		var held fieldwork.DefectForm
		ok, err = t.Draft(ctx, key, &held)
		form = shown(held)
		return err
	})
	return form, ok, err
}

// List implements field.Drafts.
func (d drafts) List(ctx context.Context) (forms []field.Form, err error) {
	list, err := d.Field.DefectDrafts(ctx)
	for _, f := range list {
		forms = append(forms, shown(f))
	}
	return forms, err
}

// Drop implements field.Drafts.
func (d drafts) Drop(ctx context.Context, form field.Form) error {
	return d.Field.DropDraft(ctx, kept(form))
}

type defects struct{ *core.Core }

// Record implements field.Defects.
func (d defects) Record(ctx context.Context, form field.Form) (domain.DefectID, error) {
	id, err := d.Field.RecordDefect(ctx, kept(form))
	return id, told(err)
}

// Similar implements field.Defects.
func (d defects) Similar(ctx context.Context, form field.Form) (ids []domain.DefectID, err error) {
	same, err := d.Field.Similar(ctx, kept(form))
	for _, s := range same {
		ids = append(ids, s.ID)
	}
	return ids, err
}

// notes keeps drafts of other kinds apart from defect forms.
const notes = "note/"

type notebook struct{ *core.Core }

// Keep implements field.Notebook.
func (n notebook) Keep(ctx context.Context, key string, value any) error {
	return n.Store.SaveDraft(ctx, notes+key, value)
}

// Kept implements field.Notebook.
func (n notebook) Kept(ctx context.Context, key string, value any) (ok bool, err error) {
	err = n.Store.View(ctx, func(t *localstore.Tx) error {
		ok, err = t.Draft(ctx, notes+key, value)
		return err
	})
	return ok, err
}

// Forget implements field.Notebook.
func (n notebook) Forget(ctx context.Context, key string) error {
	return n.Store.Update(ctx, func(t *localstore.Tx) error { return t.DropDraft(ctx, notes+key) })
}

type repairs struct{ *core.Core }

// Reinspect implements field.Repairs.
func (r repairs) Reinspect(ctx context.Context, v field.Verdict) error {
	return told(r.Field.Reinspect(ctx, fieldwork.Verdict{
		Project: v.Project, Task: v.Task, Pass: v.Pass, WaterTested: v.WaterTested, Note: v.Note, Photos: taken(v.Photos),
	}))
}

// Confirm implements field.Repairs.
func (r repairs) Confirm(ctx context.Context, a field.OwnerAnswer) error {
	return told(r.Field.Confirm(ctx, fieldwork.OwnerAnswer(a)))
}

// kept and shown translate the defect form; their fields are the same.
func kept(f field.Form) fieldwork.DefectForm {
	return fieldwork.DefectForm{
		Project: f.Project, Unit: f.Unit, Inspection: f.Inspection, Stage: f.Stage, Result: f.Result, Room: f.Room,
		LibraryCode: f.LibraryCode, Element: f.Element, Trade: f.Trade, Type: f.Type, Description: f.Description,
		Severity: f.Severity, Readings: f.Readings, Pin: f.Pin, DuplicateOf: f.DuplicateOf, OwnerHidden: f.OwnerHidden,
		Photos: taken(f.Photos), Draft: f.Draft,
	}
}

func shown(f fieldwork.DefectForm) field.Form {
	form := field.Form{
		Project: f.Project, Unit: f.Unit, Inspection: f.Inspection, Stage: f.Stage, Result: f.Result, Room: f.Room,
		LibraryCode: f.LibraryCode, Element: f.Element, Trade: f.Trade, Type: f.Type, Description: f.Description,
		Severity: f.Severity, Readings: f.Readings, Pin: f.Pin, DuplicateOf: f.DuplicateOf, OwnerHidden: f.OwnerHidden, Draft: f.Draft,
	}
	for _, p := range f.Photos {
		form.Photos = append(form.Photos, field.Captured(p))
	}
	return form
}

func taken(photos []field.Captured) (out []fieldwork.Captured) {
	for _, p := range photos {
		out = append(out, fieldwork.Captured(p))
	}
	return out
}
