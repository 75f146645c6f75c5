package api

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"

	"keyturn/shared/rotation"
	"keyturn/shared/syncproto"
)

// RotationsFile lies in the data directory: how the server's TLS key changed.
const RotationsFile = "tls-rotations.json"

// rotationsAge is for how many seconds anybody may keep the answer.
const rotationsAge = 60

// rotations answers GET /v1/tls-rotations to everybody: a device that does not
// know the server's new key must not show a token first. Each statement proves
// itself, so the file goes out as it is; it is read each time because a proxy in
// front may change its key while this server runs.
func (s *Server) rotations(w http.ResponseWriter, r *http.Request) {
	file, err := ReadRotations(s.Rotations)
	if err != nil {
		s.logger(r).Error("no TLS key rotations", "error", err)
		s.fail(w, r, http.StatusServiceUnavailable, syncproto.CodeStorage, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(file)))
	w.Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(rotationsAge))
	if _, err := w.Write(file); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}

// ReadRotations reads a file of rotations; without one there were none.
func ReadRotations(path string) (file []byte, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rotation.Chain{}.Encode()
	}
	if err != nil {
		return nil, err
	}
	file, err = io.ReadAll(io.LimitReader(f, rotation.MaxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(file) > rotation.MaxBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", RotationsFile, rotation.MaxBytes)
	}
	return file, nil
}
