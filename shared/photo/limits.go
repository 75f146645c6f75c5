package photo

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// What a photo or plan may be at most. 64 megapixels are counted as 64 × 2^20,
// because cameras sold as 64 MP deliver slightly more than 64 million pixels
// (9248 × 6936).
const (
	MaxBytes  = 50 << 20 // bytes of the file
	MaxPixels = 64 << 20 // width × height
	MaxSidePx = 16384    // width or height
)

// limits are the bounds of one vault; only tests narrow them.
type limits struct {
	bytes  int64
	pixels int64
	sidePx int
}

var defaultLimits = limits{bytes: MaxBytes, pixels: MaxPixels, sidePx: MaxSidePx}

// checkSize refuses dimensions beyond the limits. It runs on the header, before
// the decoder allocates anything for the pixels.
func (l limits) checkSize(width, height int) error {
	if width <= 0 || height <= 0 {
		return &Error{Code: CodeDamaged, Args: map[string]int64{"width": int64(width), "height": int64(height)}}
	}
	// The sides go first, so that the product cannot overflow.
	if width > l.sidePx || height > l.sidePx || int64(width)*int64(height) > l.pixels {
		return &Error{Code: CodeTooManyPixels, Args: map[string]int64{
			"width": int64(width), "height": int64(height),
			"limit": l.pixels, "limit_side": int64(l.sidePx),
		}}
	}
	return nil
}

// readAll reads r whole, one byte beyond the limit at most.
func (l limits) readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(ctxReader{ctx, r}, l.bytes+1))
	switch {
	case int64(len(data)) > l.bytes:
		return nil, l.tooLarge()
	case ctx.Err() != nil:
		return nil, cancelled(ctx)
	case err != nil:
		return nil, &Error{Code: CodeUnreadable, Err: err}
	case len(data) == 0:
		return nil, &Error{Code: CodeEmpty}
	}
	return data, nil
}

func (l limits) tooLarge() error {
	return &Error{Code: CodeTooLarge, Args: map[string]int64{"limit": l.bytes}}
}

// ctxReader ends reading once its context ends. The decoders know no context;
// reading through this one makes them stop within a few kilobytes of input.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// cancelled reports the end of ctx, both as context.Canceled or DeadlineExceeded
// and with the cause its owner gave.
func cancelled(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("photo: %w", cause)
	}
	return fmt.Errorf("photo: %w: %w", err, cause)
}
