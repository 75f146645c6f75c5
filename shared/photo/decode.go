package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"math"
)

// header reads the dimensions of a JPEG or PNG, as stored, and holds them
// against the limits.
func header(data []byte, f Format, l limits) (width, height int, err error) {
	decode := jpeg.DecodeConfig
	if f == PNG {
		decode = png.DecodeConfig
		// The decoder calls a picture that overflows an int merely unsupported,
		// so its size is read here first: signature (8), length (4), "IHDR",
		// width (4), height (4), the latter two at most 2^31-1.
		if len(data) >= 24 && string(data[12:16]) == "IHDR" {
			w, h := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
			if err := l.checkSize(int(w&math.MaxInt32), int(h&math.MaxInt32)); err != nil {
				return 0, 0, err
			}
		}
	}
	c, err := decode(bytes.NewReader(data))
	if err != nil {
		return 0, 0, decodeError(err)
	}
	return c.Width, c.Height, l.checkSize(c.Width, c.Height)
}

// pixels decodes a JPEG or PNG to its end. The caller has checked its header.
func pixels(ctx context.Context, data []byte, f Format) (image.Image, error) {
	decode := jpeg.Decode
	if f == PNG {
		decode = png.Decode
	}
	img, err := decode(ctxReader{ctx, bytes.NewReader(data)})
	if ctx.Err() != nil {
		return nil, cancelled(ctx)
	}
	if err != nil {
		return nil, decodeError(err)
	}
	return img, nil
}

// decodeError tells a damaged file from a sound one of an unsupported kind
// (arithmetic coding, 12 bits a sample).
func decodeError(err error) error {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	if errors.As(err, &j) || errors.As(err, &p) {
		return &Error{Code: CodeUnsupported, Err: err}
	}
	return &Error{Code: CodeDamaged, Err: err}
}
