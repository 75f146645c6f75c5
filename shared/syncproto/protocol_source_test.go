package syncproto_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the module's, seen from this package. What PROTOCOL.md says about
// packages that this one may not import is read from their source.
const root = "../.."

// source is the parsed non-test code of one folder.
type source struct {
	dir   string
	fset  *token.FileSet
	files []*ast.File
}

func readSource(t testing.TB, dir string) source {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	s := source{dir: dir, fset: token.NewFileSet()}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, filepath.Join(root, dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
	}
	return s
}

// text is an expression as it is written.
func (s source) text(t testing.TB, e ast.Expr) string {
	t.Helper()
	var b strings.Builder
	if err := printer.Fprint(&b, s.fset, e); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// constant is one declared constant.
type constant struct {
	name, typ string
	value     string // as it is written
}

func (c constant) unquoted() string {
	if text, err := strconv.Unquote(c.value); err == nil {
		return text
	}
	return c.value
}

// constants lists the constants of a folder in the order of their files.
func (s source) constants(t testing.TB) []constant {
	t.Helper()
	var list []constant
	for _, f := range s.files {
		for _, d := range f.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					c := constant{name: name.Name}
					if v.Type != nil {
						c.typ = s.text(t, v.Type)
					}
					if i < len(v.Values) {
						c.value = s.text(t, v.Values[i])
					}
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// constant finds one by name.
func (s source) constant(t testing.TB, name string) constant {
	t.Helper()
	all := s.constants(t)
	i := slices.IndexFunc(all, func(c constant) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("%s declares no constant %s: PROTOCOL.md speaks of it", s.dir, name)
	}
	return all[i]
}

// mapLiteral is the literal of a package variable, as pairs of expressions.
func (s source) mapLiteral(t testing.TB, name string) []*ast.KeyValueExpr {
	t.Helper()
	var pairs []*ast.KeyValueExpr
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || v.Names[0].Name != name || len(v.Values) != 1 {
				return true
			}
			if lit, ok := v.Values[0].(*ast.CompositeLit); ok {
				for _, e := range lit.Elts {
					pairs = append(pairs, e.(*ast.KeyValueExpr))
				}
			}
			return true
		})
	}
	if len(pairs) == 0 {
		t.Fatalf("%s has no map %s: PROTOCOL.md speaks of it", s.dir, name)
	}
	return pairs
}

// structFields finds a struct type's fields and their comments.
func (s source) structFields(t testing.TB, name string) []*ast.Field {
	t.Helper()
	var fields []*ast.Field
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == name {
				if st, ok := spec.Type.(*ast.StructType); ok {
					fields = st.Fields.List
				}
			}
			return true
		})
	}
	if fields == nil {
		t.Fatalf("%s has no struct %s: PROTOCOL.md speaks of it", s.dir, name)
	}
	return fields
}

// mentions reports which names occur as pkg.Name in the code below a folder.
func mentions(t testing.TB, dir, pkg string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == pkg {
					found[sel.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
