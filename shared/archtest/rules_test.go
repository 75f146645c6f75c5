package archtest

import (
	"slices"
	"strings"
	"testing"
)

// made builds a package of one file from its text.
func made(t *testing.T, name, text string) pkg {
	t.Helper()
	f, err := parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return pkg{path: name[:strings.LastIndex(name, "/")], files: []file{f}}
}

// TestRulesFindWhatTheyForbid gives each rule a file that breaks it and one
// that does not: a rule that finds nothing would pass for ever.
func TestRulesFindWhatTheyForbid(t *testing.T) {
	table := map[string]layer{
		"app/screen": {may: "shared/domain"},
		"app/ui/kit": {tests: "app/screen"},
		"syncserver": {may: "syncserver/..."},
		"app/xtest":  {may: "app/ytest"},
	}
	owners := []library{
		{path: "example.org/draw/window", in: "app"},
		{path: "example.org/draw", in: "app/ui/..."},
		{path: "example.org/check", tests: "app/..."},
	}
	byLayer := func(p pkg) []string { return wrongLayers(p, table) }
	byLibrary := func(p pkg) []string { return wrongLibraries(p, owners) }
	calls := func(p pkg) []string { return badCalls(p.files[0]) }
	texts := func(p pkg) []string { return bakedText(p.files[0], []string{"shared/read/", "shared/one/list.go"}) }
	const doc = "// Package x is documented.\npackage x\n"

	for _, c := range []struct {
		what  string
		rule  func(pkg) []string
		name  string
		text  string
		finds string // part of the only finding; "" for none
	}{
		{"listed import", byLayer, "app/screen/a.go", `package x; import _ "keyturn/shared/domain"`, ""},
		{"standard library", byLayer, "app/screen/a.go", `package x; import _ "net/http"`, ""},
		{"import not listed", byLayer, "app/screen/a.go", `package x; import _ "keyturn/shared/policy"`, "app/screen may not import shared/policy"},
		{"longer name is no subpackage", byLayer, "app/screen/a.go", `package x; import _ "keyturn/shared/domainx"`, "may not import"},
		{"subtree", byLayer, "syncserver/a.go", `package x; import _ "keyturn/syncserver/store"`, ""},
		{"package not listed", byLayer, "app/extra/a.go", `package x`, "no place in the house"},
		{"test import in a test", byLayer, "app/ui/kit/a_test.go", `package x; import _ "keyturn/app/screen"`, ""},
		{"test import outside a test", byLayer, "app/ui/kit/a.go", `package x; import _ "keyturn/app/screen"`, "may not import app/screen"},
		{"below what is made for tests, in code", byLayer, "syncserver/a.go", `package x; import _ "keyturn/syncserver/storetest/disk"`, "is made for tests"},
		{"made for tests in code", byLayer, "syncserver/a.go", `package x; import _ "keyturn/syncserver/storetest"`, "is made for tests"},
		{"made for tests in a test", byLayer, "syncserver/a_test.go", `package x; import _ "keyturn/syncserver/storetest"`, ""},
		{"made for tests in its like", byLayer, "app/xtest/a.go", `package x; import _ "keyturn/app/ytest"`, ""},
		{"data in a test", byLayer, "app/ui/kit/a_test.go", `package x; import _ "keyturn/assets/fonts"`, ""},
		{"itself in an outer test", byLayer, "app/ui/kit/a_test.go", `package x_test; import _ "keyturn/app/ui/kit"`, ""},

		{"owner", byLibrary, "app/ui/kit/a.go", `package x; import _ "example.org/draw/shape"`, ""},
		{"not the owner", byLibrary, "app/screen/a.go", `package x; import _ "example.org/draw"`, "belongs to app/ui/..."},
		{"part with its own owner", byLibrary, "app/ui/kit/a.go", `package x; import _ "example.org/draw/window"`, "belongs to app,"},
		{"no owner at all", byLibrary, "app/ui/kit/a.go", `package x; import _ "example.org/other"`, "has no owner"},
		{"test library in a test", byLibrary, "app/screen/a_test.go", `package x; import _ "example.org/check"`, ""},
		{"test library in code", byLibrary, "app/screen/a.go", `package x; import _ "example.org/check"`, "for tests only"},

		{"short file", wrongShape, "app/screen/a.go", "package x\n", ""},
		{"long file", wrongShape, "app/screen/a.go", "package x\n" + strings.Repeat("\n", maxLines), "has 501 lines"},
		{"long main", wrongShape, "app/main.go", "package x\n" + strings.Repeat("\n", maxMainLines), "has 151 lines"},
		{"vague package", wrongShape, "app/util/a.go", "package x\n", "package app/util"},
		{"vague file", wrongShape, "app/screen/helpers_test.go", "package x\n", "name the file"},
		{"documented", missingDoc, "app/screen/a.go", doc, ""},
		{"documented in a test", missingDoc, "app/screen/a_test.go", doc, "no package comment"},
		{"code among tests", codeInTestPackage, "shared/walktest/a.go", doc + "var A int\n", "only tests"},
		{"doc among tests", codeInTestPackage, "shared/walktest/doc.go", doc, ""},

		{"sleep", calls, "app/screen/a_test.go", `package x; import "time"; func f() { time.Sleep(1) }`, "time.Sleep"},
		{"skip without a reason", calls, "app/screen/a_test.go", `package x; import "testing"; func f(t *testing.T) { t.Skip() }`, "says why"},
		{"skip now", calls, "app/screen/a_test.go", `package x; import "testing"; func f(t *testing.T) { t.SkipNow() }`, "says why"},
		{"skip with a reason", calls, "app/screen/a_test.go", `package x; import "testing"; func f(t *testing.T) { t.Skip("no disk to fill") }`, ""},
		{"panic", calls, "app/screen/a.go", `package x; func f() { panic(1) }`, "panic outside"},
		{"panic in a variable", calls, "app/screen/a.go", `package x; var f = func() { panic(1) }`, "panic outside"},
		{"panic of a constant", calls, "app/screen/a.go", `package x; func mustParse() { panic(1) }`, ""},
		{"panic in a test", calls, "app/screen/a_test.go", `package x; func f() { panic(1) }`, ""},

		{"text in code", texts, "app/screen/a.go", `package x; const a = "裂缝"`, "Chinese text"},
		{"sign in code", texts, "app/screen/a.go", `package x; const a = '层'`, "Chinese text"},
		{"term in a comment", texts, "app/screen/a.go", "package x\n\n// 户 is a unit.\nconst a = 1\n", ""},
		{"text in a test", texts, "app/screen/a_test.go", `package x; const a = "裂缝"`, ""},
		{"text made for tests", texts, "app/screen/desktest/a.go", `package x; const a = "裂缝"`, ""},
		{"text in assets", texts, "assets/sample/draw/a.go", `package x; const a = "裂缝"`, ""},
		{"input in a listed folder", texts, "shared/read/a.go", `package x; const a = "裂缝"`, ""},
		{"input in a listed file", texts, "shared/one/list.go", `package x; const a = "裂缝"`, ""},
		{"text beside a listed file", texts, "shared/one/other.go", `package x; const a = "裂缝"`, "Chinese text"},
	} {
		t.Run(c.what, func(t *testing.T) {
			found := c.rule(made(t, c.name, c.text))
			if c.finds == "" && len(found) > 0 || c.finds != "" && (len(found) != 1 || !strings.Contains(found[0], c.finds)) {
				t.Errorf("found %q, want %q", found, c.finds)
			}
		})
	}
}

func TestTooManyFilesAreFound(t *testing.T) {
	p := made(t, "app/screen/a.go", "package x\n")
	p.files = slices.Repeat(p.files, maxFiles)
	if found := wrongShape(p); len(found) > 0 {
		t.Errorf("%d files: found %q", maxFiles, found)
	}
	p.files = append(p.files, p.files[0])
	if found := wrongShape(p); len(found) != 1 || !strings.Contains(found[0], "26 files") {
		t.Errorf("%d files: found %q", len(p.files), found)
	}
}

func TestPrinciplesHoldAgainstTheTable(t *testing.T) {
	for _, c := range []struct {
		name  string
		line  layer
		finds string
	}{
		{"app/syncer", layer{may: "syncserver/store"}, "meet in shared"},
		{"syncserver/api", layer{tests: "app/core"}, "meet in shared"},
		{"shared/merge", layer{may: "app/core"}, "below both"},
		{"shared/merge", layer{may: "assets/catalog"}, "fs.FS"},
		{"assets/sample", layer{may: "shared/domain"}, "is data"},
		{"app/ui/desk", layer{may: "app/ui/field"}, "no other area"},
		{"app/ui/desk", layer{may: "app/fieldwork"}, "draw a screen's state"},
		{"app/screen/desk", layer{may: "app/screen/field"}, "no other area's"},
		{"app/screen/desk/oncore", layer{may: "app/screen/desk app/core"}, ""},
		{"app/screen/desk/oncore", layer{may: "app/screen/field"}, "no other area's"},
		{"app/screen/desk", layer{may: "app/ui/kit"}, "without a window"},
		{"app/ui/desk", layer{may: "app/ui/kit app/screen/desk"}, ""},
		{"shared/walktest", layer{tests: "app/... syncserver/..."}, ""},
		{"shared/walktest", layer{may: "app/core"}, "below both"},
	} {
		found := brokenPrinciple(c.name, c.line)
		if c.finds == "" && len(found) > 0 || c.finds != "" && (len(found) != 1 || !strings.Contains(found[0], c.finds)) {
			t.Errorf("%s %+v: found %q, want %q", c.name, c.line, found, c.finds)
		}
	}
}
