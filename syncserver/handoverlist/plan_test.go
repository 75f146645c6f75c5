package handoverlist

import (
	"context"
	"errors"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

func listBook(t testing.TB, units, scopes, appointments [][]any) []byte {
	t.Helper()
	sheets := []testSheet{{name: "u", rows: units}, {name: "s", rows: scopes}, {name: "a", rows: appointments}}
	return workbook(t, sheets...)
}

func recordNamed(t testing.TB, records []Record, e domain.Entity, name string) Record {
	t.Helper()
	i := slices.IndexFunc(records, func(r Record) bool { return r.Entity == e && r.Name == name })
	if i < 0 {
		t.Fatalf("no %s %q", e, name)
	}
	return records[i]
}

func TestImportTwiceChangesNothing(t *testing.T) {
	now := newMemory()
	content := sampleBytes(t, goodSample)
	p := plan(t, content, now)
	created := 0
	for _, c := range p.Counts {
		created += c.Create
		if c.Change+c.Unchanged+c.Kept != 0 {
			t.Errorf("first import: %+v", c)
		}
	}
	if created != len(p.Changes) || created < 264+96+6 {
		t.Errorf("%d records to create, %d changes", created, len(p.Changes))
	}
	for _, c := range p.Changes {
		for _, v := range c.Patch {
			if syncproto.IsNull(v) {
				t.Fatalf("%s %s is created with a cleared field", c.Entity, c.Name)
			}
		}
		if !c.Create || c.Imported.State() != "" {
			t.Fatalf("%s %s: create %v, remembered state %q", c.Entity, c.Name, c.Create, c.Imported.State())
		}
	}
	now.apply(p.Changes)
	again := plan(t, content, now)
	if len(again.Changes)+len(again.Kept)+len(again.Missing) != 0 {
		t.Errorf("second import: %d changes, %d kept, %d missing", len(again.Changes), len(again.Kept), len(again.Missing))
	}
}

func TestEditedFileChangesOnlyTheEdit(t *testing.T) {
	now := newMemory()
	units, scopes, appointments := unitsZH(), scopesZH(), appointmentsZH()
	now.apply(plan(t, listBook(t, units, scopes, appointments), now).Changes)

	units[1][uSurveyed] = 90.01
	units[1][13] = nil // bank
	units[3][uFloor] = "26层"
	scopes[1][3] = "1#-3#"
	scopes[1][8] = "18%"
	appointments[2][1] = "11:00-12:00"
	p := plan(t, listBook(t, units, scopes, appointments), now)
	type edit struct{ label, old, new string }
	var got []edit
	for _, c := range p.Changes {
		if c.Create {
			t.Errorf("%s %s is created", c.Entity, c.Name)
		}
		for _, f := range c.Fields {
			got = append(got, edit{c.Entity.String() + " " + c.Name + " " + f.Label[len(keyPrefix+"field."):], f.Old.Args["value"], f.New.Args["value"]})
		}
	}
	want := []edit{
		{"unit 1# 1单元 101 unit.surveyed_area", "88.49", "90.01"},
		{"homeowner 1# 1单元 101 homeowner.bank", "样例银行", ""},
		{"contract_scope 样例总包公司 结构、防水 contract_scope.buildings", "1#、2#", "1#、2#、3#"},
		{"contract_terms 样例总包公司 结构、防水 contract_terms.fee_rate", "15", "18"},
		{"appointment 2# 1单元 2601 2026-09-26 appointment.slot", "10:00-11:00", "11:00-12:00"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("changes\n got %v\nwant %v", got, want)
	}
	for _, c := range p.Changes {
		if len(c.Patch) != 1 {
			t.Errorf("%s %s: patch of keys %v", c.Entity, c.Name, c.Patch.Keys())
		}
	}
	now.apply(p.Changes)
	homeowner := recordNamed(t, desired(t, readBytes(t, "x", listBook(t, unitsZH(), nil, nil))), domain.EntityHomeowner, "1# 1单元 101")
	if bank := now.current[recordID{homeowner.Entity, homeowner.ID}][6]; !syncproto.IsNull(bank) {
		t.Errorf("the bank is still %x", bank)
	}
	if p := plan(t, listBook(t, units, scopes, appointments), now); len(p.Changes) != 0 {
		t.Errorf("importing the edit again changes %+v", p.Changes)
	}
}

func TestThreeWay(t *testing.T) {
	const a, b, c = "备注甲", "备注乙", "备注丙"
	tests := []struct {
		name                string
		imported, app, file string
		patch, kept         bool
		rememberedAfter     string
	}{
		{"nobody changed it", a, a, a, false, false, a},
		{"changed in the file", a, a, b, true, false, b},
		{"changed in the app", a, b, a, false, false, a},
		{"changed alike in both", a, b, b, false, false, b},
		{"changed differently in both", a, b, c, false, true, a},
		{"cleared in the file", a, a, "", true, false, ""},
		{"cleared in the app", a, "", a, false, false, a},
		{"cleared in both", a, "", "", false, false, ""},
		{"cleared in the file, changed in the app", a, b, "", false, true, a},
		{"cleared in the app, changed in the file", a, "", c, false, true, a},
		{"new in the file", "", "", b, true, false, b},
		{"new in both", "", b, c, false, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := newMemory()
			units := unitsZH()
			units[1][uNote] = tt.imported
			content := listBook(t, units, nil, nil)
			now.apply(plan(t, content, now).Changes)
			unit := recordNamed(t, desired(t, readBytes(t, "x", content)), domain.EntityUnit, "1# 1单元 101")
			id := recordID{unit.Entity, unit.ID}
			if tt.app == "" {
				now.current[id][18] = syncproto.Null
			} else {
				now.edit(t, unit, 18, tt.app)
			}
			units[1][uNote] = tt.file
			content = listBook(t, units, nil, nil)
			p := plan(t, content, now)
			if got := len(p.Kept) > 0; got != tt.kept {
				t.Errorf("kept %+v", p.Kept)
			}
			patched := slices.ContainsFunc(p.Changes, func(c Change) bool { return len(c.Patch) > 0 })
			if patched != tt.patch || len(p.Changes) > 1 {
				t.Errorf("changes %+v", p.Changes)
			}
			now.apply(p.Changes)
			want := tt.app
			if tt.patch {
				want = tt.file
			}
			text, err := syncproto.DecodeField[string](now.current[id], 18)
			must(t, err)
			remembered, err := syncproto.DecodeField[string](now.imported[id], 18)
			must(t, err)
			if text != want || remembered != tt.rememberedAfter {
				t.Errorf("the app has %q, remembered is %q", text, remembered)
			}
			after := plan(t, content, now)
			if len(after.Changes) != 0 || len(after.Kept) != len(p.Kept) {
				t.Errorf("importing again: %d changes, %d kept", len(after.Changes), len(after.Kept))
			}
			if tt.kept {
				f := p.Kept[0].Fields
				if len(f) != 1 || f[0].Label != keyPrefix+"field.unit.note" || f[0].Imported.Args["value"] != tt.imported ||
					f[0].Current.Args["value"] != tt.app || f[0].File.Args["value"] != tt.file {
					t.Errorf("kept %+v", f)
				}
			}
		})
	}
}

func TestStateIsSetAtCreationOnly(t *testing.T) {
	now := newMemory()
	now.apply(plan(t, listBook(t, unitsZH(), nil, nil), now).Changes)
	unit := recordNamed(t, desired(t, readBytes(t, "x", listBook(t, unitsZH(), nil, nil))), domain.EntityUnit, "1# 1单元 101")
	id := recordID{unit.Entity, unit.ID}
	if s := now.current[id].State(); s != string(domain.UnitPending) {
		t.Errorf("a unit without appointment is created %q", s)
	}
	now.edit(t, unit, syncproto.KeyState, string(domain.UnitInspected))
	p := plan(t, listBook(t, unitsZH(), nil, appointmentsZH()), now)
	if len(p.Kept) != 0 {
		t.Errorf("kept %+v", p.Kept)
	}
	now.apply(p.Changes)
	if s := now.current[id].State(); s != string(domain.UnitInspected) {
		t.Errorf("import set the state to %q", s)
	}
}

func TestMissingRowsAreReportedOnly(t *testing.T) {
	now := newMemory()
	now.apply(plan(t, listBook(t, unitsZH(), scopesZH(), appointmentsZH()), now).Changes)

	names := func(p *Preview) (list []string) {
		for _, m := range p.Missing {
			list = append(list, m.Entity.String()+" "+m.Name)
		}
		slices.Sort(list)
		return list
	}
	p := plan(t, listBook(t, unitsZH()[:3], scopesZH(), appointmentsZH()[:2]), now)
	want := []string{"appointment 2# 1单元 2601 2026-09-26", "building 2#", "homeowner 2# 1单元 2601", "layout B户型 三室", "unit 2# 1单元 2601"}
	if got := names(p); !slices.Equal(got, want) || len(p.Changes) != 0 {
		t.Errorf("missing %v, %d changes", got, len(p.Changes))
	}
	// A file with one table says nothing about the others.
	if p := plan(t, csvText(t, scopesZH()), now); len(p.Missing)+len(p.Changes) != 0 {
		t.Errorf("missing %v, changes %+v", names(p), p.Changes)
	}
}

func TestMissingColumnsLeaveFieldsAlone(t *testing.T) {
	now := newMemory()
	now.apply(plan(t, listBook(t, unitsZH(), nil, nil), now).Changes)
	var few [][]any
	for _, row := range unitsZH() {
		few = append(few, row[:6])
	}
	p := plan(t, csvText(t, few), now)
	if len(p.Changes)+len(p.Kept) != 0 {
		t.Errorf("changes %+v, kept %+v", p.Changes, p.Kept)
	}
	if len(p.Missing) != 2 { // the homeowners, of whom the file says nothing at all
		t.Errorf("missing %+v", p.Missing)
	}
}

func TestRecordRemovedInTheAppStaysRemoved(t *testing.T) {
	now := newMemory()
	content := listBook(t, unitsZH(), nil, nil)
	now.apply(plan(t, content, now).Changes)
	unit := recordNamed(t, desired(t, readBytes(t, "x", content)), domain.EntityUnit, "2# 1单元 2601")
	delete(now.current, recordID{unit.Entity, unit.ID})
	p := plan(t, content, now)
	if len(p.Changes) != 0 || len(p.Kept) != 1 || !p.Kept[0].Removed || p.Kept[0].Name != unit.Name {
		t.Errorf("changes %+v, kept %+v", p.Changes, p.Kept)
	}
}

func TestRecordThatNoImportWroteIsNotOverwritten(t *testing.T) {
	now := newMemory()
	content := listBook(t, unitsZH(), nil, nil)
	now.apply(plan(t, content, now).Changes)
	clear(now.imported)
	clear(now.names)
	unit := recordNamed(t, desired(t, readBytes(t, "x", content)), domain.EntityUnit, "2# 1单元 2601")
	now.edit(t, unit, 18, "应用内备注")
	now.edit(t, unit, 6, "9999")
	p := plan(t, content, now)
	for _, c := range p.Changes {
		if len(c.Patch) != 0 || len(c.Imported) == 0 {
			t.Errorf("%s %s: patch %v, remembered %v", c.Entity, c.Name, c.Patch.Keys(), c.Imported.Keys())
		}
	}
	if len(p.Kept) != 1 || p.Kept[0].Fields[0].Current.Args["value"] != "9999" {
		t.Errorf("kept %+v", p.Kept)
	}
}

func TestAppointmentsWithoutUnitsAreLookedUp(t *testing.T) {
	now := newMemory()
	alone := csvText(t, append(appointmentsZH(), []any{"2026-09-27", "上午", "1#", "1单元", "102", "样例员"}))
	if p := plan(t, alone, now); !p.Refused() || len(p.Changes) != 0 || len(p.Faults) != 3 || p.Faults[0].Row != 2 || p.Faults[0].Sheet != "list" {
		t.Errorf("without units: %+v", p)
	}
	now.apply(plan(t, listBook(t, unitsZH(), nil, nil), now).Changes)
	p := plan(t, alone, now)
	if p.Refused() || len(p.Changes) != 3 {
		t.Errorf("with units: %d changes, faults %+v", len(p.Changes), p.Faults)
	}
	if got := faultPlaces(p.Faults, SeverityWarning); !slices.Equal(got, []string{"list!4 unit_unsold"}) {
		t.Errorf("warnings %v", got)
	}
}

func TestPlanRefusesAmbiguousIDs(t *testing.T) {
	records, err := readSample(t, goodSample).Desired(project, func(...string) [16]byte { return [16]byte{7} })
	must(t, err)
	if _, err := Plan(t.Context(), records, newMemory()); err == nil {
		t.Error("records of one id were planned")
	}
}

// broken is a snapshot of a store that fails.
type broken struct{ *memory }

var errBroken = errors.New("disk on fire")

func (broken) Current(context.Context, domain.Entity, domain.AnyID) (syncproto.Fields, bool, error) {
	return nil, false, errBroken
}

func TestPlanReportsStoreFailuresAndCancellation(t *testing.T) {
	b := readSample(t, goodSample)
	if _, err := b.Preview(t.Context(), project, derive, broken{newMemory()}); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Plan(ctx, desired(t, b), newMemory()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
