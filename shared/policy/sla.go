package policy

import (
	"strconv"
	"time"

	"keyturn/shared/domain"
)

// SLALimits are the time limits of an SLA class (domain spec 3.4). Zero means
// that the class has no such limit.
type SLALimits struct {
	Class                     domain.SLAClass
	Respond, OnSite, MakeSafe time.Duration
	FixDays                   int
	// FixWorkdays counts FixDays in working days of the project calendar instead
	// of elapsed days.
	FixWorkdays bool
	Tag         string
}

// SLA holds the deadlines of a ticket.
type SLA struct {
	RespondDue, OnSiteDue, MakeSafeDue, FinishDue domain.Instant
	// PromisedBy is what the homeowner was promised: counted from the capture.
	PromisedBy domain.Date
	Reason     domain.Reason
}

// Emergency reports whether the class is one of the P1 kinds.
func Emergency(class domain.SLAClass) bool { return class == domain.P1 || class == domain.P1S }

// Limits of an SLA class as they appear in configuration keys (SLAKey).
const (
	SLARespondMinutes = "respond_minutes"
	SLAOnSiteHours    = "onsite_hours"
	SLAMakeSafeHours  = "make_safe_hours"
	SLAFixDays        = "fix_days"
)

// SLAKey names the configuration key of a class limit: "sla.P1.onsite_hours".
func SLAKey(class domain.SLAClass, limit string) string { return "sla." + string(class) + "." + limit }

// Configured replaces the limits by the configured ones, where keys exist.
func (l SLALimits) Configured(cfg Config) SLALimits {
	configured := func(limit string, unit, old time.Duration) time.Duration {
		if n := cfg.Int(SLAKey(l.Class, limit)); n > 0 {
			return time.Duration(n) * unit
		}
		return old
	}
	l.Respond = configured(SLARespondMinutes, time.Minute, l.Respond)
	l.OnSite = configured(SLAOnSiteHours, time.Hour, l.OnSite)
	l.MakeSafe = configured(SLAMakeSafeHours, time.Hour, l.MakeSafe)
	if n := cfg.Days(SLAKey(l.Class, SLAFixDays)); n > 0 {
		l.FixDays = n
	}
	return l
}

// Deadlines sets the dues. The contractor's clock starts at assignedAt, the
// homeowner's at recordedAt. contractHours is the contract's own response limit
// (0 for none): it may always shorten, but lengthen only P3 to P5. On-site is
// never due before the response. cal may be the zero value where dates may be
// in UTC.
func Deadlines(l SLALimits, recordedAt, assignedAt domain.Instant, contractHours int64, cfg Config, cal Calendar) SLA {
	l = l.Configured(cfg)
	key, respond := reasonSLAClass, l.Respond
	contract := time.Duration(contractHours) * time.Hour
	mayLengthen := l.Class == domain.P3 || l.Class == domain.P4 || l.Class == domain.P5
	switch {
	case contract <= 0 || contract == respond:
	case contract < respond:
		key, respond = reasonSLAContractShorter, contract
	case mayLengthen:
		key, respond = reasonSLAContractLonger, contract
	default:
		key = reasonSLAContractIgnored
	}
	s := SLA{Reason: domain.Because(key, "class", string(l.Class),
		"respond_hours", hours(respond), "class_hours", hours(l.Respond), "contract_hours", strconv.FormatInt(contractHours, 10),
		"fix_days", strconv.Itoa(l.FixDays))}
	if recordedAt.Set() {
		promise := l.FixDays
		if most := cfg.Days(KeyPromiseMaxDays); most > 0 {
			promise = min(promise, most)
		}
		s.PromisedBy = cal.Date(recordedAt).AddDays(promise)
	}
	if !assignedAt.Set() {
		return s
	}
	s.RespondDue = due(assignedAt, respond)
	if l.OnSite > 0 {
		s.OnSiteDue = due(assignedAt, max(l.OnSite, respond))
	}
	s.MakeSafeDue = due(assignedAt, l.MakeSafe)
	if l.FixWorkdays {
		s.FinishDue = cal.AddWorkdays(assignedAt, l.FixDays)
	} else {
		s.FinishDue = due(assignedAt, time.Duration(l.FixDays)*24*time.Hour)
	}
	return s
}

func due(start domain.Instant, limit time.Duration) domain.Instant {
	if limit <= 0 {
		return 0
	}
	return start.Add(limit)
}

// hours renders a duration in hours: 0.5, 24.
func hours(d time.Duration) string { return thousandths(d.Milliseconds() / 3600) }

// Shift moves the contractor's dues after a suspension of the given length.
// Dues that were already met (responded, attended, finished) stay, so that a
// late answer does not become timely; the promise to the homeowner stays too.
func Shift(t domain.Ticket, paused time.Duration) domain.Ticket {
	if paused <= 0 {
		return t
	}
	move := func(at *domain.Instant, met bool) {
		if at.Set() && !met {
			*at = at.Add(paused)
		}
	}
	move(&t.RespondDue, t.RespondedAt.Set())
	move(&t.OnSiteDue, t.AttendedAt.Set())
	move(&t.MakeSafeDue, false)
	move(&t.FinishDue, contractorDone(t))
	return t
}

// contractorDone reports whether the finish clock has stopped.
func contractorDone(t domain.Ticket) bool {
	switch t.Status {
	case domain.RepairPendingReinspect, domain.RepairPassed, domain.RepairOwnerConfirmed, domain.RepairClosed:
		return t.FinishedAt.Set()
	}
	return false
}
