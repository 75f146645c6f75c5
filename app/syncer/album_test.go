package syncer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

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
