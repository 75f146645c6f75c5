package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// badCalls finds calls that the house does without: sleeping, skipping without
// a reason and panicking on anything but a constant.
func badCalls(f file) []string {
	var found []string
	for _, declared := range f.tree.Decls {
		function, isFunction := declared.(*ast.FuncDecl)
		mayPanic := f.test() || isFunction && strings.HasPrefix(strings.ToLower(function.Name.Name), "must")
		ast.Inspect(declared, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall {
				return true
			}
			switch name := calledName(call); {
			case name == "time.Sleep":
				found = append(found, fmt.Sprintf("%s: time.Sleep makes tests slow or flaky and code deaf to its context: wait for the event itself, use testing/synctest or an injected clock, or select on a timer and ctx.Done()", f.at(call.Pos())))
			case name == "panic" && !mayPanic:
				found = append(found, fmt.Sprintf("%s: panic outside a must… function: return an error; only a must… function of constants, which fails in every run or never, may panic", f.at(call.Pos())))
			case f.test() && skips[name] && len(call.Args) == 0:
				found = append(found, fmt.Sprintf("%s: a skipped test says why: give %s its reason", f.at(call.Pos()), name))
			}
			return true
		})
	}
	return found
}

// skips are the calls that skip a test, under the usual names of its handle.
var skips = map[string]bool{
	"t.Skip": true, "b.Skip": true, "f.Skip": true, "tb.Skip": true,
	"t.SkipNow": true, "b.SkipNow": true, "f.SkipNow": true, "tb.SkipNow": true,
}

// calledName gives "f" for f(…) and "x.f" for x.f(…).
func calledName(call *ast.CallExpr) string {
	switch called := call.Fun.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		if on, isName := called.X.(*ast.Ident); isName {
			return on.Name + "." + called.Sel.Name
		}
	}
	return ""
}

// bakedText finds Chinese in the literals of a file: what people read comes
// from assets/translations. Comments may name a term.
func bakedText(f file, allowed []string) []string {
	if f.test() || fixture(path.Dir(f.name)) || strings.HasPrefix(f.name, "assets/") || slices.ContainsFunc(allowed, func(a string) bool {
		return f.name == a || strings.HasSuffix(a, "/") && strings.HasPrefix(f.name, a)
	}) {
		return nil
	}
	var found []string
	ast.Inspect(f.tree, func(n ast.Node) bool {
		literal, isLiteral := n.(*ast.BasicLit)
		if isLiteral && (literal.Kind == token.STRING || literal.Kind == token.CHAR) && strings.ContainsFunc(literal.Value, isHan) {
			found = append(found, fmt.Sprintf("%s: Chinese text %s in code: put it into assets/translations under a key, in both languages; if it is input that the product reads, list the file in chineseInput (shared/archtest/tables_test.go)", f.at(literal.Pos()), literal.Value))
		}
		return true
	})
	return found
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func TestHabits(t *testing.T) {
	for _, p := range load(t) {
		for _, f := range p.files {
			report(t, badCalls(f))
			report(t, bakedText(f, chineseInput))
		}
	}
}
