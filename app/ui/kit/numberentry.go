package kit

import "strings"

// numberDigits bounds what can be typed: the longest reading in use is a length
// of a few thousand millimetres.
const numberDigits = 9

// numberEntry is a decimal number while it is being typed. The text is always a
// prefix of a valid number: an optional '-', digits, at most one '.'.
type numberEntry struct{ text string }

// digit appends one of 0..9.
func (e *numberEntry) digit(d rune) {
	if d < '0' || d > '9' || e.count() >= numberDigits {
		return
	}
	switch e.text {
	case "0":
		e.text = ""
	case "-0":
		e.text = "-"
	}
	e.text += string(d)
}

// point appends the decimal point, with a zero before it where none stands.
func (e *numberEntry) point() {
	if strings.Contains(e.text, ".") {
		return
	}
	if e.count() == 0 {
		e.text += "0"
	}
	e.text += "."
}

// sign turns the sign over; it works at any time, not only at the start.
func (e *numberEntry) sign() {
	if rest, ok := strings.CutPrefix(e.text, "-"); ok {
		e.text = rest
	} else {
		e.text = "-" + e.text
	}
}

// backspace removes the last sign.
func (e *numberEntry) backspace() {
	if e.text != "" {
		e.text = e.text[:len(e.text)-1]
	}
}

func (e *numberEntry) count() int {
	return len(strings.Trim(e.text, "-.")) - strings.Count(strings.Trim(e.text, "-."), ".")
}

// value is the number as strconv reads it, or "" while there is no digit.
func (e *numberEntry) value() string {
	if e.count() == 0 {
		return ""
	}
	v := strings.TrimSuffix(e.text, ".")
	if strings.Trim(v, "-0.") == "" {
		return strings.TrimPrefix(v, "-") // no minus zero
	}
	return v
}

// parseNumberEntry takes over a number that was typed before; anything that
// cannot be typed is dropped.
func parseNumberEntry(s string) numberEntry {
	var e numberEntry
	for _, r := range s {
		switch r {
		case '-':
			if e.text == "" {
				e.text = "-"
			}
		case '.':
			e.point()
		default:
			e.digit(r)
		}
	}
	return e
}

// display shows the number with a real minus sign.
func (e *numberEntry) display() string { return strings.Replace(e.text, "-", "−", 1) }
