package policy

import "slices"

// Configuration keys that decisions read; the catalogue refuses to load without
// them (RequiredKeys).
const (
	KeyHandoverGrace         = "warranty.handover_grace_days"
	KeyPromiseMaxDays        = "handover.promise_max_days"
	KeyRemindPercent         = "escalation.remind_percent"
	KeyWarnPercent           = "escalation.warn_percent"
	KeyManagerHours          = "escalation.manager_hours"
	KeyGMHours               = "escalation.gm_hours"
	KeyT1FirstHours          = "tp.t1.first_hours"
	KeyT1SecondHours         = "tp.t1.second_hours"
	KeyT2Days                = "tp.t2.days"
	KeyT4FailedReinspections = "tp.t4.failed_reinspections"
	KeyT5OverdueDays         = "tp.t5.overdue_days"
	KeyT6UnreachableHours    = "tp.t6.unreachable_hours"
)

// RequiredKeys lists the configuration keys of this package; all are whole
// numbers.
func RequiredKeys() []string {
	return []string{
		KeyHandoverGrace, KeyPromiseMaxDays, KeyRemindPercent, KeyWarnPercent, KeyManagerHours, KeyGMHours, KeyT1FirstHours,
		KeyT1SecondHours, KeyT2Days, KeyT4FailedReinspections, KeyT5OverdueDays, KeyT6UnreachableHours,
	}
}

// Translation keys of decisions.
const (
	reasonWarrantyCovered              = "reason.warranty.covered"
	reasonWarrantyDeveloper            = "reason.warranty.developer_pays"
	reasonWarrantyOver                 = "reason.warranty.over"
	reasonWarrantyUndelivered          = "reason.warranty.undelivered"
	reasonWarrantyUndeliveredDeveloper = "reason.warranty.undelivered_developer_pays"
	reasonWarrantyByContract           = "reason.warranty.by_contract"
	reasonWarrantyByContractOpen       = "reason.warranty.by_contract_undelivered"
	reasonWarrantyStartUnknown         = "reason.warranty.start_unknown"
	reasonWarrantyStructure            = "reason.warranty.structure"
	reasonWarrantyConformity           = "reason.warranty.conformity"
	reasonWarrantyHandover             = "reason.warranty.handover"
	reasonWarrantyHandoverOpen         = "reason.warranty.handover_open"
	reasonWarrantyHandoverLate         = "reason.warranty.handover_late"

	reasonSLAClass           = "reason.sla.class"
	reasonSLAContractShorter = "reason.sla.contract_shorter"
	reasonSLAContractLonger  = "reason.sla.contract_longer"
	reasonSLAContractIgnored = "reason.sla.contract_ignored"

	reasonLiabilitySub     = "reason.liability.subcontractor"
	reasonLiabilityGeneral = "reason.liability.general_contractor"
	reasonLiabilitySeveral = "reason.liability.several"
	reasonLiabilityNoScope = "reason.liability.no_scope"

	reasonEscalationRemind       = "reason.escalation.remind50"
	reasonEscalationWarn         = "reason.escalation.warn80"
	reasonEscalationBreach       = "reason.escalation.breach100"
	reasonEscalationManager      = "reason.escalation.manager24"
	reasonEscalationGM           = "reason.escalation.gm72"
	reasonEscalationNoAttendance = "reason.escalation.no_attendance"
	reasonEscalationOnSite       = "reason.escalation.onsite_missed"

	reasonT1NoAttendance    = "reason.trigger.t1_no_attendance"
	reasonT2NobodySent      = "reason.trigger.t2_nobody_sent"
	reasonT3EmergencyMissed = "reason.trigger.t3_emergency_missed"
	reasonT4FailedTwice     = "reason.trigger.t4_failed_reinspections"
	reasonT5Overdue         = "reason.trigger.t5_overdue"
	reasonT6Refused         = "reason.trigger.t6_refused"
	reasonT6Insolvent       = "reason.trigger.t6_insolvent"
	reasonT6Unreachable     = "reason.trigger.t6_unreachable"
	reasonT7Disputed        = "reason.trigger.t7_disputed"
	reasonT8Expired         = "reason.trigger.t8_expired"
	reasonT9OwnerRefuses    = "reason.trigger.t9_owner_refuses"

	reasonTriggerMissing      = "reason.gate.trigger_missing"
	reasonNoticeIssued        = "reason.gate.notice_issued"
	reasonNoticeMissing       = "reason.gate.notice_missing"
	reasonProofGiven          = "reason.gate.proof_given"
	reasonProofMissing        = "reason.gate.proof_missing"
	reasonContactsCount       = "reason.gate.contacts"
	reasonContactsMissing     = "reason.gate.contacts_missing"
	reasonPhotosCount         = "reason.gate.photos"
	reasonBeforePhotosMissing = "reason.gate.before_photos_missing"
	reasonAfterPhotosMissing  = "reason.gate.after_photos_missing"
	reasonApprovalGiven       = "reason.gate.approval_given"
	reasonApprovalFollows     = "reason.gate.approval_follows"
	reasonApprovalMissing     = "reason.gate.approval_missing"
	reasonQuoteAgreed         = "reason.gate.quote_agreed"
	reasonQuoteNotAgreed      = "reason.gate.quote_not_agreed"
	reasonQuoteMissing        = "reason.gate.quote_missing"
	reasonReinspectionPassed  = "reason.gate.reinspection_passed"
	reasonReinspectionMissing = "reason.gate.reinspection_missing"
	reasonMaintenanceAccepted = "reason.gate.maintenance_accepted"
	reasonMaintenanceOpen     = "reason.gate.maintenance_open"
	reasonSettlementGiven     = "reason.gate.settlement_given"
	reasonSettlementMissing   = "reason.gate.settlement_missing"
	reasonContractorCharged   = "reason.gate.contractor_charged"
	reasonDeveloperPays       = "reason.gate.developer_pays"

	reasonLEPass      = "reason.reading.le.pass"
	reasonLEFail      = "reason.reading.le.fail"
	reasonGEPass      = "reason.reading.ge.pass"
	reasonGEFail      = "reason.reading.ge.fail"
	reasonEQPass      = "reason.reading.eq.pass"
	reasonEQFail      = "reason.reading.eq.fail"
	reasonBetweenPass = "reason.reading.between.pass"
	reasonBetweenFail = "reason.reading.between.fail"
	reasonBoolPass    = "reason.reading.bool.pass"
	reasonBoolFail    = "reason.reading.bool.fail"
	reasonNumberPass  = "reason.reading.number.pass"
)

// Keys of gate facts.
const (
	factTrigger             = "fact.trigger"
	factNotice              = "fact.notice"
	factDeliveryProof       = "fact.delivery_proof"
	factContactLog          = "fact.contact_log"
	factBeforePhotos        = "fact.before_photos"
	factApproval            = "fact.approval"
	factQuote               = "fact.quote"
	factAfterPhotos         = "fact.after_photos"
	factReinspection        = "fact.reinspection"
	factMaintenanceAccepted = "fact.maintenance_accepted"
	factSettlement          = "fact.settlement"
	factContractorLiable    = "fact.contractor_liable"
)

// ReasonKeys lists every translation key that a decision may carry, sorted.
func ReasonKeys() []string {
	return slices.Sorted(slices.Values([]string{
		reasonWarrantyCovered, reasonWarrantyDeveloper, reasonWarrantyOver, reasonWarrantyUndelivered,
		reasonWarrantyUndeliveredDeveloper, reasonWarrantyByContract, reasonWarrantyByContractOpen, reasonWarrantyStartUnknown, reasonWarrantyStructure,
		reasonWarrantyConformity, reasonWarrantyHandover, reasonWarrantyHandoverOpen, reasonWarrantyHandoverLate,
		reasonSLAClass, reasonSLAContractShorter, reasonSLAContractLonger, reasonSLAContractIgnored,
		reasonLiabilitySub, reasonLiabilityGeneral, reasonLiabilitySeveral, reasonLiabilityNoScope,
		reasonEscalationRemind, reasonEscalationWarn, reasonEscalationBreach, reasonEscalationManager, reasonEscalationGM,
		reasonEscalationNoAttendance, reasonEscalationOnSite,
		reasonT1NoAttendance, reasonT2NobodySent, reasonT3EmergencyMissed, reasonT4FailedTwice, reasonT5Overdue, reasonT6Refused,
		reasonT6Insolvent, reasonT6Unreachable, reasonT7Disputed, reasonT8Expired, reasonT9OwnerRefuses,
		reasonTriggerMissing, reasonNoticeIssued, reasonNoticeMissing, reasonProofGiven, reasonProofMissing, reasonContactsCount,
		reasonContactsMissing, reasonPhotosCount, reasonBeforePhotosMissing, reasonAfterPhotosMissing, reasonApprovalGiven,
		reasonApprovalFollows, reasonApprovalMissing, reasonQuoteAgreed, reasonQuoteNotAgreed, reasonQuoteMissing,
		reasonReinspectionPassed, reasonReinspectionMissing, reasonMaintenanceAccepted, reasonMaintenanceOpen,
		reasonSettlementGiven, reasonSettlementMissing, reasonContractorCharged, reasonDeveloperPays,
		reasonLEPass, reasonLEFail, reasonGEPass, reasonGEFail, reasonEQPass, reasonEQFail, reasonBetweenPass, reasonBetweenFail,
		reasonBoolPass, reasonBoolFail, reasonNumberPass,
		factTrigger, factNotice, factDeliveryProof, factContactLog, factBeforePhotos, factApproval, factQuote, factAfterPhotos,
		factReinspection, factMaintenanceAccepted, factSettlement, factContractorLiable,
	}))
}
