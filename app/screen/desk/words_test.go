package desk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// constants lists the string constants of a type in a package's source, so that
// a value added there and not here is noticed.
func constants(t *testing.T, dir, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v, ok := s.(*ast.ValueSpec)
				typed, isName := v.Type.(*ast.Ident)
				if !ok || !isName || typed.Name != kind {
					continue
				}
				lit, ok := v.Values[0].(*ast.BasicLit)
				if !ok {
					t.Fatalf("%s: %s is no literal", name, v.Names[0])
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
	}
	if len(values) == 0 {
		t.Fatalf("no constants of %s in %s", kind, dir)
	}
	return values
}

// TestEveryValueHasWords: whatever can stand in a record is shown in words.
func TestEveryValueHasWords(t *testing.T) {
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range []struct{ prefix, dir, kind string }{
		{"desk.status.", "shared/domain", "RepairStatus"},
		{"desk.maintenance.", "shared/domain", "MaintenanceStatus"},
		{"desk.charge.", "shared/domain", "BackChargeState"},
		{"desk.action.", "shared/domain", "RepairAction"},
		{"desk.job_action.", "shared/domain", "MaintenanceAction"},
		{"desk.ledger.", "shared/domain", "LedgerKind"},
		{"desk.job.", "shared/domain", "CostKind"},
		{"desk.notice.", "shared/domain", "NoticeKind"},
		{"desk.stage.", "shared/domain", "Stage"},
		{"desk.answer.", "shared/domain", "Answer"},
		{"desk.trigger.", "shared/domain", "Trigger"},
		{"desk.right.", "shared/domain", "Capability"},
		{"desk.refused.", "shared/syncproto", "Code"},
		{"desk.group.", "app/screen/desk", "GroupID"},
		{"desk.field.", "app/screen/desk", "FieldKind"},
		{"desk.due.", "app/screen/desk", "dueKind"},
	} {
		for _, value := range constants(t, family.dir, family.kind) {
			if key := family.prefix + value; value != "" && !texts.Has(wording.English, key) {
				t.Errorf("no text for %s", key)
			}
		}
	}
	for s := domain.Cosmetic; s <= domain.Critical; s++ {
		if !texts.Has(wording.English, "severity."+s.String()) {
			t.Errorf("no text for severity %s", s)
		}
	}
	for _, code := range constants(t, "shared/photo", "Code") {
		if !strings.HasPrefix(code, "plan_") && !texts.Has(wording.English, "desk.photo."+code) {
			t.Errorf("no text for %s", code)
		}
	}
	for _, state := range chargeStates {
		if !texts.Has(wording.English, "desk.charge_action."+string(state)) {
			t.Errorf("no text for moving a back-charge to %s", state)
		}
	}
	for _, channel := range channels {
		if !texts.Has(wording.English, "desk.channel."+channel) {
			t.Errorf("no text for %s", channel)
		}
	}
	for e := domain.EntityProject; e <= domain.EntityPerson; e++ {
		if info, _ := e.Info(); info.Captured && !texts.Has(wording.English, "desk.record."+info.Name) {
			t.Errorf("no text for %s", info.Name)
		}
	}
}

// TestEveryActionIsSpecified: an action of the state machines has a form, unless
// it follows from another one.
func TestEveryActionIsSpecified(t *testing.T) {
	follows := map[domain.RepairAction]bool{domain.RepairEngage: true, domain.RepairReturn: true, domain.RepairClose: true}
	for _, value := range constants(t, "shared/domain", "RepairAction") {
		action := domain.RepairAction(value)
		if _, ok := repairSpecs[action]; ok == follows[action] {
			t.Errorf("repair action %s: specified %v", action, ok)
		}
	}
	for _, value := range constants(t, "shared/domain", "MaintenanceAction") {
		action := domain.MaintenanceAction(value)
		if _, ok := jobSpecs[action]; ok == (action == domain.MaintenancePropose) {
			t.Errorf("maintenance action %s: specified %v", action, ok)
		}
	}
}
