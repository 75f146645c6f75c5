package syncer

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

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
