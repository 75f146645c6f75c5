package api_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/api"
	"keyturn/syncserver/store"
)

// reviewed is a blob that only work in review names.
func (d *device) reviewed(b []byte, says int64) (sha domain.Hash) {
	d.w.t.Helper()
	sha = hash(b)
	a, _, err := d.w.engine.Push(d.w.t.Context(), d.Device, &syncproto.Push{Ops: []syncproto.Op{
		d.op(domain.EntityAttachment, ident.Derive[any](sha.String()), domain.Attachment{State: domain.AttachmentPending, SHA256: sha, Bytes: says}),
	}})
	must(d.w.t, err)
	if a.Answers[0].Status != syncproto.Quarantined {
		d.w.t.Fatalf("%+v", a)
	}
	return sha
}

// The photos of work in review come to safety: its device may hand them in, and
// nothing else; nobody may read them before the work is accepted.
func TestPhotosInReview(t *testing.T) {
	w := newWorld(t)
	reviewer := w.person("reviewer", "Sample reviewer", "coordinator", "")
	for name, bar := range map[string]func(context.Context, *store.Tx, *device) error{
		"revoked": func(ctx context.Context, tx *store.Tx, d *device) error {
			return tx.RevokeDevice(ctx, d.Device, w.now())
		},
		"taken off": func(ctx context.Context, tx *store.Tx, d *device) error {
			return tx.EndGrants(ctx, d.Person, w.project, w.now())
		},
	} {
		d, member, stranger := w.device(name, "inspector"), w.device("member beside "+name, "inspector"), w.device("stranger beside "+name, "")
		foreign, unnamed := []byte("a member's photo beside "+name), []byte("nobody names this")
		member.names(hash(foreign))
		member.upload(hash(foreign), foreign)
		w.update(func(ctx context.Context, tx *store.Tx) error { return bar(ctx, tx, d) })
		b := bytes.Repeat([]byte(name), api.MaxChunk/4)
		sha := d.reviewed(b, int64(len(b)))
		if at := d.offset(sha); at.Offset != 0 || at.Whole {
			t.Errorf("%s: %+v", name, at)
		}
		d.put(sha, 0, len(b)+1, b[:10], checksum(b[:10])).is(t, http.StatusRequestEntityTooLarge, syncproto.CodeTooLarge)
		for what, a := range map[string]answer{
			"another's photo":      d.call(http.MethodGet, "/v1/blobs/"+hash(foreign).String()+"/offset", nil),
			"a blob of no record":  d.put(hash(unnamed), 0, len(unnamed), unnamed, checksum(unnamed)),
			"a stranger's probing": stranger.call(http.MethodGet, "/v1/blobs/"+sha.String()+"/offset", nil),
			"a member's probing":   member.call(http.MethodGet, "/v1/blobs/"+sha.String()+"/offset", nil),
		} {
			if a.status != http.StatusNotFound || a.code(t) != syncproto.CodeBlobMissing {
				t.Errorf("%s: %s: %d %s", name, what, a.status, a.body)
			}
		}
		for at := 0; at < len(b); at += api.MaxChunk {
			piece := b[at:min(at+api.MaxChunk, len(b))]
			d.put(sha, at, len(b), piece, checksum(piece)).is(t, http.StatusOK, "")
		}
		if at := d.offset(sha); !at.Whole {
			t.Errorf("%s: %+v", name, at)
		}
		for who, reader := range map[string]*device{"the device": d, "a member": member} {
			if a := reader.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil); a.status != http.StatusNotFound {
				t.Errorf("%s: %s reads what is in review: %d", name, who, a.status)
			}
		}
		_, err := w.engine.Accept(t.Context(), store.ReviewKey{Device: d.Device, First: 1}, reviewer)
		must(t, err)
		if got := w.stateOf(ident.Derive[any](sha.String())); got != domain.AttachmentReady {
			t.Errorf("%s: %s", name, got)
		}
		if a := member.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil); !bytes.Equal(a.body, b) {
			t.Errorf("%s: a member reads %d, %d bytes", name, a.status, len(a.body))
		}
		if a := d.call(http.MethodGet, "/v1/blobs/"+sha.String(), nil); a.status != http.StatusNotFound {
			t.Errorf("%s: accepted work lets its device read again: %d", name, a.status)
		}
	}
	if found := w.leaks("Sample", "device\""); len(found) > 0 {
		t.Errorf("the log tells %q", found)
	}
}

// The photo of accepted work may still be on its way; that of discarded work is
// not wanted any more.
func TestPhotosAfterTheDecision(t *testing.T) {
	w := newWorld(t)
	reviewer := w.person("reviewer", "Sample reviewer", "coordinator", "")
	d := w.device("tablet", "inspector")
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, d.Device, w.now()) })
	accepted, discarded := []byte("accepted photo"), []byte("discarded photo")
	yes, no := d.reviewed(accepted, 0), d.reviewed(discarded, 0)
	_, err := w.engine.Accept(t.Context(), store.ReviewKey{Device: d.Device, First: 1}, reviewer)
	must(t, err)
	_, err = w.engine.Discard(t.Context(), store.ReviewKey{Device: d.Device, First: 2}, reviewer, "x")
	must(t, err)
	d.upload(yes, accepted)
	if got := w.stateOf(ident.Derive[any](yes.String())); got != domain.AttachmentReady {
		t.Errorf("%s", got)
	}
	d.put(no, 0, len(discarded), discarded, checksum(discarded)).is(t, http.StatusNotFound, syncproto.CodeBlobMissing)
}
