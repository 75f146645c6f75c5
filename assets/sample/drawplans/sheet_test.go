package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// Nothing written may touch other text or the frame.
func TestTextsDoNotOverlap(t *testing.T) {
	const margin = 48 + 5 // px: frameMargin, and half the pen
	frame := image.Rect(0, 0, widthPX, heightPX).Inset(margin)
	for _, l := range layouts() {
		sheet, err := drawSheet(l)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range sheet.texts {
			if !a.area.In(frame) {
				t.Errorf("%s: %q at %v leaves the frame", l.Code, a.words, a.area)
			}
			for _, b := range sheet.texts[i+1:] {
				if a.area.Overlaps(b.area) {
					t.Errorf("%s: %q at %v overlaps %q at %v", l.Code, a.words, a.area, b.words, b.area)
				}
			}
		}
	}
}

// The shipped files are those that this program writes; a changed layout has to be drawn again.
func TestShippedPlansAreCurrent(t *testing.T) {
	for _, l := range layouts() {
		var want bytes.Buffer
		if err := newSidecar(l).encode(&want); err != nil {
			t.Fatal(err)
		}
		shipped, err := os.ReadFile(filepath.Join("..", "plans", l.Code+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(shipped, want.Bytes()) {
			t.Errorf("%s.json is not what the model says: run go run ./assets/sample/drawplans", l.Code)
		}
	}
}

func TestRunWritesPictureAndSidecar(t *testing.T) {
	folder := t.TempDir()
	if err := run(folder, layoutA()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A.png", "A.json"} {
		written, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		shipped, err := os.ReadFile(filepath.Join("..", "plans", name))
		if err != nil {
			t.Fatal(err)
		}
		if len(written) == 0 || name == "A.json" && !bytes.Equal(written, shipped) {
			t.Errorf("%s: %d bytes, not what is shipped", name, len(written))
		}
		if name == "A.png" {
			config, err := png.DecodeConfig(bytes.NewReader(written))
			if err != nil || config.Width != widthPX || config.Height != heightPX {
				t.Errorf("%s: %d×%d, %v", name, config.Width, config.Height, err)
			}
		}
	}
	if err := run(filepath.Join(folder, "A.png", "sub"), layoutA()); err == nil {
		t.Error("no error for a folder that cannot be made")
	}
}
