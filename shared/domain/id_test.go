package domain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	. "keyturn/shared/domain"
)

const idText = "0199864e-7c00-7abc-8def-0123456789ab"

func TestIDs(t *testing.T) {
	id, err := ParseID[Defect](idText)
	if err != nil || id.IsZero() || id.String() != idText {
		t.Fatalf("%s, %v", id, err)
	}
	if upper, err := ParseID[Defect](strings.ToUpper(idText)); err != nil || upper != id {
		t.Errorf("upper case: %s, %v", upper, err)
	}
	if none, err := ParseID[Defect](""); err != nil || !none.IsZero() || none.String() != "" {
		t.Errorf("no id: %s, %v", none, err)
	}
	if DefectID(id.Any()) != id {
		t.Error("an id changed when its type was forgotten")
	}
	for _, bad := range []string{
		"x", idText[:35], idText + "0", strings.ReplaceAll(idText, "-", "_"), strings.Replace(idText, "a", "g", 1),
		strings.ReplaceAll(idText, "-", ""), "{" + idText[1:35] + "}",
	} {
		if got, err := ParseID[Defect](bad); !errors.Is(err, ErrBadID) || !got.IsZero() {
			t.Errorf("%q: %s, %v", bad, got, err)
		}
	}
}

func TestIDForms(t *testing.T) {
	id, err := ParseID[Defect](idText)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := id.MarshalBinary()
	if err != nil || len(raw) != 16 {
		t.Fatalf("%x, %v", raw, err)
	}
	var back DefectID
	if err := back.UnmarshalBinary(raw); err != nil || back != id {
		t.Errorf("%s, %v", back, err)
	}
	for _, b := range [][]byte{nil, raw[:15], append(bytes.Clone(raw), 0)} {
		if err := back.UnmarshalBinary(b); !errors.Is(err, ErrBadID) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	text, err := json.Marshal(map[string]DefectID{"id": id})
	if err != nil || string(text) != `{"id":"`+idText+`"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var read map[string]DefectID
	if err := json.Unmarshal(text, &read); err != nil || read["id"] != id {
		t.Errorf("%v, %v", read, err)
	}
	if err := json.Unmarshal([]byte(`{"id":"nonsense"}`), &read); err == nil {
		t.Error("nonsense was read as an id")
	}
}

func TestHashes(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 4)
	h, err := ParseHash(text)
	if err != nil || h.String() != text || h.IsZero() {
		t.Fatalf("%s, %v", h, err)
	}
	raw, err := h.MarshalBinary()
	if err != nil || len(raw) != 32 {
		t.Fatalf("%x, %v", raw, err)
	}
	var back Hash
	if err := back.UnmarshalBinary(raw); err != nil || back != h {
		t.Errorf("%s, %v", back, err)
	}
	if err := back.UnmarshalBinary(raw[1:]); !errors.Is(err, ErrBadHash) {
		t.Error(err)
	}
	if (Hash{}).String() != "" {
		t.Error("the hash that was never set has a text")
	}
	// A hash names a file: no other spelling of the same bytes may pass.
	for _, bad := range []string{"", text[:63], text + "0", strings.ToUpper(text), strings.Repeat("0", 64), "../" + text[3:], strings.Repeat("g", 64)} {
		if got, err := ParseHash(bad); !errors.Is(err, ErrBadHash) || !got.IsZero() {
			t.Errorf("%q: %s, %v", bad, got, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(idText)
	f.Add("")
	f.Add(strings.ToUpper(idText))
	f.Add("0199864e-7c00-7abc-8def-0123456789a-")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID[any](s)
		if err != nil {
			if !id.IsZero() {
				t.Errorf("%q gave %s and an error", s, id)
			}
			return
		}
		if text := id.String(); text != "" && text != strings.ToLower(s) {
			t.Errorf("%q became %q", s, text)
		}
	})
}

func FuzzParseHash(f *testing.F) {
	f.Add(strings.Repeat("0f", 32))
	f.Add(strings.Repeat("0F", 32))
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := ParseHash(s); err == nil && h.String() != s || err != nil && !h.IsZero() {
			t.Errorf("%q became %q, %v", s, h, err)
		}
	})
}
