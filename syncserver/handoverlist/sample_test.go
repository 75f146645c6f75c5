package handoverlist

import (
	"errors"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

const (
	goodSample = "handover-list.xlsx"
	badSample  = "handover-list-with-errors.xlsx"
)

func TestGoodSample(t *testing.T) {
	b := readSample(t, goodSample)
	if b.Refused() {
		t.Fatalf("refused: %v", faultPlaces(b.Faults, SeverityError))
	}
	records := desired(t, b)
	n := counts(records)
	want := map[domain.Entity]int{
		domain.EntityBuilding: 3, domain.EntityLayout: 4, domain.EntityUnit: 264, domain.EntityAppointment: 96,
		domain.EntityParty: 6, domain.EntityPartyContact: 6, domain.EntityScope: 6, domain.EntityTerms: 4,
	}
	for e, count := range want {
		if n[e] != count {
			t.Errorf("%d records of %s, want %d", n[e], e, count)
		}
	}
	sold := 0
	for _, r := range records {
		if r.Entity != domain.EntityUnit {
			continue
		}
		u, err := syncproto.Decode[domain.Unit](r.Fields)
		must(t, err)
		if u.Sold {
			sold++
		}
		if u.Sold != (u.OwnerMasked != "") {
			t.Errorf("%s: sold %v, owner %q", r.Name, u.Sold, u.OwnerMasked)
		}
	}
	if n[domain.EntityHomeowner] != sold || sold == 0 || sold == 264 {
		t.Errorf("%d homeowners of %d sold units", n[domain.EntityHomeowner], sold)
	}
	for _, f := range b.Faults {
		if f.Expected.Key != keyUnitUnsold {
			t.Errorf("unexpected warning %+v", f)
		}
	}
}

func TestGoodSampleRecords(t *testing.T) {
	records := desired(t, readSample(t, goodSample))

	first := find[domain.Unit](t, records, domain.EntityUnit, "1# 1单元 101")
	want := domain.Unit{
		BuildingID: first.BuildingID, LayoutID: first.LayoutID, State: domain.UnitBooked,
		Building: "1#", Entrance: "1单元", Floor: 1, Number: "101", Layout: "B户型 三室两厅两卫", FitOut: domain.FitOutFitted,
		ContractAreaCM2: 1186200, SurveyedAreaCM2: 1189600, CompletedOn: "2026-08-20", ContractHandoverOn: "2026-09-30",
		Sold: true, OwnerMasked: "样***", PhoneMasked: "120****3349",
	}
	if first != want {
		t.Errorf("first unit\n got %+v\nwant %+v", first, want)
	}
	// Merged building cell, date as text, unsold.
	unsold := find[domain.Unit](t, records, domain.EntityUnit, "1# 1单元 201")
	if unsold.Sold || unsold.Note != "未售" || unsold.ContractHandoverOn != "2026-09-30" || unsold.Building != "1#" {
		t.Errorf("unsold unit %+v", unsold)
	}
	// A number stored as a number.
	if u := find[domain.Unit](t, records, domain.EntityUnit, "1# 1单元 801"); u.Number != "801" || u.State != domain.UnitBooked {
		t.Errorf("unit with a numeric number %+v", u)
	}
	if u := find[domain.Unit](t, records, domain.EntityUnit, "3# 2单元 1802"); u.FitOut != domain.FitOutShell || u.State != domain.UnitPending {
		t.Errorf("last unit %+v", u)
	}
	two := find[domain.Homeowner](t, records, domain.EntityHomeowner, "1# 1单元 202")
	if !slices.Equal(two.Names, []string{"样例业主003", "样例业主004"}) || two.Phone != "12000008076" || two.IDLast4 != "1092" || two.Bank != "样例银行一" {
		t.Errorf("two owners %+v", two)
	}
	layout := find[domain.Layout](t, records, domain.EntityLayout, "C户型 三室两厅两卫(镜像)")
	if layout.Code != "C" || layout.ProjectID != project {
		t.Errorf("layout %+v", layout)
	}

	name := "样例门窗公司 门窗、栏杆"
	scope := find[domain.ContractScope](t, records, domain.EntityScope, name)
	if !slices.Equal(scope.Trades, []string{"门窗", "栏杆"}) || !slices.Equal(scope.Buildings, []string{"1#", "2#", "3#"}) ||
		scope.WarrantyStart != "2026-08-20" || scope.LiabilityEnd != "2028-08-19" || scope.ResponseHours != 24 {
		t.Errorf("scope %+v", scope)
	}
	terms := find[domain.ContractTerms](t, records, domain.EntityTerms, name)
	if terms.SettlementFen != 1_830_000_000 || terms.RetentionRate != 300 || terms.FeeRate != 2000 {
		t.Errorf("terms %+v", terms)
	}
	party := find[domain.Party](t, records, domain.EntityParty, "样例维修公司甲")
	if party.Kind != domain.PartyThirdParty {
		t.Errorf("party %+v", party)
	}
	contact := find[domain.PartyContact](t, records, domain.EntityPartyContact, "样例总包公司")
	if contact.Name != "样例负责人1" || contact.Phone != "12100000001" {
		t.Errorf("contact %+v", contact)
	}
	slot := find[domain.Appointment](t, records, domain.EntityAppointment, "1# 1单元 101 2026-09-26")
	if slot.Slot != "09:00-10:00" || slot.Inspector != "验房员甲" || slot.UnitID.IsZero() {
		t.Errorf("appointment %+v", slot)
	}
}

func TestRecordsNameTheirParentsFirst(t *testing.T) {
	seen := map[domain.AnyID]bool{project.Any(): true}
	for _, r := range desired(t, readSample(t, goodSample)) {
		if !seen[r.Fields.Parent()] {
			t.Fatalf("%s %s comes before its parent", r.Entity, r.Name)
		}
		if seen[r.ID] {
			t.Fatalf("%s %s has an id of another record", r.Entity, r.Name)
		}
		seen[r.ID] = true
	}
}

func TestBadSampleIsRefusedWithEveryRowNamed(t *testing.T) {
	b := readSample(t, badSample)
	want := []string{
		"房屋清单!D268 duplicate_unit", "房屋清单!D269 missing", "房屋清单!H270 area", "房屋清单!J271 date",
	}
	if got := faultPlaces(b.Faults, SeverityError); !slices.Equal(got, want) {
		t.Errorf("errors\n got %v\nwant %v", got, want)
	}
	values := []string{"502", "", "约118", "2026年13月5日"}
	headers := []string{"房号", "房号", "实测面积(㎡)", "合同交付日期"}
	for i, f := range b.Faults[:4] {
		if f.Value != values[i] || f.Header != headers[i] {
			t.Errorf("fault %d: value %q, header %q", i, f.Value, f.Header)
		}
	}
	if args := b.Faults[0].Expected.Args; args["unit"] != "2# 1单元 502" || args["row"] != "109" {
		t.Errorf("the duplicate names %v", args)
	}
	warnings := faultPlaces(b.Faults, SeverityWarning)
	if !slices.Contains(warnings, "房屋清单!A274 total") {
		t.Errorf("no warning of the wrong total in %v", warnings)
	}
	unsold := 0
	for _, f := range b.Faults {
		if f.Expected.Key == keyUnitUnsold {
			unsold++
		}
		if f.Expected.Key == keyTotal && f.Expected.Args["counted"] != "268" {
			t.Errorf("counted %v", f.Expected.Args)
		}
	}
	if unsold == 0 {
		t.Error("no warning of an appointment for an unsold unit")
	}

	// Its other rows are read all the same: ２６０２ in row 99, below a merged cell.
	if u := b.units[95]; u.row.place().row != 99 || u.name() != "1# 2单元 2602" || u.floor != 26 {
		t.Errorf("row with full-width digits %+v", u)
	}
	if _, err := b.Desired(project, derive); !errors.Is(err, ErrRefused) {
		t.Errorf("records of a refused file: %v", err)
	}
	if p := preview(t, b, newMemory()); !p.Refused() || len(p.Changes) != 0 {
		t.Errorf("a refused file changes %d records", len(p.Changes))
	}
}

// Saved as CSV the sheets lose their merged cells and show dates as typed; in
// GBK, as older spreadsheet programs write them.
func TestSampleSheetsAsCSVChangeNothing(t *testing.T) {
	now := newMemory()
	now.apply(plan(t, sampleBytes(t, goodSample), now).Changes)
	file, err := excelize.OpenFile("testdata/" + goodSample)
	must(t, err)
	defer func() { must(t, file.Close()) }()
	want := counts(desired(t, readSample(t, goodSample)))
	for i, entities := range []int{4, 4, 1} {
		cells, err := file.GetRows(file.GetSheetName(i), excelize.Options{RawCellValue: true})
		must(t, err)
		rows := make([][]any, len(cells))
		for r := range cells {
			for _, c := range cells[r] {
				rows[r] = append(rows[r], c)
			}
		}
		text, err := simplifiedchinese.GBK.NewEncoder().Bytes(csvText(t, rows))
		must(t, err)
		p := plan(t, text, now)
		if p.Refused() || len(p.Changes)+len(p.Kept)+len(p.Missing) != 0 {
			t.Errorf("sheet %d: %d changes, %d kept, %d missing, faults %v", i, len(p.Changes), len(p.Kept), len(p.Missing), faultPlaces(p.Faults, SeverityError))
		}
		if len(p.Counts) != entities {
			t.Errorf("sheet %d: counts %+v", i, p.Counts)
		}
		for _, c := range p.Counts {
			if c.Unchanged != want[c.Entity] {
				t.Errorf("sheet %d: %+v, want %d", i, c, want[c.Entity])
			}
		}
	}
}
