package syncproto

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"keyturn/shared/domain"
)

// Keys that every record shares (see the domain package comment).
const (
	KeyParent uint64 = 1
	KeyState  uint64 = 2
)

// Value is one encoded field.
type Value = cbor.RawMessage

// Fields is a record or a patch of one: encoded values by integer key. Keys
// that this build does not know are carried along untouched.
type Fields map[uint64]Value

// Encode turns a domain record into its set fields. It fails only for values
// that are no records.
func Encode(record any) (Fields, error) {
	b, err := encMode.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", record, err)
	}
	var f Fields
	if err := decMode.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("encode %T: not a record: %w", record, err)
	}
	return f, nil
}

// Patch is the fields in which next differs from prev; a field that next
// clears is sent as null.
func Patch(prev, next any) (Fields, error) {
	was, err := Encode(prev)
	if err != nil {
		return nil, err
	}
	now, err := Encode(next)
	if err != nil {
		return nil, err
	}
	diff := Fields{}
	for k, v := range now {
		if !bytes.Equal(was[k], v) {
			diff[k] = v
		}
	}
	for k := range was {
		if _, still := now[k]; !still {
			diff[k] = Null
		}
	}
	return diff, nil
}

// Null is the encoded "cleared" value.
var Null = Value{0xf6}

// IsNull reports whether a value is cleared or was never set.
func IsNull(v Value) bool { return len(v) == 0 || bytes.Equal(v, Null) }

// Decode reads a record of type T; unknown keys are ignored, wrong types are an
// ErrBadFrame.
func Decode[T any](f Fields) (T, error) {
	var record T
	b, err := encMode.Marshal(f)
	if err == nil {
		err = decMode.Unmarshal(b, &record)
	}
	if err != nil {
		return record, fmt.Errorf("%w: decode %T: %w", ErrBadFrame, record, err)
	}
	return record, nil
}

// DecodeField reads one value; a missing or null one is the zero value.
func DecodeField[T any](f Fields, key uint64) (T, error) {
	var v T
	if IsNull(f[key]) {
		return v, nil
	}
	if err := decMode.Unmarshal(f[key], &v); err != nil {
		return v, fmt.Errorf("%w: field %d: %w", ErrBadFrame, key, err)
	}
	return v, nil
}

// Parent is the parent record's id, zero if unset or malformed.
func (f Fields) Parent() domain.AnyID {
	id, err := DecodeField[domain.AnyID](f, KeyParent)
	if err != nil {
		return domain.AnyID{}
	}
	return id
}

// State is the record's state, empty if unset or not a text.
func (f Fields) State() string {
	s, err := DecodeField[string](f, KeyState)
	if err != nil {
		return ""
	}
	return s
}

// Keys lists the keys in ascending order.
func (f Fields) Keys() []uint64 {
	keys := make([]uint64, 0, len(f))
	for key := range f {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Clone is a copy that shares no map.
func (f Fields) Clone() Fields { return maps.Clone(f) }

// Equal reports whether both hold the same values.
func (f Fields) Equal(o Fields) bool {
	return maps.EqualFunc(f, o, func(a, b Value) bool { return bytes.Equal(a, b) })
}

// Marshal encodes with the protocol's canonical mode.
func Marshal(v any) ([]byte, error) { return encMode.Marshal(v) }

// Unmarshal decodes with the protocol's limits; failures are ErrBadFrame.
func Unmarshal(b []byte, v any) error {
	if err := decMode.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrBadFrame, err)
	}
	return nil
}

var (
	encMode = mustEnc()
	decMode = mustDec()
)

func mustEnc() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // constant options: fails in every test run or never
	}
	return m
}

// Limits of one decoded value: deeper or larger ones are refused.
const (
	maxNesting  = 16
	maxElements = 100_000
)

func mustDec() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		UTF8:             cbor.UTF8RejectInvalid,
		MaxNestedLevels:  maxNesting,
		MaxArrayElements: maxElements,
		MaxMapPairs:      maxElements,
	}.DecMode()
	if err != nil {
		panic(err) // constant options: fails in every test run or never
	}
	return m
}
