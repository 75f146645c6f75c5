package service_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"

	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/syncserver/service"
)

// sidecar is a sound one of a 400 × 300 plan, changed by a test.
func sidecar(change func(map[string]any)) []byte {
	s := map[string]any{
		"layout": "B", "layout_name_zh": "B户型", "revision": 2, "image": "B.png", "width_px": 400, "height_px": 300, "mm_per_px": 5.25,
		"rooms": []map[string]any{
			{"code": "LIV1", "type": "LIV", "name_zh": "客厅", "polygon": [][2]int{{0, 0}, {200, 0}, {200, 300}, {0, 300}}},
			{"code": "KIT1", "type": "KIT", "name_zh": "厨房", "polygon": [][2]int{{200, 0}, {400, 0}, {400, 300}}},
		},
	}
	if change != nil {
		change(s)
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return b
}

func set(key string, value any) func(map[string]any) {
	return func(s map[string]any) { s[key] = value }
}

func room(key string, value any) func(map[string]any) {
	return func(s map[string]any) { s["rooms"].([]map[string]any)[1][key] = value }
}

func drawing(t testing.TB, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))))
	return out.Bytes()
}

func TestParseSidecar(t *testing.T) {
	t.Parallel()
	s, err := service.ParseSidecar(sidecar(nil))
	if err != nil || s.Layout != "B" || s.Revision != 2 || s.Image != "B.png" || s.MMPerPX != 5.25 || len(s.Rooms) != 2 || s.Rooms[0].Type != domain.RoomLiving {
		t.Fatalf("%+v, %v", s, err)
	}
	many := make([][2]int, 201)
	var rooms []map[string]any
	for range 101 {
		rooms = append(rooms, map[string]any{"code": "R" + strings.Repeat("x", len(rooms)), "polygon": [][2]int{{0, 0}, {1, 0}, {1, 1}}})
	}
	for name, b := range map[string][]byte{
		"nothing":             nil,
		"no JSON":             []byte("layout: B"),
		"a list":              []byte("[]"),
		"cut in two":          sidecar(nil)[:50],
		"too long":            sidecar(set("layout_name_zh", strings.Repeat("x", 1<<20))),
		"no layout":           sidecar(set("layout", "")),
		"revision 0":          sidecar(set("revision", 0)),
		"revision in words":   sidecar(set("revision", "two")),
		"no image":            sidecar(set("image", "")),
		"a path":              sidecar(set("image", "../B.png")),
		"an absolute path":    sidecar(set("image", "/etc/passwd")),
		"a folder":            sidecar(set("image", "plans/B.png")),
		"here":                sidecar(set("image", ".")),
		"above":               sidecar(set("image", "..")),
		"another's separator": sidecar(set("image", `..\B.png`)),
		"no scale":            sidecar(set("mm_per_px", 0)),
		"a negative scale":    sidecar(set("mm_per_px", -1)),
		"an absurd scale":     sidecar(set("mm_per_px", 1e9)),
		"no rooms":            sidecar(set("rooms", nil)),
		"too many rooms":      sidecar(set("rooms", rooms)),
		"a room without code": sidecar(room("code", "")),
		"a code twice":        sidecar(room("code", "LIV1")),
		"a line as room":      sidecar(room("polygon", [][2]int{{0, 0}, {1, 1}})),
		"too many corners":    sidecar(room("polygon", many)),
		"a corner outside":    sidecar(room("polygon", [][2]int{{0, 0}, {401, 0}, {1, 1}})),
		"a corner before 0":   sidecar(room("polygon", [][2]int{{0, 0}, {-1, 0}, {1, 1}})),
		"no size":             sidecar(set("width_px", 0)),
	} {
		if _, err := service.ParseSidecar(b); !errors.Is(err, service.ErrSidecar) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzSidecar(f *testing.F) {
	f.Add(sidecar(nil))
	f.Add(sidecar(set("image", `..\..\x`)))
	f.Add(sidecar(set("rooms", nil)))
	f.Add([]byte(`{"layout":"A","revision":1,"image":"a","mm_per_px":1e-320,"width_px":-5,"rooms":[{"code":"x","polygon":[[0,0],[0,0],[0,0]]}]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := service.ParseSidecar(b)
		if err != nil {
			if !errors.Is(err, service.ErrSidecar) {
				t.Errorf("%q: %v", b, err)
			}
			return
		}
		if s.Layout == "" || s.Revision < 1 || strings.ContainsAny(s.Image, `/\`) || s.Image == ".." || s.Image == "." || s.Image == "" || len(s.Rooms) == 0 {
			t.Errorf("%q became %+v", b, s)
		}
		for _, r := range s.Rooms {
			for _, p := range r.Polygon {
				if p[0] < 0 || p[1] < 0 || p[0] > s.WidthPX || p[1] > s.HeightPX {
					t.Errorf("%q: room %s leaves the plan", b, r.Code)
				}
			}
		}
	})
}

func TestLoadPlans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), nil) // names layout B
	files := fstest.MapFS{
		"B.json": {Data: sidecar(nil)}, "B.png": {Data: drawing(t, 400, 300)},
		"Z.json": {Data: sidecar(func(s map[string]any) { s["layout"], s["image"] = "Z", "Z.png" })}, "Z.png": {Data: drawing(t, 400, 300)},
	}
	layouts := len(list[domain.Layout](w, domain.EntityLayout))
	for i := range 2 {
		before := len(w.log())
		n, err := w.LoadPlans(t.Context(), w.project, files)
		if err != nil || n != 2 {
			t.Fatalf("%d, %v", n, err)
		}
		if wrote := len(w.log()) - before; i == 0 && wrote != 3 || i == 1 && wrote != 0 {
			t.Errorf("round %d wrote %d entries", i+1, wrote)
		}
	}
	if n := len(list[domain.Layout](w, domain.EntityLayout)); n != layouts+1 {
		t.Errorf("%d layouts, %d before: only Z is new", n, layouts)
	}
	plans := list[domain.Plan](w, domain.EntityPlan)
	if len(plans) != 2 {
		t.Fatalf("%d plans", len(plans))
	}
	p := plans[0].Record
	if p.Revision != 2 || p.WidthPX != 400 || p.HeightPX != 300 || p.MicrometrePerPX != 5250 || len(p.Rooms) != 2 || p.LayoutID.IsZero() {
		t.Errorf("%+v", p)
	}
	content, _, err := w.Blobs.Open(t.Context(), p.SHA256)
	must(t, err)
	must(t, content.Close())
	if r, ok := p.RoomAt(domain.Pin{X: 100_000, Y: 500_000}); !ok || r.Code != "LIV1" {
		t.Errorf("%+v", r)
	}
	// A new revision stands beside the old one: pins keep theirs.
	files["B.json"].Data = sidecar(set("revision", 3))
	_, err = w.LoadPlans(t.Context(), w.project, files)
	must(t, err)
	if n := len(list[domain.Plan](w, domain.EntityPlan)); n != 3 {
		t.Errorf("%d plans", n)
	}
}

// pngHeader claims a size and brings no picture.
func pngHeader(width, height uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, width)
	b = binary.BigEndian.AppendUint32(b, height)
	b = append(b, 8, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:29]))
}

func TestLoadPlansRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := len(w.log())
	good := drawing(t, 400, 300)
	huge := sidecar(func(s map[string]any) { s["width_px"], s["height_px"] = 20_000, 20_000 })
	for name, c := range map[string]struct {
		files fstest.MapFS
		code  photo.Code
	}{
		"20000 × 20000":     {fstest.MapFS{"B.json": {Data: huge}, "B.png": {Data: pngHeader(20_000, 20_000)}}, photo.CodePlanTooManyPixels},
		"text as picture":   {fstest.MapFS{"B.json": {Data: sidecar(nil)}, "B.png": {Data: []byte("not a picture at all")}}, photo.CodePlanNotAnImage},
		"an empty picture":  {fstest.MapFS{"B.json": {Data: sidecar(nil)}, "B.png": {}}, photo.CodePlanEmpty},
		"half a picture":    {fstest.MapFS{"B.json": {Data: sidecar(nil)}, "B.png": {Data: good[:len(good)/2]}}, photo.CodePlanDamaged},
		"another size":      {fstest.MapFS{"B.json": {Data: sidecar(nil)}, "B.png": {Data: drawing(t, 300, 400)}}, ""},
		"no picture":        {fstest.MapFS{"B.json": {Data: sidecar(nil)}}, ""},
		"a picture above":   {fstest.MapFS{"B.json": {Data: sidecar(set("image", "../B.png"))}, "B.png": {Data: good}}, ""},
		"a faulty sidecar":  {fstest.MapFS{"B.json": {Data: []byte("{")}, "B.png": {Data: good}}, ""},
		"a folder as plan":  {fstest.MapFS{"B.json": {Data: sidecar(set("image", "sub"))}, "sub/B.png": {Data: good}}, ""},
		"a folder as sheet": {fstest.MapFS{"B.json/x": {Data: good}}, ""},
	} {
		n, err := w.LoadPlans(t.Context(), w.project, c.files)
		var refused *photo.Error
		if err == nil || n != 0 || !strings.Contains(err.Error(), "B.json") {
			t.Errorf("%s: %d plans, %v", name, n, err)
		}
		if c.code != "" && (!errors.As(err, &refused) || refused.Code != c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.log()) != before || len(list[domain.Plan](w, domain.EntityPlan)) != 0 {
		t.Errorf("%d entries were written", len(w.log())-before)
	}
}
