package localstore

import (
	"context"

	"keyturn/shared/domain"
)

// WantedBlobs lists the blobs that this device should hold for work without a
// network: plans, photos of frozen show flats, and the evidence of defects whose
// repair waits for re-inspection.
func (t *Tx) WantedBlobs(ctx context.Context) ([]domain.Hash, error) {
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
	evidence, err := t.reinspectionPhotos(ctx)
	return append(wanted, evidence...), err
}

func (t *Tx) reinspectionPhotos(ctx context.Context) ([]domain.Hash, error) {
	tasks, err := List[domain.Task](ctx, t, domain.EntityTask, Filter{States: []string{string(domain.TaskOpen)}})
	if err != nil {
		return nil, err
	}
	var wanted []domain.Hash
	for _, task := range tasks {
		if task.Record.Stage != domain.StageReinspect {
			continue
		}
		ticket, ok, err := Get[domain.Ticket](ctx, t, domain.EntityTicket, task.Record.TicketID)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		photos, err := List[domain.Attachment](ctx, t, domain.EntityAttachment, Filter{Parent: ticket.DefectID.Any()})
		if err != nil {
			return nil, err
		}
		for _, a := range photos {
			if a.Record.State == domain.AttachmentReady && !a.Record.WorkSHA256.IsZero() {
				wanted = append(wanted, a.Record.WorkSHA256)
			}
		}
	}
	return wanted, nil
}
