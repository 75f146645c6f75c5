package main

import (
	"encoding/json"
	"io"
	"math"
)

// Sidecar is what a plan's picture cannot say itself. Polygons are in pixels of the picture, x to the east, y to the south.
type Sidecar struct {
	Layout       string        `json:"layout"`
	LayoutNameZH string        `json:"layout_name_zh"`
	LayoutNameEN string        `json:"layout_name_en"`
	Revision     int           `json:"revision"`
	Image        string        `json:"image"`
	WidthPX      int           `json:"width_px"`
	HeightPX     int           `json:"height_px"`
	MMPerPX      float64       `json:"mm_per_px"`
	Rooms        []SidecarRoom `json:"rooms"`
}

// SidecarRoom is one room of a sidecar.
type SidecarRoom struct {
	Code    string   `json:"code"`
	Type    string   `json:"type"`
	NameZH  string   `json:"name_zh"`
	NameEN  string   `json:"name_en"`
	Polygon [][2]int `json:"polygon"`
}

func newSidecar(l Layout) Sidecar {
	s := Sidecar{
		Layout: l.Code, LayoutNameZH: l.NameZH, LayoutNameEN: l.NameEN, Revision: revision,
		Image: l.Code + ".png", WidthPX: widthPX, HeightPX: heightPX, MMPerPX: mmPerPX,
	}
	origin := l.place()
	for _, r := range l.Rooms {
		room := SidecarRoom{Code: r.Code, Type: r.Type, NameZH: r.NameZH, NameEN: r.NameEN}
		for _, p := range r.Outline.moved(origin) {
			room.Polygon = append(room.Polygon, [2]int{int(math.Round(p.X / mmPerPX)), int(math.Round(p.Y / mmPerPX))})
		}
		s.Rooms = append(s.Rooms, room)
	}
	return s
}

func (s Sidecar) encode(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(s)
}
