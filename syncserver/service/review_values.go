package service

import (
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// readable renders an op's fields, one "key: value" each. It comes from a device
// that nobody vouches for, so texts are quoted and control characters escaped.
func readable(f syncproto.Fields) []string {
	lines := make([]string, 0, len(f))
	for _, key := range f.Keys() {
		lines = append(lines, strconv.FormatUint(key, 10)+": "+readableValue(f[key]))
	}
	return lines
}

func readableValue(v syncproto.Value) string {
	var decoded any
	if err := syncproto.Unmarshal(v, &decoded); err != nil {
		return "h'" + hex.EncodeToString(v) + "'"
	}
	return notation(decoded)
}

// notation writes a decoded value much as JSON does; ids and hashes as people
// know them, other bytes as CBOR's notation does.
func notation(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(v)
	case []byte:
		switch len(v) {
		case len(domain.AnyID{}):
			return domain.AnyID(v).String()
		case len(domain.Hash{}):
			return hex.EncodeToString(v)
		}
		return "h'" + hex.EncodeToString(v) + "'"
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = notation(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[any]any:
		byKey := make(map[string]string, len(v))
		for k, e := range v {
			byKey[notation(k)] = notation(e)
		}
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(byKey)) {
			parts = append(parts, k+": "+byKey[k])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		if bytes := reflect.ValueOf(v); bytes.Kind() == reflect.String { // as a map's key
			return notation([]byte(bytes.String()))
		}
		return fmt.Sprint(v)
	}
}
