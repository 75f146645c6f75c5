package kit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // plans come as PNG or JPEG
	_ "image/png"
	"io"

	"golang.org/x/image/draw"
)

// tileSize is the edge of a tile in pixels: textures of 1 MB, of which a tablet
// shows about a dozen.
const tileSize = 512

// MaxPlanPixels bounds a plan. Tiles take 5.4 bytes per pixel, so the largest
// plan takes 270 MB; a plan of 4000×3000 takes 65 MB.
const MaxPlanPixels = 50_000_000

// PlanTooLargeError refuses a plan image before it is decoded.
type PlanTooLargeError struct {
	Width, Height int // pixels
}

func (e *PlanTooLargeError) Error() string {
	return fmt.Sprintf("plan image of %d×%d pixels exceeds %d pixels", e.Width, e.Height, MaxPlanPixels)
}

// ErrPlanEmpty refuses a plan image without pixels.
var ErrPlanEmpty = errors.New("plan image has no pixels")

// Pyramid is a plan image cut into tiles at full size, half size, a quarter and
// so on, until one tile holds the whole. It never changes once built, so it may
// be shared between widgets.
type Pyramid struct {
	width, height int // pixels of the full image
	levels        []tileLevel
}

// Size returns the pixel size of the full image.
func (p *Pyramid) Size() (width, height int) { return p.width, p.height }

// tileLevel is the image at one reduction; tiles stand in rows from the top.
type tileLevel struct {
	width, height int // pixels
	columns, rows int
	tiles         []*image.RGBA
}

func newTileLevel(width, height int) tileLevel {
	columns, rows := (width+tileSize-1)/tileSize, (height+tileSize-1)/tileSize
	return tileLevel{width, height, columns, rows, make([]*image.RGBA, columns*rows)}
}

// bounds returns the pixels that a tile covers in its level.
func (l tileLevel) bounds(column, row int) image.Rectangle {
	return image.Rect(column*tileSize, row*tileSize, (column+1)*tileSize, (row+1)*tileSize).
		Intersect(image.Rect(0, 0, l.width, l.height))
}

// ReadPyramid decodes a PNG or JPEG and cuts it up. It refuses an image of more
// than MaxPlanPixels with a [*PlanTooLargeError] before decoding it. Run it off
// the UI goroutine.
func ReadPyramid(ctx context.Context, r io.Reader, progress func(done, total int)) (*Pyramid, error) {
	var head bytes.Buffer
	buffered := bufio.NewReader(r)
	config, _, err := image.DecodeConfig(io.TeeReader(buffered, &head))
	if err != nil {
		return nil, fmt.Errorf("read plan image header: %w", err)
	}
	if err := checkPlanSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	src, _, err := image.Decode(io.MultiReader(&head, buffered))
	if err != nil {
		return nil, fmt.Errorf("decode plan image: %w", err)
	}
	return BuildPyramid(ctx, src, progress)
}

// BuildPyramid cuts an image into tiles. progress, which may be nil, is called
// from the calling goroutine after each tile. A cancelled ctx ends the work
// with its error. Run it off the UI goroutine: 4000×3000 take a good tenth of a
// second.
func BuildPyramid(ctx context.Context, src image.Image, progress func(done, total int)) (*Pyramid, error) {
	size := src.Bounds().Size()
	if err := checkPlanSize(size.X, size.Y); err != nil {
		return nil, err
	}
	p := &Pyramid{width: size.X, height: size.Y}
	total := 0
	for w, h := size.X, size.Y; ; w, h = (w+1)/2, (h+1)/2 {
		level := newTileLevel(w, h)
		p.levels = append(p.levels, level)
		total += len(level.tiles)
		if len(level.tiles) == 1 {
			break
		}
	}
	done := 0
	for i, level := range p.levels {
		for n := range level.tiles {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("cut plan into tiles: %w", err)
			}
			area := level.bounds(n%level.columns, n/level.columns)
			tile := image.NewRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
			if i == 0 {
				draw.Draw(tile, tile.Rect, src, src.Bounds().Min.Add(area.Min), draw.Src)
			} else {
				halve(tile, p.levels[i-1], n%level.columns, n/level.columns)
			}
			level.tiles[n] = tile
			done++
			if progress != nil {
				progress(done, total)
			}
		}
	}
	return p, nil
}

func checkPlanSize(width, height int) error {
	if width <= 0 || height <= 0 {
		return ErrPlanEmpty
	}
	if width > MaxPlanPixels/height {
		return &PlanTooLargeError{Width: width, Height: height}
	}
	return nil
}

// halve fills one tile with the mean of each 2×2 pixels of the level above,
// where four tiles cover it. At an odd right or lower edge the last pixel
// counts twice.
func halve(dst *image.RGBA, above tileLevel, column, row int) {
	const half = tileSize / 2
	for quarter := range 4 {
		c, r := 2*column+quarter%2, 2*row+quarter/2
		if c >= above.columns || r >= above.rows {
			continue
		}
		halveInto(dst, above.tiles[r*above.columns+c], quarter%2*half, quarter/2*half)
	}
}

func halveInto(dst, src *image.RGBA, left, top int) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	for y := 0; y < h; y += 2 {
		upper := src.Pix[y*src.Stride:]
		lower := src.Pix[min(y+1, h-1)*src.Stride:]
		out := dst.Pix[(top+y/2)*dst.Stride+left*4:]
		for x := 0; x < w; x += 2 {
			a, b := x*4, min(x+1, w-1)*4
			for k := range 4 {
				sum := int(upper[a+k]) + int(upper[b+k]) + int(lower[a+k]) + int(lower[b+k])
				out[x*2+k] = uint8((sum + 2) / 4)
			}
		}
	}
}
