package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// unsyncedFile saves the fuzzer the time of the disk.
type unsyncedFile struct{ tempFile }

func (unsyncedFile) Sync() error { return nil }

// FuzzImport holds any bytes against the whole pipeline, under small limits so
// that it runs fast: either a photo is stored as described, or a coded error is
// returned and the vault is empty.
func FuzzImport(f *testing.F) {
	small := jpegOf(f, marked(40, 24))
	f.Add(small)
	f.Add(withEXIF(small, binary.BigEndian, 6, "2026:03:01 09:30:00", "+08:00"))
	f.Add(small[:len(small)/2])
	f.Add(pngOf(f, marked(24, 40)))
	f.Add(pngOf(f, image.NewNRGBA64(image.Rect(0, 0, 5, 3))))
	f.Add(pngClaiming(200, 200))
	f.Add(pngClaiming(1<<31-1, 1<<31-1))
	f.Add(heif("heic", "mif1"))
	f.Add([]byte("GIF89a"))
	f.Add([]byte{})

	narrow := limits{bytes: 64 << 10, pixels: 128 * 128, sidePx: 256}
	v := openVault(f)
	v.limits = narrow
	v.create = func(dir, pattern string) (tempFile, error) {
		file, err := createTemp(dir, pattern)
		return unsyncedFile{file}, err
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer func() {
			for _, name := range files(t, v) {
				if err := os.RemoveAll(filepath.Join(v.root, filepath.Dir(name))); err != nil {
					t.Fatal(err)
				}
			}
		}()
		p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
		left := files(t, v)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code == CodeDiskFailed || e.Code == CodeUnreadable {
				t.Fatalf("error %v", err)
			}
			if len(left) != 0 {
				t.Fatalf("left behind: %v", left)
			}
			return
		}
		original, err := os.ReadFile(v.Path(p.SHA256, Original))
		if err != nil || !bytes.Equal(original, data) || hashOf(data) != p.SHA256 || p.Bytes != int64(len(data)) {
			t.Fatalf("original: %+v %v", p, err)
		}
		if p.Format == HEIC {
			if len(left) != 1 || p.WorkSHA256 != "" {
				t.Fatalf("%v beside %+v", left, p)
			}
			return
		}
		if len(left) != 3 || narrow.checkSize(p.WidthPx, p.HeightPx) != nil {
			t.Fatalf("%v beside %+v", left, p)
		}
		work := loadJPEG(t, v, p.SHA256, Work).Bounds().Size()
		if work != image.Pt(p.WidthPx, p.HeightPx) { // too small to be reduced
			t.Fatalf("working copy %v of %+v", work, p)
		}
		if hashOf(load(t, v, p.SHA256, Work)) != p.WorkSHA256 {
			t.Fatal("working copy has another hash")
		}
	})
}

// FuzzCheckPlan: any bytes are a plan within the limits or a coded error.
func FuzzCheckPlan(f *testing.F) {
	f.Add(pngOf(f, marked(24, 40)))
	f.Add(jpegOf(f, marked(24, 40)))
	f.Add(pngClaiming(200, 200))
	f.Add([]byte("%PDF-1.7"))
	narrow := limits{bytes: 64 << 10, pixels: 128 * 128, sidePx: 256}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := checkPlan(bytes.NewReader(data), narrow)
		var e *Error
		switch {
		case errors.As(err, &e):
			if planCodes[e.Code] == "" {
				t.Errorf("no plan code for %s", e.Code)
			}
		case err != nil:
			t.Errorf("error %v", err)
		case narrow.checkSize(c.WidthPx, c.HeightPx) != nil || c.Format != JPEG && c.Format != PNG:
			t.Errorf("accepted as %+v", c)
		}
	})
}
