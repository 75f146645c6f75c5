package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
)

func TestSearch(t *testing.T) {
	c := load(t)
	for name, tc := range map[string]struct {
		query string
		room  domain.RoomType
		first []string
	}{
		"initials":               {"kg", domain.RoomLiving, []string{"PLA-01", "SCR-01", "TIL-01"}},
		"initials in upper case": {"KG", domain.RoomLiving, []string{"PLA-01", "SCR-01", "TIL-01"}},
		"full width":             {"ｋｇ", domain.RoomLiving, []string{"PLA-01"}},
		"wall tile in a kitchen": {"qzkg", domain.RoomKitchen, []string{"TIL-07"}},
		"initials of 漏水":         {"ls", domain.RoomBath, []string{"SAN-01", "SAN-04", "PLB-01"}},
		"English word":           {"crack", domain.RoomBed, []string{"PLA-02", "SCR-02", "TIL-02", "CEI-01"}},
		"English beginning":      {"squea", domain.RoomBed, []string{"WDF-03"}},
		"two English words":      {"tile hollow", domain.RoomBath, []string{"TIL-01", "TIL-07"}},
		"Chinese":                {"裂缝", domain.RoomBed, []string{"STR-04", "STR-01", "STR-02", "STR-03"}},
		"full pinyin in words":   {"shen shui", domain.RoomBath, []string{"WPF-02", "WIN-01"}},
		"full pinyin, half word": {"shenshu", domain.RoomBath, []string{"WPF-02", "WIN-01"}},
		"mixed pinyin":           {"shens", domain.RoomBath, []string{"WPF-02", "WIN-01"}},
		"two-letter initials":    {"shsh", domain.RoomBath, []string{"WPF-02"}},
		"words in any order":     {"空鼓 地砖", domain.RoomBath, []string{"TIL-01"}},
		"pinyin words apart":     {"kg dz", domain.RoomBath, []string{"TIL-01"}},
		"keyword":                {"mold", domain.RoomBed, []string{"PNT-05"}},
		"code":                   {"wpf-01", domain.RoomBath, []string{"WPF-01"}},
		"second reading":         {"lujin", domain.RoomLiving, []string{"STR-07"}}, // 露 is lu and lou
		"Latin inside Chinese":   {"3c", domain.RoomBath, []string{"SAN-05"}},
		"spaces only":            {"   ", domain.RoomBed, []string{"PLA-01"}},
	} {
		got := codes(c.Search(tc.query, tc.room, len(tc.first)))
		if !slices.Equal(got, tc.first) {
			t.Errorf("%s: %q gives %v, want %v", name, tc.query, got, tc.first)
		}
	}
	for _, query := range []string{"zzz", "空鼓漏水", "hollow zebra", "😀", "%_"} {
		if got := c.Search(query, domain.RoomBed, 5); len(got) > 0 {
			t.Errorf("%q gives %v", query, codes(got))
		}
	}
}

// TestSearchRoomFirst: whatever matches in the room precedes all others, and
// the others are still found.
func TestSearchRoomFirst(t *testing.T) {
	c := load(t)
	for _, query := range []string{"", "l", "leak", "kg", "渗"} {
		outside := false
		for _, d := range c.Search(query, domain.RoomBalcony, 0) {
			in := slices.Contains(d.RoomTypes, domain.RoomBalcony)
			if in && outside {
				t.Fatalf("%q: %s comes after defects of other rooms", query, d.Code)
			}
			outside = outside || !in
		}
		if !outside {
			t.Errorf("%q hides other rooms", query)
		}
	}
	if got := c.Search("", domain.RoomBath, 7); len(got) != 7 {
		t.Errorf("limit gives %d", len(got))
	}
}

// FuzzSearch: no query panics or takes the whole library by accident.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"kg", "shen shui", "裂缝", "", "\xff", "ａ", strings.Repeat("a", 500)} {
		f.Add(seed)
	}
	c := load(f)
	f.Fuzz(func(t *testing.T, query string) {
		if got := c.Search(query, domain.RoomBath, 10); len(got) > 10 {
			t.Fatalf("%d hits", len(got))
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	c := load(b)
	for _, query := range []string{"", "kg", "crack", "shen shui", "裂缝", "zzzz"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Search(query, domain.RoomBath, 20)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	m := files(b)
	for b.Loop() {
		loadFS(b, m)
	}
}
