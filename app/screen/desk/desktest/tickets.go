package desktest

import (
	"fmt"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

// kind is a defect of the library with where it belongs.
type kind struct {
	code, trade, room string
	severity          domain.Severity
	class             domain.SLAClass
	party             domain.PartyID
	scope             domain.ScopeID
	name              string
}

var kinds = []kind{
	{"DOR-02", "door", "ENT1", domain.Major, domain.P1, Windows, WindowScope, "样例门窗公司"},
	{"WIN-01", "window", "LIV1", domain.Major, domain.P2, Windows, WindowScope, "样例门窗公司"},
	{"TIL-03", "tile", "LIV1", domain.Cosmetic, domain.P4, FitOut, FitOutScope, "样例精装修工程公司"},
	{"PNT-01", "paint", "BED1", domain.Cosmetic, domain.P3, FitOut, FitOutScope, "样例精装修工程公司"},
	{"STR-03", "structure", "BTH1", domain.Critical, domain.P2, General, GeneralScope, "样例建工总承包公司"},
	{"WIN-03", "window", "KIT1", domain.Minor, domain.P3, Windows, WindowScope, "样例门窗公司"},
}

// Ticket is the n-th ticket in a status. Its defect was recorded at the opening
// plus n hours and it was assigned an hour later.
func Ticket(n int, status domain.RepairStatus) domain.Ticket {
	k := kinds[n%len(kinds)]
	at := Opening.Add(time.Duration(n) * time.Hour)
	t := domain.Ticket{
		UnitID: UnitID(n % flats), Status: status, Number: Number(n), DefectID: ident.Derive[domain.Defect]("desktest", fmt.Sprint(n)),
		Room: k.room, LibraryCode: k.code, Description: "样例描述：业主反映后现场复核", Trade: k.trade, Severity: k.severity,
		ContractorID: k.party, ScopeID: k.scope,
		LiabilityReason: domain.Because("reason.liability.subcontractor", "party", k.name, "trade", k.trade, "building", "1号楼"),
		WarrantyClass:   "W-FIN", ContractorEnd: "2028-06-30", OwnerEnd: "2028-09-26",
		WarrantyReason: domain.Because("reason.warranty.covered", "contractor_end_on", "2028-06-30", "owner_end_on", "2028-09-26"),
		SLAClass:       k.class, SLAReason: domain.Because("reason.sla.class", "class", string(k.class), "respond_hours", "2", "fix_days", "3"),
		RecordedAt: at, PromisedBy: "2026-10-03", RespondDue: at.Add(3 * time.Hour), OnSiteDue: at.Add(25 * time.Hour), FinishDue: at.Add(73 * time.Hour), Attempt: 1,
	}
	t.RaisedReason = t.LiabilityReason
	if k.class == domain.P1 {
		t.OnSiteDue, t.MakeSafeDue = at.Add(3*time.Hour), at.Add(25*time.Hour)
	}
	if status != domain.RepairRecorded {
		t.AssignedAt = at.Add(time.Hour)
	}
	switch status {
	case domain.RepairRecorded, domain.RepairAssigned, domain.RepairAccepted, domain.RepairDisputed, domain.RepairCancelled:
	default:
		t.RespondedAt, t.AttendedAt = at.Add(90*time.Minute), at.Add(5*time.Hour)
	}
	if status == domain.RepairClosed {
		t.FinishedAt, t.PassedAt, t.ClosedAt = at.Add(30*time.Hour), at.Add(40*time.Hour), at.Add(41*time.Hour)
	}
	return t
}

// Put is a ticket's record.
func Put(n int, t domain.Ticket) Record {
	return Record{domain.EntityTicket, TicketID(n).Any(), t}
}

// Tickets are many of them, in every status.
func Tickets(count int) []Record {
	statuses := []domain.RepairStatus{
		domain.RepairRecorded, domain.RepairAssigned, domain.RepairAccepted, domain.RepairInProgress, domain.RepairPendingReinspect, domain.RepairClosed,
		domain.RepairSurveyed, domain.RepairDisputed, domain.RepairSuspended, domain.RepairPassed, domain.RepairClosed, domain.RepairHardToFix,
	}
	var list []Record
	for n := 1; n <= count; n++ {
		list = append(list, Put(n, Ticket(n, statuses[n%len(statuses)])))
	}
	return list
}

// Story is one ticket with everything around it: nobody came, the notice is
// proven, the third party has finished and the back-charge is drafted.
type Story struct {
	N       int
	Ticket  domain.Ticket
	Job     domain.MaintenanceID
	Notice  domain.AnyID
	Charge  domain.BackChargeID
	Records []Record
}

// Engaged is the story up to the open engagement gate.
func Engaged(n int) Story {
	k := kinds[0]
	t := Ticket(n, domain.RepairAccepted)
	t.LibraryCode, t.Trade, t.Room, t.Severity, t.SLAClass, t.ContractorID, t.ScopeID = k.code, k.trade, k.room, k.severity, k.class, k.party, k.scope
	t.Escalated = []string{"onsite_missed", "no_attendance"}
	s := Story{N: n, Ticket: t, Notice: ident.Derive[any]("desktest", "notice", fmt.Sprint(n))}
	hour := func(h int) domain.Instant { return t.AssignedAt.Add(time.Duration(h) * time.Hour) }
	result := ident.Derive[domain.Result]("desktest", "result", fmt.Sprint(n))
	s.Records = []Record{
		Put(n, t),
		{domain.EntityResult, result.Any(), domain.Result{
			Item: "HO-010", Answer: domain.AnswerFail, Readings: []int64{3500, 2750}, UnitID: t.UnitID, Inspector: Inspector,
			Verdict: domain.Because("reason.reading.le.fail", "worst", "3.5", "high", "2"),
		}},
		{domain.EntityDefect, t.DefectID.Any(), domain.Defect{
			UnitID: t.UnitID, State: domain.DefectOpen, Room: t.Room, LibraryCode: t.LibraryCode, Severity: t.Severity, ResultID: result,
			Readings: []int64{3500, 2750}, Pin: &domain.Pin{PlanID: plan, X: 610_000, Y: 220_000}, CapturedAt: t.RecordedAt, Inspector: Inspector, Stage: domain.StageHandover,
		}},
		photo(n, "wide", t.DefectID.Any(), domain.RoleEvidence, PhotoSHA, t.RecordedAt),
		photo(n, "close", t.DefectID.Any(), domain.RoleEvidence, CloseSHA, t.RecordedAt),
		event(n, 2, t.AssignedAt, Coordinator, domain.RepairRecorded, domain.RepairAssigned, domain.Because("event.repair.assign"), domain.Reason{}),
		event(n, 3, hour(1), Coordinator, domain.RepairAssigned, domain.RepairAccepted, domain.Because("event.repair.accept"), domain.Because("reason.said", "note", "电话确认，代为接单")),
		event(n, 4, hour(2), domain.PersonID{}, "", "", domain.Because("event.escalated.onsite_missed"), domain.Because("reason.escalation.onsite_missed", "due_at", t.OnSiteDue.Time().Format(time.RFC3339))),
		event(n, 5, hour(24), domain.PersonID{}, "", "", domain.Because("event.notice.rectification", "number", "ZG-2026-000002"), domain.Reason{}),
		event(n, 6, hour(26), Coordinator, "", "", domain.Because("event.contacted", "channel", "phone"), domain.Because("reason.said", "note", "无人接听")),
		{domain.EntityContact, ident.Derive[any]("desktest", "contact", fmt.Sprint(n)), domain.Contact{TicketID: TicketID(n), At: hour(26), By: Coordinator, Channel: "phone", Note: "无人接听"}},
		{domain.EntityNotice, s.Notice, domain.Notice{
			TicketID: TicketID(n), State: domain.NoticeDelivered, Kind: domain.NoticeRectification, Number: "ZG-2026-000002", PartyID: t.ContractorID,
			IssuedAt: hour(24), DueAt: hour(48), DeliveredAt: hour(25), ProofID: ident.Derive[domain.Attachment]("desktest", "proof", fmt.Sprint(n)),
			Text: "整改通知单 ZG-2026-000002\n样例门窗公司：\n贵司施工的样例花园一期 1号楼 2单元 101 玄关存在质量问题：入户门锁/智能锁故障，维修单号" + t.Number +
				"，24小时内未到场维修。请于2026-09-29 10:00前到场整改。逾期未到场的，我司将委托第三方维修，费用按合同约定从贵司质保金中扣除。\n样例置业",
		}},
		photo(n, "proof", s.Notice, domain.RoleProof, CloseSHA, hour(25)),
	}
	return s
}

// Settled is the whole story: the third party's job is settled and charged.
func Settled(n int) Story {
	s := Engaged(n)
	s.Job = ident.Derive[domain.Maintenance]("desktest", "job", fmt.Sprint(n))
	s.Charge = ident.Derive[domain.BackCharge]("desktest", "charge", fmt.Sprint(n))
	t := s.Ticket
	hour := func(h int) domain.Instant { return t.AssignedAt.Add(time.Duration(h) * time.Hour) }
	t.Status, t.MaintenanceID, t.FinishedAt, t.PassedAt, t.ClosedAt = domain.RepairClosed, s.Job, hour(60), hour(62), hour(63)
	s.Ticket = t
	s.Records[0] = Put(n, t)
	const settled, fee = 812_50, 121_88
	s.Records = append(s.Records,
		Record{domain.EntityMaintenance, s.Job.Any(), domain.Maintenance{
			TicketID: TicketID(n), Status: domain.MaintenanceCharged, Number: "WT-2026-000001", Trigger: domain.TriggerNoAttendance,
			TriggerWhy: domain.Because("reason.trigger.t1_no_attendance", "first_hours", "24", "second_hours", "24", "delivered_at", hour(25).Time().Format(time.RFC3339)),
			FirmID:     ThirdParty, ProposedBy: Coordinator, ProposedAt: hour(50), ApprovedBy: Manager, ApprovedAt: hour(51), DispatchedAt: hour(52), FinishedAt: hour(58),
			FinishedBy: Coordinator, AcceptedAt: hour(59), VisitDue: hour(56), QuoteAgreedBy: Manager, QuoteAgreedAt: hour(64),
		}},
		Record{domain.EntityCost, ident.Derive[any]("desktest", "quote", fmt.Sprint(n)), domain.Cost{MaintenanceID: s.Job, Kind: domain.CostQuote, AmountFen: 860_00, At: hour(63), By: Coordinator}},
		Record{domain.EntityCost, ident.Derive[any]("desktest", "settlement", fmt.Sprint(n)), domain.Cost{MaintenanceID: s.Job, Kind: domain.CostSettlement, AmountFen: settled, At: hour(65), By: Manager}},
		photo(n, "after", s.Job.Any(), domain.RoleAfter, AfterSHA, hour(58)),
		Record{domain.EntityBackCharge, s.Charge.Any(), domain.BackCharge{
			TicketID: TicketID(n), State: domain.BackChargeDraft, PartyID: t.ContractorID, ScopeID: t.ScopeID, MaintenanceID: s.Job,
			CostFen: settled, FeeRate: 1500, FeeFen: fee, TotalFen: settled + fee, At: hour(65),
			Reason: domain.Because("reason.back_charge", "cost", "812.50", "rate", "15.00 %", "fee", "121.88", "total", "934.38", "source", "contract"),
		}},
		Record{domain.EntityLedgerEntry, ident.Derive[any]("desktest", "withheld", fmt.Sprint(n)), domain.LedgerEntry{
			ScopeID: t.ScopeID, Kind: domain.LedgerWithheld, AmountFen: 115_800_00, At: hour(65),
			Reason: domain.Because("reason.ledger.withheld", "settlement", "3860000.00", "rate", "3.00 %"),
		}},
		Record{domain.EntityLedgerEntry, ident.Derive[any]("desktest", "held", fmt.Sprint(n)), domain.LedgerEntry{
			ScopeID: t.ScopeID, Kind: domain.LedgerHeld, AmountFen: settled + fee, At: hour(65), BackChargeID: s.Charge, Reason: domain.Because("reason.ledger.held"),
		}},
	)
	return s
}

func photo(n int, name string, parent domain.AnyID, role domain.AttachmentRole, sha domain.Hash, at domain.Instant) Record {
	return Record{domain.EntityAttachment, ident.Derive[any]("desktest", name, fmt.Sprint(n)), domain.Attachment{
		ParentID: parent, State: domain.AttachmentReady, Kind: domain.KindPhoto, Role: role, SHA256: sha, WorkSHA256: sha, Format: "jpeg", CapturedAt: at, Inspector: Inspector,
	}}
}

func event(n, i int, at domain.Instant, actor domain.PersonID, from, to domain.RepairStatus, what, why domain.Reason) Record {
	return Record{domain.EntityEvent, ident.Derive[any]("desktest", "event", fmt.Sprint(n), fmt.Sprint(i)), domain.Event{
		SubjectID: TicketID(n).Any(), At: at, Actor: actor, From: string(from), To: string(to), What: what, Why: why,
	}}
}
