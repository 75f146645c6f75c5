package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// line lies between a store and its S3 server. From the nth request on it does
// what the fault does, until it is mended.
type line struct {
	mu       sync.Mutex
	requests int
	from     int // 0: no fault
	hit      bool
	fault    http.HandlerFunc
	through  *httputil.ReverseProxy
}

func newLine(t *testing.T, s *onS3) (*line, blobs.Store) {
	t.Helper()
	target, err := url.Parse(s.server.Endpoint())
	must(t, err)
	l := &line{through: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { // the signature covers the host that was asked
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	return l, s.at(t, server.URL)
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.requests++
	broken := l.from > 0 && l.requests >= l.from
	l.hit = l.hit || broken
	fault := l.fault
	l.mu.Unlock()
	if broken {
		fault(w, r)
		return
	}
	l.through.ServeHTTP(w, r)
}

func (l *line) breaks(from int, fault http.HandlerFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.from, l.hit, l.fault = 0, from, false, fault
}

// mend ends the fault and tells whether it came into play.
func (l *line) mend() (hit bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.from = 0
	return l.hit
}

// faults are what can become of a request.
func (l *line) faults() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"busy": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "<Error><Code>SlowDown</Code><Message>later</Message></Error>")
		},
		"forbidden": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
		},
		"bucket gone": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>")
		},
		"portal without the page": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<html>no such page</html>")
		},
		"portal": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html>please sign in</html>")
		},
		"cut before": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"answer lost": func(_ http.ResponseWriter, r *http.Request) {
			l.through.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		},
		"cut in the answer": func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			l.through.ServeHTTP(answer, r)
			for key, values := range answer.Header() {
				w.Header()[key] = values
			}
			body := answer.Body.Bytes()
			w.Header().Set("Content-Length", fmt.Sprint(max(len(body), 1)))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body[:len(body)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"damaged on the way": func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err == nil && len(body) > 0 {
				body[len(body)/2] ^= 1
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			l.through.ServeHTTP(w, r)
		},
	}
}

// upload sends a blob as a device does, once: it gives up at the first error.
func upload(ctx context.Context, s blobs.Store, sha domain.Hash, b []byte) (whole bool, err error) {
	at, done, err := s.Offset(ctx, sha)
	for err == nil && !done {
		end := min(int(at)+chunk, len(b))
		done, err = s.Append(ctx, sha, at, int64(len(b)), b[at:end])
		at = int64(end)
	}
	return done, err
}

// Whatever happens to any one request and all after it, the device is never told
// that a photo is durable when it is not, and once S3 is well the photo arrives.
func TestS3FailsAtEachRequest(t *testing.T) {
	s := newOnS3(t)
	direct := s.open(t)
	b, sha := content(2*chunk + 1)
	l, store := newLine(t, s)
	l.breaks(1<<30, nil)
	_, err := upload(t.Context(), store, sha, b)
	must(t, err)
	needed := l.requests
	size := len(b) // each has a blob of its own
	var work sync.WaitGroup
	for name := range l.faults() {
		for request := range needed {
			size++
			b, sha := content(size)
			l, store := newLine(t, s)
			l.breaks(request+1, l.faults()[name])
			work.Go(func() {
				if err := survives(t.Context(), l, store, direct, sha, b); err != nil {
					t.Errorf("%s from request %d of %d on: %v", name, request+1, needed, err)
				}
			})
		}
	}
	work.Wait()
}

// survives uploads over a line that breaks.
func survives(ctx context.Context, l *line, store, direct blobs.Store, sha domain.Hash, b []byte) error {
	whole, err := upload(ctx, store, sha, b)
	if !l.mend() {
		return errors.New("the fault did not come into play")
	}
	if whole == (err != nil) {
		return fmt.Errorf("whole %v, %w", whole, err)
	}
	if _, is, err := direct.Offset(ctx, sha); err != nil || whole && !is {
		return fmt.Errorf("a false answer that it is whole: %w", err)
	}
	for tries := 0; !whole; tries++ {
		// Bytes that were damaged on their way start over.
		if whole, err = upload(ctx, store, sha, b); tries == 3 || err != nil && !errors.Is(err, blobs.ErrWrongBytes) {
			return fmt.Errorf("not after it was mended either: %w", err)
		}
	}
	f, _, err := direct.Open(ctx, sha)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(f)
	if err == nil && !bytes.Equal(got, b) {
		err = errors.New("other bytes came back")
	}
	return errors.Join(err, f.Close())
}

// A failing S3 is told apart from a blob that is not there.
func TestS3Away(t *testing.T) {
	s := newOnS3(t)
	store := s.open(t)
	must(t, store.Ping(t.Context()))
	b, sha := content(2*chunk + 1)
	there, thereSHA := content(10)
	send(t, store, thereSHA, there)
	add(t, store, sha, 0, len(b), b[:chunk], false)
	s.server.Stop(t)
	named := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
		}
		for _, known := range []error{blobs.ErrMissing, blobs.ErrOffset, blobs.ErrTooLarge, blobs.ErrWrongBytes} {
			if errors.Is(err, known) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	_, _, err := store.Open(t.Context(), thereSHA)
	named("open", err)
	_, whole, err := store.Offset(t.Context(), thereSHA)
	named("offset", err)
	done, err := store.Append(t.Context(), sha, chunk, int64(len(b)), b[chunk:])
	named("append", err)
	if whole || done {
		t.Errorf("whole %v, done %v", whole, done)
	}
	_, err = store.Put(t.Context(), b)
	named("put", err)
	for _, err = range store.All(t.Context()) {
		named("all", err)
	}
	named("all", err)
	_, err = store.Sweep(t.Context(), time.Now())
	named("sweep", err)
	named("delete", store.Delete(t.Context(), thereSHA))
	named("ping", store.Ping(t.Context()))

	s.server.Start(t)
	must(t, store.Ping(t.Context()))
	has(t, store, thereSHA, there)
	isAt(t, store, sha, chunk, false)
	send(t, store, sha, b)
	has(t, store, sha, b)
}

// A connection that was cut in the middle of a photo is an error, not its end.
func TestS3ReadIsCut(t *testing.T) {
	s := newOnS3(t)
	l, store := newLine(t, s)
	b, sha := content(3 * chunk)
	send(t, store, sha, b)
	l.breaks(1, l.faults()["cut in the answer"])
	f, size, err := store.Open(t.Context(), sha)
	must(t, err)
	got, err := io.ReadAll(f)
	if err == nil || int64(len(got)) >= size {
		t.Errorf("%d of %d bytes, %v", len(got), size, err)
	}
	must(t, f.Close())
	l.breaks(2, l.faults()["busy"])
	f, _, err = store.Open(t.Context(), sha)
	must(t, err)
	_, err = f.Seek(5, io.SeekStart)
	must(t, err)
	if _, err := f.Read(make([]byte, 1)); err == nil {
		t.Error("read from a busy server")
	}
	must(t, f.Close())
}

// A server that ignores ranges must not make other bytes of the photo.
func TestS3IgnoresRanges(t *testing.T) {
	s := newOnS3(t)
	l, store := newLine(t, s)
	b, sha := content(3 * chunk)
	send(t, store, sha, b)
	l.breaks(2, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", fmt.Sprint(len(b)))
		_, _ = w.Write(b)
	})
	f, _, err := store.Open(t.Context(), sha)
	must(t, err)
	_, err = f.Seek(chunk, io.SeekStart)
	must(t, err)
	if n, err := f.Read(make([]byte, 10)); err == nil || n != 0 {
		t.Errorf("%d bytes, %v", n, err)
	}
	must(t, f.Close())
}

// A part that another server removes between the listing and the reading leads
// back to the offset, or to the whole blob if that is why it went.
func TestS3PartVanishes(t *testing.T) {
	s := newOnS3(t)
	l, store := newLine(t, s)
	b, sha := content(3 * chunk)
	add(t, store, sha, 0, len(b), b[:2*chunk], false)
	gone := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/partial/") {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>")
			return
		}
		l.through.ServeHTTP(w, r)
	}
	l.breaks(1, gone)
	if done, err := store.Append(t.Context(), sha, 2*chunk, int64(len(b)), b[2*chunk:]); !errors.Is(err, blobs.ErrOffset) || done {
		t.Errorf("%v, %v", done, err)
	}
	_, err := s.open(t).Put(t.Context(), b)
	must(t, err)
	s.plant(t, sha, 0, b[:2*chunk])
	add(t, store, sha, 2*chunk, len(b), b[2*chunk:], true)
	if !l.mend() {
		t.Error("the fault did not come into play")
	}
}

// A bucket that is gone is no missing photo.
func TestS3WithoutBucket(t *testing.T) {
	s := newOnS3(t)
	store, err := blobs.NewS3(blobs.S3Options{
		Endpoint: s.server.Endpoint(), Region: backends.Region, Bucket: "another", AccessKey: s.server.AccessKey, SecretKey: s.server.SecretKey,
	})
	must(t, err)
	b, sha := content(10)
	if _, _, err := store.Open(t.Context(), sha); err == nil || errors.Is(err, blobs.ErrMissing) {
		t.Errorf("open: %v", err)
	}
	if _, _, err := store.Offset(t.Context(), sha); err == nil {
		t.Error("an offset was told")
	}
	if _, err := store.Put(t.Context(), b); err == nil {
		t.Error("it was put")
	}
	if err := store.Delete(t.Context(), sha); err == nil {
		t.Error("it was deleted")
	}
}

// One request a chunk: a photo of one chunk costs one PUT, and others are looked
// up once.
func TestS3Requests(t *testing.T) {
	s := newOnS3(t)
	l, store := newLine(t, s)
	count := func(want int, what string, work func()) {
		t.Helper()
		l.breaks(1<<30, nil)
		work()
		if got := l.requests; got != want {
			t.Errorf("%s: %d requests, expected %d", what, got, want)
		}
	}
	b, sha := content(10)
	count(1, "one chunk", func() { add(t, store, sha, 0, len(b), b, true) })
	count(1, "reading", func() { has(t, store, sha, b) })
	b, sha = content(3 * chunk)
	count(2, "the offset", func() { isAt(t, store, sha, 0, false) })
	count(2, "two chunks", func() {
		add(t, store, sha, 0, len(b), b[:chunk], false)
		add(t, store, sha, chunk, len(b), b[chunk:2*chunk], false)
	})
	// A listing, two parts, the blob, and two parts to remove.
	count(6, "the last", func() { add(t, store, sha, 2*chunk, len(b), b[2*chunk:], true) })
}
