package sample

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io/fs"
	"path"
	"slices"
	"testing"
)

// plan is a sidecar as its readers see it.
type plan struct {
	Layout       string  `json:"layout"`
	LayoutNameZH string  `json:"layout_name_zh"`
	LayoutNameEN string  `json:"layout_name_en"`
	Revision     int     `json:"revision"`
	Image        string  `json:"image"`
	WidthPX      int     `json:"width_px"`
	HeightPX     int     `json:"height_px"`
	MMPerPX      float64 `json:"mm_per_px"`
	Rooms        []struct {
		Code    string       `json:"code"`
		Type    string       `json:"type"`
		NameZH  string       `json:"name_zh"`
		NameEN  string       `json:"name_en"`
		Polygon [][2]float64 `json:"polygon"`
	} `json:"rooms"`
}

func plans(t *testing.T) []plan {
	t.Helper()
	names, err := fs.Glob(FS, path.Join(Plans, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []plan
	for _, name := range names {
		content, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.DisallowUnknownFields()
		var p plan
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, p)
	}
	if len(all) != 4 {
		t.Fatalf("%d plans, want A to D", len(all))
	}
	return all
}

// picture is the plan's drawing, which must be what the sidecar says.
func picture(t *testing.T, p plan) image.Image {
	t.Helper()
	content, err := FS.ReadFile(path.Join(Plans, p.Image))
	if err != nil {
		t.Fatal(err)
	}
	if len(content) > 300_000 {
		t.Errorf("%s has %d bytes: too large to be sent to every tablet", p.Image, len(content))
	}
	decoded, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", p.Image, err)
	}
	if size := decoded.Bounds().Size(); size != image.Pt(p.WidthPX, p.HeightPX) {
		t.Errorf("%s: picture is %v, sidecar says %d×%d", p.Layout, size, p.WidthPX, p.HeightPX)
	}
	return decoded
}

func inside(polygon [][2]float64, x, y float64) bool {
	in := false
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a[1] > y) != (b[1] > y) && x < a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
	}
	return in
}

func area(polygon [][2]float64) float64 {
	sum := 0.0
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		sum += a[0]*b[1] - b[0]*a[1]
	}
	return max(sum, -sum) / 2
}

func TestSidecarsAreComplete(t *testing.T) {
	types := []string{"LIV", "DIN", "BED", "KIT", "BTH", "BAL", "ENT", "CLK", "COR"}
	for _, p := range plans(t) {
		if p.Layout+".png" != p.Image || p.LayoutNameZH == "" || p.LayoutNameEN == "" || p.Revision < 1 || p.MMPerPX <= 0 {
			t.Errorf("%s: incomplete: %+v", p.Layout, p)
		}
		codes := map[string]bool{}
		for _, r := range p.Rooms {
			if codes[r.Code] || r.NameZH == "" || r.NameEN == "" || !slices.Contains(types, r.Type) || r.Code[:len(r.Code)-1] != r.Type {
				t.Errorf("%s: room %+v", p.Layout, r)
			}
			codes[r.Code] = true
		}
		for _, want := range []string{"ENT1", "LIV1", "DIN1", "KIT1", "BED1", "BTH1", "BAL1"} {
			if !codes[want] {
				t.Errorf("%s has no %s", p.Layout, want)
			}
		}
	}
}

// A point of the plan may belong to one room only. The count of points also shows polygons that cross themselves: their area would not fit.
func TestPolygonsAreDisjointAndSimple(t *testing.T) {
	const every = 5 // px
	for _, p := range plans(t) {
		owner := map[image.Point]string{}
		for _, r := range p.Rooms {
			low, high := r.Polygon[0], r.Polygon[0]
			for _, corner := range r.Polygon {
				low = [2]float64{min(low[0], corner[0]), min(low[1], corner[1])}
				high = [2]float64{max(high[0], corner[0]), max(high[1], corner[1])}
			}
			if low[0] < 0 || low[1] < 0 || high[0] > float64(p.WidthPX) || high[1] > float64(p.HeightPX) {
				t.Errorf("%s %s leaves the picture", p.Layout, r.Code)
			}
			counted := 0.0
			for y := int(low[1]) / every; y <= int(high[1])/every; y++ {
				for x := int(low[0]) / every; x <= int(high[0])/every; x++ {
					if !inside(r.Polygon, (float64(x)+0.5)*every, (float64(y)+0.5)*every) {
						continue
					}
					counted += every * every
					if other := owner[image.Pt(x, y)]; other != "" {
						t.Fatalf("%s: %s and %s overlap near %d, %d", p.Layout, other, r.Code, x*every, y*every)
					}
					owner[image.Pt(x, y)] = r.Code
				}
			}
			squareMetres := area(r.Polygon) * p.MMPerPX * p.MMPerPX / 1e6
			if len(r.Polygon) < 4 || squareMetres < 1 || squareMetres > 40 {
				t.Errorf("%s %s: %d corners, %.2f m²", p.Layout, r.Code, len(r.Polygon), squareMetres)
			}
			if share := counted / area(r.Polygon); share < 0.96 || share > 1.04 {
				t.Errorf("%s %s crosses itself: %.2f of its area", p.Layout, r.Code, share)
			}
		}
	}
}

// Along a room's edges the drawing is white inside and, but for openings, a wall outside.
func TestPolygonsLieOnTheDrawnWalls(t *testing.T) {
	const off, every = 6, 10 // px beside the edge; px along it
	for _, p := range plans(t) {
		drawn := picture(t, p)
		dark := func(x, y float64) bool {
			r, _, _, _ := drawn.At(int(x), int(y)).RGBA()
			return r < 0x9000
		}
		for _, r := range p.Rooms {
			walls, lines, samples := 0, 0, 0
			for i, a := range r.Polygon {
				b := r.Polygon[(i+1)%len(r.Polygon)]
				length := max(b[0]-a[0], a[0]-b[0]) + max(b[1]-a[1], a[1]-b[1])
				stepX, stepY := (b[0]-a[0])/length, (b[1]-a[1])/length
				for d := 2.0 * every; d < length-2*every; d += every {
					x, y := a[0]+stepX*d, a[1]+stepY*d
					in, out := [2]float64{x - stepY*off, y + stepX*off}, [2]float64{x + stepY*off, y - stepX*off}
					if !inside(r.Polygon, in[0], in[1]) {
						in, out = out, in
					}
					samples++
					if dark(out[0], out[1]) {
						walls++
					}
					if dark(in[0], in[1]) {
						lines++
					}
				}
			}
			if 100*walls < 20*samples {
				t.Errorf("%s %s: only %d of %d places along its edge are walls", p.Layout, r.Code, walls, samples)
			}
			if 100*lines > 20*samples {
				t.Errorf("%s %s: %d of %d places inside its edge are dark", p.Layout, r.Code, lines, samples)
			}
		}
	}
}
