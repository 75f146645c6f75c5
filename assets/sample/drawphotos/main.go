// Command drawphotos makes the sample photos of defects, of a repair and of the show flat:
//
//	go run ./assets/sample/drawphotos
//
// They are ray-traced from small scenes (photos_*.go), so nobody's home is shown. They carry real EXIF data as from tablets that were held
// in all four ways; the pixels are stored turned accordingly.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"image/jpeg"
	"log"
	"os"
	"path/filepath"
	"time"
)

// Stored pixels of every photo, whatever the orientation.
const (
	photoWidth  = 1600
	photoHeight = 1200
)

// photo is one file to be written.
type photo struct {
	name        string
	orientation Orientation
	takenAt     time.Time
	order       binary.AppendByteOrder // both byte orders occur in the field
	scene       func() scene
}

func photos() []photo {
	zone := time.FixedZone("", 8*60*60) // the sample project's clock
	at := func(month time.Month, day, hour, minute, second int) time.Time {
		return time.Date(2026, month, day, hour, minute, second, 0, zone)
	}
	return []photo{
		{"wall-crack.jpg", TurnedLeft, at(9, 26, 9, 12, 41), binary.BigEndian, wallCrack},
		{"hollow-plaster.jpg", Upright, at(9, 26, 9, 31, 5), binary.LittleEndian, hollowPlaster},
		{"tile-chip.jpg", UpsideDown, at(9, 26, 10, 4, 58), binary.LittleEndian, tileChip},
		{"window-leak.jpg", TurnedRight, at(9, 26, 10, 22, 17), binary.BigEndian, windowLeak},
		{"socket-uneven.jpg", Upright, at(9, 27, 13, 47, 30), binary.BigEndian, socketUneven},
		{"wall-repaired.jpg", TurnedLeft, at(10, 9, 15, 20, 12), binary.BigEndian, wallRepaired},
		{"showflat-wall.jpg", Upright, at(8, 28, 11, 8, 3), binary.LittleEndian, showFlatWall},
		{"bathroom-corner.jpg", TurnedRight, at(9, 27, 14, 15, 44), binary.LittleEndian, bathroomCorner},
	}
}

func main() {
	out := flag.String("out", filepath.Join("assets", "sample", "photos"), "folder to write to")
	only := flag.String("only", "", "name of the one photo to draw")
	flag.Parse()
	if err := run(*out, *only); err != nil {
		log.Fatal(err)
	}
}

func run(folder, only string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, p := range photos() {
		if only != "" && only != p.name {
			continue
		}
		file, err := p.take(photoWidth, photoHeight)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, p.name), file, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// take renders the scene and returns the JPEG file with the given number of stored pixels.
func (p photo) take(width, height int) ([]byte, error) {
	uprightWidth, uprightHeight := width, height
	if p.orientation == TurnedLeft || p.orientation == TurnedRight {
		uprightWidth, uprightHeight = height, width
	}
	pixels := stored(p.scene().render(uprightWidth, uprightHeight), p.orientation)
	var out bytes.Buffer
	const quality = 84 // keeps the grain believable and each file below 250 KB
	if err := jpeg.Encode(&out, pixels, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return withEXIF(out.Bytes(), metadata{p.orientation, p.takenAt, width, height, p.order})
}
