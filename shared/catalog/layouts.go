package catalog

import (
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// layoutCount says how the rooms of a kind are counted in a layout's name.
type layoutCount struct {
	kind  string
	words []string
	usual int
}

// standardRoom is the ordinal-th room of a kind where the kind's total lies
// between least and most.
type standardRoom struct {
	kind           string
	ordinal        int
	least, most    int
	code           string
	roomType       domain.RoomType
	nameZH, nameEN string
}

// StandardRooms gives the rooms of a layout without a plan, by the counts in
// its name ("B户型 三室两厅两卫", "3 bed 2 bath"); what the name does not say is
// taken as usual. Their polygons are empty: that marks them as standard.
func (c *Catalogue) StandardRooms(layoutName string) []domain.Room {
	name := normal(layoutName)
	var rooms []domain.Room
	for _, kind := range c.layouts {
		total := kind.count(name)
		for _, s := range c.standards {
			if s.kind == kind.kind && s.ordinal <= total && s.least <= total && total <= s.most {
				rooms = append(rooms, domain.Room{Code: s.code, Type: s.roomType, NameZH: s.nameZH, NameEN: s.nameEN})
			}
		}
	}
	return rooms
}

// count finds the first number before one of the kind's words.
func (k layoutCount) count(name string) int {
	for _, word := range k.words {
		for from := 0; ; {
			at := strings.Index(name[from:], word)
			if at < 0 {
				break
			}
			if n := trailingNumber(strings.TrimRight(name[:from+at], " -")); n >= 0 {
				return n
			}
			from += at + len(word)
		}
	}
	return k.usual
}

var chineseDigits = map[rune]int{
	'零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
}

// trailingNumber reads the number that s ends with, −1 if there is none. Room
// counts have one digit, in Chinese or not.
func trailingNumber(s string) int {
	digits := s[len(strings.TrimRight(s, "0123456789")):]
	if digits != "" {
		if n, err := strconv.Atoi(digits); err == nil && n < 10 {
			return n
		}
		return -1
	}
	last := []rune(s)
	if len(last) == 0 {
		return -1
	}
	if n, ok := chineseDigits[last[len(last)-1]]; ok {
		return n
	}
	return -1
}

func (c *Catalogue) loadLayouts(l *loader) {
	for _, r := range unique(l.table("layout_counts.csv", "kind", "words", "default_count", "tag"), "kind") {
		r.tag("tag")
		words := r.list("words")
		// The longest word first, so that "bedroom" is not read as "bed".
		slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
		c.layouts = append(c.layouts, layoutCount{r.must("kind"), words, r.whole("default_count")})
	}
	rows := unique(l.table("standard_rooms.csv", "kind", "ordinal", "totals", "code", "type", "name_zh", "name_en", "tag"), "kind", "ordinal", "totals")
	for _, r := range rows {
		r.tag("tag")
		s := standardRoom{
			kind: r.text("kind"), ordinal: r.whole("ordinal"), code: r.must("code"), roomType: domain.RoomType(r.text("type")),
			nameZH: r.must("name_zh"), nameEN: r.must("name_en"),
		}
		s.least, s.most = totals(r)
		if !slices.ContainsFunc(c.layouts, func(k layoutCount) bool { return k.kind == s.kind }) {
			r.fault("kind", ErrUnresolved)
		}
		if !slices.Contains(allRoomTypes, s.roomType) {
			r.fault("type", ErrUnresolved)
		}
		c.standards = append(c.standards, s)
	}
}

// totals reads "2", "2+" or "any".
func totals(r row) (least, most int) {
	const many = 1 << 20
	text := r.must("totals")
	if text == "any" {
		return 0, many
	}
	number, more := strings.CutSuffix(text, "+")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		r.fault("totals", ErrValue)
	}
	if more {
		return n, many
	}
	return n, n
}
