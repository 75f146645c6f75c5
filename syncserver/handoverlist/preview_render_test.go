package handoverlist

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// catalogue reads the texts of one language that the project ships.
func catalogue(t testing.TB, locale string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../assets/translations/handoverlist." + locale + ".json")
	must(t, err)
	texts := map[string]string{}
	must(t, json.Unmarshal(content, &texts))
	return texts
}

// texts is a translation function that fails for an unknown key or argument.
func texts(t testing.TB, locale string) func(string, map[string]string) string {
	all := catalogue(t, locale)
	return func(key string, args map[string]string) string {
		text, has := all[key]
		if !has {
			t.Errorf("%s has no text %q", locale, key)
		}
		text = placeholder.ReplaceAllStringFunc(text, func(name string) string {
			value, has := args[strings.Trim(name, "{}")]
			if !has {
				t.Errorf("%s: text %q lacks argument %s", locale, key, name)
			}
			return value
		})
		return text
	}
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

func rendered(t testing.TB, locale string, p *Preview) string {
	t.Helper()
	var out bytes.Buffer
	must(t, p.Render(&out, texts(t, locale)))
	return out.String()
}

func TestTextsAreCompleteInBothLanguages(t *testing.T) {
	zh, en := catalogue(t, "zh-Hans"), catalogue(t, "en")
	keys := TextKeys()
	for _, key := range keys {
		if zh[key] == "" || en[key] == "" {
			t.Errorf("%s: %q, %q", key, zh[key], en[key])
		}
		a, b := placeholder.FindAllString(zh[key], -1), placeholder.FindAllString(en[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s has the arguments %v and %v", key, a, b)
		}
	}
	if len(zh) != len(keys) || len(en) != len(keys) {
		t.Errorf("%d keys, %d and %d texts", len(keys), len(zh), len(en))
	}
}

// Every key constant is in TextKeys, so that a new fault cannot lack its text.
func TestTextKeysHoldEveryConstant(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "text_keys.go", nil, 0)
	must(t, err)
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue || len(spec.Values) != 1 {
			return true
		}
		sum, isSum := spec.Values[0].(*ast.BinaryExpr)
		if !isSum {
			return true
		}
		tail, err := strconv.Unquote(sum.Y.(*ast.BasicLit).Value)
		must(t, err)
		found++
		if !slices.Contains(TextKeys(), keyPrefix+tail) {
			t.Errorf("TextKeys lacks %s%s", keyPrefix, tail)
		}
		return true
	})
	if found != len(fixedKeys) {
		t.Errorf("%d constants, %d fixed keys", found, len(fixedKeys))
	}
}

func containsAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in\n%s", p, text)
		}
	}
}

func TestRenderFirstImport(t *testing.T) {
	p := plan(t, sampleBytes(t, goodSample), newMemory())
	containsAll(t, rendered(t, "zh-Hans", p),
		"房屋：新建 264，修改 0，不变 0", "交付预约：新建 96", "楼栋：1#、2#、3#", "……另有 254 条",
		"交付预约 第 4 行 E 列（房号）“201”：1# 1单元 201 未售，却有交付预约")
	containsAll(t, rendered(t, "en", p), "Unit: 264 new, 0 changed, 0 unchanged", "Warnings:", "row 4 column E")
}

func TestRenderRefusedFile(t *testing.T) {
	p := preview(t, readSample(t, badSample), newMemory())
	for _, locale := range []string{"zh-Hans", "en"} {
		text := rendered(t, locale, p)
		places := []string{"row 268 column D (房号)", "row 269 column D", "row 270 column H (实测面积(㎡))", "row 271 column J", "row 109"}
		if locale == "zh-Hans" {
			places = []string{"第 268 行 D 列（房号）", "第 269 行 D 列", "第 270 行 H 列（实测面积(㎡)）", "第 271 行 J 列", "第 109 行"}
		}
		containsAll(t, text, append(places, "约118", "2026年13月5日")...)
		if strings.Contains(text, "264 new") || strings.Contains(text, "新建") {
			t.Errorf("a refused file promises changes:\n%s", text)
		}
	}
}

func TestRenderChangesKeptAndMissing(t *testing.T) {
	now := newMemory()
	units := unitsZH()
	content := listBook(t, units, scopesZH(), nil)
	now.apply(plan(t, content, now).Changes)
	unit := recordNamed(t, desired(t, readBytes(t, "x", content)), domain.EntityUnit, "1# 1单元 101")
	now.edit(t, unit, 10, 900000)
	gone := recordNamed(t, desired(t, readBytes(t, "x", content)), domain.EntityUnit, "1# 1单元 102")
	delete(now.current, recordID{gone.Entity, gone.ID})

	scopes := scopesZH()
	scopes[1][6] = 186500000.5
	scopes[1][7] = "2.5%"
	units[1][uContract] = 91
	units[1][uFitOut] = "毛坯"
	units[1][uNote] = "未售"
	units = units[:3]
	p := plan(t, listBook(t, units, scopes, nil), now)
	containsAll(t, rendered(t, "zh-Hans", p),
		"装修标准：精装 → 毛坯", "已售：是 → 否", "业主（脱敏）：样***、样*** → （空）",
		"合同结算价：186500000.00 元 → 186500000.50 元", "质保金比例：3% → 2.5%",
		"预测面积：上次导入 89.37 ㎡，应用内 90 ㎡，文件 91 ㎡", "已在应用内删除", "房屋 2# 1单元 2601")
	containsAll(t, rendered(t, "en", p), "fit-out: fitted → shell", "Imported before and not in this file", "removed in the app")

	now.apply(p.Changes)
	p = plan(t, listBook(t, units, scopes, nil), now)
	containsAll(t, rendered(t, "en", p), "There is nothing to write.")
}

func TestRenderCutsLongLists(t *testing.T) {
	p := &Preview{MoreFaults: 7}
	for range shownRecords + 3 {
		c := Change{Entity: domain.EntityUnit, Name: "1# 101", Patch: syncproto.Fields{6: {0x61, 0x78}}}
		p.Changes = append(p.Changes, c)
		p.Kept = append(p.Kept, Kept{Entity: domain.EntityUnit, Name: "1# 102"})
		p.Missing = append(p.Missing, ImportedKey{Entity: domain.EntityUnit, Name: "1# 103"})
	}
	text := rendered(t, "en", p)
	if strings.Count(text, "… and 3 more") != 3 || !strings.Contains(text, "… and 7 more") {
		t.Error(text)
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fs.ErrPermission }

func TestRenderReportsWriteErrors(t *testing.T) {
	if err := (&Preview{}).Render(full{}, texts(t, "en")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
}
