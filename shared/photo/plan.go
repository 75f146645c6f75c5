package photo

import (
	"context"
	"errors"
	"io"
)

// Config describes a plan image.
type Config struct {
	Format   Format // JPEG or PNG
	WidthPx  int
	HeightPx int
}

// planCodes renames the reasons of a refusal, because a reader must be told
// that the plan is at fault, not a photo.
var planCodes = map[Code]Code{
	CodeEmpty:         CodePlanEmpty,
	CodeTooLarge:      CodePlanTooLarge,
	CodeNotAnImage:    CodePlanNotAnImage,
	CodeDamaged:       CodePlanDamaged,
	CodeUnsupported:   CodePlanUnsupported,
	CodeTooManyPixels: CodePlanTooManyPixels,
	CodeUnreadable:    CodePlanUnreadable,
}

// CheckPlan reads a plan image whole and proves that it can be drawn: a JPEG or
// PNG by content, within MaxBytes, MaxPixels and MaxSidePx, and decodable to its
// end. Its errors are *Error with a plan code.
func CheckPlan(r io.Reader) (Config, error) {
	c, err := checkPlan(r, defaultLimits)
	var e *Error
	if errors.As(err, &e) {
		return Config{}, &Error{Code: planCodes[e.Code], Args: e.Args, Err: e.Err}
	}
	return c, err
}

func checkPlan(r io.Reader, l limits) (Config, error) {
	ctx := context.Background()
	data, err := l.readAll(ctx, r)
	if err != nil {
		return Config{}, err
	}
	c := Config{}
	if c.Format, err = detect(data); err != nil {
		return Config{}, err
	}
	if c.Format == HEIC {
		return Config{}, &Error{Code: CodeNotAnImage} // a plan that cannot be drawn is of no use
	}
	if c.WidthPx, c.HeightPx, err = header(data, c.Format, l); err != nil {
		return Config{}, err
	}
	if _, err := pixels(ctx, data, c.Format); err != nil {
		return Config{}, err
	}
	return c, nil
}
