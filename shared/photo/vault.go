package photo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Rendition is one of the files kept for a photo. The strings are stored in the
// upload queue.
type Rendition string

// The renditions of a photo. All lie side by side, named by the SHA-256 of the original.
const (
	Original Rendition = "original" // the bytes as they came
	Work     Rendition = "work"     // upright JPEG of at most WorkSidePx, uploaded first
	Thumb    Rendition = "thumb"    // upright JPEG of at most ThumbSidePx, for lists
)

const (
	tempPrefix = ".incoming-"
	dirMode    = 0o700 // photos show people's homes: nobody else on the machine reads them
)

// Vault is a folder of photos. Its methods may be called from several goroutines;
// two processes may share the folder as long as neither sweeps while the other imports.
type Vault struct {
	root   string
	limits limits
	slot   chan struct{} // holds one token while a picture is in memory decoded
	create func(dir, pattern string) (tempFile, error)
}

// Open prepares the vault in the folder root and creates it if needed. Errors
// are *Error with CodeDiskFull or CodeDiskFailed.
func Open(root string) (*Vault, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, diskError(fmt.Errorf("open vault: %w", err))
	}
	if err := ensureDir(abs); err != nil {
		return nil, diskError(fmt.Errorf("open vault: %w", err))
	}
	if _, err := os.ReadDir(abs); err != nil { // a file by that name, or a folder of somebody else
		return nil, diskError(fmt.Errorf("open vault: %w", err))
	}
	return &Vault{root: abs, limits: defaultLimits, slot: make(chan struct{}, 1), create: createTemp}, nil
}

// Path is where a rendition of the photo with the SHA-256 sha (64 lower-case hex
// digits) lies, whether it is there or not. It is "" for any other sha or an
// unknown rendition, so that no string from elsewhere leads out of the vault.
func (v *Vault) Path(sha string, r Rendition) string {
	if !validHash(sha) {
		return ""
	}
	name := sha
	switch r {
	case Original:
	case Work:
		name += ".work.jpg"
	case Thumb:
		name += ".thumb.jpg"
	default:
		return ""
	}
	// 256 folders keep each small enough for slow flash file systems.
	return filepath.Join(v.root, sha[:2], name)
}

// Has tells whether a rendition is stored. A folder that cannot be looked into
// is an error, not an absence.
func (v *Vault) Has(sha string, r Rendition) (bool, error) {
	path := v.Path(sha, r)
	if path == "" {
		return false, nil
	}
	switch _, err := os.Lstat(path); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	default:
		return false, diskError(fmt.Errorf("look for photo: %w", err))
	}
}

// Remove deletes one rendition; one that is gone already is no error. Call it
// for the original and the working copy only after the server has confirmed the
// SHA-256 of that very file, or once the photo was erased.
func (v *Vault) Remove(sha string, r Rendition) error {
	path := v.Path(sha, r)
	if path == "" {
		return &Error{Code: CodeBadHash}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(fmt.Errorf("remove photo: %w", err))
	}
	return nil
}

// Sweep deletes what an import left behind that was killed half-way, and returns
// how many files these were. Call it once when the app starts.
func (v *Vault) Sweep(ctx context.Context) (int, error) {
	if err := v.acquire(ctx); err != nil {
		return 0, err
	}
	defer v.release()
	swept := 0
	err := filepath.WalkDir(v.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return cancelled(ctx)
		}
		if !d.Type().IsRegular() || !strings.HasPrefix(d.Name(), tempPrefix) {
			return nil
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		swept++
		return nil
	})
	if err != nil && ctx.Err() == nil {
		err = diskError(fmt.Errorf("sweep vault: %w", err))
	}
	return swept, err
}

// acquire waits for the slot. One picture at a time is decoded, because 64
// megapixels may take half a gigabyte.
func (v *Vault) acquire(ctx context.Context) error {
	if ctx.Err() != nil { // select picks at random when both are ready
		return cancelled(ctx)
	}
	select {
	case v.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return cancelled(ctx)
	}
}

func (v *Vault) release() { <-v.slot }

func validHash(sha string) bool {
	raw, err := hex.DecodeString(sha)
	return err == nil && len(raw) == 32 && strings.ToLower(sha) == sha
}
