package photo

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Format is what the bytes of a file are; its name plays no part. The strings
// are stored in records.
type Format string

// The formats that a vault keeps.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	HEIC Format = "heic" // HEIF with HEVC pictures: kept, never decoded
)

var (
	jpegMagic = []byte{0xFF, 0xD8, 0xFF}
	pngMagic  = []byte("\x89PNG\r\n\x1a\n")
)

// heicBrands say that the pictures inside are HEVC (ISO/IEC 23008-12, annex B).
var heicBrands = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"}

// heifBrands name the container only; what is inside shows in the other brands.
var heifBrands = []string{"mif1", "mif2", "msf1"}

// avifBrands share the container, but no phone camera writes them and nothing
// downstream expects them.
var avifBrands = []string{"avif", "avis"}

// detect decides by content what data is.
func detect(data []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(data, jpegMagic):
		return JPEG, nil
	case bytes.HasPrefix(data, pngMagic):
		return PNG, nil
	case isHEIC(data):
		return HEIC, nil
	}
	return "", &Error{Code: CodeNotAnImage}
}

// isHEIC reads the ftyp box that opens every HEIF file (ISO/IEC 14496-12, 4.3):
// size (4), "ftyp", major brand (4), minor version (4), compatible brands (4 each).
// Nothing beyond the box is judged: what cannot be decoded here must not be
// refused here, for it may be the only picture of a defect.
func isHEIC(data []byte) bool {
	if len(data) < 16 || string(data[4:8]) != "ftyp" {
		return false
	}
	size := binary.BigEndian.Uint32(data)
	if size < 16 || uint64(size) > uint64(len(data)) {
		return false
	}
	major := string(data[8:12])
	if slices.Contains(heicBrands, major) {
		return true
	}
	if !slices.Contains(heifBrands, major) {
		return false
	}
	avif := false
	for brands := data[16:size]; len(brands) >= 4; brands = brands[4:] {
		brand := string(brands[:4])
		if slices.Contains(heicBrands, brand) {
			return true
		}
		avif = avif || slices.Contains(avifBrands, brand)
	}
	return !avif
}
