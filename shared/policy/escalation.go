package policy

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"keyturn/shared/domain"
)

// Steps of escalation as stored in domain.Ticket.Escalated (domain spec 3.4).
const (
	StepRemind50     = "remind50"
	StepWarn80       = "warn80"
	StepBreach100    = "breach100"
	StepManager24    = "manager24"
	StepGM72         = "gm72"
	StepNoAttendance = "no_attendance"
	StepOnSiteMissed = "onsite_missed"
)

// Escalation is one step that is due.
type Escalation struct {
	Step   string
	At     domain.Instant
	Reason domain.Reason
}

// contractorOwes are the states in which the contractor's clocks run; a
// disputed ticket's clock keeps running (domain spec 3.3).
var contractorOwes = []domain.RepairStatus{
	domain.RepairAssigned, domain.RepairAccepted, domain.RepairDisputed, domain.RepairSurveyed, domain.RepairInProgress,
}

// Escalations lists the steps that are due and not yet taken, oldest first:
// the share of the finish time that is used, hours after the finish date, no
// attendance, and a missed on-site limit. A suspended ticket has none.
// suspended are the earlier suspensions since the assignment; FinishDue and
// OnSiteDue already contain them (Shift).
func Escalations(t domain.Ticket, now domain.Instant, cfg Config, suspended ...Span) []Escalation {
	if !t.AssignedAt.Set() || !slices.Contains(contractorOwes, t.Status) {
		return nil
	}
	var list []Escalation
	step := func(name string, at domain.Instant, key string, args ...string) {
		if elapsed(now, at) && !slices.Contains(t.Escalated, name) {
			list = append(list, Escalation{name, at, domain.Because(key, args...)})
		}
	}
	if t.FinishDue.Set() {
		share := func(key string) (domain.Instant, string) {
			percent := cfg.Int(key)
			window := running(t.AssignedAt, t.FinishDue, suspended)
			return after(t.AssignedAt, window*time.Duration(percent)/100, suspended), strconv.FormatInt(percent, 10)
		}
		due := rfc3339(t.FinishDue)
		at, percent := share(KeyRemindPercent)
		step(StepRemind50, at, reasonEscalationRemind, "percent", percent, "due_at", due)
		at, percent = share(KeyWarnPercent)
		step(StepWarn80, at, reasonEscalationWarn, "percent", percent, "due_at", due)
		step(StepBreach100, t.FinishDue, reasonEscalationBreach, "due_at", due)
		late := func(key string) (domain.Instant, string) {
			return t.FinishDue.Add(cfg.Hours(key)), strconv.FormatInt(cfg.Int(key), 10)
		}
		at, overdue := late(KeyManagerHours)
		step(StepManager24, at, reasonEscalationManager, "hours", overdue, "due_at", due)
		at, overdue = late(KeyGMHours)
		step(StepGM72, at, reasonEscalationGM, "hours", overdue, "due_at", due)
	}
	if !t.AttendedAt.Set() {
		first := cfg.Int(KeyT1FirstHours)
		step(StepNoAttendance, after(t.AssignedAt, cfg.Hours(KeyT1FirstHours), suspended), reasonEscalationNoAttendance,
			"hours", strconv.FormatInt(first, 10), "assigned_at", rfc3339(t.AssignedAt))
		if t.OnSiteDue.Set() {
			step(StepOnSiteMissed, t.OnSiteDue, reasonEscalationOnSite, "due_at", rfc3339(t.OnSiteDue))
		}
	}
	slices.SortStableFunc(list, func(a, b Escalation) int { return cmp.Compare(a.At, b.At) })
	return list
}
