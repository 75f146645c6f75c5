package sample

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/jpeg"
	"io/fs"
	"path"
	"testing"
	"time"
)

// readEXIF reads orientation and DateTimeOriginal straight from the file's first segment.
func readEXIF(file []byte) (orientation int, takenAt time.Time, err error) {
	header := []byte{0xFF, 0xD8, 0xFF, 0xE1}
	if !bytes.HasPrefix(file, header) || len(file) < 20 || string(file[6:12]) != "Exif\x00\x00" {
		return 0, time.Time{}, errors.New("no EXIF segment behind the start marker")
	}
	tiff := file[12 : 4+int(binary.BigEndian.Uint16(file[4:]))]
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	directories := []uint32{order.Uint32(tiff[4:])}
	for len(directories) > 0 {
		at := directories[0]
		directories = directories[1:]
		for i := range int(order.Uint16(tiff[at:])) {
			entry := tiff[int(at)+2+12*i:]
			switch order.Uint16(entry) {
			case 0x0112:
				orientation = int(order.Uint16(entry[8:]))
			case 0x8769:
				directories = append(directories, order.Uint32(entry[8:]))
			case 0x9003:
				value := tiff[order.Uint32(entry[8:]):][:19]
				if takenAt, err = time.Parse("2006:01:02 15:04:05", string(value)); err != nil {
					return 0, time.Time{}, err
				}
			}
		}
	}
	return orientation, takenAt, nil
}

func TestPhotosCarryEXIF(t *testing.T) {
	names, err := fs.Glob(FS, path.Join(Photos, "*.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 8 {
		t.Errorf("%d photos, want 8", len(names))
	}
	orientations, times, orders := map[int]int{}, map[string]bool{}, map[string]bool{}
	for _, name := range names {
		content, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > 250_000 {
			t.Errorf("%s has %d bytes", name, len(content))
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(content))
		if err != nil || config.Width != 1600 || config.Height != 1200 {
			t.Errorf("%s: %d×%d, %v", name, config.Width, config.Height, err)
		}
		orientation, takenAt, err := readEXIF(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if takenAt.Year() != 2026 || times[takenAt.String()] {
			t.Errorf("%s: taken at %v", name, takenAt)
		}
		orientations[orientation]++
		times[takenAt.String()] = true
		orders[string(content[12:14])] = true
	}
	for _, want := range []int{1, 3, 6, 8} {
		if orientations[want] == 0 {
			t.Errorf("no photo with orientation %d: %v", want, orientations)
		}
	}
	if len(orders) != 2 {
		t.Errorf("byte orders %v, want both", fmt.Sprint(orders))
	}
}
