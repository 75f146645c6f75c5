package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// Verified is what a whole backup holds.
type Verified struct {
	*Contents
	// InBackup and InStore count the photos of the manifest that are in the
	// backup, or, if not there, in the photo store.
	InBackup, InStore int
	// Missing photos are in neither.
	Missing []blobs.Blob
	// Damaged photos are in the backup with other bytes than they should have.
	Damaged []blobs.Blob
	// KeyFiles are the names of the receipts' keys in the backup.
	KeyFiles []string
}

// Verify reads all of a backup and proves that it can be restored. Photos that
// it does not hold are looked for in a photo store, nil for none; there their
// size is compared, not their bytes.
func Verify(ctx context.Context, path string, photos blobs.Store) (*Verified, error) {
	v, err := open(ctx, path)
	if err != nil {
		return nil, err
	}
	held, err := holds(ctx, photos)
	if err != nil {
		return nil, err
	}
	for _, b := range v.Blobs {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		content, ok, err := readPhoto(path, b)
		if err != nil {
			return nil, fmt.Errorf("photo %s: %w", b.SHA256, err)
		}
		if content != nil && !ok {
			v.Damaged = append(v.Damaged, b)
		}
		switch bytes, inStore := held[b.SHA256]; {
		case ok:
			v.InBackup++
		case inStore && bytes == b.Bytes:
			v.InStore++
		default:
			v.Missing = append(v.Missing, b)
		}
	}
	return v, nil
}

// open proves that everything in a backup but the photos is what was written.
func open(ctx context.Context, path string) (v *Verified, err error) {
	v = &Verified{}
	names, err := checkSums(path)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if dir, file := filepath.Split(filepath.FromSlash(name)); filepath.Clean(dir) == keysDir {
			v.KeyFiles = append(v.KeyFiles, file)
		}
	}
	err = withDump(path, func(f io.ReaderAt, size int64) error {
		v.Contents, err = Check(ctx, f, size)
		return err
	})
	if err != nil {
		return nil, err
	}
	var wanted bytes.Buffer
	if err := v.writeManifest(&wanted); err != nil {
		return nil, err
	}
	manifest, err := os.ReadFile(filepath.Join(path, manifestFile))
	if err == nil && !bytes.Equal(manifest, wanted.Bytes()) {
		err = fmt.Errorf("%w: %s is not that of %s", ErrDamaged, manifestFile, dumpFile)
	}
	return v, err
}

func withDump(path string, work func(f io.ReaderAt, size int64) error) (err error) {
	f, err := os.Open(filepath.Join(path, dumpFile))
	if err != nil {
		return fmt.Errorf("open backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open backup: %w", err)
	}
	return work(f, info.Size())
}

// maxSums bounds the list of hashes, which names a handful of files.
const maxSums = 64 << 10

// checkSums compares every file with its hash and gives the names.
func checkSums(path string) (names []string, err error) {
	list, err := os.Open(filepath.Join(path, sumsFile))
	if err != nil {
		return nil, fmt.Errorf("this is no whole backup: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(list, maxSums))
	if err := errors.Join(err, list.Close()); err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	found := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		wanted, err := domain.ParseHash(sum)
		if err != nil || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%w: %s has the line %.100q", ErrDamaged, sumsFile, line)
		}
		if err := checkSum(filepath.Join(path, name), wanted); err != nil {
			return nil, err
		}
		found[name] = true
		names = append(names, name)
	}
	if !found[dumpFile] || !found[manifestFile] {
		return nil, fmt.Errorf("%w: %s does not name %s and %s", ErrDamaged, sumsFile, dumpFile, manifestFile)
	}
	return names, nil
}

func checkSum(file string, wanted domain.Hash) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	if domain.Hash(h.Sum(nil)) != wanted {
		return fmt.Errorf("%w: the hash of %s is wrong", ErrDamaged, filepath.Base(file))
	}
	return nil
}

// holds lists what a photo store has: hash and bytes.
func holds(ctx context.Context, photos blobs.Store) (map[domain.Hash]int64, error) {
	held := map[domain.Hash]int64{}
	if photos == nil {
		return held, nil
	}
	for b, err := range photos.All(ctx) {
		if err != nil {
			return nil, fmt.Errorf("look into the photo store: %w", err)
		}
		held[b.SHA256] = b.Bytes
	}
	return held, nil
}
