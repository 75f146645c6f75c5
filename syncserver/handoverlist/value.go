package handoverlist

import (
	"fmt"
	"math/big"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// label is the text key of a field's name.
func label(e domain.Entity, f field) string { return keyPrefix + "field." + e.String() + "." + f.name }

// shownField finds a field that people are shown.
func shownField(e domain.Entity, key uint64) (field, bool) {
	for _, f := range fieldsOf(e) {
		if f.key == key && f.kind != hiddenValue {
			return f, true
		}
	}
	return field{}, false
}

func appendChange(list []FieldChange, e domain.Entity, key uint64, before, after []byte) []FieldChange {
	f, shown := shownField(e, key)
	if !shown {
		return list
	}
	return append(list, FieldChange{Label: label(e, f), Old: f.show(before), New: f.show(after)})
}

func appendKept(list []KeptField, e domain.Entity, key uint64, imported, current, file []byte) []KeptField {
	f, shown := shownField(e, key)
	if !shown {
		return list
	}
	return append(list, KeptField{Label: label(e, f), Imported: f.show(imported), Current: f.show(current), File: f.show(file)})
}

// show renders an encoded value for people.
func (f field) show(encoded []byte) domain.Reason {
	if f.kind == boolValue {
		if yes, err := syncproto.DecodeField[bool](syncproto.Fields{0: encoded}, 0); err == nil && yes {
			return domain.Because(keyValueYes)
		}
		return domain.Because(keyValueNo)
	}
	if syncproto.IsNull(encoded) {
		return domain.Because(keyValueNone)
	}
	var value any
	if err := syncproto.Unmarshal(encoded, &value); err != nil {
		return domain.Because(keyValueUnreadable)
	}
	number, isNumber := toInt(value)
	switch text := fmt.Sprint(value); {
	case f.kind == termValue && isTerm(text):
		return domain.Because(keyPrefix + "term." + text)
	case f.kind == areaValue && isNumber:
		return domain.Because(keyValueArea, "value", decimal(number, 10_000))
	case f.kind == moneyValue && isNumber:
		return domain.Because(keyValueMoney, "value", domain.Fen(number).Yuan())
	case f.kind == rateValue && isNumber:
		return domain.Because(keyValueRate, "value", decimal(number, 100))
	}
	return domain.Because(keyValue, "value", plainText(value))
}

func plainText(value any) string {
	list, isList := value.([]any)
	if !isList {
		return fmt.Sprint(value)
	}
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, "、")
}

// toInt takes what CBOR integers decode to.
func toInt(value any) (int64, bool) {
	switch n := value.(type) {
	case uint64:
		return int64(n), n <= 1<<62
	case int64:
		return n, true
	}
	return 0, false
}

// decimal is n/unit without trailing zeros.
func decimal(n, unit int64) string {
	text := big.NewRat(n, unit).FloatString(4)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// terms are the words of the domain that have texts of their own.
var terms = []string{
	string(domain.FitOutShell), string(domain.FitOutFitted),
	string(domain.PartyGeneral), string(domain.PartySub), string(domain.PartyThirdParty),
}

func isTerm(s string) bool {
	for _, t := range terms {
		if t == s {
			return true
		}
	}
	return false
}
