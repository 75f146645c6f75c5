package api

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/store"
)

// MaxChunk is the largest piece of a blob in one request.
const MaxChunk = 256 << 10

// ChecksumHeader carries a chunk's CRC-32C as eight hexadecimal digits.
const ChecksumHeader = "Keyturn-CRC32C"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// BlobOffset answers how much of a blob the server holds.
type BlobOffset struct {
	Offset int64 `json:"offset"`
	Whole  bool  `json:"whole"`
}

// blobCaller admits a caller who may read a record that names the blob; others
// learn nothing, not even whether it exists. Who sends may also be a device,
// even a revoked one, whose work in review names the blob: the evidence comes to
// safety before anybody decides. most is how many bytes the blob may have.
func (s *Server) blobCaller(w http.ResponseWriter, r *http.Request, sends bool) (sha domain.Hash, most int64, ok bool) {
	c, ok := s.caller(w, r)
	if !ok {
		return sha, 0, false
	}
	sha, err := domain.ParseHash(r.PathValue("sha"))
	if err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return sha, 0, false
	}
	err = s.Engine.Store.View(r.Context(), func(tx *store.Tx) error {
		named, err := s.blobNamed(r.Context(), tx, c, sha)
		switch {
		case err != nil:
		case named:
			most = blobs.MaxBytes
		case sends:
			most, err = tx.ReviewedBlob(r.Context(), c.Device.ID, sha)
		}
		return err
	})
	switch {
	case err != nil:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
	case most == 0:
		s.fail(w, r, http.StatusNotFound, syncproto.CodeBlobMissing, nil)
	}
	return sha, most, err == nil && most > 0
}

// blobNamed reports whether a record that the caller may read names the blob.
func (s *Server) blobNamed(ctx context.Context, tx *store.Tx, c accounts.Caller, sha domain.Hash) (bool, error) {
	if c.Revoked {
		return false, nil
	}
	rights, err := tx.Rights(ctx, c.Person, s.Engine.Now())
	if err != nil {
		return false, err
	}
	var scopes []syncproto.Scope
	for project, caps := range rights {
		for _, audience := range domain.AudiencesOf(caps) {
			scopes = append(scopes, syncproto.Scope{Project: project, Audience: audience})
		}
	}
	return tx.BlobNamed(ctx, sha, scopes)
}

func (s *Server) blobOffset(w http.ResponseWriter, r *http.Request) {
	sha, _, ok := s.blobCaller(w, r, true)
	if !ok {
		return
	}
	offset, whole, err := s.Blobs.Offset(r.Context(), sha)
	if err == nil && whole {
		err = s.arrived(r.Context(), sha, offset) // a crash may have come between naming and recording it
	}
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
		return
	}
	s.json(w, r, BlobOffset{Offset: offset, Whole: whole})
}

// blobChunk takes one piece. The last one is answered only when the whole blob
// is verified, durable and recorded.
func (s *Server) blobChunk(w http.ResponseWriter, r *http.Request) {
	sha, most, ok := s.blobCaller(w, r, true)
	if !ok {
		return
	}
	offset, errOffset := strconv.ParseInt(r.URL.Query().Get("offset"), 10, 64)
	total, errTotal := strconv.ParseInt(r.URL.Query().Get("total"), 10, 64)
	body := chunks.Get().(*bytes.Buffer) //nolint:errcheck,forcetypeassert // only buffers are put back
	defer chunks.Put(body)
	errRead := readChunk(w, r, body, silence)
	chunk := body.Bytes()
	if errors.Join(errOffset, errTotal, errRead) != nil || offset < 0 || total <= 0 || len(chunk) > MaxChunk ||
		len(chunk) == 0 && offset != total {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, errors.Join(errOffset, errTotal, errRead))
		return
	}
	sum, err := strconv.ParseUint(r.Header.Get(ChecksumHeader), 16, 32)
	if err != nil || uint32(sum) != crc32.Checksum(chunk, castagnoli) {
		s.fail(w, r, http.StatusUnprocessableEntity, syncproto.CodeBadChecksum, err)
		return
	}
	if total > most {
		s.fail(w, r, http.StatusRequestEntityTooLarge, syncproto.CodeTooLarge, nil)
		return
	}
	done, err := s.Blobs.Append(r.Context(), sha, offset, total, chunk)
	if err != nil {
		s.blobFailed(w, r, err)
		return
	}
	if done {
		if err := s.arrived(r.Context(), sha, total); err != nil {
			s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
			return
		}
		s.Metrics.blob(total)
	}
	s.json(w, r, BlobOffset{Offset: offset + int64(len(chunk)), Whole: done})
}

// chunks are buffers for pieces: allocating them anew would cost as much as the
// storing.
var chunks = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, MaxChunk+2*bytes.MinRead)) }}

// silence is how long a piece may bring no byte. There is no limit on the whole:
// at 1 KB/s the largest piece takes minutes.
const silence = 60 * time.Second

// readChunk reads up to one byte more than a chunk may have.
func readChunk(w http.ResponseWriter, r *http.Request, into *bytes.Buffer, silence time.Duration) error {
	into.Reset()
	body := &patientBody{Reader: io.LimitReader(r.Body, MaxChunk+1), conn: http.NewResponseController(w), silence: silence}
	_, err := into.ReadFrom(body)
	return errors.Join(err, body.wait(time.Time{}))
}

// patientBody gives up on a sender that has fallen silent.
type patientBody struct {
	io.Reader
	conn    *http.ResponseController
	silence time.Duration
}

// Read implements io.Reader.
func (b *patientBody) Read(p []byte) (int, error) {
	if err := b.wait(time.Now().Add(b.silence)); err != nil {
		return 0, err
	}
	return b.Reader.Read(p)
}

// wait sets until when reading may wait, the zero time for ever. Without a
// connection nobody falls silent.
func (b *patientBody) wait(until time.Time) error {
	if err := b.conn.SetReadDeadline(until); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// arrived records durable bytes; doing it again changes nothing.
func (s *Server) arrived(ctx context.Context, sha domain.Hash, bytes int64) error {
	logged, err := s.Engine.BlobArrived(ctx, sha, bytes)
	s.publish(ctx, logged) // others' blobs may have been recorded although this one was not
	return err
}

func (s *Server) blobFailed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, blobs.ErrWrongBytes):
		s.fail(w, r, http.StatusUnprocessableEntity, syncproto.CodeWrongBytes, err)
	case errors.Is(err, blobs.ErrOffset):
		s.fail(w, r, http.StatusConflict, syncproto.CodeBadOffset, err)
	case errors.Is(err, blobs.ErrTooLarge):
		s.fail(w, r, http.StatusRequestEntityTooLarge, syncproto.CodeTooLarge, err)
	case errors.Is(err, blobs.ErrMissing):
		s.fail(w, r, http.StatusNotFound, syncproto.CodeBlobMissing, err)
	default:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
	}
}

func (s *Server) blobRead(w http.ResponseWriter, r *http.Request) {
	if sha, _, ok := s.blobCaller(w, r, false); ok {
		s.serveBlob(w, r, sha)
	}
}

// serveBlob gives bytes that the caller may read, with ranges, as data that no
// browser interprets.
func (s *Server) serveBlob(w http.ResponseWriter, r *http.Request, sha domain.Hash) {
	f, _, err := s.Blobs.Open(r.Context(), sha)
	if err != nil {
		s.blobFailed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
	if err := f.Close(); err != nil {
		s.logger(r).Info("close blob", "error", err)
	}
}
