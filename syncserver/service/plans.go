package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Sidecar is the JSON file that a design office delivers with a plan image.
type Sidecar struct {
	Layout   string        `json:"layout"`
	Name     string        `json:"layout_name_zh"`
	NameEN   string        `json:"layout_name_en"`
	Revision int           `json:"revision"`
	Image    string        `json:"image"`
	WidthPX  int           `json:"width_px"`
	HeightPX int           `json:"height_px"`
	MMPerPX  float64       `json:"mm_per_px"`
	Rooms    []domain.Room `json:"rooms"`
}

// ErrSidecar says that a plan's sidecar is faulty.
var ErrSidecar = errors.New("faulty plan sidecar")

// Limits of a sidecar.
const (
	maxSidecar = 1 << 20
	maxRooms   = 100
	maxCorners = 200
	maxMMPerPX = 1000
)

// ParseSidecar reads and checks a sidecar; every room must lie on the image.
func ParseSidecar(b []byte) (s Sidecar, err error) {
	if len(b) > maxSidecar {
		return s, fmt.Errorf("%w: %d bytes", ErrSidecar, len(b))
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrSidecar, err)
	}
	switch {
	case s.Layout == "" || s.Revision < 1:
		return s, fmt.Errorf("%w: layout and revision are required", ErrSidecar)
	case s.Image == "" || s.Image == "." || s.Image == ".." || strings.ContainsAny(s.Image, `/\`):
		return s, fmt.Errorf("%w: image must be a file name beside the sidecar", ErrSidecar)
	case !(s.MMPerPX > 0 && s.MMPerPX <= maxMMPerPX):
		return s, fmt.Errorf("%w: mm_per_px must lie between 0 and %d", ErrSidecar, maxMMPerPX)
	case len(s.Rooms) == 0 || len(s.Rooms) > maxRooms:
		return s, fmt.Errorf("%w: %d rooms", ErrSidecar, len(s.Rooms))
	}
	codes := map[string]bool{}
	for _, r := range s.Rooms {
		if r.Code == "" || codes[r.Code] || len(r.Polygon) < 3 || len(r.Polygon) > maxCorners {
			return s, fmt.Errorf("%w: room %.20q needs a code of its own and 3 to %d corners", ErrSidecar, r.Code, maxCorners)
		}
		codes[r.Code] = true
		for _, p := range r.Polygon {
			if p[0] < 0 || p[1] < 0 || p[0] > s.WidthPX || p[1] > s.HeightPX {
				return s, fmt.Errorf("%w: room %s leaves the image", ErrSidecar, r.Code)
			}
		}
	}
	return s, nil
}

// LoadPlans stores the plan images of a directory and their sidecars. The same
// revision again changes nothing; a layout that no list has named is created.
func (s *Service) LoadPlans(ctx context.Context, project domain.ProjectID, files fs.FS) (plans int, err error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return 0, fmt.Errorf("plans: %w", err)
	}
	for _, name := range names {
		if err := s.loadPlan(ctx, project, files, name); err != nil {
			return plans, fmt.Errorf("plan %s: %w", name, err)
		}
		plans++
	}
	return plans, nil
}

func (s *Service) loadPlan(ctx context.Context, project domain.ProjectID, files fs.FS, name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	sidecar, err := ParseSidecar(raw)
	if err != nil {
		return err
	}
	image, err := fs.ReadFile(files, sidecar.Image)
	if err != nil {
		return err
	}
	config, err := photo.CheckPlan(bytes.NewReader(image))
	if err != nil {
		return err
	}
	if config.WidthPx != sidecar.WidthPX || config.HeightPx != sidecar.HeightPX {
		return fmt.Errorf("%w: image is %d×%d px", ErrSidecar, config.WidthPx, config.HeightPx)
	}
	sha, err := s.Blobs.Put(ctx, image)
	if err != nil {
		return err
	}
	if _, err := s.engine.BlobArrived(ctx, sha, int64(len(image))); err != nil {
		return err
	}
	return s.update(ctx, project, func(tx *store.Tx, w *intake.Writer) error {
		layout, err := layoutOf(ctx, tx, w, sidecar)
		if err != nil {
			return err
		}
		id := ident.Derive[any]("plan", layout.String(), fmt.Sprint(sidecar.Revision))
		_, err = w.Create(ctx, domain.EntityPlan, id, domain.Plan{
			LayoutID: layout, Revision: sidecar.Revision, SHA256: sha, WidthPX: sidecar.WidthPX, HeightPX: sidecar.HeightPX,
			MicrometrePerPX: int64(math.Round(sidecar.MMPerPX * 1000)), Rooms: sidecar.Rooms,
		})
		return err
	})
}

func layoutOf(ctx context.Context, tx *store.Tx, w *intake.Writer, sidecar Sidecar) (domain.LayoutID, error) {
	layouts, err := intake.List[domain.Layout](ctx, tx, domain.EntityLayout, store.Filter{Project: w.Project})
	if err != nil {
		return domain.LayoutID{}, err
	}
	for _, l := range layouts {
		if l.Record.Code == sidecar.Layout {
			return l.ID, nil
		}
	}
	id := ident.Derive[domain.Layout](w.Project.String(), "layout", sidecar.Layout)
	_, err = w.Create(ctx, domain.EntityLayout, id.Any(), domain.Layout{ProjectID: w.Project, Code: sidecar.Layout, Name: sidecar.Name})
	return id, err
}

// update writes a project's records and tells connected devices.
func (s *Service) update(ctx context.Context, project domain.ProjectID, work func(*store.Tx, *intake.Writer) error) error {
	var logged []syncproto.Logged
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		if err := tx.Lock(ctx, project); err != nil {
			return err
		}
		return work(tx, intake.NewWriter(tx, project, s.now(), &logged))
	})
	if err == nil {
		s.publish(ctx, logged)
	}
	return err
}
