package localstore

import (
	"context"

	"keyturn/shared/domain"
)

// WantedBlobs lists the blobs that this device should hold for work without a
// network: plans, photos of frozen show flats, and the evidence of defects whose
// repair waits for re-inspection.
func (t *Tx) WantedBlobs(ctx context.Context) ([]domain.Hash, error) {
	wanted, err := t.WantedPictures(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := t.Reinspections(ctx)
	if err != nil {
		return nil, err
	}
	photos, err := t.PhotosOf(ctx, tasks)
	return append(wanted, Evidence(photos)...), err
}

// WantedPictures lists the wanted blobs that plans and baselines name.
func (t *Tx) WantedPictures(ctx context.Context) ([]domain.Hash, error) {
	var wanted []domain.Hash
	plans, err := List[domain.Plan](ctx, t, domain.EntityPlan, Filter{})
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		wanted = append(wanted, p.Record.SHA256)
	}
	baselines, err := List[domain.Baseline](ctx, t, domain.EntityBaseline, Filter{})
	if err != nil {
		return nil, err
	}
	for _, b := range baselines {
		for _, item := range b.Record.Items {
			if !item.Photo.IsZero() {
				wanted = append(wanted, item.Photo)
			}
		}
	}
	return wanted, nil
}

// Reinspection is an open task to look at a repair.
type Reinspection struct {
	Task domain.TaskID
	// Defect is zero as long as the task's ticket is not here.
	Defect domain.DefectID
}

// Reinspections lists the repairs that wait for re-inspection.
func (t *Tx) Reinspections(ctx context.Context) ([]Reinspection, error) {
	tasks, err := List[domain.Task](ctx, t, domain.EntityTask, Filter{States: []string{string(domain.TaskOpen)}})
	if err != nil {
		return nil, err
	}
	var list []Reinspection
	for _, task := range tasks {
		if task.Record.Stage != domain.StageReinspect {
			continue
		}
		ticket, _, err := Get[domain.Ticket](ctx, t, domain.EntityTicket, task.Record.TicketID)
		if err != nil {
			return nil, err
		}
		list = append(list, Reinspection{Task: task.ID, Defect: ticket.DefectID})
	}
	return list, nil
}

// PhotosOf lists the photos of the defects whose repair waits.
func (t *Tx) PhotosOf(ctx context.Context, tasks []Reinspection) ([]Listed[domain.Attachment], error) {
	var photos []Listed[domain.Attachment]
	for _, task := range tasks {
		if task.Defect.IsZero() {
			continue
		}
		more, err := List[domain.Attachment](ctx, t, domain.EntityAttachment, Filter{Parent: task.Defect.Any()})
		if err != nil {
			return nil, err
		}
		photos = append(photos, more...)
	}
	return photos, nil
}

// Evidence lists the working copies of photos, as far as the server has the
// photos.
func Evidence(photos []Listed[domain.Attachment]) []domain.Hash {
	var evidence []domain.Hash
	for _, a := range photos {
		if a.Record.State == domain.AttachmentReady && !a.Record.WorkSHA256.IsZero() {
			evidence = append(evidence, a.Record.WorkSHA256)
		}
	}
	return evidence
}
