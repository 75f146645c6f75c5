package archtest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
)

// within tells whether a path is among space-separated ones; "x/..." stands for x and everything below it.
func within(path, list string) bool {
	for entry := range strings.FieldsSeq(list) {
		tree, isTree := strings.CutSuffix(entry, "/...")
		if path == tree || isTree && strings.HasPrefix(path, tree+"/") {
			return true
		}
	}
	return false
}

// wrongLayers finds the packages that the table does not list and the imports that it does not allow.
func wrongLayers(p pkg, table map[string]layer) []string {
	allowed, listed := table[p.path]
	if !listed {
		return []string{fmt.Sprintf("package %s has no place in the house: give it a line in the table layers (shared/archtest/tables_test.go) that says what it may import", p.path)}
	}
	var found []string
	for _, f := range p.files {
		for _, i := range f.imports() {
			may := allowed.may
			if f.test() {
				side, _, _ := strings.Cut(p.path, "/")
				may = strings.Join([]string{may, allowed.tests, testsMay[side], p.path}, " ")
			}
			if i.inside && fixture(i.path) && !f.test() && !fixture(p.path) {
				found = append(found, fmt.Sprintf("%s: %s is made for tests: only test files import a package whose name ends in test", i.at, i.path))
			} else if i.inside && !within(i.path, may) {
				found = append(found, fmt.Sprintf("%s: %s may not import %s. It may import: %s. Move the code to where it belongs, declare a small interface here and let the main hand the part in, or, if the house changes, change the table layers",
					i.at, p.path, i.path, orNothing(may)))
			}
		}
	}
	return found
}

// fixture tells whether a package is material for tests, as net/http/httptest is,
// or lies below one that is.
func fixture(path string) bool {
	return strings.HasSuffix(path, "test") || strings.Contains(path, "test/")
}

func orNothing(list string) string {
	return cmp.Or(strings.Join(strings.Fields(list), " "), "nothing of this module")
}

// wrongLibraries finds imports of third-party packages by others than their owners.
func wrongLibraries(p pkg, table []library) []string {
	var found []string
	for _, f := range p.files {
		for _, i := range f.imports() {
			if !i.library() {
				continue
			}
			owner, listed := ownerOf(i.path, table)
			switch {
			case !listed:
				found = append(found, fmt.Sprintf("%s: the library %s has no owner: name the one package that wraps it in the table libraries (shared/archtest/tables_test.go)", i.at, i.path))
			case within(p.path, owner.in):
			case f.test() && within(p.path, owner.tests):
			case owner.in == "":
				found = append(found, fmt.Sprintf("%s: %s is for tests only", i.at, owner.path))
			default:
				found = append(found, fmt.Sprintf("%s: %s belongs to %s, not to %s: a library has one owner, so that it can be replaced in one place. Use what the owner offers",
					i.at, owner.path, owner.in, p.path))
			}
		}
	}
	return found
}

// ownerOf finds the most particular entry for an imported path.
func ownerOf(path string, table []library) (owner library, listed bool) {
	for _, l := range table {
		if within(path, l.path+"/...") && len(l.path) > len(owner.path) {
			owner, listed = l, true
		}
	}
	return owner, listed
}

// brokenPrinciple finds entries of the table that the house forbids whatever the table says.
func brokenPrinciple(name string, allowed layer) []string {
	var found []string
	side, _, _ := strings.Cut(name, "/")
	lists := allowed.may
	if !within(name, "shared/walktest shared/benchtest shared/faulttest shared/simtest shared/drilltest") { // whose tests look at the house from outside
		lists += " " + allowed.tests
	}
	for to := range strings.FieldsSeq(lists) {
		other, _, _ := strings.Cut(to, "/")
		why := ""
		switch {
		case side == "app" && other == "syncserver" || side == "syncserver" && other == "app":
			why = "the app and the server meet in shared and on the wire only"
		case side == "shared" && (other == "app" || other == "syncserver"):
			why = "shared is below both"
		case side == "shared" && other == "assets":
			why = "mains hand the shipped data in as an fs.FS"
		case side == "assets" && other != "assets":
			why = "assets is data"
		case strings.HasPrefix(name, "app/ui/") && strings.HasPrefix(to, "app/ui/") && to != "app/ui/kit":
			why = "an area of the windows knows the kit and no other area"
		case strings.HasPrefix(name, "app/screen/") && strings.HasPrefix(to, "app/screen/") && !within(name, to+"/...") && !fixture(to):
			why = "a screen's view models know no other area's"
		case within(name, "app/screen/... app/core") && within(to, "app/ui/..."):
			why = "a screen is tested without a window"
		case strings.HasPrefix(name, "app/ui/") && within(to, "app/core app/fieldwork app/localstore app/syncer"):
			why = "windows draw a screen's state and call its methods"
		default:
			continue
		}
		found = append(found, fmt.Sprintf("the table lets %s import %s, but %s", name, to, why))
	}
	return found
}

func TestPackagesImportWhatTheirLayerAllows(t *testing.T) {
	for _, p := range load(t) {
		report(t, wrongLayers(p, layers))
	}
}

func TestLibrariesAreImportedByTheirOwner(t *testing.T) {
	for _, p := range load(t) {
		report(t, wrongLibraries(p, libraries))
	}
}

func TestLayersTableKeepsThePrinciples(t *testing.T) {
	for name, allowed := range layers {
		report(t, brokenPrinciple(name, allowed))
	}
}

func report(t *testing.T, findings []string) {
	t.Helper()
	for _, finding := range findings {
		t.Error(finding)
	}
}
