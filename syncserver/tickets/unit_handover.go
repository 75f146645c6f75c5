package tickets

import (
	"context"
	"errors"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/syncserver/intake"
)

// verdictItem is the checklist's handover verdict (交验结论).
const verdictItem = "HO-030"

// inspectionChanged closes the task of a completed inspection and moves the
// unit on after a handover: passed with no open critical defect delivers it
// (domain spec 3.7).
func (d *desk) inspectionChanged(ctx context.Context, r merge.Record) error {
	inspection, err := merge.As[domain.Inspection](r)
	if err != nil || inspection.State != domain.InspectionCompleted {
		return err
	}
	if err := d.inspectionTaskDone(ctx, inspection.TaskID); err != nil {
		return err
	}
	return d.handedOver(ctx, domain.InspectionID(r.ID), inspection, false)
}

// resultChanged looks again at a handover that is over when its verdict changes,
// as when somebody decides between two, and no later one has been held. A flat that
// is accepted by that is delivered on the day of the decision.
func (d *desk) resultChanged(ctx context.Context, before, r merge.Record) error {
	was, errWas := merge.As[domain.Result](before)
	result, err := merge.As[domain.Result](r)
	if err = errors.Join(errWas, err); err != nil || result.Item != verdictItem || result.Answer == was.Answer {
		return err
	}
	inspection, ok, err := get[domain.Inspection](ctx, d, domain.EntityInspection, result.InspectionID.Any())
	if err != nil || !ok || inspection.State != domain.InspectionCompleted {
		return err
	}
	walks, err := children[domain.Inspection](ctx, d, domain.EntityInspection, inspection.UnitID.Any())
	if err != nil || slices.ContainsFunc(walks, func(w intake.Listed[domain.Inspection]) bool { return follows(w.Record, inspection) }) {
		return err
	}
	return d.handedOver(ctx, result.InspectionID, inspection, true)
}

// follows reports whether a handover was completed after another.
func follows(later, earlier domain.Inspection) bool {
	return later.Stage == domain.StageHandover && later.State == domain.InspectionCompleted && later.CompletedAt > earlier.CompletedAt
}

// handedOver moves a unit to what a handover that is over has come to. When it is
// looked at again, only another outcome is worth an event.
func (d *desk) handedOver(ctx context.Context, id domain.InspectionID, inspection domain.Inspection, again bool) error {
	if inspection.Stage != domain.StageHandover {
		return nil
	}
	unit, ok, err := get[domain.Unit](ctx, d, domain.EntityUnit, inspection.UnitID.Any())
	if err != nil || !ok || unit.State == domain.UnitDelivered {
		return err
	}
	next, why, err := d.handoverOutcome(ctx, id, inspection)
	if err != nil || again && next == unit.State {
		return err
	}
	moved := unit
	if moved.State = next; next == domain.UnitDelivered {
		moved.DeliveredOn = d.calendar.Date(d.At)
	}
	if err := d.Amend(ctx, domain.EntityUnit, inspection.UnitID.Any(), unit, moved); err != nil {
		return err
	}
	return d.event(ctx, inspection.UnitID.Any(), domain.Event{
		From: string(unit.State), To: string(next), What: domain.Because("event.handover"), Why: why,
	})
}

func (d *desk) handoverOutcome(ctx context.Context, id domain.InspectionID, in domain.Inspection) (domain.UnitState, domain.Reason, error) {
	results, err := children[domain.Result](ctx, d, domain.EntityResult, id.Any())
	if err != nil {
		return "", domain.Reason{}, err
	}
	verdict := domain.Answer("")
	for _, r := range results {
		if r.Record.Item == verdictItem {
			verdict = r.Record.Answer
		}
	}
	switch verdict {
	case domain.AnswerFail:
		return domain.UnitRefused, domain.Because("reason.handover.refused"), nil
	case domain.AnswerPass:
	default:
		return domain.UnitInspected, domain.Because("reason.handover.no_verdict"), nil
	}
	defects, err := children[domain.Defect](ctx, d, domain.EntityDefect, in.UnitID.Any())
	if err != nil {
		return "", domain.Reason{}, err
	}
	critical := int64(0)
	for _, def := range defects {
		t, ok, err := get[domain.Ticket](ctx, d, domain.EntityTicket, TicketOf(def.ID).Any())
		if err != nil {
			return "", domain.Reason{}, err
		}
		if ok && t.Severity == domain.Critical && t.Status.Open() {
			critical++
		}
	}
	if critical > d.config.Int("handover.open_critical_max") {
		return domain.UnitInspected, domain.Because("reason.handover.open_critical", "count", numeral(critical)), nil
	}
	return domain.UnitDelivered, domain.Because("reason.handover.accepted"), nil
}

func (d *desk) inspectionTaskDone(ctx context.Context, id domain.TaskID) error {
	task, ok, err := get[domain.Task](ctx, d, domain.EntityTask, id.Any())
	if err != nil || !ok || task.State == domain.TaskDone {
		return err
	}
	done := task
	done.State = domain.TaskDone
	return d.Amend(ctx, domain.EntityTask, id.Any(), task, done)
}
