package syncer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// blobServer keeps blobs as PROTOCOL.md says; a test may make it fail.
type blobServer struct {
	t    *testing.T
	mu   sync.Mutex
	held map[string][]byte
	done map[string]bool
	// puts lists the pieces that came, as "offset+length".
	puts []string
	// broken breaks the connection at the nth piece from now.
	broken int
	refuse map[string]syncproto.Code
	// cutAfter cuts the next download; ranges are what the others asked for.
	cutAfter int
	ranges   []string
	// meanwhile happens before the next piece is taken; stubborn takes none.
	meanwhile func()
	stubborn  bool
}

func newBlobServer(t *testing.T) (*blobServer, string) {
	t.Helper()
	b := &blobServer{t: t, held: map[string][]byte{}, done: map[string]bool{}, refuse: map[string]syncproto.Code{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/blobs/{sha}/offset", b.offset)
	mux.HandleFunc("PUT /v1/blobs/{sha}", b.put)
	mux.HandleFunc("GET /v1/blobs/{sha}", b.get)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return b, s.URL
}

func (b *blobServer) fail(w http.ResponseWriter, code syncproto.Code) {
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code})
}

func (b *blobServer) offset(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	if code := b.refuse[sha]; code != "" || r.Header.Get("Authorization") != "Bearer device" || r.Header.Get("Keyturn-Session") != "session" {
		b.fail(w, code)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"offset": len(b.held[sha]), "whole": b.done[sha]})
}

func (b *blobServer) put(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	piece, err := io.ReadAll(r.Body)
	at, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	total, _ := strconv.Atoi(r.URL.Query().Get("total"))
	sum, errSum := strconv.ParseUint(r.Header.Get("Keyturn-CRC32C"), 16, 32)
	if b.meanwhile != nil {
		b.meanwhile()
		b.meanwhile = nil
	}
	if b.stubborn || at != len(b.held[sha]) {
		b.fail(w, syncproto.CodeBadOffset)
		return
	}
	if err != nil || errSum != nil || uint32(sum) != crc32.Checksum(piece, castagnoli) {
		b.t.Errorf("a piece of %d bytes at %d of %d, checksum %s: %v", len(piece), at, len(b.held[sha]), r.Header.Get("Keyturn-CRC32C"), err)
	}
	if b.broken--; b.broken == 0 {
		hijacked, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = hijacked.Close()
		}
		return
	}
	b.puts = append(b.puts, fmt.Sprintf("%d+%d", at, len(piece)))
	b.held[sha] = append(b.held[sha], piece...)
	b.done[sha] = len(b.held[sha]) == total
	_ = json.NewEncoder(w).Encode(map[string]any{"offset": len(b.held[sha]), "whole": b.done[sha]})
}

func (b *blobServer) get(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	if !b.done[sha] {
		b.fail(w, syncproto.CodeBlobMissing)
		return
	}
	if b.cutAfter > 0 {
		content := b.held[sha][:b.cutAfter]
		b.cutAfter = 0
		w.Header().Set("Content-Length", strconv.Itoa(len(b.held[sha])))
		_, _ = w.Write(content)
		return // the connection is closed in the midst
	}
	b.ranges = append(b.ranges, r.Header.Get("Range"))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.held[sha]))
}

// album is a device with photos to send.
type album struct {
	*bench
	photos *Photos
	files  map[domain.Hash][]byte
	id     localstore.Identity
}

func newAlbum(t *testing.T, url string) *album {
	t.Helper()
	a := &album{bench: newBench(t), files: map[domain.Hash][]byte{}, id: localstore.Identity{Server: url, Device: tablet, DeviceToken: "device", SessionToken: "session", Person: person}}
	a.photos = &Photos{Store: a.store, Link: NewLink(nil), Cache: &Cache{Dir: t.TempDir()}, Open: func(u localstore.Upload) (io.ReadSeekCloser, error) {
		b, ok := a.files[u.SHA256]
		if !ok {
			return nil, os.ErrNotExist
		}
		return closable{bytes.NewReader(b)}, nil
	}}
	a.start()
	return a
}

type closable struct{ *bytes.Reader }

func (closable) Close() error { return nil }

func hash(b []byte) domain.Hash { return sha256.Sum256(b) }

// take queues a photo whose record the server has.
func (a *album) take(content []byte, original bool) domain.Hash {
	a.t.Helper()
	sha := hash(content)
	a.files[sha] = content
	id := ident.Derive[domain.Attachment](sha.String())
	fields, err := syncproto.Encode(domain.Attachment{SHA256: sha})
	must(a.t, err)
	must(a.t, a.store.Update(a.t.Context(), func(t *localstore.Tx) error {
		must(a.t, t.QueueUpload(a.t.Context(), localstore.Upload{SHA256: sha, Attachment: id, Original: original, Photo: sha.String(), Bytes: int64(len(content))}))
		seq, err := t.Record(a.t.Context(), localstore.Change{Project: project, Entity: domain.EntityAttachment, ID: id.Any(), Kind: syncproto.Recorded, Fields: fields})
		must(a.t, err)
		return t.Answer(a.t.Context(), syncproto.Answer{Seq: seq, Status: syncproto.Applied, LogSeq: seq})
	}))
	return sha
}

// queued counts what still has to be sent.
func (a *album) queued() (n int) {
	a.t.Helper()
	a.view(func(ctx context.Context, t *localstore.Tx) error {
		list, err := t.NextUploads(ctx, 100)
		n = len(list)
		return err
	})
	return n
}

func large(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*31 + i>>9)
	}
	return b
}

func TestUploadInPieces(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	content := large(2*chunkBytes + 5)
	sha := a.take(content, true)
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if !bytes.Equal(server.held[sha.String()], content) || a.queued() != 0 {
		t.Errorf("%d bytes arrived, %d photos wait", len(server.held[sha.String()]), a.queued())
	}
	for _, piece := range server.puts {
		var at, n int
		if _, err := fmt.Sscanf(piece, "%d+%d", &at, &n); err != nil || n > chunkBytes {
			t.Errorf("piece %s: %v", piece, err)
		}
	}
	if first := fmt.Sprintf("0+%d", firstChunkBytes); server.puts[0] != first || len(server.puts) < 3 {
		t.Errorf("pieces %v, want the first to be %s", server.puts, first)
	}
}

// Pieces become as small as the link is slow, so that each arrives, and as large
// as the server takes.
func TestPace(t *testing.T) {
	cut := io.ErrUnexpectedEOF
	for name, c := range map[string]struct {
		rate  int // bytes a second
		err   error
		tries int
		want  int
	}{
		"at first":            {want: firstChunkBytes},
		"a network":           {rate: 1 << 20, tries: 2, want: 4 * firstChunkBytes},
		"never above":         {rate: 1 << 20, tries: 20, want: chunkBytes},
		"1 KB/s":              {rate: 1 << 10, tries: 20, want: 8 << 10},
		"never below":         {rate: 1, tries: 20, want: leastChunkBytes},
		"cut again":           {rate: 1 << 20, err: cut, tries: 2, want: firstChunkBytes / 4},
		"refused":             {rate: 1 << 20, err: &Refused{Code: syncproto.CodeBadOffset}, tries: 20, want: firstChunkBytes},
		"the app disconnects": {rate: 1 << 20, err: context.Canceled, tries: 20, want: firstChunkBytes},
	} {
		var p pace
		for range c.tries {
			p.took(time.Second*time.Duration(p.size())/time.Duration(c.rate), c.err)
		}
		if p.size() != c.want {
			t.Errorf("%s: %d, want %d", name, p.size(), c.want)
		}
	}
}

// After a break the upload goes on where the server's copy ends.
func TestUploadResumes(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	content := large(3*chunkBytes + 1)
	sha := a.take(content, true)
	a.photos.pace.bytes = chunkBytes
	server.broken = 3
	if err := a.photos.uploadAll(t.Context(), a.id); err == nil || local(err) {
		t.Fatalf("the break went unnoticed: %v", err)
	}
	if a.queued() != 1 {
		t.Errorf("%d photos wait", a.queued())
	}
	server.puts = nil
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if !bytes.Equal(server.held[sha.String()], content) || len(server.puts) == 0 || server.puts[0] != fmt.Sprintf("%d+%d", 2*chunkBytes, chunkBytes/2) {
		t.Errorf("after the break came %v", server.puts)
	}
}

// Whoever else sends the same photo, or an earlier connection that was quicker,
// is asked how far it came instead of starting over.
func TestUploadMeetsAnother(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	content := large(3 * firstChunkBytes)
	sha := a.take(content, true)
	server.meanwhile = func() { server.held[sha.String()] = content[:2*firstChunkBytes] }
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if !bytes.Equal(server.held[sha.String()], content) || a.queued() != 0 || fmt.Sprint(server.puts) != fmt.Sprintf("[%d+%d]", 2*firstChunkBytes, firstChunkBytes) {
		t.Errorf("%d photos wait, pieces %v", a.queued(), server.puts)
	}
}

// A server that refuses the place it names itself is no reason to ask for ever.
func TestUploadRefusedPlace(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	a.take(large(10), true)
	server.stubborn = true
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if a.queued() != 1 || len(server.puts) != 0 {
		t.Errorf("%d photos wait, pieces %v", a.queued(), server.puts)
	}
}

// What the server has already is confirmed without sending a byte; a part that
// is complete but was not named is finished by an empty piece.
func TestUploadOfWhatIsThere(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	whole, part := []byte("whole"), []byte("complete part")
	server.held[a.take(whole, true).String()] = whole
	server.done[hash(whole).String()] = true
	server.held[a.take(part, true).String()] = part
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if a.queued() != 0 || fmt.Sprint(server.puts) != fmt.Sprintf("[%d+0]", len(part)) {
		t.Errorf("%d photos wait, pieces %v", a.queued(), server.puts)
	}
}

// One photo that cannot be sent does not stop the others.
func TestOneBadPhotoStopsNoOther(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	refused, lost, short, good := a.take([]byte("refused"), false), a.take([]byte("lost"), false), a.take([]byte("cut short"), false), a.take([]byte("good"), true)
	server.refuse[refused.String()] = syncproto.CodeBlobMissing
	delete(a.files, lost)
	a.files[short] = a.files[short][:4]
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if !server.done[good.String()] || a.queued() != 3 {
		t.Errorf("good %v, %d photos wait", server.done[good.String()], a.queued())
	}
	delete(server.refuse, refused.String())
	must(t, a.photos.uploadAll(t.Context(), a.id))
	if a.queued() != 2 {
		t.Errorf("%d photos wait", a.queued())
	}
}

func TestNoNetworkIsAnErrorOfTheConnection(t *testing.T) {
	a := newAlbum(t, "http://127.0.0.1:1")
	a.take([]byte("photo"), true)
	if err := a.photos.uploadAll(t.Context(), a.id); err == nil || local(err) {
		t.Errorf("%v", err)
	}
	if err := a.photos.Fetch(t.Context(), a.id, domain.Hash{1}); err == nil || local(err) {
		t.Errorf("%v", err)
	}
}

// Plans come into the cache once, checked against their names.
func TestDownload(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	plan, missing, wrong := large(5000), hash([]byte("missing")), hash([]byte("wrong"))
	server.held[hash(plan).String()], server.done[hash(plan).String()] = plan, true
	server.held[wrong.String()], server.done[wrong.String()] = []byte("something else"), true
	rings, stop := a.store.Subscribe()
	defer stop()
	a.gets(a.welcomeTo(1, head(field, 3)))
	p := page(field, 0, 3, 3)
	for i, sha := range []domain.Hash{missing, wrong, hash(plan)} {
		fields, err := syncproto.Encode(domain.Plan{SHA256: sha})
		must(t, err)
		p.Changes[i].Op.Entity, p.Changes[i].Op.Fields = domain.EntityPlan, fields
	}
	a.gets(p)
	<-rings
	must(t, a.photos.downloadAll(t.Context(), a.id))
	<-rings // something can be shown now
	got, err := os.ReadFile(a.photos.Cache.Path(hash(plan)))
	if err != nil || !bytes.Equal(got, plan) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if a.photos.Cache.Has(missing) || a.photos.Cache.Has(wrong) {
		t.Error("a blob that is not there is in the cache")
	}
	left, err := os.ReadDir(a.photos.Cache.Dir)
	if err != nil || len(left) != 1 {
		t.Errorf("leftovers %v, %v", left, err)
	}
	server.held = map[string][]byte{}
	must(t, a.photos.Fetch(t.Context(), a.id, hash(plan))) // not asked for again
}

// A download that was cut off goes on where it ended; one that is here wholly
// but was not checked is; one of other bytes starts over.
func TestDownloadResumes(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	plan := large(5000)
	sha := hash(plan)
	server.held[sha.String()], server.done[sha.String()] = plan, true
	server.cutAfter = 3000
	if err := a.photos.Fetch(t.Context(), a.id, sha); err == nil || local(err) || a.photos.Cache.Has(sha) {
		t.Errorf("the break went unnoticed: %v", err)
	}
	fetch := func(want string) {
		t.Helper()
		must(t, a.photos.Fetch(t.Context(), a.id, sha))
		got, err := os.ReadFile(a.photos.Cache.Path(sha))
		if err != nil || !bytes.Equal(got, plan) || server.ranges[len(server.ranges)-1] != want {
			t.Errorf("%d bytes after asking for %q, %v", len(got), server.ranges, err)
		}
		must(t, os.Remove(a.photos.Cache.Path(sha)))
	}
	fetch("bytes=3000-")
	must(t, os.WriteFile(a.photos.Cache.part(sha), plan, 0o600))
	fetch("bytes=5000-")
	must(t, os.WriteFile(a.photos.Cache.part(sha), large(6)[1:], 0o600))
	if err := a.photos.Fetch(t.Context(), a.id, sha); !local(err) {
		t.Errorf("wrong first bytes: %v", err)
	}
	fetch("")
}

func TestCachePut(t *testing.T) {
	c := &Cache{Dir: t.TempDir() + "/new"}
	content := []byte("content")
	must(t, c.Put(hash(content), bytes.NewReader(content)))
	must(t, c.Put(hash(content), bytes.NewReader(content)))
	var refused *Refused
	if err := c.Put(hash([]byte("other")), bytes.NewReader(content)); !errors.As(err, &refused) || refused.Code != syncproto.CodeWrongBytes {
		t.Errorf("%v", err)
	}
	broken := errors.New("broken")
	if err := c.Put(hash([]byte("third")), io.MultiReader(bytes.NewReader(content), &failing{broken})); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if c.Has(hash([]byte("third"))) || c.begun(hash([]byte("third"))) != int64(len(content)) {
		t.Error("what came before the break is gone, or taken for the whole")
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
