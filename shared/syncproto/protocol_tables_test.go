package syncproto_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"keyturn/shared/domain"
)

// generator writes a block; old is what the document has, whose descriptions
// are kept.
type generator func(t testing.TB, old string) string

// generators are all blocks of the document.
func generators(t testing.TB) map[string]generator {
	t.Helper()
	all := map[string]generator{
		"frame types":   namedNumbers("shared/syncproto", "FrameType", "Type"),
		"kinds":         namedNumbers("shared/syncproto", "Kind", ""),
		"statuses":      namedNumbers("shared/syncproto", "Status", ""),
		"codes":         codesTable,
		"limits":        limitsTable,
		"routes":        routesTable,
		"refusals":      refusalsTable,
		"entities":      entitiesTable,
		"records":       recordTables,
		"values":        valuesTable,
		"merge rules":   mergeTable,
		"repair":        repairTable,
		"maintenance":   maintenanceTable,
		"desk actions":  deskActions,
		"vectors":       vectorsTable,
		"exchange":      exchangeText,
		"body enrol":    bodyTable("syncserver/api", "EnrolRequest"),
		"body sign-in":  bodyTable("syncserver/api", "SignInRequest"),
		"body fork":     bodyTable("syncserver/api", "ForkRequest"),
		"body enrolled": bodyTable("syncserver/accounts", "Enrolled"),
		"body offset":   bodyTable("syncserver/api", "BlobOffset"),
		"body failure":  bodyTable("syncserver/api", "failure"),
		"body discard":  bodyTable("syncserver/api", "DiscardRequest"),
	}
	for _, typ := range protocolTypes(t) {
		all["keys "+typ.Name()] = keysTable(typ)
	}
	for _, e := range examples(t) {
		all["example "+e.name] = e.write
	}
	return all
}

// namedNumbers lists the constants of a type.
func namedNumbers(dir, typ, prefix string) generator {
	return func(t testing.TB, old string) string {
		tb := table{head: []string{typ, "name", "meaning"}, prose: 1}
		for _, c := range readSource(t, dir).constants(t) {
			if c.typ == typ {
				name := strings.TrimPrefix(c.name, prefix)
				tb.rows = append(tb.rows, []string{c.value, strings.ToUpper(wireName(name))})
			}
		}
		return tb.render(old)
	}
}

// keysTable lists a struct's integer keys.
func keysTable(typ reflect.Type) generator {
	return func(t testing.TB, old string) string {
		tb := table{head: []string{"key", "name", "type", "meaning"}, prose: 1}
		for i := range typ.NumField() {
			tb.rows = append(tb.rows, keyRow(t, typ.Field(i)))
		}
		return tb.render(old)
	}
}

func keyRow(t testing.TB, f reflect.StructField) []string {
	t.Helper()
	key, optional, ok := wireKey(f)
	if !ok {
		t.Fatalf("field %s has no integer key", f.Name)
	}
	kind := wireType(t, f.Type)
	if optional {
		kind += "?"
	}
	return []string{strconv.FormatUint(key, 10), wireName(f.Name), kind}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// entitiesTable lists the numbers with what stores and the server make of them.
func entitiesTable(t testing.TB, _ string) string {
	t.Helper()
	writers := writersOf(t)
	tb := table{head: []string{"Entity", "name", "audience", "captured", "frozen", "devices write it with"}}
	for _, r := range records {
		info, _ := r.entity.Info()
		may := strings.Join(writers[r.entity], " or ")
		if may == "" {
			may = "(server only)"
		}
		tb.rows = append(tb.rows, []string{fmt.Sprint(uint8(r.entity)), info.Name, string(info.Audience), yes(info.Captured), yes(info.Frozen), may})
	}
	return tb.render("")
}

// entityNamed maps the names of domain's constants to their numbers.
func entityNamed(t testing.TB, name string) domain.Entity {
	t.Helper()
	n, err := strconv.ParseUint(readSource(t, "shared/domain").constant(t, name).value, 10, 8)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Entity(n)
}

// recordTables lists every record's fields; the notes are the comments of the
// domain's types.
func recordTables(t testing.TB, _ string) string {
	t.Helper()
	source := readSource(t, "shared/domain")
	var b strings.Builder
	nested := map[reflect.Type]bool{}
	var order []reflect.Type
	for _, r := range records {
		fmt.Fprintf(&b, "\n#### %d %s\n\n%s", r.entity, r.entity, fieldTable(t, source, r.typ))
		for i := range r.typ.NumField() {
			if inner := innerStruct(r.typ.Field(i).Type); inner != nil && !nested[inner] {
				nested[inner] = true
				order = append(order, inner)
			}
		}
	}
	for _, typ := range order {
		fmt.Fprintf(&b, "\n#### %s\n\nPart of other records.\n\n%s", typ.Name(), fieldTable(t, source, typ))
	}
	return b.String() + "\n"
}

func innerStruct(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Struct {
		return typ
	}
	return nil
}

func fieldTable(t testing.TB, s source, typ reflect.Type) string {
	t.Helper()
	notes := map[string]string{}
	for _, f := range s.structFields(t, typ.Name()) {
		note := f.Doc.Text()
		if note == "" {
			note = f.Comment.Text()
		}
		notes[f.Names[0].Name] = strings.Join(strings.Fields(note), " ")
	}
	tb := table{head: []string{"key", "name", "type", "note"}}
	for i := range typ.NumField() {
		f := typ.Field(i)
		tb.rows = append(tb.rows, append(keyRow(t, f), notes[f.Name]))
	}
	return tb.render("")
}

// valuesTable lists the values of every named text and number in the records
// and commands.
func valuesTable(t testing.TB, _ string) string {
	t.Helper()
	source := readSource(t, "shared/domain")
	values := map[string][]string{}
	for _, c := range source.constants(t) {
		if c.typ != "" {
			values[c.typ] = append(values[c.typ], "`"+c.unquoted()+"` "+c.name)
		}
	}
	tb := table{head: []string{"type", "values on the wire, and their names in the code"}}
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if seen[typ] || wireTypes[typ] != "" || !strings.HasSuffix(typ.PkgPath(), "/domain") {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				visit(typ.Field(i).Type)
			}
		case reflect.String, reflect.Int:
			if len(values[typ.Name()]) == 0 {
				t.Errorf("type %s has no constants: the document cannot list its values", typ)
			}
			tb.rows = append(tb.rows, []string{typ.Name(), strings.Join(values[typ.Name()], ", ")})
		}
	}
	for _, r := range records {
		visit(r.typ)
	}
	return tb.render("")
}

// repairTable and maintenanceTable are the state machines that commands go
// through.
func repairTable(t testing.TB, _ string) string {
	t.Helper()
	tb := transitionTable()
	for _, r := range domain.RepairTransitions {
		tb.rows = append(tb.rows, transitionRow(r, "(any active)", "(as before)"))
	}
	return tb.render("")
}

func maintenanceTable(t testing.TB, _ string) string {
	t.Helper()
	tb := transitionTable()
	for _, r := range domain.MaintenanceTransitions {
		tb.rows = append(tb.rows, transitionRow(r, "", "(unchanged)"))
	}
	return tb.render("")
}

func transitionTable() table {
	return table{head: []string{"action", "from", "to", "capability", "guards"}}
}

func transitionRow[S, A ~string, F any](r domain.Transition[S, A, F], anyFrom, noTo string) []string {
	from, to := anyFrom, string(r.To)
	if len(r.From) > 0 {
		names := make([]string, len(r.From))
		for i, s := range r.From {
			names[i] = string(s)
			if s == "" {
				names[i] = "(none)"
			}
		}
		from = strings.Join(names, ", ")
	}
	if to == "" {
		to = noTo
	}
	keys := make([]string, len(r.Guards))
	for i, g := range r.Guards {
		keys[i] = strings.TrimPrefix(g.Key, "guard.")
	}
	return []string{string(r.Action), from, to, string(r.Capability), strings.Join(keys, ", ")}
}

// vectorsTable is small values to check an implementation with.
func vectorsTable(t testing.TB, _ string) string {
	t.Helper()
	tb := table{head: []string{"value", "is"}}
	for _, v := range vectors(t) {
		tb.rows = append(tb.rows, v[:])
	}
	return tb.render("")
}
