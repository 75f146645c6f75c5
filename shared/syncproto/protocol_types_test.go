package syncproto_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// wireKey reads a field's integer key; optional ones are left out when they are
// zero or empty.
func wireKey(f reflect.StructField) (key uint64, optional, ok bool) {
	options := strings.Split(f.Tag.Get("cbor"), ",")
	key, err := strconv.ParseUint(options[0], 10, 64)
	if err != nil {
		return 0, false, false
	}
	for _, o := range options[1:] {
		switch o {
		case "keyasint":
			ok = true
		case "omitzero", "omitempty":
			optional = true
		}
	}
	return key, optional, ok
}

// fieldByKey finds the field that travels under a key.
func fieldByKey(typ reflect.Type, key uint64) (reflect.StructField, bool) {
	for i := range typ.NumField() {
		if k, _, ok := wireKey(typ.Field(i)); ok && k == key {
			return typ.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// wireName is a Go name as the document writes it: RetryAfterMS is
// retry_after_ms.
func wireName(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			prev := runes[i-1]
			startsWord := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(prev) || startsWord {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// wireTypes are the types that the document explains by name.
var wireTypes = map[reflect.Type]string{
	reflect.TypeFor[domain.Instant]():     "instant",
	reflect.TypeFor[domain.Date]():        "date",
	reflect.TypeFor[domain.Fen]():         "fen",
	reflect.TypeFor[domain.BasisPoints](): "rate",
	reflect.TypeFor[domain.Hash]():        "hash",
	reflect.TypeFor[syncproto.Scope]():    "scope",
	reflect.TypeFor[syncproto.Fields]():   "fields",
	reflect.TypeFor[syncproto.Value]():    "any",
	reflect.TypeFor[domain.AnyID]():       "id",
}

// wireType is a Go type as the document writes it.
func wireType(t testing.TB, typ reflect.Type) string {
	t.Helper()
	if name, ok := wireTypes[typ]; ok {
		return name
	}
	basic := ""
	switch typ.Kind() {
	case reflect.Array:
		if of, ok := idOf(typ); ok {
			return "id of " + of
		}
		return fmt.Sprintf("[%d × %s]", typ.Len(), wireType(t, typ.Elem()))
	case reflect.Slice:
		return "[" + wireType(t, typ.Elem()) + "]"
	case reflect.Map:
		return "{" + wireType(t, typ.Key()) + ": " + wireType(t, typ.Elem()) + "}"
	case reflect.Pointer:
		return wireType(t, typ.Elem())
	case reflect.Struct:
		return typ.Name()
	case reflect.String:
		basic = "text"
	case reflect.Bool:
		basic = "bool"
	case reflect.Int, reflect.Int64:
		basic = "int"
	case reflect.Uint8, reflect.Uint64:
		basic = "uint"
	default:
		t.Fatalf("the document has no name for %s", typ)
	}
	if typ.PkgPath() == "" {
		return basic
	}
	return basic + ", " + typ.Name()
}

// idOf names the record that an id belongs to.
func idOf(typ reflect.Type) (of string, ok bool) {
	name := typ.Name()
	inner, isID := strings.CutPrefix(name, "ID[")
	if !isID {
		return "", false
	}
	inner = strings.TrimSuffix(inner[strings.LastIndex(inner, ".")+1:], "]")
	for _, r := range records {
		if r.typ.Name() == inner {
			return r.entity.String(), true
		}
	}
	return wireName(inner), true
}

func TestWireNames(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "UTCOffset": "utc_offset", "RetryAfterMS": "retry_after_ms", "WorkSHA256": "work_sha256",
		"IDLast4": "id_last4", "ContractAreaCM2": "contract_area_cm2", "MicrometrePerPX": "micrometre_per_px", "At": "at",
	} {
		if got := wireName(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// frames is an empty frame of every type that this build can read.
func frames(t testing.TB) []syncproto.Frame {
	t.Helper()
	var list []syncproto.Frame
	for n := range 256 {
		if f, err := syncproto.DecodeFrame([]byte{byte(n), 0, 0xa0}); err == nil {
			if f.FrameType() != syncproto.FrameType(n) {
				t.Errorf("frame type %d decodes as %d", n, f.FrameType())
			}
			list = append(list, f)
		}
	}
	return list
}

func frameName(f syncproto.Frame) string {
	return strings.ToUpper(wireName(reflect.TypeOf(f).Elem().Name()))
}

// protocolTypes are the structs of frames and of CBOR bodies and those within
// them, without records.
func protocolTypes(t testing.TB) []reflect.Type {
	t.Helper()
	var list []reflect.Type
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[syncproto.Scope]() || seen[typ] {
			return
		}
		seen[typ] = true
		list = append(list, typ)
		for i := range typ.NumField() {
			visit(typ.Field(i).Type)
		}
	}
	for _, f := range frames(t) {
		visit(reflect.TypeOf(f))
	}
	visit(reflect.TypeFor[syncproto.ReviewPage]())
	visit(reflect.TypeFor[syncproto.Command]())
	return list
}
