package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// wrongShape finds files that are too long, packages of too many files and names that say nothing.
func wrongShape(p pkg) []string {
	var found []string
	if slices.Contains(vagueNames, path.Base(p.path)) {
		found = append(found, fmt.Sprintf("package %s: the name says nothing about what is inside; name it after what it does", p.path))
	}
	limit := max(maxFiles, morePackageFiles[p.path])
	count := 0
	for _, f := range p.files {
		if !f.test() {
			count++
		}
		base := path.Base(f.name)
		plain := strings.TrimSuffix(strings.TrimSuffix(base, ".go"), "_test")
		if slices.Contains(vagueNames, plain) {
			found = append(found, fmt.Sprintf("%s: the name says nothing about what is inside; name the file after its subject", f.name))
		}
		if f.lines > maxLines {
			found = append(found, fmt.Sprintf("%s has %d lines, at most %d are allowed: cut it where its subject changes", f.name, f.lines, maxLines))
		}
		if base == "main.go" && f.lines > maxMainLines {
			found = append(found, fmt.Sprintf("%s has %d lines, at most %d are allowed: a main reads flags and puts parts together; move the rest into a package", f.name, f.lines, maxMainLines))
		}
	}
	if count > limit {
		found = append(found, fmt.Sprintf("package %s has %d files without tests, at most %d are allowed: split off the part that can stand alone", p.path, count, limit))
	}
	return found
}

// missingDoc finds packages that do not say what they are for.
func missingDoc(p pkg) []string {
	for _, f := range p.files {
		if !f.test() && f.tree.Doc != nil && strings.TrimSpace(f.tree.Doc.Text()) != "" {
			return nil
		}
	}
	return []string{fmt.Sprintf("package %s has no package comment: say in one paragraph, in doc.go or its main file, what it is for and what it leaves to others", p.path)}
}

// codeInTestPackage finds code in the packages that look at the house from outside.
func codeInTestPackage(p pkg) []string {
	if !within(p.path, "shared/archtest shared/walktest shared/benchtest shared/faulttest shared/simtest shared/drilltest") {
		return nil
	}
	var found []string
	for _, f := range p.files {
		if !f.test() && len(f.tree.Decls) > 0 {
			found = append(found, fmt.Sprintf("%s: %s holds only tests and a doc.go, because its tests import both sides of the house; put the code into a _test.go file", f.name, p.path))
		}
	}
	return found
}

func TestShapeAndNames(t *testing.T) {
	for _, p := range load(t) {
		report(t, wrongShape(p))
		report(t, missingDoc(p))
		report(t, codeInTestPackage(p))
	}
}
