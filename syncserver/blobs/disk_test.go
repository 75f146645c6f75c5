package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

const chunk = 1000

// content is n bytes that differ from place to place.
func content(n int) ([]byte, domain.Hash) {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b, sha256.Sum256(b)
}

func open(t *testing.T) (*blobs.Disk, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	return reopen(t, dir), dir
}

func reopen(t *testing.T, dir string) *blobs.Disk {
	t.Helper()
	d, err := blobs.OpenDisk(dir)
	must(t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func offset(t *testing.T, d *blobs.Disk, sha domain.Hash) (int64, bool) {
	t.Helper()
	at, whole, err := d.Offset(t.Context(), sha)
	must(t, err)
	return at, whole
}

// send uploads in chunks from where the disk says that it stands.
func send(t *testing.T, d *blobs.Disk, sha domain.Hash, b []byte) {
	t.Helper()
	at, done := offset(t, d, sha)
	for !done {
		end := min(int(at)+chunk, len(b))
		var err error
		done, err = d.Append(t.Context(), sha, at, int64(len(b)), b[at:end])
		must(t, err)
		at = int64(end)
	}
}

func read(t *testing.T, d *blobs.Disk, sha domain.Hash) []byte {
	t.Helper()
	f, size, err := d.Open(t.Context(), sha)
	must(t, err)
	got, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	if int64(len(got)) != size {
		t.Errorf("%d bytes of %d", len(got), size)
	}
	return got
}

// files lists what lies in the directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}

func TestChunksBecomeABlob(t *testing.T) {
	for name, size := range map[string]int{"one byte": 1, "less than a chunk": chunk - 1, "a chunk": chunk, "several": 3*chunk + 17} {
		d, dir := open(t)
		b, sha := content(size)
		if at, whole := offset(t, d, sha); at != 0 || whole {
			t.Errorf("%s: %d bytes, whole %v, before anything came", name, at, whole)
		}
		if _, _, err := d.Open(t.Context(), sha); !errors.Is(err, blobs.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
		send(t, d, sha, b)
		if at, whole := offset(t, d, sha); at != int64(size) || !whole {
			t.Errorf("%s: %d bytes, whole %v", name, at, whole)
		}
		if !bytes.Equal(read(t, d, sha), b) {
			t.Errorf("%s: other bytes came back", name)
		}
		text := sha.String()
		if got := files(t, dir); len(got) != 1 || got[0] != text[:2]+"/"+text {
			t.Errorf("%s: the disk holds %v", name, got)
		}
	}
}

func TestUnfinishedBlobIsNotThere(t *testing.T) {
	d, _ := open(t)
	b, sha := content(3 * chunk)
	done, err := d.Append(t.Context(), sha, 0, int64(len(b)), b[:chunk])
	if err != nil || done {
		t.Fatalf("%v, %v", done, err)
	}
	if _, _, err := d.Open(t.Context(), sha); !errors.Is(err, blobs.ErrMissing) {
		t.Errorf("a third of a blob was opened: %v", err)
	}
	if at, whole := offset(t, d, sha); at != chunk || whole {
		t.Errorf("%d, %v", at, whole)
	}
}

// A server that was killed between two chunks goes on after the first.
func TestResumeAfterACrash(t *testing.T) {
	d, dir := open(t)
	b, sha := content(3*chunk + 5)
	if _, err := d.Append(t.Context(), sha, 0, int64(len(b)), b[:chunk]); err != nil {
		t.Fatal(err)
	}
	d = reopen(t, dir)
	if at, _ := offset(t, d, sha); at != chunk {
		t.Fatalf("resumes at %d", at)
	}
	send(t, d, sha, b)
	if !bytes.Equal(read(t, d, sha), b) {
		t.Error("other bytes came back")
	}
}

// A server that was killed after the last byte and before the blob got its name
// holds all of it as a part; the device has nothing left to send but its end.
func TestACompletePartIsFinished(t *testing.T) {
	d, dir := open(t)
	b, sha := content(2 * chunk)
	part := filepath.Join(dir, "partial", sha.String())
	must(t, os.WriteFile(part, b, 0o600))
	at, whole := offset(t, d, sha)
	if at != int64(len(b)) || whole {
		t.Fatalf("%d, %v", at, whole)
	}
	done, err := d.Append(t.Context(), sha, at, int64(len(b)), nil)
	if err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	if !bytes.Equal(read(t, d, sha), b) {
		t.Error("other bytes came back")
	}
}

// What a power cut left garbled is noticed, and the upload starts over.
func TestWrongBytesStartOver(t *testing.T) {
	d, dir := open(t)
	b, sha := content(2*chunk + 1)
	garbled := bytes.Clone(b[:chunk])
	garbled[500] ^= 1
	must(t, os.WriteFile(filepath.Join(dir, "partial", sha.String()), garbled, 0o600))
	_, err := d.Append(t.Context(), sha, chunk, int64(len(b)), b[chunk:])
	if !errors.Is(err, blobs.ErrWrongBytes) {
		t.Fatal(err)
	}
	if _, _, err := d.Open(t.Context(), sha); !errors.Is(err, blobs.ErrMissing) {
		t.Errorf("wrong bytes were opened: %v", err)
	}
	if at, whole := offset(t, d, sha); at != 0 || whole {
		t.Errorf("%d, %v", at, whole)
	}
	send(t, d, sha, b)
	if !bytes.Equal(read(t, d, sha), b) {
		t.Error("other bytes came back")
	}
}

func TestAppendRefuses(t *testing.T) {
	d, _ := open(t)
	b, sha := content(3 * chunk)
	total := int64(len(b))
	if _, err := d.Append(t.Context(), sha, 0, total, b[:chunk]); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at, total int64
		piece     []byte
		want      error
	}{
		"a hole":                {2 * chunk, total, b[2*chunk:], blobs.ErrOffset},
		"the same again":        {0, total, b[:chunk], blobs.ErrOffset},
		"more than it is":       {chunk, total, append(bytes.Clone(b[chunk:]), 0), blobs.ErrTooLarge},
		"more than may be":      {chunk, blobs.MaxBytes + 1, b[chunk : 2*chunk], blobs.ErrTooLarge},
		"a total that is short": {chunk, chunk, b[chunk : 2*chunk], blobs.ErrTooLarge},
	} {
		if done, err := d.Append(t.Context(), sha, c.at, c.total, c.piece); !errors.Is(err, c.want) || done {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
	if at, _ := offset(t, d, sha); at != chunk {
		t.Errorf("a refused piece moved the offset to %d", at)
	}
	send(t, d, sha, b)
}

// A blob that is there is not written again, whatever is sent under its name.
func TestWholeBlobStays(t *testing.T) {
	d, dir := open(t)
	b, sha := content(chunk)
	send(t, d, sha, b)
	done, err := d.Append(t.Context(), sha, 0, chunk, bytes.Repeat([]byte{1}, chunk))
	if err != nil || !done {
		t.Errorf("%v, %v", done, err)
	}
	if !bytes.Equal(read(t, d, sha), b) || len(files(t, dir)) != 1 {
		t.Errorf("the blob changed: %v", files(t, dir))
	}
}

// Several devices send one photo at once: each is told where to go on, and the
// blob is right.
func TestConcurrentUploadsOfOneBlob(t *testing.T) {
	d, dir := open(t)
	b, sha := content(20*chunk + 3)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for {
				at, whole, err := d.Offset(t.Context(), sha)
				if err != nil || whole {
					if err != nil {
						t.Error(err)
					}
					return
				}
				end := min(int(at)+chunk, len(b))
				if _, err := d.Append(t.Context(), sha, at, int64(len(b)), b[at:end]); err != nil && !errors.Is(err, blobs.ErrOffset) {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	if !bytes.Equal(read(t, d, sha), b) || len(files(t, dir)) != 1 {
		t.Errorf("wrong bytes, or leftovers: %v", files(t, dir))
	}
}

func TestOpenSeeks(t *testing.T) {
	d, _ := open(t)
	b, sha := content(3 * chunk)
	send(t, d, sha, b)
	f, _, err := d.Open(t.Context(), sha)
	must(t, err)
	at, err := f.Seek(-7, io.SeekEnd)
	must(t, err)
	tail, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	if at != int64(len(b)-7) || !bytes.Equal(tail, b[len(b)-7:]) {
		t.Errorf("%d %x", at, tail)
	}
}

func TestPut(t *testing.T) {
	d, dir := open(t)
	b, want := content(chunk)
	for range 2 {
		sha, err := d.Put(t.Context(), b)
		if err != nil || sha != want {
			t.Fatalf("%s, %v", sha, err)
		}
	}
	if !bytes.Equal(read(t, d, want), b) || len(files(t, dir)) != 1 {
		t.Errorf("%v", files(t, dir))
	}
	// An upload of the same photo that broke off is completed.
	b, want = content(2 * chunk)
	if _, err := d.Append(t.Context(), want, 0, int64(len(b)), b[:chunk]); err != nil {
		t.Fatal(err)
	}
	if sha, err := d.Put(t.Context(), b); err != nil || sha != want || !bytes.Equal(read(t, d, want), b) {
		t.Errorf("%s, %v", sha, err)
	}
}

// The only name that reaches the disk is a hash: 64 digits, so no path can be
// smuggled in. The zero hash names nothing.
func TestNamesAreHashes(t *testing.T) {
	d, dir := open(t)
	b, sha := content(5)
	send(t, d, sha, b)
	for _, name := range files(t, dir) {
		if strings.Trim(filepath.Base(name), "0123456789abcdef") != "" {
			t.Errorf("a file is called %q", name)
		}
	}
	if at, whole := offset(t, d, domain.Hash{}); at != 0 || whole {
		t.Errorf("%d bytes, whole %v, of no hash", at, whole)
	}
	if _, _, err := d.Open(t.Context(), domain.Hash{}); !errors.Is(err, blobs.ErrMissing) {
		t.Errorf("open: %v", err)
	}
	if _, err := d.Append(t.Context(), domain.Hash{}, 0, 1, []byte{1}); !errors.Is(err, blobs.ErrWrongBytes) {
		t.Errorf("append: %v", err)
	}
}
