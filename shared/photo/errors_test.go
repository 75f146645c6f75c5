package photo

import (
	"errors"
	"io/fs"
	"testing"
)

func TestErrorText(t *testing.T) {
	err := &Error{Code: CodeTooManyPixels, Args: map[string]int64{"width": 3, "height": 2}, Err: fs.ErrInvalid}
	if got, want := err.Error(), "photo_too_many_pixels height=2 width=3: invalid argument"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, fs.ErrInvalid) {
		t.Error("the cause is hidden")
	}
	if got := (&Error{Code: CodeEmpty}).Error(); got != "photo_empty" {
		t.Errorf("%q", got)
	}
}

// TestRefusalCarriesNumbers: the text for people names the limit.
func TestRefusalCarriesNumbers(t *testing.T) {
	e := wantCode(t, defaultLimits.checkSize(20000, 20001), CodeTooManyPixels)
	if e.Args["width"] != 20000 || e.Args["height"] != 20001 || e.Args["limit"] != 64<<20 || e.Args["limit_side"] != 16384 {
		t.Errorf("arguments %v", e.Args)
	}
	for _, size := range []struct{ w, h int }{{8192, 8192}, {16384, 4096}, {9248, 6936}, {1, 1}} {
		if err := defaultLimits.checkSize(size.w, size.h); err != nil {
			t.Errorf("%d×%d: %v", size.w, size.h, err)
		}
	}
	if e := wantCode(t, defaultLimits.tooLarge(), CodeTooLarge); e.Args["limit"] != 50<<20 {
		t.Errorf("arguments %v", e.Args)
	}
}
