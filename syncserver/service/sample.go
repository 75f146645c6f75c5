package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// sampleFile names the project and the invented people of assets/sample.
const sampleFile = "sample.json"

// Sample is the content of sample.json.
type Sample struct {
	Project string  `json:"project"`
	Company string  `json:"company"`
	Zone    string  `json:"zone"`
	Staff   []Staff `json:"staff"`
}

// ReadSample reads what assets/sample says of itself.
func ReadSample(files fs.FS) (out Sample, err error) {
	b, err := fs.ReadFile(files, sampleFile)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return out, fmt.Errorf("sample: %w", err)
	}
	return out, nil
}

// LoadSample sets the sample project up from assets/sample; a second call
// changes nothing.
func (s *Service) LoadSample(ctx context.Context, files fs.FS) (domain.ProjectID, error) {
	sample, err := ReadSample(files)
	if err != nil {
		return domain.ProjectID{}, err
	}
	project, err := s.AddProject(ctx, domain.Project{Name: sample.Project, Zone: sample.Zone, CompanyName: sample.Company})
	if err != nil {
		return project, err
	}
	if err := s.importSample(ctx, project, files); err != nil {
		return project, err
	}
	plans, err := fs.Sub(files, "plans")
	if err != nil {
		return project, fmt.Errorf("sample: %w", err)
	}
	if _, err := s.LoadPlans(ctx, project, plans); err != nil {
		return project, err
	}
	for _, staff := range sample.Staff {
		if _, err := s.AddStaff(ctx, project, staff); err != nil {
			return project, err
		}
	}
	return project, s.sampleShowFlat(ctx, project, files)
}

func (s *Service) importSample(ctx context.Context, project domain.ProjectID, files fs.FS) (err error) {
	dir, err := os.MkdirTemp("", "keyturn-sample-")
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	list, err := fs.ReadFile(files, "handover-list.xlsx")
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	path := filepath.Join(dir, "handover-list.xlsx")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	preview, err := s.Import(ctx, project, path, true)
	if err != nil {
		return err
	}
	if preview.Refused() {
		return fmt.Errorf("sample: the shipped handover list has %d faults", len(preview.Faults))
	}
	return nil
}

// sampleLayout is the layout whose show flat is frozen in the sample.
const sampleLayout = "B"

// sampleShowFlat freezes a show-flat baseline with a photo and asks for the
// comparison of one unit with it.
func (s *Service) sampleShowFlat(ctx context.Context, project domain.ProjectID, files fs.FS) error {
	photo, err := fs.ReadFile(files, "photos/showflat-wall.jpg")
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	sha, err := s.Blobs.Put(ctx, bytes.Clone(photo))
	if err != nil {
		return err
	}
	if _, err := s.engine.BlobArrived(ctx, sha, int64(len(photo))); err != nil {
		return err
	}
	return s.update(ctx, project, func(tx *store.Tx, w *intake.Writer) error {
		layouts, err := intake.List[domain.Layout](ctx, tx, domain.EntityLayout, store.Filter{Project: project})
		if err != nil {
			return err
		}
		for _, l := range layouts {
			if l.Record.Code == sampleLayout {
				return s.freeze(ctx, tx, w, l.ID, sha)
			}
		}
		return fmt.Errorf("sample: no layout %s", sampleLayout)
	})
}

func (s *Service) freeze(ctx context.Context, tx *store.Tx, w *intake.Writer, layout domain.LayoutID, photo domain.Hash) error {
	baseline := ident.Derive[domain.Baseline]("baseline", layout.String(), "1")
	_, err := w.Create(ctx, domain.EntityBaseline, baseline.Any(), domain.Baseline{
		LayoutID: layout, State: domain.BaselineFrozen, Version: 1, FitOut: domain.FitOutFitted, FrozenAt: s.now(),
		Items: []domain.BaselineItem{
			{Item: "SF-005", Room: "LIV1", Photo: photo},
			{Item: "SF-008", Room: "LIV1", Readings: []int64{7000}, Photo: photo},
			{Item: "SF-020", Room: "LIV1", Photo: photo},
		},
	})
	if err != nil {
		return err
	}
	units, err := intake.List[domain.Unit](ctx, tx, domain.EntityUnit, store.Filter{Project: w.Project})
	if err != nil {
		return err
	}
	for _, u := range units {
		if u.Record.LayoutID == layout && u.Record.FitOut == domain.FitOutFitted && u.Record.Sold {
			_, err := w.Create(ctx, domain.EntityTask, ident.Derive[any]("compare-task", u.ID.String()), domain.Task{
				UnitID: u.ID, State: domain.TaskOpen, Stage: domain.StageShowflatCompare, BaselineID: baseline,
			})
			return err
		}
	}
	return fmt.Errorf("sample: no fitted unit of layout %s", sampleLayout)
}
