package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/api"
	"keyturn/syncserver/store"
)

func hash(b []byte) domain.Hash { return sha256.Sum256(b) }

func checksum(b []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

func (d *device) put(sha domain.Hash, offset, total int, chunk []byte, sum string) answer {
	d.w.t.Helper()
	return d.call(http.MethodPut, fmt.Sprintf("/v1/blobs/%s?offset=%d&total=%d", sha, offset, total), chunk, api.ChecksumHeader, sum)
}

// upload sends a small blob in one piece.
func (d *device) upload(sha domain.Hash, b []byte) {
	d.w.t.Helper()
	if a := d.put(sha, 0, len(b), b, checksum(b)); a.status != http.StatusOK {
		d.w.t.Fatalf("%d %s", a.status, a.body)
	}
}

func (d *device) offset(sha domain.Hash) (at api.BlobOffset) {
	d.w.t.Helper()
	a := d.call(http.MethodGet, "/v1/blobs/"+sha.String()+"/offset", nil)
	if a.status != http.StatusOK {
		d.w.t.Fatalf("%d %s", a.status, a.body)
	}
	must(d.w.t, json.Unmarshal(a.body, &at))
	return at
}

func (w *world) stateOf(id domain.AnyID) domain.AttachmentState {
	w.t.Helper()
	var a domain.Attachment
	must(w.t, w.store.View(w.t.Context(), func(tx *store.Tx) error {
		r, err := tx.Record(w.t.Context(), domain.EntityAttachment, id)
		must(w.t, err)
		a, err = merge.As[domain.Attachment](r)
		return err
	}))
	return a.State
}

func TestBlobInChunks(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	b := bytes.Repeat([]byte("0123456789abcdef"), api.MaxChunk/16*2+7)
	sha := hash(b)
	id := d.names(sha)
	if at := d.offset(sha); at.Offset != 0 || at.Whole {
		t.Errorf("%+v", at)
	}
	for at := 0; at < len(b); {
		end := min(at+api.MaxChunk, len(b))
		a := d.put(sha, at, len(b), b[at:end], checksum(b[at:end]))
		var got api.BlobOffset
		if err := json.Unmarshal(a.body, &got); err != nil || a.status != http.StatusOK || got.Offset != int64(end) || got.Whole != (end == len(b)) {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if at = end; at < len(b) && w.stateOf(id) != domain.AttachmentPending {
			t.Error("ready before its last byte")
		}
	}
	if got := w.stateOf(id); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
	a := d.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil)
	if a.status != http.StatusOK || !bytes.Equal(a.body, b) || a.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%d, %d bytes, %v", a.status, len(a.body), a.header)
	}
	a = d.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil, "Range", "bytes=10-19")
	if a.status != http.StatusPartialContent || !bytes.Equal(a.body, b[10:20]) {
		t.Errorf("range: %d %q", a.status, a.body)
	}
	if at := d.offset(sha); at.Offset != int64(len(b)) || !at.Whole {
		t.Errorf("%+v", at)
	}
}

func TestBlobRefusals(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	b := []byte("twelve bytes")
	sha := hash(b)
	id := d.names(sha)
	sum := checksum(b)
	for name, c := range map[string]struct {
		got    answer
		status int
		code   syncproto.Code
	}{
		"wrong checksum":   {d.put(sha, 0, len(b), b, "00000000"), http.StatusUnprocessableEntity, syncproto.CodeBadChecksum},
		"no checksum":      {d.put(sha, 0, len(b), b, ""), http.StatusUnprocessableEntity, syncproto.CodeBadChecksum},
		"no number":        {d.put(sha, 0, len(b), b, "zzz"), http.StatusUnprocessableEntity, syncproto.CodeBadChecksum},
		"a hole":           {d.put(sha, 5, len(b)+5, b, sum), http.StatusConflict, syncproto.CodeBadOffset},
		"negative":         {d.put(sha, -1, len(b), b, sum), http.StatusBadRequest, syncproto.CodeBadFields},
		"no total":         {d.put(sha, 0, 0, b, sum), http.StatusBadRequest, syncproto.CodeBadFields},
		"nothing in it":    {d.put(sha, 0, len(b), nil, checksum(nil)), http.StatusBadRequest, syncproto.CodeBadFields},
		"more than total":  {d.put(sha, 0, 5, b, sum), http.StatusRequestEntityTooLarge, syncproto.CodeTooLarge},
		"60 MB":            {d.put(sha, 0, 60<<20, b, sum), http.StatusRequestEntityTooLarge, syncproto.CodeTooLarge},
		"a piece too big":  {d.put(sha, 0, api.MaxChunk+1, make([]byte, api.MaxChunk+1), checksum(make([]byte, api.MaxChunk+1))), http.StatusBadRequest, syncproto.CodeBadFields},
		"no query":         {d.call(http.MethodPut, "/v1/blobs/"+sha.String(), b), http.StatusBadRequest, syncproto.CodeBadFields},
		"other bytes":      {d.put(sha, 0, 5, []byte("other"), checksum([]byte("other"))), http.StatusUnprocessableEntity, syncproto.CodeWrongBytes},
		"reading too soon": {d.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil), http.StatusNotFound, syncproto.CodeBlobMissing},
	} {
		if c.got.status != c.status || c.got.code(t) != c.code {
			t.Errorf("%s: %d %s", name, c.got.status, c.got.body)
		}
	}
	if at := d.offset(sha); at.Offset != 0 || at.Whole || w.stateOf(id) != domain.AttachmentPending {
		t.Errorf("after so many refusals: %+v, %s", at, w.stateOf(id))
	}
	d.upload(sha, b)
	if got := w.stateOf(id); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
}

// A blob is reached through a record that one may read; without one the answer
// is the same whether it exists or not.
func TestBlobsNeedAReadableRecord(t *testing.T) {
	w := newWorld(t)
	owner, member := w.device("owner", "inspector"), w.device("member", "inspector")
	outsider := w.device("outsider", "")
	b, unnamed := []byte("evidence"), []byte("nobody names me")
	sha := hash(b)
	owner.names(sha)
	owner.upload(sha, b)
	_, err := w.disk.Put(t.Context(), unnamed)
	must(t, err)
	if a := member.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil); a.status != http.StatusOK || !bytes.Equal(a.body, b) {
		t.Errorf("a colleague: %d", a.status)
	}
	refused := func(who string, d *device, sha domain.Hash) {
		t.Helper()
		path := "/v1/blobs/" + sha.String()
		for _, a := range []answer{d.call(http.MethodGet, path, nil), d.call(http.MethodGet, path+"/offset", nil), d.put(sha, 0, 8, b, checksum(b))} {
			if a.status != http.StatusNotFound || a.code(t) != syncproto.CodeBlobMissing {
				t.Errorf("%s: %d %s", who, a.status, a.body)
			}
		}
	}
	refused("an outsider", outsider, sha)
	refused("unnamed", owner, hash(unnamed))
	refused("unknown", owner, hash([]byte("unknown")))
	w.update(func(ctx context.Context, tx *store.Tx) error {
		return tx.EndGrants(ctx, member.Person, w.project, w.now())
	})
	refused("a former colleague", member, sha)
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, owner.Device, w.now()) })
	refused("a revoked device", owner, sha)
}

func TestBlobNamesAreHashes(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	secret := filepath.Join(w.dir, "secret")
	must(t, os.WriteFile(secret, []byte("secret"), 0o600))
	for _, name := range []string{
		"..%2f..%2fsecret", "%2e%2e%2fsecret", strings.Repeat("0", 64), strings.ToUpper(hash(nil).String()), "x", strings.Repeat("a", 65), "..%5csecret", "%00",
	} {
		for _, path := range []string{"/v1/blobs/" + name, "/v1/blobs/" + name + "/offset"} {
			if a := d.call(http.MethodGet, path, nil); a.status != http.StatusBadRequest || a.code(t) != syncproto.CodeBadFields {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
	}
}

// The server was killed after a blob got its name and before that was recorded:
// asking for the offset repairs it.
func TestBlobThatWasNotRecorded(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	b := []byte("named, not recorded")
	sha := hash(b)
	id := d.names(sha)
	_, err := w.disk.Put(t.Context(), b)
	must(t, err)
	if w.stateOf(id) != domain.AttachmentPending {
		t.Fatal("already recorded")
	}
	if at := d.offset(sha); !at.Whole {
		t.Errorf("%+v", at)
	}
	if got := w.stateOf(id); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
}

// It was killed before the complete part got its name: an empty piece at the
// end finishes it.
func TestBlobThatWasNotNamed(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	b := []byte("complete, not named")
	sha := hash(b)
	id := d.names(sha)
	must(t, os.WriteFile(filepath.Join(w.dir, "blobs", "partial", sha.String()), b, 0o600))
	if at := d.offset(sha); at.Offset != int64(len(b)) || at.Whole {
		t.Fatalf("%+v", at)
	}
	if a := d.put(sha, len(b), len(b), nil, checksum(nil)); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := w.stateOf(id); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
}
