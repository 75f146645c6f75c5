package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	module = "keyturn"
	root   = "../.." // of the module, seen from this package
)

// pkg is one package of the module: its files for all platforms, tests included.
type pkg struct {
	path  string // below the module: "app/ui/kit"
	files []file
}

// file is one Go file.
type file struct {
	name  string // below the module: "app/ui/kit/row.go"
	lines int
	fset  *token.FileSet
	tree  *ast.File
}

func (f file) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// at names a place in the file as editors understand it.
func (f file) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", f.name, f.fset.Position(p).Line)
}

// imports lists the file's imports; those of the module as paths below it.
func (f file) imports() []imported {
	var all []imported
	for _, spec := range f.tree.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser takes only quoted paths
		}
		own, inside := strings.CutPrefix(name, module+"/")
		all = append(all, imported{path: own, inside: inside, at: f.at(spec.Pos())})
	}
	return all
}

// imported is one import of a file.
type imported struct {
	path   string
	inside bool // a package of this module
	at     string
}

// library tells whether the import is a third party's: its first element is a host.
func (i imported) library() bool {
	first, _, _ := strings.Cut(i.path, "/")
	return !i.inside && strings.Contains(first, ".")
}

func parse(name string, text []byte) (file, error) {
	f := file{name: name, fset: token.NewFileSet(), lines: bytes.Count(text, []byte("\n"))}
	var err error
	f.tree, err = parser.ParseFile(f.fset, name, text, parser.ParseComments)
	return f, err
}

// load gives the whole module, which it reads once.
func load(t *testing.T) []pkg {
	t.Helper()
	all, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var readOnce = sync.OnceValues(read)

func read() ([]pkg, error) {
	if err := lookAround(); err != nil {
		return nil, err
	}
	command := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", "./...")
	command.Dir = root
	var complaints bytes.Buffer
	command.Stderr = &complaints
	listed, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, complaints.String())
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(listed)); ; {
		var l struct {
			ImportPath, Dir                                              string
			GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		p := pkg{path: strings.TrimPrefix(l.ImportPath, module+"/")}
		for _, names := range [][]string{l.GoFiles, l.CgoFiles, l.IgnoredGoFiles, l.TestGoFiles, l.XTestGoFiles} {
			for _, name := range names {
				text, err := os.ReadFile(filepath.Join(l.Dir, name))
				if err != nil {
					return nil, err
				}
				f, err := parse(path.Join(p.path, name), text)
				if err != nil {
					return nil, err
				}
				p.files = append(p.files, f)
			}
		}
		all = append(all, p)
	}
}

// lookAround opens every folder of the module. `go test` repeats a remembered
// pass while what the test itself opened is unchanged; `go list` opens the
// folders in another process, so without this a new file would go unseen.
func lookAround() error {
	for _, top := range []string{"app", "assets", "shared", "syncserver"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(_ string, _ fs.DirEntry, err error) error { return err })
		if err != nil {
			return err
		}
	}
	return nil
}
