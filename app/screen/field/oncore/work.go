package oncore

import (
	"context"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
)

type inspecting struct{ *fieldwork.Field }

func (i inspecting) Answer(ctx context.Context, a field.Answered) (domain.ResultID, error) {
	return i.Field.Answer(ctx, fieldwork.Answered(a))
}

func (inspecting) InspectionOf(task domain.TaskID) domain.InspectionID {
	return fieldwork.InspectionOf(task)
}

func (inspecting) ResultOf(inspection domain.InspectionID, item, room string) domain.ResultID {
	return fieldwork.ResultOf(inspection, item, room)
}

type drafts struct{ work *fieldwork.Field }

func (d drafts) New(project domain.ProjectID, unit domain.UnitID, stage domain.Stage) (field.Form, error) {
	form, err := d.work.NewDefectForm(project, unit, stage)
	return fromWork(form), err
}

func (d drafts) Save(ctx context.Context, form field.Form) error {
	return d.work.SaveDraft(ctx, toWork(form))
}

func (d drafts) Get(ctx context.Context, key string) (form field.Form, ok bool, err error) {
	var held fieldwork.DefectForm
	err = d.work.Store.View(ctx, func(t *localstore.Tx) error {
		ok, err = t.Draft(ctx, key, &held)
		return err
	})
	return fromWork(held), ok, err
}

func (d drafts) List(ctx context.Context) (forms []field.Form, err error) {
	held, err := d.work.DefectDrafts(ctx)
	for _, h := range held {
		forms = append(forms, fromWork(h))
	}
	return forms, err
}

func (d drafts) Drop(ctx context.Context, form field.Form) error {
	return d.work.DropDraft(ctx, toWork(form))
}

type defects struct{ work *fieldwork.Field }

func (d defects) Record(ctx context.Context, form field.Form) (domain.DefectID, error) {
	return d.work.RecordDefect(ctx, toWork(form))
}

func (d defects) Similar(ctx context.Context, form field.Form) (ids []domain.DefectID, err error) {
	same, err := d.work.Similar(ctx, toWork(form))
	for _, s := range same {
		ids = append(ids, s.ID)
	}
	return ids, err
}

func toWork(f field.Form) fieldwork.DefectForm {
	return fieldwork.DefectForm{
		Project: f.Project, Unit: f.Unit, Inspection: f.Inspection, Stage: f.Stage, Result: f.Result, Room: f.Room,
		LibraryCode: f.LibraryCode, Element: f.Element, Trade: f.Trade, Type: f.Type, Description: f.Description,
		Severity: f.Severity, Readings: f.Readings, Pin: f.Pin, DuplicateOf: f.DuplicateOf, OwnerHidden: f.OwnerHidden,
		Photos: captured(f.Photos), Draft: f.Draft,
	}
}

func fromWork(f fieldwork.DefectForm) field.Form {
	form := field.Form{
		Project: f.Project, Unit: f.Unit, Inspection: f.Inspection, Stage: f.Stage, Result: f.Result, Room: f.Room,
		LibraryCode: f.LibraryCode, Element: f.Element, Trade: f.Trade, Type: f.Type, Description: f.Description,
		Severity: f.Severity, Readings: f.Readings, Pin: f.Pin, DuplicateOf: f.DuplicateOf, OwnerHidden: f.OwnerHidden,
		Draft: f.Draft,
	}
	for _, p := range f.Photos {
		form.Photos = append(form.Photos, field.Captured(p))
	}
	return form
}

func captured(photos []field.Captured) []fieldwork.Captured {
	var all []fieldwork.Captured
	for _, p := range photos {
		all = append(all, fieldwork.Captured(p))
	}
	return all
}

type repairs struct{ work *fieldwork.Field }

func (r repairs) Reinspect(ctx context.Context, v field.Verdict) error {
	return r.work.Reinspect(ctx, fieldwork.Verdict{
		Project: v.Project, Task: v.Task, Pass: v.Pass, WaterTested: v.WaterTested, Note: v.Note, Photos: captured(v.Photos),
	})
}

func (r repairs) Confirm(ctx context.Context, a field.OwnerAnswer) error {
	return r.work.Confirm(ctx, fieldwork.OwnerAnswer(a))
}
