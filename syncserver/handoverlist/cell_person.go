package handoverlist

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	dialled     = regexp.MustCompile(`^\+?\d{7,15}$`)
	idLast4     = regexp.MustCompile(`^\d{3}[\dX]$`)
	phoneFiller = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "")
)

// parsePhones reads one or several phone numbers; ok is false if one of them
// is none, and then the text is returned as it is.
func parsePhones(text string) (phones string, ok bool) {
	var list []string
	for _, p := range items(text) {
		p = phoneFiller.Replace(plainNumber(p))
		if !dialled.MatchString(p) {
			return clean(text), false
		}
		list = append(list, p)
	}
	return strings.Join(list, "、"), true
}

// maskPhones hides the middle of each number: 120****3349. Texts that are no
// numbers are hidden whole.
func maskPhones(phones string) string {
	list := items(phones)
	for i, p := range list {
		if !dialled.MatchString(p) || len(p) < 9 {
			list[i] = "****"
			continue
		}
		list[i] = p[:3] + "****" + p[len(p)-4:]
	}
	return strings.Join(list, "、")
}

// maskNames keeps the first character of each name.
func maskNames(names []string) string {
	masked := make([]string, len(names))
	for i, n := range names {
		_, size := utf8.DecodeRuneInString(n)
		masked[i] = n[:size] + "***"
	}
	return strings.Join(masked, "、")
}

// parseIDLast4 reads the last four characters of an identity card, of which
// the last may be X. Of a longer text no more than four are kept: a whole
// number is more than the list needs.
func parseIDLast4(text string) (last4 string, ok bool) {
	last4 = strings.ToUpper(plainNumber(text))
	if !idLast4.MatchString(last4) {
		runes := []rune(last4)
		return string(runes[max(len(runes)-4, 0):]), false
	}
	return last4, true
}
