package kit

import (
	"strings"
	"unicode"
)

// Runes that may not begin a line, and runes that may not end one, in Chinese
// typesetting (the core of the kinsoku classes of GB/T 15834 punctuation).
const (
	noLineStart = "，。、；：！？）】》」』〕〉”’…·—～％℃,.;:!?)]}%°"
	noLineEnd   = "（【《「『〔〈“‘([{￥¥"
)

// breakLines cuts text into lines no wider than width, as measure sees them.
// Chinese breaks between any two characters except around punctuation, Latin
// at spaces; a word wider than the line is cut where it no longer fits. Every
// rune but the spaces at a break is kept.
func breakLines(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, breakParagraph(paragraph, width, measure)...)
	}
	return lines
}

func breakParagraph(text string, width float32, measure func(string) float32) []string {
	var lines []string
	var line strings.Builder
	used := float32(0)
	flush := func() {
		lines = append(lines, strings.TrimRight(line.String(), " "))
		line.Reset()
		used = 0
	}
	add := func(token string, w float32) {
		line.WriteString(token)
		used += w
	}
	for _, token := range breakable(text) {
		// Spaces hanging over the edge are dropped with the line's end.
		w := measure(strings.TrimRight(token, " "))
		if used > 0 && used+w > width {
			flush()
		}
		if w <= width {
			add(token, measure(token))
			continue
		}
		for _, r := range token {
			rw := measure(string(r))
			if used > 0 && used+rw > width {
				flush()
			}
			add(string(r), rw)
		}
	}
	flush()
	return lines
}

// breakable cuts text into pieces between which a line may end. Spaces stay
// with the piece before them.
func breakable(text string) []string {
	var pieces []string
	start := 0
	var prev rune
	for i, r := range text {
		if i > start && mayBreak(prev, r) {
			pieces = append(pieces, text[start:i])
			start = i
		}
		prev = r
	}
	if start < len(text) {
		pieces = append(pieces, text[start:])
	}
	return pieces
}

func mayBreak(before, after rune) bool {
	switch {
	case after == ' ':
		return false
	case strings.ContainsRune(noLineStart, after), strings.ContainsRune(noLineEnd, before):
		return false
	case before == ' ':
		return true
	}
	return isWide(before) || isWide(after)
}

// isWide says whether r is written in a square, so that lines may break beside it.
func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303F || // CJK symbols and punctuation
		r >= 0xFF00 && r <= 0xFFEF // full-width forms
}
