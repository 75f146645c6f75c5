package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func openVault(t testing.TB) *Vault {
	t.Helper()
	v, err := Open(filepath.Join(t.TempDir(), "device", "photos"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// files lists the vault, relative to its root.
func files(t testing.TB, v *Vault) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(v.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, relErr := filepath.Rel(v.root, path)
			out, err = append(out, rel), relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantCode(t testing.TB, err error, want Code) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want code %s", err, want)
	}
	if e.Code != want {
		t.Fatalf("code %s (%v), want %s", e.Code, err, want)
	}
	return e
}

func load(t testing.TB, v *Vault, sha string, r Rendition) []byte {
	t.Helper()
	data, err := os.ReadFile(v.Path(sha, r))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func loadJPEG(t testing.TB, v *Vault, sha string, r Rendition) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(load(t, v, sha, r)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestImportKeepsOriginalAndDerives(t *testing.T) {
	small := marked(160, 96)
	for name, c := range map[string]struct {
		data          []byte
		format        Format
		w, h          int
		workW, workH  int
		thumbW, thumb int
	}{
		"jpeg below both sizes": {jpegOf(t, small), JPEG, 160, 96, 160, 96, 160, 96},
		"png by content":        {pngOf(t, small), PNG, 160, 96, 160, 96, 320 / 2, 96},
		"jpeg of a camera":      {jpegOf(t, noisy(2200, 1650)), JPEG, 2200, 1650, 2048, 1536, 320, 240},
		"portrait reduced twice": {
			pngOf(t, image.NewGray(image.Rect(0, 0, 1500, 4500))), PNG, 1500, 4500, 683, 2048, 107, 320,
		},
		"a line": {pngOf(t, image.NewGray(image.Rect(0, 0, 16384, 1))), PNG, 16384, 1, 2048, 1, 320, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := openVault(t)
			p, err := v.Import(t.Context(), bytes.NewReader(c.data), Meta{})
			if err != nil {
				t.Fatal(err)
			}
			if got := load(t, v, p.SHA256, Original); !bytes.Equal(got, c.data) || hashOf(got) != p.SHA256 {
				t.Error("the original is not what came in")
			}
			if p.Format != c.format || p.Bytes != int64(len(c.data)) || p.WidthPx != c.w || p.HeightPx != c.h || p.Orientation != 1 {
				t.Errorf("described as %+v", p)
			}
			work := load(t, v, p.SHA256, Work)
			if hashOf(work) != p.WorkSHA256 || int64(len(work)) != p.WorkBytes {
				t.Error("the working copy is not the one described")
			}
			if got := loadJPEG(t, v, p.SHA256, Work).Bounds().Size(); got != image.Pt(c.workW, c.workH) {
				t.Errorf("working copy %v", got)
			}
			if got := loadJPEG(t, v, p.SHA256, Thumb).Bounds().Size(); got != image.Pt(c.thumbW, c.thumb) {
				t.Errorf("thumbnail %v", got)
			}
			if n := len(files(t, v)); n != 3 {
				t.Errorf("%d files: %v", n, files(t, v))
			}
		})
	}
}

func TestImportRefuses(t *testing.T) {
	sound := jpegOf(t, marked(64, 48))
	twelveBits := bytes.Clone(sound)
	twelveBits[bytes.Index(sound, []byte{0xFF, 0xC0})+4] = 12
	for name, c := range map[string]struct {
		r    io.Reader
		want Code
	}{
		"nothing":              {strings.NewReader(""), CodeEmpty},
		"text":                 {strings.NewReader("this is a shopping list, not a photo\n"), CodeNotAnImage},
		"gif":                  {strings.NewReader("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), CodeNotAnImage},
		"avif":                 {bytes.NewReader(heif("avif", "mif1", "miaf")), CodeNotAnImage},
		"avif behind mif1":     {bytes.NewReader(heif("mif1", "avif")), CodeNotAnImage},
		"video":                {bytes.NewReader(heif("isom", "mp42")), CodeNotAnImage},
		"heic cut in its head": {bytes.NewReader(heif("heic", "mif1")[:19]), CodeNotAnImage},
		"60 MB of zeros":       {io.LimitReader(zeros{}, 60_000_000), CodeTooLarge},
		"60 MB jpeg":           {io.MultiReader(bytes.NewReader(sound), io.LimitReader(zeros{}, 60_000_000)), CodeTooLarge},
		"one byte too many":    {io.MultiReader(bytes.NewReader(sound), io.LimitReader(zeros{}, MaxBytes+1-int64(len(sound)))), CodeTooLarge},
		"zeros behind a jpeg header": {
			io.MultiReader(bytes.NewReader(sound[:len(sound)/2]), io.LimitReader(zeros{}, 5000)), CodeDamaged,
		},
		"twelve bits a sample":  {bytes.NewReader(twelveBits), CodeUnsupported},
		"png bomb":              {bytes.NewReader(pngClaiming(20000, 20000)), CodeTooManyPixels},
		"png of a line":         {bytes.NewReader(pngClaiming(16385, 1)), CodeTooManyPixels},
		"png of widest claim":   {bytes.NewReader(pngClaiming(1<<31-1, 1<<31-1)), CodeTooManyPixels},
		"png one pixel too big": {bytes.NewReader(pngClaiming(8192, 8193)), CodeTooManyPixels},
		"png within limits cut": {bytes.NewReader(pngClaiming(8192, 8192)), CodeDamaged},
		"png of no width":       {bytes.NewReader(pngClaiming(0, 10)), CodeDamaged},
		"jpeg bomb":             {bytes.NewReader(resizedJPEG(t, sound, 65535, 65535)), CodeTooManyPixels},
		"jpeg claiming more":    {bytes.NewReader(resizedJPEG(t, sound, 640, 480)), CodeDamaged},
		"source fails":          {io.MultiReader(bytes.NewReader(sound[:90]), iotest.ErrReader(errors.New("card removed"))), CodeUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			v := openVault(t)
			p, err := v.Import(t.Context(), c.r, Meta{})
			wantCode(t, err, c.want)
			if p != (Photo{}) {
				t.Errorf("a photo beside the error: %+v", p)
			}
			if left := files(t, v); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestBombCostsNothing measures that refusing by header allocates nothing of
// the claimed size (a 20000 × 20000 PNG would take 1.6 GB decoded).
func TestBombCostsNothing(t *testing.T) {
	v := openVault(t)
	jpegBomb := resizedJPEG(t, jpegOf(t, marked(64, 48)), 20000, 20000)
	for name, data := range map[string][]byte{"png": pngClaiming(20000, 20000), "jpeg": jpegBomb} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, photoErr := v.Import(t.Context(), bytes.NewReader(data), Meta{})
		_, planErr := CheckPlan(bytes.NewReader(data))
		runtime.ReadMemStats(&after)
		wantCode(t, photoErr, CodeTooManyPixels)
		wantCode(t, planErr, CodePlanTooManyPixels)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 256<<10 {
			t.Errorf("%s: %d bytes allocated to refuse it", name, spent)
		}
	}
}

// TestTruncated cuts sound pictures at every offset. No piece passes for a
// picture, and the file it came from stays as it was.
func TestTruncated(t *testing.T) {
	withTime := withEXIF(jpegOf(t, marked(48, 32)), binary.BigEndian, 6, "2026:03:01 09:30:00", "+08:00")
	for name, c := range map[string]struct {
		data  []byte
		magic int // shorter pieces do not even look like the format
	}{
		"jpeg": {withTime, len(jpegMagic)},
		"png":  {pngOf(t, marked(48, 32)), len(pngMagic)},
	} {
		t.Run(name, func(t *testing.T) {
			v := openVault(t)
			for n := 1; n < len(c.data); n++ {
				want := CodeDamaged
				if n < c.magic {
					want = CodeNotAnImage
				}
				_, err := v.Import(t.Context(), bytes.NewReader(c.data[:n]), Meta{})
				var e *Error
				if !errors.As(err, &e) || e.Code != want {
					t.Fatalf("cut to %d of %d bytes: %v, want %s", n, len(c.data), err, want)
				}
			}
			if left := files(t, v); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestImportFile(t *testing.T) {
	v := openVault(t)
	dir := t.TempDir()
	picture := pngOf(t, marked(64, 48))
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	huge := put("huge.jpg", nil)
	if err := os.Truncate(huge, 60_000_000); err != nil {
		t.Fatal(err)
	}

	t.Run("png named jpg", func(t *testing.T) {
		p, err := v.ImportFile(t.Context(), put("IMG_0001.jpg", picture), Meta{})
		if err != nil || p.Format != PNG {
			t.Errorf("%v %v", p.Format, err)
		}
	})
	for name, c := range map[string]struct {
		path string
		want Code
	}{
		"text named jpg": {put("notes.jpg", []byte("just words")), CodeNotAnImage},
		"empty":          {put("empty.jpg", nil), CodeEmpty},
		"cut":            {put("cut.png", picture[:len(picture)-20]), CodeDamaged},
		"60 MB":          {huge, CodeTooLarge},
		"folder":         {dir, CodeUnreadable},
		"missing":        {filepath.Join(dir, "gone.jpg"), CodeUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			before, readErr := os.ReadFile(c.path)
			_, err := v.ImportFile(t.Context(), c.path, Meta{})
			wantCode(t, err, c.want)
			if after, err := os.ReadFile(c.path); readErr == nil && (err != nil || !bytes.Equal(before, after)) {
				t.Errorf("the source changed: %v", err)
			}
		})
	}
}

func TestHEICIsKept(t *testing.T) {
	for name, data := range map[string][]byte{
		"heic":              heif("heic", "mif1", "heic"),
		"heix":              heif("heix"),
		"hevc sequence":     heif("hevc", "msf1"),
		"heic behind mif1":  heif("mif1", "avif", "heic"),
		"mif1 alone":        heif("mif1"),
		"msf1 with another": heif("msf1", "iso8"),
	} {
		t.Run(name, func(t *testing.T) {
			v := openVault(t)
			p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
			if err != nil {
				t.Fatal(err)
			}
			want := Photo{SHA256: hashOf(data), Format: HEIC, Bytes: int64(len(data)), Orientation: 1}
			if p != want {
				t.Errorf("described as %+v", p)
			}
			if got := load(t, v, p.SHA256, Original); !bytes.Equal(got, data) {
				t.Error("the original changed")
			}
			if n := len(files(t, v)); n != 1 {
				t.Errorf("files: %v", files(t, v))
			}
		})
	}
}

// TestTransparencyBecomesWhite: black would hide what is drawn in black ink.
func TestTransparencyBecomesWhite(t *testing.T) {
	v := openVault(t)
	p, err := v.Import(t.Context(), bytes.NewReader(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 4400, 100)))), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Rendition{Work, Thumb} {
		if got := color.RGBAModel.Convert(loadJPEG(t, v, p.SHA256, r).At(5, 5)); got != (color.RGBA{255, 255, 255, 255}) {
			t.Errorf("%s: %v", r, got)
		}
	}
}

// TestSizeLimitIsInclusive: a file of exactly the limit comes in.
func TestSizeLimitIsInclusive(t *testing.T) {
	v := openVault(t)
	data := jpegOf(t, marked(64, 48))
	v.limits.bytes = int64(len(data))
	if _, err := v.Import(t.Context(), bytes.NewReader(data), Meta{}); err != nil {
		t.Error(err)
	}
	v.limits.bytes--
	_, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	wantCode(t, err, CodeTooLarge)
}

// TestSameBytesAgain: a photo that is whole in the vault is not written again.
func TestSameBytesAgain(t *testing.T) {
	v := openVault(t)
	data := jpegOf(t, marked(64, 48))
	first, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	v.create = func(string, string) (tempFile, error) { return nil, errors.New("written again") }
	again, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil || again != first {
		t.Errorf("%+v %v, want %+v", again, err, first)
	}
}

func TestSameBytesConcurrently(t *testing.T) {
	v := openVault(t)
	data := withEXIF(jpegOf(t, marked(640, 480)), binary.LittleEndian, 8, "2026:03:01 09:30:00", "")
	photos := make([]Photo, 12)
	var wg sync.WaitGroup
	for i := range photos {
		wg.Go(func() {
			p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
			if err != nil {
				t.Error(err)
			}
			photos[i] = p
		})
	}
	wg.Wait()
	for _, p := range photos {
		if p != photos[0] {
			t.Errorf("%+v differs from %+v", p, photos[0])
		}
	}
	if n := len(files(t, v)); n != 3 {
		t.Errorf("files: %v", files(t, v))
	}
}

// TestImportEnds: a context stops an import that waits and one that reads, and
// nothing is left of either.
func TestImportEnds(t *testing.T) {
	data := jpegOf(t, marked(640, 480))
	t.Run("waiting", func(t *testing.T) {
		root := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			v, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.acquire(t.Context()); err != nil { // another import decodes
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := v.Import(ctx, bytes.NewReader(data), Meta{})
				done <- err
			}()
			synctest.Wait() // until it waits for its turn
			if len(done) != 0 {
				t.Fatalf("did not wait: %v", <-done)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			v.release()
			if _, err := v.Import(t.Context(), bytes.NewReader(data), Meta{}); err != nil {
				t.Errorf("the next in turn: %v", err)
			}
		})
	})
	t.Run("reading", func(t *testing.T) {
		v := openVault(t)
		why := errors.New("the screen was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := v.Import(ctx, io.MultiReader(bytes.NewReader(data[:100]), &callAtEOF{strings.NewReader(""), func() { cancel(why) }}), Meta{})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("decoding", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
		defer cancel()
		if _, err := pixels(ctx, data, JPEG); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

type callAtEOF struct {
	r    io.Reader
	call func()
}

func (c *callAtEOF) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if errors.Is(err, io.EOF) {
		c.call()
	}
	return n, err
}
