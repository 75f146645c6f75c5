package syncproto_test

import (
	"go/ast"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keyturn/shared/domain"
)

// codesTable lists every error code; a reserved one is nowhere in the code.
func codesTable(t testing.TB, old string) string {
	t.Helper()
	used := mentions(t, "syncserver", "syncproto")
	own := readSource(t, "shared/syncproto")
	for _, f := range own.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok {
				for _, e := range r.Results {
					if name, ok := e.(*ast.Ident); ok {
						used[name.Name] = true
					}
				}
			}
			return true
		})
	}
	tb := table{head: []string{"code", "sent", "meaning", "what a client does"}, prose: 2}
	for _, c := range own.constants(t) {
		if c.typ != "Code" {
			continue
		}
		sent := "reserved"
		if used[c.name] {
			sent = "yes"
		}
		tb.rows = append(tb.rows, []string{"`" + c.unquoted() + "`", sent})
	}
	return tb.render(old)
}

// limits are the numbers that the document explains, by where they are declared.
var limits = []struct{ dir, name string }{
	{"shared/syncproto", "MaxFrameBytes"},
	{"shared/syncproto", "MaxInflatedBytes"},
	{"shared/syncproto", "compressAbove"},
	{"shared/syncproto", "maxNesting"},
	{"shared/syncproto", "maxElements"},
	{"shared/syncproto", "MaxOpBytes"},
	{"shared/syncproto", "MaxBatchOps"},
	{"shared/syncproto", "MaxPushBytes"},
	{"shared/syncproto", "MaxSpans"},
	{"shared/syncproto", "MaxAhead"},
	{"shared/syncproto", "hlcCounterBits"},
	{"shared/syncproto", "Version"},
	{"shared/syncproto", "MinVersion"},
	{"shared/syncproto", "SchemaVersion"},
	{"shared/domain", "PinScale"},
	{"syncserver/intake", "segment"},
	{"syncserver/intake", "pageBytes"},
	{"syncserver/intake", "maxReviewOps"},
	{"syncserver/intake", "maxReviewBytes"},
	{"syncserver/intake", "maxReviewBlobBytes"},
	{"syncserver/intake", "unknownBlobBytes"},
	{"syncserver/intake", "maxReason"},
	{"syncserver/intake", "snapshotBehind"},
	{"syncserver/intake", "keepLog"},
	{"shared/syncproto", "MaxSnapshotItem"},
	{"syncserver/live", "queue"},
	{"syncserver/live", "pingEvery"},
	{"syncserver/live", "pongWait"},
	{"syncserver/live", "retryAfterFailure"},
	{"syncserver/api", "MaxChunk"},
	{"syncserver/api", "maxJSON"},
	{"syncserver/api", "maxDeviceName"},
	{"syncserver/api", "guessBurst"},
	{"syncserver/api", "guessesPerHour"},
	{"syncserver/accounts", "sessionLife"},
	{"syncserver/blobs", "MaxBytes"},
	{"app/syncer", "pushWindow"},
	{"app/syncer", "longSilence"},
	{"app/syncer", "firstDelay"},
	{"app/syncer", "longDelay"},
}

// limitsTable names each limit with its value, so that a changed value asks for
// a new description.
func limitsTable(t testing.TB, old string) string {
	t.Helper()
	sources := map[string]source{}
	tb := table{head: []string{"in the code", "means"}, prose: 1}
	for _, l := range limits {
		if _, read := sources[l.dir]; !read {
			sources[l.dir] = readSource(t, l.dir)
		}
		tb.rows = append(tb.rows, []string{"`" + l.dir + ": " + l.name + " = " + sources[l.dir].constant(t, l.name).value + "`"})
	}
	return tb.render(old)
}

// routesTable lists what the server listens to.
func routesTable(t testing.TB, old string) string {
	t.Helper()
	source := readSource(t, "syncserver/api")
	tb := table{head: []string{"request", "for"}, prose: 1}
	for _, call := range calls(source, "mux", "Handle", "HandleFunc") {
		route, err := strconv.Unquote(source.text(t, call.Args[0]))
		if err != nil {
			t.Fatal(err)
		}
		tb.rows = append(tb.rows, []string{"`" + route + "`"})
	}
	return tb.render(old)
}

// calls finds calls of the named methods on a variable.
func calls(s source, on string, methods ...string) []*ast.CallExpr {
	var found []*ast.CallExpr
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(methods, sel.Sel.Name) {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == on {
					found = append(found, call)
				}
			}
			return true
		})
	}
	return found
}

// refusalsTable lists the HTTP statuses with their codes.
func refusalsTable(t testing.TB, old string) string {
	t.Helper()
	source := readSource(t, "syncserver/api")
	codes := map[string]string{}
	for _, c := range readSource(t, "shared/syncproto").constants(t) {
		codes["syncproto."+c.name] = c.unquoted()
	}
	tb := table{head: []string{"status and code", "when"}, prose: 1}
	for _, call := range calls(source, "s", "fail") {
		status, code := statusNamed(t, source.text(t, call.Args[2])), codes[source.text(t, call.Args[3])]
		if code == "" {
			t.Errorf("%s: the code of a refusal is no constant", source.text(t, call))
		}
		cell := []string{strconv.Itoa(status) + " `" + code + "`"}
		if !slices.ContainsFunc(tb.rows, func(r []string) bool { return r[0] == cell[0] }) {
			tb.rows = append(tb.rows, cell)
		}
	}
	slices.SortFunc(tb.rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return tb.render(old)
}

func statusNamed(t testing.TB, name string) int {
	t.Helper()
	for status := 400; status < 600; status++ {
		if "http.Status"+strings.ReplaceAll(http.StatusText(status), " ", "") == name {
			return status
		}
	}
	t.Fatalf("no HTTP status is called %s", name)
	return 0
}

// bodyTable lists the members of a JSON body.
func bodyTable(dir, typ string) generator {
	return func(t testing.TB, old string) string {
		source := readSource(t, dir)
		tb := table{head: []string{"member", "meaning"}, prose: 1}
		for _, f := range source.structFields(t, typ) {
			if f.Tag == nil {
				t.Fatalf("%s.%s has a member without a name on the wire", dir, typ)
			}
			tag, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			tb.rows = append(tb.rows, []string{"`" + name + "`"})
		}
		return tb.render(old)
	}
}

// writersOf reads which capabilities let a device write an entity.
func writersOf(t testing.TB) map[domain.Entity][]string {
	t.Helper()
	source, constants := readSource(t, "syncserver/intake"), readSource(t, "shared/domain")
	writers := map[domain.Entity][]string{}
	for _, pair := range source.mapLiteral(t, "needs") {
		entity := entityNamed(t, strings.TrimPrefix(source.text(t, pair.Key), "domain."))
		for _, e := range pair.Value.(*ast.CompositeLit).Elts {
			c := constants.constant(t, strings.TrimPrefix(source.text(t, e), "domain."))
			writers[entity] = append(writers[entity], "`"+c.unquoted()+"`")
		}
	}
	return writers
}

// mergeTable lists the fields whose concurrent values stay open.
func mergeTable(t testing.TB, old string) string {
	t.Helper()
	source := readSource(t, "shared/merge")
	tb := table{head: []string{"field", "rule", "in force until a person decides"}, prose: 1}
	for _, pair := range source.mapLiteral(t, "rules") {
		where := pair.Key.(*ast.CompositeLit).Elts
		entity := entityNamed(t, strings.TrimPrefix(source.text(t, where[0]), "domain."))
		key, err := strconv.ParseUint(source.text(t, where[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := recordOf(entity)
		f, ok := fieldByKey(r.typ, key)
		if !ok {
			t.Errorf("a merge rule speaks of key %d of %s, which does not exist", key, entity)
			continue
		}
		tb.rows = append(tb.rows, []string{entity.String() + "." + wireName(f.Name) + " (" + strconv.FormatUint(key, 10) + ")", "`" + source.text(t, pair.Value) + "`"})
	}
	return tb.render(old)
}

// deskActions lists the actions besides the state machines'.
func deskActions(t testing.TB, old string) string {
	t.Helper()
	tb := table{head: []string{"action", "on, with, capability and guards"}, prose: 1}
	for _, c := range readSource(t, "shared/domain").constants(t) {
		if strings.HasPrefix(c.name, "Action") {
			tb.rows = append(tb.rows, []string{"`" + c.unquoted() + "`"})
		}
	}
	return tb.render(old)
}
