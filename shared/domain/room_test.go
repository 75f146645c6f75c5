package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	. "keyturn/shared/domain"
)

// ell is an L: 300 × 300 without its upper right quarter.
var ell = [][2]int{{0, 0}, {150, 0}, {150, 150}, {300, 150}, {300, 300}, {0, 300}}

func TestRoomContains(t *testing.T) {
	room := Room{Polygon: ell}
	for _, c := range []struct {
		x, y int
		want bool
	}{
		{75, 75, true},
		{75, 225, true},
		{225, 225, true},
		{225, 75, false}, // the notch
		{-1, 75, false},
		{301, 225, false},
		{75, -1, false},
		{75, 301, false},
	} {
		if got := room.Contains(c.x, c.y); got != c.want {
			t.Errorf("(%d,%d): %v", c.x, c.y, got)
		}
	}
	if (Room{}).Contains(0, 0) || (Room{Polygon: [][2]int{{0, 0}, {9, 9}}}).Contains(3, 3) {
		t.Error("a room without an outline contains a point")
	}
}

// Rooms that share a wall share no point: a pin on the wall is in one of them.
func TestNeighboursDoNotOverlap(t *testing.T) {
	left := Room{Polygon: [][2]int{{0, 0}, {500, 0}, {500, 700}, {0, 700}}}
	right := Room{Polygon: [][2]int{{500, 0}, {1000, 0}, {1000, 700}, {500, 700}}}
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.IntRange(0, 999).Draw(t, "x"), rapid.IntRange(0, 699).Draw(t, "y")
		if left.Contains(x, y) == right.Contains(x, y) {
			t.Fatalf("(%d,%d) lies in both rooms or in none", x, y)
		}
	})
}

func TestRoomAt(t *testing.T) {
	plan := Plan{WidthPX: 4000, HeightPX: 3000, Rooms: []Room{
		{Code: "LIV1", Polygon: [][2]int{{0, 0}, {2000, 0}, {2000, 3000}, {0, 3000}}},
		{Code: "KIT1", Polygon: [][2]int{{2500, 0}, {4000, 0}, {4000, 3000}, {2500, 3000}}},
	}}
	for _, c := range []struct {
		x, y int64
		want string
	}{
		{0, 0, "LIV1"},
		{499_999, 500_000, "LIV1"},
		{750_000, 500_000, "KIT1"},
		{999_999, 999_999, "KIT1"},
		{560_000, 500_000, ""}, // inside the wall
		{1_000_000, 500_000, ""},
		{-1, 500_000, "LIV1"}, // half a pixel off is on the first
		{-10_000, 500_000, ""},
	} {
		room, ok := plan.RoomAt(Pin{X: c.x, Y: c.y})
		if room.Code != c.want || ok != (c.want != "") {
			t.Errorf("pin (%d,%d): %q %v, want %q", c.x, c.y, room.Code, ok, c.want)
		}
	}
	if _, ok := (Plan{}).RoomAt(Pin{X: 500_000, Y: 500_000}); ok {
		t.Error("a plan without rooms has one")
	}
}

func TestRoomName(t *testing.T) {
	both, one := Room{NameZH: "客厅", NameEN: "Living room"}, Room{NameZH: "客厅"}
	if both.Name(true) != "客厅" || both.Name(false) != "Living room" || one.Name(false) != "客厅" {
		t.Error("wrong name")
	}
}
