package syncproto_test

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// dump writes a CBOR payload as annotated hex: one line per item, a key and its
// value together, indented by depth.
type dump struct {
	t  testing.TB
	b  []byte
	at int
	// op is the op whose fields are being written.
	op  syncproto.Op
	out strings.Builder
}

const (
	hexColumn = 64
	lineBytes = 19 // a key with an id
)

// line writes bytes and, behind "#", what they are.
func (d *dump) line(depth int, b []byte, note string) {
	indent := strings.Repeat("  ", depth)
	for first := true; first || len(b) > 0; first = false {
		n := min(len(b), lineBytes)
		hex := indent + strings.TrimSpace(fmt.Sprintf("% x", b[:n]))
		if first && note != "" {
			hex = fmt.Sprintf("%-*s # %s", hexColumn, hex, note)
		}
		d.out.WriteString(hex + "\n")
		b = b[n:]
	}
}

// head reads the initial bytes of an item.
func (d *dump) head() (major byte, arg uint64) {
	first := d.b[d.at]
	major, arg = first>>5, uint64(first&0x1f)
	d.at++
	switch arg {
	case 24:
		arg, d.at = uint64(d.b[d.at]), d.at+1
	case 25:
		arg, d.at = uint64(binary.BigEndian.Uint16(d.b[d.at:])), d.at+2
	case 26:
		arg, d.at = uint64(binary.BigEndian.Uint32(d.b[d.at:])), d.at+4
	case 27:
		arg, d.at = binary.BigEndian.Uint64(d.b[d.at:]), d.at+8
	}
	return major, arg
}

const (
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

// item writes the item at hand. start is where its line begins: at its key, if
// it has one; v is its value, or only its type where v is not valid.
func (d *dump) item(depth, start int, label string, typ reflect.Type, v reflect.Value) {
	for typ != nil && typ.Kind() == reflect.Pointer {
		if typ = typ.Elem(); v.IsValid() {
			v = v.Elem()
		}
	}
	if v.IsValid() && typ == reflect.TypeFor[syncproto.Op]() {
		d.op = v.Interface().(syncproto.Op)
	}
	valueAt := d.at
	major, arg := d.head()
	switch major {
	case majorMap:
		d.line(depth, d.b[start:d.at], label+fmt.Sprintf("map of %d", arg))
		for range arg {
			d.entry(depth+1, typ, v)
		}
	case majorArray:
		d.line(depth, d.b[start:d.at], label+fmt.Sprintf("array of %d", arg))
		for i := range int(arg) {
			inner := reflect.Value{}
			if v.IsValid() {
				inner = v.Index(i)
			}
			d.item(depth+1, d.at, "", typ.Elem(), inner)
		}
	default:
		if major == majorBytes || major == majorText {
			d.at += int(arg)
		}
		d.line(depth, d.b[start:d.at], label+d.meaning(typ, d.b[valueAt:d.at]))
	}
}

// entry writes one key with its value.
func (d *dump) entry(depth int, typ reflect.Type, v reflect.Value) {
	start := d.at
	major, key := d.head()
	if major == majorText {
		d.at += int(key)
		d.item(depth, start, strconv.Quote(string(d.b[d.at-int(key):d.at]))+": ", typ.Elem(), reflect.Value{})
		return
	}
	if typ == reflect.TypeFor[syncproto.Fields]() {
		typ, v = fieldsType(d.t, d.op), reflect.Value{}
	}
	f, ok := fieldByKey(typ, key)
	if !ok {
		d.t.Fatalf("key %d of %s has no name", key, typ)
	}
	inner := reflect.Value{}
	if v.IsValid() {
		inner = v.FieldByIndex(f.Index)
	}
	d.item(depth, start, fmt.Sprintf("%d %s: ", key, wireName(f.Name)), f.Type, inner)
}

func fieldsType(t testing.TB, op syncproto.Op) reflect.Type {
	t.Helper()
	if op.Kind == syncproto.Commanded {
		return reflect.TypeFor[syncproto.Command]()
	}
	r, ok := recordOf(op.Entity)
	if !ok {
		t.Fatalf("entity %d has no record", op.Entity)
	}
	return r.typ
}

// meaning explains a plain value: ids as UUIDs, instants as times, everything
// else in CBOR's diagnostic notation.
func (d *dump) meaning(typ reflect.Type, raw []byte) string {
	var scope syncproto.Scope
	var id domain.AnyID
	var at domain.Instant
	var entity domain.Entity
	var text string
	switch {
	case typ == reflect.TypeFor[syncproto.Scope]() && syncproto.Unmarshal(raw, &scope) == nil:
		return scope.String()
	case strings.HasPrefix(typ.Name(), "ID[") && syncproto.Unmarshal(raw, &id) == nil:
		return id.String()
	case typ == reflect.TypeFor[domain.Instant]() && syncproto.Unmarshal(raw, &at) == nil && at > 0:
		return fmt.Sprintf("%d, %s", at, at.Time().Format(time.RFC3339Nano))
	case typ == reflect.TypeFor[domain.Entity]() && syncproto.Unmarshal(raw, &entity) == nil:
		return fmt.Sprintf("%d, %s", entity, entity)
	case typ == reflect.TypeFor[domain.Hash]():
		return "a SHA-256"
	case typ.Kind() == reflect.String && syncproto.Unmarshal(raw, &text) == nil:
		return strconv.Quote(text)
	}
	if names := numberNames(d.t)[typ.Name()]; names != nil {
		return diagnose(d.t, raw) + ", " + names[diagnose(d.t, raw)]
	}
	return diagnose(d.t, raw)
}

// numberNames are the names of kinds and statuses, by type and number.
func numberNames(t testing.TB) map[string]map[string]string {
	t.Helper()
	names := map[string]map[string]string{"Kind": {}, "Status": {}}
	for _, c := range readSource(t, "shared/syncproto").constants(t) {
		if of := names[c.typ]; of != nil {
			of[c.value] = strings.ToUpper(wireName(c.name))
		}
	}
	return names
}

func diagnose(t testing.TB, raw []byte) string {
	t.Helper()
	text, err := cbor.Diagnose(raw)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wrapped breaks diagnostic notation after commas, as far as it is no text.
func wrapped(text string) string {
	const width = 100
	var b strings.Builder
	column, quoted, comma := 0, false, false
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if column > width && comma && r == ' ' && !quoted {
			b.WriteString("\n ")
			column = 0
			continue
		}
		comma = r == ','
		b.WriteRune(r)
		column++
	}
	return b.String()
}
