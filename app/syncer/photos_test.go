package syncer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

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

// What has never been begun is sent without asking first, in few commits; what
// may have been is asked about, also by an app that starts again. What turns out
// to be there is not even opened.
func TestUploadAsksOnlyWhatWasBegun(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	opened := 0
	open := a.photos.Open
	a.photos.Open = func(u localstore.Upload) (io.ReadSeekCloser, error) {
		opened++
		return open(u)
	}
	const fresh = uploadBatch + 2
	for i := range fresh {
		a.take(fmt.Appendf(nil, "photo %d", i), false)
	}
	waiting := map[int]bool{} // as the store knew at each piece
	var look func()
	look = func() {
		waiting[a.queued()] = true
		server.meanwhile = look
	}
	server.meanwhile = look
	must(t, a.photos.uploadAll(t.Context(), a.id))
	server.meanwhile = nil
	if server.asks != 0 || len(server.puts) != fresh || opened != fresh || a.queued() != 0 {
		t.Errorf("%d questions, %d pieces, %d opened, %d wait", server.asks, len(server.puts), opened, a.queued())
	}
	if len(waiting) > 2 { // one for each batch
		t.Errorf("%d commits for %d photos", len(waiting), fresh)
	}

	late := a.take([]byte("the answer is lost"), false)
	server.broken = 1
	if err := a.photos.uploadAll(t.Context(), a.id); err == nil || local(err) {
		t.Fatalf("the break went unnoticed: %v", err)
	}
	server.mu.Lock() // whoever broke the connection may still be at it
	server.held[late.String()], server.done[late.String()] = a.files[late], true
	server.mu.Unlock()
	opened = 0
	again := &Photos{Store: a.store, Link: NewLink(nil), Cache: a.photos.Cache, Open: a.photos.Open}
	must(t, again.uploadAll(t.Context(), a.id))
	if server.asks != 1 || opened != 0 || a.queued() != 0 {
		t.Errorf("%d questions, %d opened, %d wait", server.asks, opened, a.queued())
	}
}

// What the server has confirmed is noted even if the next photo finds the
// network gone.
func TestConfirmedBeforeABreakIsNoted(t *testing.T) {
	server, url := newBlobServer(t)
	a := newAlbum(t, url)
	a.take([]byte("first"), false)
	second := a.take([]byte("second"), false)
	server.broken = 2
	ctx, cancel := context.WithCancel(t.Context())
	server.meanwhile = func() { server.meanwhile = cancel }
	if err := a.photos.uploadAll(ctx, a.id); err == nil {
		t.Fatal("the break went unnoticed")
	}
	must(t, a.store.View(t.Context(), func(tx *localstore.Tx) error {
		left, err := tx.NextUploads(t.Context(), 10)
		if len(left) != 1 || left[0].SHA256 != second {
			t.Errorf("%+v wait", left)
		}
		return err
	}))
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
