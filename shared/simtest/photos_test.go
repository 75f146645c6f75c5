package simtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
)

// album holds the bytes of every picture of a world.
type album struct {
	bytes map[domain.Hash][]byte
	taken []picture
	// large makes the next ones large.
	large bool
}

// picture is a photo and its smaller working copy.
type picture struct{ original, work domain.Hash }

func newAlbum() *album { return &album{bytes: map[domain.Hash][]byte{}} }

// large originals need three pieces: the device sends 32 KB, 64 KB, 128 KB.
const large = 150_000

// take makes a picture; now and then it is one that exists already.
func (a *album) take(dice *rand.Rand) picture {
	if len(a.taken) > 0 && dice.IntN(4) == 0 && !a.large {
		return a.taken[dice.IntN(len(a.taken))]
	}
	size := 100 + dice.IntN(2000)
	if dice.IntN(6) == 0 || a.large {
		size = large + dice.IntN(1000)
	}
	p := picture{original: a.add(dice, size), work: a.add(dice, 50+dice.IntN(100))}
	a.taken = append(a.taken, p)
	return p
}

func (a *album) add(dice *rand.Rand, n int) domain.Hash {
	content := make([]byte, n)
	for i := 0; i+8 <= n; i += 8 {
		v := dice.Uint64()
		for b := range 8 {
			content[i+b] = byte(v >> (8 * b))
		}
	}
	sha := domain.Hash(sha256.Sum256(content))
	a.bytes[sha] = content
	return sha
}

func (a *album) size(sha domain.Hash) int64 { return int64(len(a.bytes[sha])) }

// queue puts both renditions into the upload queue, as fieldwork does.
func (p picture) queue(ctx context.Context, t *localstore.Tx, a *album, id domain.AttachmentID) error {
	return errors.Join(
		t.QueueUpload(ctx, localstore.Upload{SHA256: p.work, Attachment: id, Photo: p.original.String(), Bytes: a.size(p.work)}),
		t.QueueUpload(ctx, localstore.Upload{SHA256: p.original, Attachment: id, Original: true, Photo: p.original.String(), Bytes: a.size(p.original)}),
	)
}

// newPhotos is the app's photo mover, over a network of the simulation's.
func (d *device) newPhotos() *syncer.Photos {
	return &syncer.Photos{
		Store: d.store, Link: syncer.LinkOver(d), Cache: &syncer.Cache{Dir: filepath.Join(d.dir, "cache")},
		Open: func(u localstore.Upload) (io.ReadSeekCloser, error) {
			if !d.vault[u.SHA256] {
				return nil, os.ErrNotExist
			}
			return readCloser{bytes.NewReader(d.w.photos.bytes[u.SHA256])}, nil
		},
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// weather is what happens to a device's requests about photos.
type weather struct {
	p    *process
	dice *rand.Rand // nil is fair weather
	// lasts is after how many requests the connection breaks; 0 is not at all.
	lasts int
	// taken counts the bytes of a blob that the server has confirmed to the device.
	taken map[string]int64
}

// errCut is a connection that broke.
var errCut = errors.New("connection cut")

// RoundTrip carries one request to a server and its answer back, or not.
func (d *device) RoundTrip(r *http.Request) (*http.Response, error) {
	chunk := r.Method == http.MethodPut
	resp, err := d.weather.carry(r, chunk)
	if chunk && err == nil && resp.StatusCode == http.StatusOK {
		d.weather.taken[r.URL.Path] += r.ContentLength
	}
	return resp, err
}

func (w *weather) carry(r *http.Request, chunk bool) (*http.Response, error) {
	if w.dice == nil {
		return w.p.serve(r), nil
	}
	if w.lasts--; w.lasts == 0 {
		return nil, errCut
	}
	switch fate := w.dice.IntN(16); {
	case fate == 0:
		return nil, errCut
	case fate == 1:
		w.p.serve(r)
		return nil, errCut // the server has it, the device does not know
	case fate <= 4 && chunk:
		if err := flip(r, w.dice); err != nil {
			return nil, err
		}
	case fate == 5 && chunk:
		w.p.serve(again(r)) // twice
	}
	return w.p.serve(r), nil
}

// flip changes one bit of what the request carries.
func flip(r *http.Request, dice *rand.Rand) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(body) > 0 {
		body = bytes.Clone(body)
		body[dice.IntN(len(body))] ^= 1 << dice.IntN(8)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// again is a copy of a request whose body can be read twice.
func again(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			c.Body = body
		}
	}
	return c
}

// serve is a request's way through the server's HTTP surface.
func (p *process) serve(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, r)
	p.cloud.w.tell("server %d answers %s %s: %d", p.n, r.Method, strings.TrimPrefix(r.URL.Path, "/v1/"), w.Code)
	p.cloud.follow()
	return w.Result()
}

// movePhotos lets a device carry what there is to carry, in bad weather.
func movePhotos(w *world, dice *rand.Rand) {
	w.device(dice).movePhotos(w.server(dice), dice)
}

// movePhotos carries them to and from one server; dice nil is fair weather.
func (d *device) movePhotos(p *process, dice *rand.Rand) {
	d.weather.p, d.weather.dice, p.cloud.blobs.dice = p, dice, dice
	defer func() { p.cloud.blobs.dice = nil }()
	err := d.photos.Move(d.w.ctx, d.identity)
	if err != nil && !errors.Is(err, errCut) && !d.ailing() {
		d.w.fail("photos of %s on a sound disk: %v", d.name, err)
	}
	d.checkFrugal()
}

// checkFrugal: what the server has confirmed is not sent again, so a fault costs
// at most the piece that it hit.
func (d *device) checkFrugal() {
	for path, taken := range d.weather.taken {
		sha, err := domain.ParseHash(strings.TrimPrefix(path, "/v1/blobs/"))
		d.w.must(err, "blob's name")
		if size := d.w.photos.size(sha); taken > size && !d.w.cloud.torn {
			d.w.fail("%s had to send %d bytes of a photo of %d that arrived safely", d.name, taken, size)
		}
	}
}

// forgetPhotos is for servers that lost bytes: they may ask for them again.
func (w *world) forgetPhotos() {
	for _, d := range w.devices {
		d.weather.taken = map[string]int64{}
	}
}
