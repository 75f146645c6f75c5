package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"keyturn/shared/backends"
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// storage is where the stores of one test keep their blobs.
type storage interface {
	// open gives a store as a process that has just started has it.
	open(t testing.TB) blobs.Store
	// two gives the stores that two devices may be talking to at once.
	two(t testing.TB) [2]blobs.Store
	// plant leaves a part as a server that was killed does.
	plant(t testing.TB, sha domain.Hash, offset int64, b []byte)
	// holds lists the hashes of whole blobs, and how many leftovers there are.
	holds(t testing.TB) (whole []string, parts int)
}

// everywhere runs a test on each kind of storage.
func everywhere(t *testing.T, test func(t *testing.T, s storage)) {
	t.Helper()
	t.Run("disk", func(t *testing.T) { test(t, &onDisk{dir: filepath.Join(t.TempDir(), "blobs")}) })
	t.Run("s3", func(t *testing.T) { test(t, newOnS3(t)) })
}

// onDisk is a directory. One process takes uploads into it.
type onDisk struct{ dir string }

func (d *onDisk) open(t testing.TB) blobs.Store {
	t.Helper()
	s, err := blobs.OpenDisk(d.dir)
	must(t, err)
	return s
}

func (d *onDisk) two(t testing.TB) [2]blobs.Store {
	t.Helper()
	s := d.open(t)
	return [2]blobs.Store{s, s}
}

func (d *onDisk) plant(t testing.TB, sha domain.Hash, offset int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(d.dir, "partial", sha.String()), os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = f.WriteAt(b, offset)
	must(t, errors.Join(err, f.Close()))
}

func (d *onDisk) holds(t testing.TB) (whole []string, parts int) {
	t.Helper()
	must(t, filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		switch folder := filepath.Base(filepath.Dir(path)); {
		case err != nil || e.IsDir():
		case folder == "partial":
			parts++
		case folder == e.Name()[:2]:
			whole = append(whole, e.Name())
		default:
			t.Errorf("a stray file: %s", path)
		}
		return err
	}))
	return whole, parts
}

// onS3 is a bucket of a server of the test's own.
type onS3 struct {
	server *backends.S3Server
	client *minio.Client
}

func newOnS3(t testing.TB) *onS3 {
	t.Helper()
	s := &onS3{server: backends.S3(t)}
	var err error
	s.client, err = minio.New(strings.TrimPrefix(s.server.Endpoint(), "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(s.server.AccessKey, s.server.SecretKey, ""), Region: backends.Region,
	})
	must(t, err)
	return s
}

func (s *onS3) at(t testing.TB, endpoint string) blobs.Store {
	t.Helper()
	store, err := blobs.NewS3(blobs.S3Options{
		Endpoint: endpoint, Region: backends.Region, Bucket: backends.Bucket, AccessKey: s.server.AccessKey, SecretKey: s.server.SecretKey,
	})
	must(t, err)
	return store
}

func (s *onS3) open(t testing.TB) blobs.Store { t.Helper(); return s.at(t, s.server.Endpoint()) }

func (s *onS3) two(t testing.TB) [2]blobs.Store {
	t.Helper()
	return [2]blobs.Store{s.open(t), s.open(t)}
}

func (s *onS3) plant(t testing.TB, sha domain.Hash, offset int64, b []byte) {
	t.Helper()
	_, err := s.client.PutObject(t.Context(), backends.Bucket, fmt.Sprintf("partial/%s/%010d", sha, offset), bytes.NewReader(b), int64(len(b)),
		minio.PutObjectOptions{SendContentMd5: true})
	must(t, err)
}

func (s *onS3) holds(t testing.TB) (whole []string, parts int) {
	t.Helper()
	for o := range s.client.ListObjects(t.Context(), backends.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		must(t, o.Err)
		folder, name, _ := strings.Cut(o.Key, "/")
		switch folder {
		case "partial":
			parts++
		case "blobs":
			whole = append(whole, name)
		default:
			t.Errorf("a stray object: %s", o.Key)
		}
	}
	return whole, parts
}

// holdsOnly checks that some blobs are all that there is.
func holdsOnly(t testing.TB, s storage, want ...domain.Hash) {
	t.Helper()
	var names []string
	for _, sha := range want {
		names = append(names, sha.String())
	}
	slices.Sort(names)
	whole, parts := s.holds(t)
	slices.Sort(whole)
	if parts != 0 || !slices.Equal(whole, names) {
		t.Errorf("it holds %v and %d parts, not just %v", whole, parts, names)
	}
}

func offset(t testing.TB, s blobs.Store, sha domain.Hash) (int64, bool) {
	t.Helper()
	at, whole, err := s.Offset(t.Context(), sha)
	must(t, err)
	return at, whole
}

// isAt checks how much of a blob is there.
func isAt(t testing.TB, s blobs.Store, sha domain.Hash, bytes int, whole bool) {
	t.Helper()
	if got, gotWhole := offset(t, s, sha); got != int64(bytes) || gotWhole != whole {
		t.Errorf("%d bytes, whole %v; expected %d, %v", got, gotWhole, bytes, whole)
	}
}

func add(t testing.TB, s blobs.Store, sha domain.Hash, offset int, total int, piece []byte, wantDone bool) {
	t.Helper()
	done, err := s.Append(t.Context(), sha, int64(offset), int64(total), piece)
	if err != nil || done != wantDone {
		t.Fatalf("at %d of %d: %v, %v", offset, total, done, err)
	}
}

// send uploads in chunks from where the store says that it stands.
func send(t testing.TB, s blobs.Store, sha domain.Hash, b []byte) {
	t.Helper()
	at, done := offset(t, s, sha)
	for !done {
		end := min(int(at)+chunk, len(b))
		var err error
		done, err = s.Append(t.Context(), sha, at, int64(len(b)), b[at:end])
		must(t, err)
		at = int64(end)
	}
}

// has checks that a blob reads back.
func has(t testing.TB, s blobs.Store, sha domain.Hash, want []byte) {
	t.Helper()
	f, size, err := s.Open(t.Context(), sha)
	must(t, err)
	got, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	if int64(len(got)) != size || !bytes.Equal(got, want) {
		t.Errorf("%d other bytes came back, said to be %d", len(got), size)
	}
}

func hasNot(t testing.TB, s blobs.Store, sha domain.Hash) {
	t.Helper()
	if _, _, err := s.Open(t.Context(), sha); !errors.Is(err, blobs.ErrMissing) {
		t.Errorf("opened: %v", err)
	}
}
