package policy

import (
	"strconv"
	"time"

	"keyturn/shared/domain"
)

// TriggerFacts is what the third-party triggers look at.
type TriggerFacts struct {
	Ticket   domain.Ticket
	Notices  []domain.Notice
	Contacts []domain.Contact
	Now      domain.Instant
	// Suspensions since the assignment that have ended; the clocks leave them out.
	Suspensions       []Span
	ExtensionApproved bool
	// DisputedByTwo: two contractors each deny being liable.
	DisputedByTwo    bool
	OwnerRefusesFirm bool
	Insolvent        bool
}

// TriggerHit is a trigger that holds.
type TriggerHit struct {
	Trigger domain.Trigger
	Reason  domain.Reason
}

// Triggers lists the triggers T1 to T9 of domain spec 3.5 that hold, in order.
func Triggers(f TriggerFacts, cfg Config) []TriggerHit {
	var hits []TriggerHit
	f.Now = clockNow(f.Ticket, f.Now)
	for _, rule := range []struct {
		trigger domain.Trigger
		holds   func(TriggerFacts, Config) (domain.Reason, bool)
	}{
		{domain.TriggerNoAttendance, noAttendance},
		{domain.TriggerNobodySent, nobodySent},
		{domain.TriggerEmergencyMissed, emergencyMissed},
		{domain.TriggerFailedTwice, failedTwice},
		{domain.TriggerOverdue, overdue},
		{domain.TriggerRefusal, refusal},
		{domain.TriggerLiabilityDispute, plain(reasonT7Disputed, func(f TriggerFacts) bool { return f.DisputedByTwo })},
		{domain.TriggerLiabilityExpired, plain(reasonT8Expired, func(f TriggerFacts) bool { return f.Ticket.ChargeToDeveloper })},
		{domain.TriggerOwnerRefusesFirm, plain(reasonT9OwnerRefuses, func(f TriggerFacts) bool { return f.OwnerRefusesFirm })},
	} {
		if why, ok := rule.holds(f, cfg); ok {
			hits = append(hits, TriggerHit{rule.trigger, why})
		}
	}
	return hits
}

func plain(key string, holds func(TriggerFacts) bool) func(TriggerFacts, Config) (domain.Reason, bool) {
	return func(f TriggerFacts, _ Config) (domain.Reason, bool) {
		return domain.Because(key, "contractor_end_on", string(f.Ticket.ContractorEnd)), holds(f)
	}
}

// delivered is the earliest proven delivery of a rectification notice to the
// present contractor since the present assignment; 0 if there is none.
func delivered(f TriggerFacts) domain.Instant {
	var first domain.Instant
	for _, n := range f.Notices {
		at := n.DeliveredAt
		proven := n.Kind == domain.NoticeRectification && n.State == domain.NoticeDelivered && at.Set()
		if !proven || n.PartyID != f.Ticket.ContractorID || at < f.Ticket.AssignedAt || at > f.Now {
			continue
		}
		if !first.Set() || at < first {
			first = at
		}
	}
	return first
}

// notAttendedBy reports whether the limit passed before the contractor's first
// visit, be it that nobody came at all or came later.
func (f TriggerFacts) notAttendedBy(limit domain.Instant) bool {
	attended := f.Ticket.AttendedAt
	return f.Ticket.AssignedAt.Set() && elapsed(f.Now, limit) && (!attended.Set() || attended > limit)
}

// noAttendance is T1. Its second period runs from the proven delivery of the
// notice, but not before the first has ended.
func noAttendance(f TriggerFacts, cfg Config) (domain.Reason, bool) {
	notice := delivered(f)
	if !notice.Set() {
		return domain.Reason{}, false
	}
	first := after(f.Ticket.AssignedAt, cfg.Hours(KeyT1FirstHours), f.Suspensions)
	limit := after(max(first, notice), cfg.Hours(KeyT1SecondHours), f.Suspensions)
	return domain.Because(reasonT1NoAttendance, "first_hours", cfg.Text(KeyT1FirstHours), "second_hours", cfg.Text(KeyT1SecondHours),
		"delivered_at", rfc3339(notice), "limit_at", rfc3339(limit)), f.notAttendedBy(limit)
}

func nobodySent(f TriggerFacts, cfg Config) (domain.Reason, bool) {
	notice := delivered(f)
	if !notice.Set() {
		return domain.Reason{}, false
	}
	limit := after(notice, days(cfg, KeyT2Days), f.Suspensions)
	return domain.Because(reasonT2NobodySent, "days", cfg.Text(KeyT2Days),
		"delivered_at", rfc3339(notice), "limit_at", rfc3339(limit)), f.notAttendedBy(limit)
}

func emergencyMissed(f TriggerFacts, _ Config) (domain.Reason, bool) {
	due := f.Ticket.OnSiteDue
	return domain.Because(reasonT3EmergencyMissed, "class", string(f.Ticket.SLAClass), "due_at", rfc3339(due)),
		Emergency(f.Ticket.SLAClass) && due.Set() && f.notAttendedBy(due)
}

func failedTwice(f TriggerFacts, cfg Config) (domain.Reason, bool) {
	limit := cfg.Days(KeyT4FailedReinspections)
	failed := f.Ticket.FailedReinspections
	return domain.Because(reasonT4FailedTwice, "failed", strconv.Itoa(failed), "limit", strconv.Itoa(limit)), failed >= limit && limit > 0
}

func overdue(f TriggerFacts, cfg Config) (domain.Reason, bool) {
	due := f.Ticket.FinishDue
	if !due.Set() || f.ExtensionApproved {
		return domain.Reason{}, false
	}
	limit := due.Add(days(cfg, KeyT5OverdueDays))
	end := f.Now
	if contractorDone(f.Ticket) {
		end = min(end, f.Ticket.FinishedAt-1) // finished at the limit itself was still in time
	}
	return domain.Because(reasonT5Overdue, "days", cfg.Text(KeyT5OverdueDays), "due_at", rfc3339(due)), elapsed(end, limit)
}

func refusal(f TriggerFacts, cfg Config) (domain.Reason, bool) {
	if f.Ticket.RefusedInWriting {
		return domain.Because(reasonT6Refused), true
	}
	if f.Insolvent {
		return domain.Because(reasonT6Insolvent), true
	}
	first, last := unanswered(f)
	return domain.Because(reasonT6Unreachable, "hours", cfg.Text(KeyT6UnreachableHours), "first_at", rfc3339(first), "last_at", rfc3339(last)),
		first.Set() && last.Sub(first) >= cfg.Hours(KeyT6UnreachableHours)
}

// unanswered spans the failed attempts to reach the contractor since it was
// last heard of: unreachable is proven by attempts, not by mere silence.
func unanswered(f TriggerFacts) (first, last domain.Instant) {
	heard := max(f.Ticket.AssignedAt, f.Ticket.RespondedAt, f.Ticket.AttendedAt)
	for _, c := range f.Contacts {
		if c.Reached && c.At <= f.Now {
			heard = max(heard, c.At)
		}
	}
	for _, c := range f.Contacts {
		if c.Reached || c.At < heard || c.At > f.Now {
			continue
		}
		if !first.Set() || c.At < first {
			first = c.At
		}
		last = max(last, c.At)
	}
	return first, last
}

func days(cfg Config, key string) time.Duration { return time.Duration(cfg.Int(key)) * 24 * time.Hour }
