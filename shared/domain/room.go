package domain

// Contains reports whether a point of the plan lies in the room's polygon (even
// and odd crossings of a ray to the right).
func (r Room) Contains(x, y int) bool {
	inside := false
	for i, a := range r.Polygon {
		b := r.Polygon[(i+1)%len(r.Polygon)]
		if (a[1] > y) == (b[1] > y) {
			continue
		}
		crossing := float64(b[0]-a[0])*float64(y-a[1])/float64(b[1]-a[1]) + float64(a[0])
		if float64(x) < crossing {
			inside = !inside
		}
	}
	return inside
}

// RoomAt is the room under a pin; ok is false between rooms.
func (p Plan) RoomAt(pin Pin) (room Room, ok bool) {
	x := int(pin.X * int64(p.WidthPX) / PinScale)
	y := int(pin.Y * int64(p.HeightPX) / PinScale)
	for _, r := range p.Rooms {
		if r.Contains(x, y) {
			return r, true
		}
	}
	return Room{}, false
}

// PinScale is the number of pin units in a plan's width and in its height.
const PinScale = 1_000_000

// Name of the room in a locale.
func (r Room) Name(chinese bool) string {
	if chinese || r.NameEN == "" {
		return r.NameZH
	}
	return r.NameEN
}
