package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"keyturn/shared/domain"
)

// Ranks of a match, best first; noMatch is none.
const (
	matchCode = iota
	matchName
	matchEnglish
	matchPinyin
	matchKeyword
	matchOther
	noMatch
)

// maxQuery bounds the work for one query.
const maxQuery = 40

// Search finds library defects by pinyin initials (kg → 空鼓), full pinyin,
// Chinese text, English words or code. Defects that occur in the room come
// first, then the better match, then the more usual. An empty query lists the
// most usual of the room. limit below 1 is no limit.
func (c *Catalogue) Search(query string, room domain.RoomType, limit int) []LibraryDefect {
	q := newSearchQuery(query)
	type hit struct {
		index, rank int
		inRoom      bool
	}
	var hits []hit
	for i := range c.index {
		if rank := c.index[i].match(q); rank < noMatch {
			hits = append(hits, hit{i, rank, slices.Contains(c.defects[i].RoomTypes, room)})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		da, db := &c.defects[a.index], &c.defects[b.index]
		return cmp.Or(
			-compareBool(a.inRoom, b.inRoom),
			cmp.Compare(a.rank, b.rank),
			cmp.Compare(da.usual, db.usual),
			cmp.Compare(len(da.RoomTypes), len(db.RoomTypes)),
			cmp.Compare(a.index, b.index),
		)
	})
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	found := make([]LibraryDefect, len(hits))
	for i, h := range hits {
		found[i] = c.defects[h.index]
	}
	return found
}

// searchQuery is a normalised query: whole without spaces, and its words.
type searchQuery struct {
	whole string
	words []string
	latin bool
}

func newSearchQuery(text string) searchQuery {
	text = normal(text)
	if r := []rune(text); len(r) > maxQuery {
		text = string(r[:maxQuery])
	}
	q := searchQuery{words: strings.Fields(text)}
	q.whole = strings.Join(q.words, "")
	q.latin = strings.IndexFunc(q.whole, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	return q
}

// match ranks the entry for the whole query, else by the worst of its words:
// "kg qm" finds 墙面抹灰空鼓.
func (e *searchEntry) match(q searchQuery) int {
	if q.whole == "" {
		return matchCode
	}
	rank := e.matchText(q.whole, q.words, q.latin)
	if rank < noMatch || len(q.words) < 2 {
		return rank
	}
	rank = matchCode
	for _, word := range q.words {
		one := newSearchQuery(word)
		rank = max(rank, e.matchText(one.whole, one.words, one.latin))
	}
	return rank
}

func (e *searchEntry) matchText(whole string, words []string, latin bool) int {
	switch {
	case strings.HasPrefix(e.code, whole):
		return matchCode
	case strings.Contains(e.name, whole):
		return matchName
	case latin && allPrefixes(e.english, words):
		return matchEnglish
	case latin && spells(e.syllables, whole):
		return matchPinyin
	case strings.Contains(e.keywords, whole), latin && e.keywordSounds(whole):
		return matchKeyword
	case latin && allPrefixes(e.other, words):
		return matchOther
	}
	return noMatch
}

// allPrefixes reports whether each word begins one of the entry's words.
func allPrefixes(known, words []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, w) }) {
			return false
		}
	}
	return true
}
