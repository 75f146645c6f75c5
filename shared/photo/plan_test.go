package photo

import (
	"bytes"
	"errors"
	"image"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestCheckPlan(t *testing.T) {
	plan := image.NewPaletted(image.Rect(0, 0, 4000, 3000), nil)
	plan.Palette = append(plan.Palette, red, blue)
	for name, c := range map[string]struct {
		data []byte
		want Config
	}{
		"png of a design office": {pngOf(t, plan), Config{PNG, 4000, 3000}},
		"jpeg":                   {jpegOf(t, marked(640, 480)), Config{JPEG, 640, 480}},
	} {
		if got, err := CheckPlan(bytes.NewReader(c.data)); err != nil || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, c.want)
		}
	}
}

func TestCheckPlanRefuses(t *testing.T) {
	sound := pngOf(t, marked(64, 48))
	twelveBits := jpegOf(t, marked(64, 48))
	twelveBits[bytes.Index(twelveBits, []byte{0xFF, 0xC0})+4] = 12
	lost := errors.New("connection lost")
	for name, c := range map[string]struct {
		r    io.Reader
		want Code
	}{
		"empty":       {strings.NewReader(""), CodePlanEmpty},
		"60 MB":       {io.MultiReader(bytes.NewReader(sound), io.LimitReader(zeros{}, 60_000_000)), CodePlanTooLarge},
		"pdf":         {strings.NewReader("%PDF-1.7 sample"), CodePlanNotAnImage},
		"heic":        {bytes.NewReader(heif("heic")), CodePlanNotAnImage},
		"20000×20000": {bytes.NewReader(pngClaiming(20000, 20000)), CodePlanTooManyPixels},
		"cut":         {bytes.NewReader(sound[:len(sound)-13]), CodePlanDamaged},
		"twelve bits": {bytes.NewReader(twelveBits), CodePlanUnsupported},
		"cut off":     {io.MultiReader(bytes.NewReader(sound[:50]), iotest.ErrReader(lost)), CodePlanUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := CheckPlan(c.r)
			e := wantCode(t, err, c.want)
			if got != (Config{}) {
				t.Errorf("a plan beside the error: %+v", got)
			}
			if c.want == CodePlanUnreadable && !errors.Is(e, lost) {
				t.Errorf("the cause is gone: %v", e)
			}
		})
	}
}

// TestPlanCodesComplete: no refusal of reading and decoding reaches a plan's
// reader as one of a photo, or as nothing.
func TestPlanCodesComplete(t *testing.T) {
	var all []Code
	for photoCode, planCode := range planCodes {
		all = append(all, planCode)
		if strings.Replace(string(photoCode), "photo_", "plan_", 1) != string(planCode) {
			t.Errorf("%s became %s", photoCode, planCode)
		}
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 7 {
		t.Errorf("codes %v", all)
	}
}
