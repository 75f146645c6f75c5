package translations_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/wording"
)

func load(t *testing.T) *wording.Texts {
	t.Helper()
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	texts := load(t)
	if zh, en := texts.Keys(wording.Chinese), texts.Keys(wording.English); !slices.Equal(zh, en) {
		for _, key := range zh {
			if !texts.Has(wording.English, key) {
				t.Errorf("%s has no English text", key)
			}
		}
		for _, key := range en {
			if !texts.Has(wording.Chinese, key) {
				t.Errorf("%s has no Chinese text", key)
			}
		}
	}
	for _, key := range texts.Keys(wording.Chinese) {
		zh, en := texts.Text(wording.Chinese, key, nil), texts.Text(wording.English, key, nil)
		if strings.TrimSpace(zh) == "" || strings.TrimSpace(en) == "" {
			t.Errorf("%s is empty in a language", key)
		}
		if a, b := placeholders(zh), placeholders(en); !slices.Equal(a, b) {
			t.Errorf("%s: arguments %v in Chinese, %v in English", key, a, b)
		}
	}
}

var keyLike = regexp.MustCompile(`^[a-z_]+(\.[a-zA-Z0-9_]+)+$`)

// Every key that stands in the code as a literal has its texts.
func TestKeysInCodeHaveTexts(t *testing.T) {
	texts := load(t)
	parts := map[string]bool{}
	for _, key := range texts.Keys(wording.Chinese) {
		first, _, _ := strings.Cut(key, ".")
		parts[first] = true
	}
	root := filepath.Join("..", "..")
	for _, top := range []string{"app", "shared", "syncserver"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				key, err := strconv.Unquote(lit.Value)
				if err != nil || !keyLike.MatchString(key) {
					return true
				}
				if first, _, _ := strings.Cut(key, "."); parts[first] && !texts.Has(wording.Chinese, key) {
					t.Errorf("%s: no text for %q", path, key)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Keys that code puts together have texts for everything that can stand in them.
func TestComposedKeysHaveTexts(t *testing.T) {
	texts := load(t)
	keys := policy.ReasonKeys()
	for _, row := range domain.RepairTransitions {
		keys = append(keys, "event.repair."+string(row.Action))
		for _, g := range row.Guards {
			keys = append(keys, g.Key)
		}
	}
	for _, row := range domain.MaintenanceTransitions {
		keys = append(keys, "event.maintenance."+string(row.Action))
		for _, g := range row.Guards {
			keys = append(keys, g.Key)
		}
	}
	for _, step := range []string{
		policy.StepRemind50, policy.StepWarn80, policy.StepBreach100, policy.StepManager24, policy.StepGM72,
		policy.StepNoAttendance, policy.StepOnSiteMissed,
	} {
		keys = append(keys, "event.escalated."+step)
	}
	for _, kind := range []domain.NoticeKind{domain.NoticeReminder, domain.NoticeRectification} {
		keys = append(keys, "letter."+string(kind), "event.notice."+string(kind))
	}
	for _, kind := range []domain.LedgerKind{domain.LedgerWithheld, domain.LedgerHeld, domain.LedgerPosted, domain.LedgerReversed} {
		keys = append(keys, "reason.ledger."+string(kind))
	}
	for _, key := range slices.Sorted(maps.Keys(set(keys))) {
		if !texts.Has(wording.Chinese, key) {
			t.Errorf("no text for %s", key)
		}
	}
}

func set(keys []string) map[string]bool {
	m := map[string]bool{}
	for _, k := range keys {
		m[k] = true
	}
	return m
}
