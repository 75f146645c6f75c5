package policy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keyturn/shared/policy"
)

// TestReasonKeysComplete reads the package's source: every key constant must be
// listed, so that nobody adds a reason without texts.
func TestReasonKeysComplete(t *testing.T) {
	inSource := map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && (strings.HasPrefix(s, "reason.") || strings.HasPrefix(s, "fact.")) {
					inSource[s] = true
				}
			}
			return true
		})
	}
	if got, want := policy.ReasonKeys(), slices.Sorted(maps.Keys(inSource)); !slices.Equal(got, want) {
		t.Errorf("ReasonKeys lists %d keys, the source has %d", len(got), len(want))
	}
}

func TestReasonTexts(t *testing.T) {
	for locale, m := range texts {
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, policy.ReasonKeys()) {
			t.Errorf("%s: has %d texts for %d keys", locale, len(got), len(policy.ReasonKeys()))
		}
		for key, text := range m {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", locale, key)
			}
		}
	}
	for _, key := range policy.ReasonKeys() {
		zh, en := names(texts["zh-Hans"][key]), names(texts["en"][key])
		if !slices.Equal(zh, en) {
			t.Errorf("%s: placeholders %v in Chinese, %v in English", key, zh, en)
		}
	}
}

func names(text string) []string {
	var list []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}
