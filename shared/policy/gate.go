package policy

import (
	"slices"
	"strconv"

	"keyturn/shared/domain"
)

// GateFacts is what the engagement and the charge gate look at.
type GateFacts struct {
	Triggers                  []TriggerHit
	Notices                   []domain.Notice
	Contacts                  []domain.Contact
	BeforePhotos, AfterPhotos int
	Approved                  bool
	// Emergency: approval may follow the dispatch.
	Emergency                                     bool
	QuoteGiven, QuoteAgreed, Reinspected, Settled bool
	MaintenanceStatus                             domain.MaintenanceStatus
	// ChargeToDeveloper: the contractor's own liability has ended, or others
	// caused the defect; nothing may be charged to the contractor.
	ChargeToDeveloper bool
}

// Fact is one condition of a gate; Key names it, Detail says what is there or
// what is missing.
type Fact struct {
	Key    string
	Have   bool
	Detail domain.Reason
}

// EngagementGate lists what must exist before a third party may be engaged
// (domain spec 3.5), in the order in which it arises.
func EngagementGate(f GateFacts) []Fact {
	return append(evidence(f), fact(factApproval, f.Approved || f.Emergency, approvalDetail(f)))
}

// ChargeGate lists what must exist before a back-charge is drawn: the evidence
// of the engagement gate with the approval really given, and the outcome.
func ChargeGate(f GateFacts) []Fact {
	done := []domain.MaintenanceStatus{
		domain.MaintenanceAccepted, domain.MaintenanceSettled, domain.MaintenanceCharged, domain.MaintenanceClosed,
	}
	approval := domain.Because(reasonApprovalMissing)
	if f.Approved {
		approval = domain.Because(reasonApprovalGiven)
	}
	return append(evidence(f),
		fact(factApproval, f.Approved, approval),
		either(factQuote, f.QuoteGiven && f.QuoteAgreed, reasonQuoteAgreed, quoteMissing(f)),
		either(factAfterPhotos, f.AfterPhotos > 0, reasonPhotosCount, reasonAfterPhotosMissing, "count", strconv.Itoa(f.AfterPhotos)),
		either(factReinspection, f.Reinspected, reasonReinspectionPassed, reasonReinspectionMissing),
		either(factMaintenanceAccepted, slices.Contains(done, f.MaintenanceStatus), reasonMaintenanceAccepted, reasonMaintenanceOpen),
		either(factSettlement, f.Settled, reasonSettlementGiven, reasonSettlementMissing),
		either(factContractorLiable, !f.ChargeToDeveloper, reasonContractorCharged, reasonDeveloperPays),
	)
}

// Open reports whether every fact exists.
func Open(facts []Fact) bool { return len(Missing(facts)) == 0 }

// Missing lists the facts that do not exist yet.
func Missing(facts []Fact) []Fact {
	var missing []Fact
	for _, f := range facts {
		if !f.Have {
			missing = append(missing, f)
		}
	}
	return missing
}

func evidence(f GateFacts) []Fact {
	trigger := fact(factTrigger, false, domain.Because(reasonTriggerMissing))
	if len(f.Triggers) > 0 {
		trigger = fact(factTrigger, true, f.Triggers[0].Reason)
	}
	return []Fact{
		trigger,
		noticeFact(f.Notices),
		proofFact(f.Notices),
		either(factContactLog, len(f.Contacts) > 0, reasonContactsCount, reasonContactsMissing, "count", strconv.Itoa(len(f.Contacts))),
		either(factBeforePhotos, f.BeforePhotos > 0, reasonPhotosCount, reasonBeforePhotosMissing, "count", strconv.Itoa(f.BeforePhotos)),
	}
}

func noticeFact(notices []domain.Notice) Fact {
	for _, n := range notices {
		if n.Kind == domain.NoticeRectification {
			return fact(factNotice, true, domain.Because(reasonNoticeIssued, "number", n.Number, "issued_at", rfc3339(n.IssuedAt)))
		}
	}
	return fact(factNotice, false, domain.Because(reasonNoticeMissing))
}

// proofFact wants the document that proves the delivery, not only its date.
func proofFact(notices []domain.Notice) Fact {
	for _, n := range notices {
		if n.Kind == domain.NoticeRectification && n.State == domain.NoticeDelivered && !n.ProofID.IsZero() {
			return fact(factDeliveryProof, true, domain.Because(reasonProofGiven, "number", n.Number, "delivered_at", rfc3339(n.DeliveredAt)))
		}
	}
	return fact(factDeliveryProof, false, domain.Because(reasonProofMissing))
}

func approvalDetail(f GateFacts) domain.Reason {
	switch {
	case f.Approved:
		return domain.Because(reasonApprovalGiven)
	case f.Emergency:
		return domain.Because(reasonApprovalFollows)
	}
	return domain.Because(reasonApprovalMissing)
}

func quoteMissing(f GateFacts) string {
	if f.QuoteGiven {
		return reasonQuoteNotAgreed
	}
	return reasonQuoteMissing
}

func either(key string, have bool, yes, no string, args ...string) Fact {
	if have {
		return fact(key, true, domain.Because(yes, args...))
	}
	return fact(key, false, domain.Because(no))
}

func fact(key string, have bool, detail domain.Reason) Fact { return Fact{key, have, detail} }
