package desktest

import (
	"fmt"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

// Record is one record of the invented project.
type Record struct {
	Entity domain.Entity
	ID     domain.AnyID
	Value  any
}

// Ids of the invented project.
var (
	Project     = ident.Derive[domain.Project]("desktest")
	Coordinator = ident.Derive[domain.Person]("desktest", "coordinator")
	Manager     = ident.Derive[domain.Person]("desktest", "manager")
	Inspector   = ident.Derive[domain.Person]("desktest", "inspector")
	ThirdParty  = ident.Derive[domain.Party]("desktest", "third party")
	Windows     = ident.Derive[domain.Party]("desktest", "windows")
	FitOut      = ident.Derive[domain.Party]("desktest", "fit-out")
	General     = ident.Derive[domain.Party]("desktest", "general")

	WindowScope  = ident.Derive[domain.ContractScope]("desktest", "windows")
	FitOutScope  = ident.Derive[domain.ContractScope]("desktest", "fit-out")
	GeneralScope = ident.Derive[domain.ContractScope]("desktest", "general")

	layout = ident.Derive[domain.Layout]("desktest", "A")
	plan   = ident.Derive[domain.Plan]("desktest", "A", "1")

	// PlanSHA, PhotoSHA and AfterSHA name the files of the plan and of photos.
	PlanSHA  = domain.Hash{1}
	PhotoSHA = domain.Hash{2}
	CloseSHA = domain.Hash{3}
	AfterSHA = domain.Hash{4}
)

// Opening is the morning of the first handover day.
var Opening = domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))

// TicketID is the id of the n-th ticket.
func TicketID(n int) domain.TicketID {
	return ident.Derive[domain.Ticket]("desktest", fmt.Sprint(n))
}

// UnitID is the id of the n-th flat.
func UnitID(n int) domain.UnitID {
	return ident.Derive[domain.Unit]("desktest", fmt.Sprint(n))
}

// Number is the n-th ticket's.
func Number(n int) string { return fmt.Sprintf("WX-2026-%06d", n) }

// Master is the project without tickets: people, firms, contracts and flats.
func Master() []Record {
	list := []Record{
		{domain.EntityProject, Project.Any(), domain.Project{Name: "样例花园一期", Zone: "Asia/Shanghai", CompanyName: "样例置业"}},
		{domain.EntityPerson, Coordinator.Any(), domain.Person{ProjectID: Project, Name: "样例协调员", PersonID: Coordinator}},
		{domain.EntityPerson, Manager.Any(), domain.Person{ProjectID: Project, Name: "样例经理", PersonID: Manager}},
		{domain.EntityPerson, Inspector.Any(), domain.Person{ProjectID: Project, Name: "验房员甲", PersonID: Inspector}},
		{domain.EntityLayout, layout.Any(), domain.Layout{ProjectID: Project, Code: "A", Name: "A户型 三室两厅一卫"}},
		{domain.EntityPlan, plan.Any(), domain.Plan{LayoutID: layout, Revision: 1, SHA256: PlanSHA, WidthPX: 4000, HeightPX: 3000, Rooms: []domain.Room{
			{Code: "ENT1", Type: domain.RoomEntrance, NameZH: "玄关", NameEN: "Entrance hall"},
			{Code: "LIV1", Type: domain.RoomLiving, NameZH: "客厅", NameEN: "Living room"},
			{Code: "BED1", Type: domain.RoomBed, NameZH: "主卧", NameEN: "Main bedroom"},
			{Code: "BTH1", Type: domain.RoomBath, NameZH: "卫生间", NameEN: "Bathroom"},
			{Code: "KIT1", Type: domain.RoomKitchen, NameZH: "厨房", NameEN: "Kitchen"},
		}}},
	}
	for id, party := range map[domain.PartyID]domain.Party{
		General:    {ProjectID: Project, Kind: domain.PartyGeneral, Name: "样例建工总承包公司"},
		Windows:    {ProjectID: Project, Kind: domain.PartySub, Name: "样例门窗公司"},
		FitOut:     {ProjectID: Project, Kind: domain.PartySub, Name: "样例精装修工程公司"},
		ThirdParty: {ProjectID: Project, Kind: domain.PartyThirdParty, Name: "样例第三方维修公司"},
	} {
		list = append(list, Record{domain.EntityParty, id.Any(), party})
	}
	for _, s := range []struct {
		id     domain.ScopeID
		party  domain.PartyID
		trade  string
		amount domain.Fen
	}{
		{WindowScope, Windows, "门窗", 3_860_000_00},
		{FitOutScope, FitOut, "精装修", 12_480_000_00},
		{GeneralScope, General, "总承包", 268_000_000_00},
	} {
		list = append(list,
			Record{domain.EntityScope, s.id.Any(), domain.ContractScope{
				PartyID: s.party, Trades: []string{s.trade}, Buildings: []string{"1号楼", "2号楼"}, WarrantyStart: "2026-06-30", LiabilityEnd: "2028-06-30",
			}},
			Record{domain.EntityTerms, ident.Derive[any]("desktest", "terms", s.trade), domain.ContractTerms{
				ScopeID: s.id, SettlementFen: s.amount, RetentionRate: 300, FeeRate: 1500,
			}})
	}
	for n := range flats {
		building := n/20 + 1
		list = append(list, Record{domain.EntityUnit, UnitID(n).Any(), domain.Unit{
			Building: fmt.Sprintf("%d号楼", building), Entrance: fmt.Sprintf("%d单元", n%2+1), Floor: n%20/2 + 1,
			Number: fmt.Sprintf("%d%02d", n%20/2+1, n%2+1), LayoutID: layout, Layout: "A", FitOut: domain.FitOutFitted, Sold: true, DeliveredOn: "2026-09-26",
		}})
	}
	return list
}

// flats is how many there are.
const flats = 40
