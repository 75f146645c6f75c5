package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
)

// store writes what the vault lacks of the photo and completes p. The caller
// holds the slot.
func (v *Vault) store(ctx context.Context, p *Photo, data []byte) (err error) {
	var work, thumb []byte
	if p.Format != HEIC {
		if work, thumb, err = v.derive(ctx, p, data); err != nil {
			return err
		}
	}
	// A stored original that lost its content (a bad card) is replaced by the
	// good bytes at hand.
	path := v.Path(p.SHA256, Original)
	old, err := readStored(path)
	if err != nil {
		return err
	}
	if hashOf(old) == p.SHA256 {
		data = nil
	}
	b := batch{dir: filepath.Dir(path), create: v.create}
	defer b.discard(&err)
	for _, f := range []struct {
		r    Rendition
		data []byte
	}{{Original, data}, {Work, work}, {Thumb, thumb}} {
		if f.data == nil {
			continue
		}
		if err := b.stage(v.Path(p.SHA256, f.r), f.data); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return cancelled(ctx) // the last moment to stop without a trace
	}
	return b.commit()
}

// derive returns those of the two derived files that are missing or damaged, and
// describes the working copy in p. A sound working copy stays as it is, because
// the upload queue may know it by its hash already.
func (v *Vault) derive(ctx context.Context, p *Photo, data []byte) (work, thumb []byte, err error) {
	oldWork, err := readJPEG(v.Path(p.SHA256, Work))
	if err != nil {
		return nil, nil, err
	}
	oldThumb, err := readJPEG(v.Path(p.SHA256, Thumb))
	if err != nil {
		return nil, nil, err
	}
	if oldWork == nil || oldThumb == nil {
		img, err := pixels(ctx, data, p.Format)
		if err != nil {
			return nil, nil, err
		}
		if work, thumb, err = render(img, p.Orientation); err != nil {
			return nil, nil, err
		}
	}
	kept := work
	if oldWork != nil {
		kept, work = oldWork, nil
	}
	if oldThumb != nil {
		thumb = nil
	}
	p.WorkSHA256, p.WorkBytes = hashOf(kept), int64(len(kept))
	return work, thumb, nil
}

// readJPEG reads a derived file; one that is missing or does not decode is nil.
func readJPEG(path string) ([]byte, error) {
	data, err := readStored(path)
	if err != nil || data == nil {
		return nil, err
	}
	if _, damage := jpeg.Decode(bytes.NewReader(data)); damage != nil {
		data = nil // to be made again from the original
	}
	return data, nil
}

// readStored reads a file of the vault; one that is not there is nil.
func readStored(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	default:
		return nil, diskError(fmt.Errorf("read stored photo: %w", err))
	}
}
