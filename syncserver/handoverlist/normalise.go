package handoverlist

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean is a cell's text on one line: NFKC (full-width digits and brackets
// become plain ones), without control and zero-width characters, with single
// spaces. What people write for "nothing" is empty.
func clean(s string) string {
	text := strings.Join(strings.Fields(compatible(s)), " ")
	if slices.Contains(blanks, text) {
		return ""
	}
	return text
}

var blanks = []string{"-", "--", "—", "/", "无", "N/A", "n/a"}

// shown is a cell's text on one line as people see it in the file, safe for a
// terminal.
func shown(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)), " ")
}

// compatible is NFKC without invisible characters; line breaks stay.
func compatible(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] >= ' ' && s[i] < unicode.MaxASCII
	}
	if plain {
		return s
	}
	// First what is invisible: it may part a letter from its accent.
	visible := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return norm.NFKC.String(visible)
}

// items splits a cell that lists several things, in order and without blanks.
func items(s string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(compatible(s), isSeparator) {
		if part = clean(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// isSeparator holds what lists are written with; NFKC has turned the
// full-width comma, semicolon and slash into plain ones.
func isSeparator(r rune) bool { return strings.ContainsRune("、,;/&|\n", r) }

// fold reduces a header or name to its letters and digits in lower case, so
// that spaces, dashes and asterisks make no difference.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' {
			return unicode.ToLower(r)
		}
		return -1
	}, compatible(s))
}

// splitBrackets parts "面积(㎡)" into the text outside and inside brackets.
func splitBrackets(s string) (outside, inside string) {
	var out, in strings.Builder
	depth := 0
	for _, r := range compatible(s) {
		switch {
		case strings.ContainsRune("([【〔", r):
			depth++
		case strings.ContainsRune(")]】〕", r):
			depth = max(depth-1, 0)
		case depth > 0:
			in.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), in.String()
}

// isCellError recognises a formula that failed in the spreadsheet.
func isCellError(text string) bool {
	return slices.Contains([]string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}, text)
}
