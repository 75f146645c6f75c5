package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// searchEntry is what a defect can be found by.
type searchEntry struct {
	code string
	// name is the Chinese name; syllables are the readings of its characters.
	name      string
	syllables [][]string
	// english are the words of the English name; other those of element, trade
	// and type.
	english, other []string
	// keywords are further words, Chinese and English, with their readings.
	keywords string
	spoken   [][][]string
}

func buildIndex(defects []LibraryDefect) []searchEntry {
	index := make([]searchEntry, len(defects))
	for i, d := range defects {
		e := searchEntry{
			code: normal(d.Code), name: strings.ReplaceAll(normal(d.NameZH), " ", ""), english: words(d.NameEN),
			other: append(words(d.Element), append(words(d.Trade), words(d.Type)...)...), keywords: normal(d.keywords),
		}
		e.syllables = readings(e.name)
		for _, word := range strings.Fields(e.keywords) {
			e.spoken = append(e.spoken, readings(word))
			e.other = append(e.other, words(word)...)
		}
		index[i] = e
	}
	return index
}

func words(s string) []string {
	return strings.FieldsFunc(normal(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// mostReadings is how many readings of a character count: the dictionary lists
// the usual ones first and then archaic ones that would only find nonsense.
const mostReadings = 2

// readings lists the pinyin of each Chinese character without tones; Latin
// letters and digits read as themselves, punctuation is skipped.
func readings(s string) [][]string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	var list [][]string
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			sounds := slices.Compact(pinyin.SinglePinyin(r, args))
			list = append(list, sounds[:min(len(sounds), mostReadings)])
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			list = append(list, []string{string(r)})
		default:
			list = append(list, nil)
		}
	}
	return list
}

func (e *searchEntry) keywordSounds(text string) bool {
	return slices.ContainsFunc(e.spoken, func(s [][]string) bool { return spells(s, text) })
}

// spells reports whether the Latin text spells consecutive characters by
// initials, full syllables or a mixture.
func spells(syllables [][]string, text string) bool {
	for start := range syllables {
		if spellsFrom(syllables[start:], text) {
			return true
		}
	}
	return false
}

func spellsFrom(syllables [][]string, text string) bool {
	if text == "" {
		return true
	}
	if len(syllables) == 0 {
		return false
	}
	for _, sound := range syllables[0] {
		if strings.HasPrefix(sound, text) {
			return true
		}
		for _, part := range []string{sound, initial(sound), sound[:1]} {
			if rest, ok := strings.CutPrefix(text, part); ok && spellsFrom(syllables[1:], rest) {
				return true
			}
		}
	}
	return false
}

// initial is the consonant with which people abbreviate a syllable: sh of shui.
func initial(sound string) string {
	if len(sound) > 1 && sound[1] == 'h' && strings.ContainsRune("zcs", rune(sound[0])) {
		return sound[:2]
	}
	return sound[:1]
}
