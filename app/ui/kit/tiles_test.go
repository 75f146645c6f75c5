package kit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

func buildPlan(t testing.TB, width, height int) *Pyramid {
	t.Helper()
	p, err := BuildPyramid(t.Context(), samplePlan(width, height), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPyramidLevels(t *testing.T) {
	type size struct{ width, height, tiles int }
	for _, c := range []struct {
		width, height int
		want          []size
	}{
		{4000, 3000, []size{{4000, 3000, 48}, {2000, 1500, 12}, {1000, 750, 4}, {500, 375, 1}}},
		{512, 512, []size{{512, 512, 1}}},
		{513, 1, []size{{513, 1, 2}, {257, 1, 1}}},
		{1, 1, []size{{1, 1, 1}}},
		{1025, 1023, []size{{1025, 1023, 6}, {513, 512, 2}, {257, 256, 1}}},
	} {
		p := buildPlan(t, c.width, c.height)
		if w, h := p.Size(); w != c.width || h != c.height {
			t.Errorf("size %d×%d, want %d×%d", w, h, c.width, c.height)
		}
		if len(p.levels) != len(c.want) {
			t.Fatalf("%d×%d: %d levels, want %d", c.width, c.height, len(p.levels), len(c.want))
		}
		for i, level := range p.levels {
			if got := (size{level.width, level.height, len(level.tiles)}); got != c.want[i] {
				t.Errorf("%d×%d level %d: %v, want %v", c.width, c.height, i, got, c.want[i])
			}
			area := 0
			for _, tile := range level.tiles {
				// Fyne uploads Pix without looking at the stride.
				if tile.Rect.Min != (image.Point{}) || tile.Stride != 4*tile.Rect.Dx() {
					t.Fatalf("tile %v with stride %d", tile.Rect, tile.Stride)
				}
				area += tile.Rect.Dx() * tile.Rect.Dy()
			}
			if area != level.width*level.height {
				t.Errorf("%d×%d level %d: tiles cover %d pixels", c.width, c.height, i, area)
			}
		}
	}
}

// pixel reads one pixel of a level through its tiles.
func (l tileLevel) pixel(x, y int) color.RGBA {
	return l.tiles[y/tileSize*l.columns+x/tileSize].RGBAAt(x%tileSize, y%tileSize)
}

func TestPyramidPixels(t *testing.T) {
	src := image.NewRGBA(image.Rect(7, 9, 7+1025, 9+601)) // not at the origin, odd
	for y := src.Rect.Min.Y; y < src.Rect.Max.Y; y++ {
		for x := src.Rect.Min.X; x < src.Rect.Max.X; x++ {
			src.SetRGBA(x, y, color.RGBA{uint8(x * 3), uint8(y * 5), uint8(x ^ y), 0xFF})
		}
	}
	p, err := BuildPyramid(t.Context(), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	full := p.levels[0]
	for _, at := range []image.Point{{0, 0}, {511, 511}, {512, 512}, {1024, 600}, {100, 599}} {
		if got, want := full.pixel(at.X, at.Y), src.RGBAAt(at.X+7, at.Y+9); got != want {
			t.Errorf("full size at %v: %v, want %v", at, got, want)
		}
	}
	for n := 1; n < len(p.levels); n++ {
		level, above := p.levels[n], p.levels[n-1]
		for y := 0; y < level.height; y += 13 {
			for x := range level.width {
				var sum [3]int
				for _, d := range []image.Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
					c := above.pixel(min(2*x+d.X, above.width-1), min(2*y+d.Y, above.height-1))
					sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
				}
				want := color.RGBA{uint8((sum[0] + 2) / 4), uint8((sum[1] + 2) / 4), uint8((sum[2] + 2) / 4), 0xFF}
				if got := level.pixel(x, y); got != want {
					t.Fatalf("level %d at %d,%d: %v, want %v", n, x, y, got, want)
				}
			}
		}
	}
}

func TestBuildPyramidProgressAndCancel(t *testing.T) {
	var calls, last int
	_, err := BuildPyramid(t.Context(), samplePlan(1200, 900), func(done, total int) {
		calls++
		if done != calls || total != 9 {
			t.Errorf("progress %d of %d at call %d", done, total, calls)
		}
		last = done
	})
	if err != nil || last != 9 {
		t.Errorf("ended at %d with %v", last, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	_, err = BuildPyramid(ctx, samplePlan(1200, 900), func(int, int) {
		if calls++; calls == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("cancelled after %d tiles with %v", calls, err)
	}
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG is the head of a PNG that claims a size, with nothing behind it.
func hugePNG(width, height uint32) []byte {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(ihdr, width)
	ihdr = binary.BigEndian.AppendUint32(ihdr, height)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	b := []byte("\x89PNG\r\n\x1a\n")
	b = binary.BigEndian.AppendUint32(b, uint32(len(ihdr)-4))
	b = append(b, ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestReadPyramid(t *testing.T) {
	good := encodePNG(t, samplePlan(700, 300))
	p, err := ReadPyramid(t.Context(), bytes.NewReader(good), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w, h := p.Size(); w != 700 || h != 300 {
		t.Errorf("size %d×%d", w, h)
	}
	var j bytes.Buffer
	if err := jpeg.Encode(&j, samplePlan(64, 48), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPyramid(t.Context(), &j, nil); err != nil {
		t.Errorf("JPEG: %v", err)
	}

	var tooLarge *PlanTooLargeError
	_, err = ReadPyramid(t.Context(), bytes.NewReader(hugePNG(20000, 20000)), nil)
	if !errors.As(err, &tooLarge) || tooLarge.Width != 20000 || tooLarge.Height != 20000 {
		t.Errorf("20000×20000: %v", err)
	}
	if _, err := ReadPyramid(t.Context(), bytes.NewReader(good[:len(good)/2]), nil); err == nil {
		t.Error("half a file was accepted")
	}
	if _, err := ReadPyramid(t.Context(), bytes.NewReader([]byte("not an image")), nil); !errors.Is(err, image.ErrFormat) {
		t.Errorf("text: %v", err)
	}
	if _, err := ReadPyramid(t.Context(), bytes.NewReader(nil), nil); err == nil {
		t.Error("an empty file was accepted")
	}
	broken := errors.New("disk gone")
	if _, err := ReadPyramid(t.Context(), io.MultiReader(bytes.NewReader(good[:200]), failingReader{broken}), nil); !errors.Is(err, broken) {
		t.Errorf("read error: %v", err)
	}
	if _, err := BuildPyramid(t.Context(), image.NewRGBA(image.Rectangle{}), nil); !errors.Is(err, ErrPlanEmpty) {
		t.Errorf("empty image: %v", err)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func FuzzReadPyramid(f *testing.F) {
	f.Add(encodePNG(f, samplePlan(40, 30)))
	f.Add(hugePNG(20000, 20000))
	f.Add(hugePNG(0, 0))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		// Large pictures are refused or slow, neither of which is looked for here.
		if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && config.Width*config.Height > 1<<20 {
			return
		}
		p, err := ReadPyramid(t.Context(), bytes.NewReader(data), nil)
		if err == nil && len(p.levels[len(p.levels)-1].tiles) != 1 {
			t.Fatal("the last level is not one tile")
		}
	})
}

func BenchmarkBuildPyramid(b *testing.B) {
	src := samplePlan(4000, 3000)
	for b.Loop() {
		if _, err := BuildPyramid(b.Context(), src, nil); err != nil {
			b.Fatal(err)
		}
	}
}
