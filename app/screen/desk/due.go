package desk

import (
	"strconv"
	"time"

	"keyturn/shared/domain"
)

// day of 24 hours: dues are instants, their distance is elapsed time.
const day = 24 * time.Hour

// span is a duration in the largest unit that keeps it readable: minutes below
// two hours, hours below two days, then days. It is rounded down, so that
// nothing is promised that is not there.
func (w writer) span(d time.Duration) string {
	d = max(d, 0) // a wrong clock makes no negative ages
	unit, n := "minutes", int64(d/time.Minute)
	switch {
	case d >= 2*day:
		unit, n = "days", int64(d/day)
	case d >= 2*time.Hour:
		unit, n = "hours", int64(d/time.Hour)
	}
	return w.Text("desk.span."+unit, "n", strconv.FormatInt(n, 10))
}

// remaining says how long there is until a due, or for how long it has passed.
func (w writer) remaining(now, due domain.Instant) (text string, tone Tone) {
	left := due.Sub(now)
	switch {
	case left < 0:
		return w.Text("desk.due.over", "span", w.span(-left)), ToneBad
	case left < 4*time.Hour:
		return w.Text("desk.due.left", "span", w.span(left)), ToneWarn
	}
	return w.Text("desk.due.left", "span", w.span(left)), ToneNeutral
}

// dueKind says which limit comes next.
type dueKind string

const (
	dueNone    dueKind = ""
	dueRespond dueKind = "respond"
	dueOnSite  dueKind = "on_site"
	dueFinish  dueKind = "finish"
	dueVisit   dueKind = "visit"
	duePromise dueKind = "promise"
)

// nextDue is the limit that counts now. Before assignment, while waiting for
// re-inspection and for the owner it is what the homeowner was promised; a
// suspended ticket has none, because its clock stands still.
func (e entry) nextDue(w writer) (domain.Instant, dueKind) {
	t := e.ticket
	switch t.Status {
	case domain.RepairAssigned:
		return t.RespondDue, dueRespond
	case domain.RepairAccepted, domain.RepairDisputed:
		if !t.AttendedAt.Set() && t.OnSiteDue.Set() {
			return t.OnSiteDue, dueOnSite
		}
		return t.FinishDue, dueFinish
	case domain.RepairSurveyed, domain.RepairInProgress:
		return t.FinishDue, dueFinish
	case domain.RepairThirdParty:
		if e.maintenance.Status == domain.MaintenanceDispatched {
			return e.maintenance.VisitDue, dueVisit
		}
		return e.promise(w), duePromise
	case domain.RepairRecorded, domain.RepairPendingReinspect, domain.RepairPassed:
		return e.promise(w), duePromise
	}
	return 0, dueNone
}

// promise is the end of the day that the homeowner was promised.
func (e entry) promise(w writer) domain.Instant {
	start, ok := e.ticket.PromisedBy.Midnight(w.zone())
	if !ok {
		return 0
	}
	return domain.At(start.AddDate(0, 0, 1))
}
