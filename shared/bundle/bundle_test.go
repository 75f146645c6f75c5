package bundle

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

var (
	tablet = ident.Derive[domain.Device]("tablet")
	secret = SecretOf("token")
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func op(seq uint64) syncproto.Op {
	return syncproto.Op{
		Device: tablet, Seq: seq, Actor: ident.Derive[domain.Person]("me"), CapturedAt: 1, HLC: seq, Entity: domain.EntityDefect,
		Scope: syncproto.Scope{Project: ident.Derive[domain.Project]("sample"), Audience: domain.AudienceField},
		ID:    domain.AnyID{byte(seq)}, Kind: syncproto.Recorded, Fields: syncproto.Fields{1: {0x61, 'x'}}, Schema: 1,
	}
}

func ops(from, to uint64) (all []syncproto.Op) {
	for seq := from; seq <= to; seq++ {
		all = append(all, op(seq))
	}
	return all
}

// picture is invented bytes with the photo that announces them.
func picture(n int, seq uint64) (Photo, []byte) {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 / 3)
	}
	return Photo{SHA256: sha256.Sum256(b), Bytes: int64(n), Op: seq}, b
}

func header() Header { return Header{Device: tablet, NextSeq: 5, AppVersion: "test", ExportedAt: 1} }

// made is a bundle of ops 5 to 9 in two pushes and the given photos.
func made(t testing.TB, sizes ...int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, header(), secret, rand.Reader)
	must(t, err)
	must(t, w.Push(syncproto.Push{Ops: ops(5, 6)}))
	must(t, w.Push(syncproto.Push{Ops: ops(7, 9)}))
	for _, n := range sizes {
		p, b := picture(n, 6)
		must(t, w.Photo(p, bytes.NewReader(b)))
	}
	totals, err := w.Close()
	must(t, err)
	if totals.Ops != 5 || totals.Photos != uint64(len(sizes)) {
		t.Fatalf("%+v", totals)
	}
	return out.Bytes()
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// taken notes what a reader handed on.
type taken struct {
	seqs   []uint64
	photos []Photo
	leave  bool // the bytes unread
	fail   error
}

func (k *taken) Push(p *syncproto.Push) error {
	for _, o := range p.Ops {
		k.seqs = append(k.seqs, o.Seq)
	}
	return k.fail
}

func (k *taken) Photo(p Photo, content io.Reader) error {
	k.photos = append(k.photos, p)
	if k.leave {
		return k.fail
	}
	b, err := io.ReadAll(content)
	if err == nil && (int64(len(b)) != p.Bytes || sha256.Sum256(b) != p.SHA256) {
		err = fmt.Errorf("%d bytes of photo %s", len(b), p.SHA256)
	}
	return err
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	// Sizes around the pieces of the seal, and one of several pieces.
	for _, sizes := range [][]int{nil, {1}, {pieceBytes, pieceBytes - 1, pieceBytes + 1}, {3*pieceBytes + 17, 400}} {
		f, err := open(made(t, sizes...))
		must(t, err)
		if f.Header.Device != tablet || f.Header.NextSeq != 5 || f.Header.AppVersion != "test" || f.Header.Schema != syncproto.SchemaVersion {
			t.Errorf("%+v", f.Header)
		}
		for _, leave := range []bool{false, true} {
			k := &taken{leave: leave}
			totals, err := f.Read(secret, k)
			must(t, err)
			if !slices.Equal(k.seqs, []uint64{5, 6, 7, 8, 9}) || len(k.photos) != len(sizes) || totals.Photos != uint64(len(sizes)) {
				t.Errorf("%v: %+v, %+v", sizes, k, totals)
			}
		}
		if _, err := f.Check(secret); err != nil {
			t.Error(err)
		}
	}
}

// A bundle's content is hidden, and two of the same work differ.
func TestContentIsHidden(t *testing.T) {
	p, b := picture(5000, 6)
	file := made(t, len(b))
	if bytes.Contains(file, b[:64]) || bytes.Contains(file, p.SHA256[:]) {
		t.Error("the photo is readable")
	}
	if other := made(t, len(b)); bytes.Equal(file, other) {
		t.Error("the salt does not vary")
	}
}

func TestTruncatedAndDamaged(t *testing.T) {
	file := made(t, 70_000)
	for i := 0; i < len(file); i += 1 + i/20 {
		if _, err := open(file[:i]); !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrFormat) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := open(file[:len(file)-1]); !errors.Is(err, ErrTruncated) {
		t.Error(err)
	}
	for i := 0; i < len(file); i += 1 + i/50 {
		changed := slices.Clone(file)
		changed[i] ^= 0x40
		if _, err := open(changed); err == nil {
			t.Fatalf("byte %d may be changed", i)
		}
	}
	changed := slices.Clone(file)
	changed[len(changed)/2] ^= 1
	if _, err := open(changed); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	if _, err := open(append(slices.Clone(file), 0)); !errors.Is(err, ErrTruncated) {
		t.Errorf("with a byte more: %v", err)
	}
	if _, err := open([]byte("some other file, long enough to be one")); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
	broken := iotest.ErrReader(errors.New("bad card"))
	if _, err := Open(readerAt{broken}, 1000); err == nil || errors.Is(err, ErrFormat) {
		t.Errorf("a disk's failure looks like a format: %v", err)
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(b []byte, _ int64) (int, error) { return r.Read(b) }

// resum gives a changed file a matching hash at its end, as a forger would.
func resum(file []byte) []byte {
	body := file[:len(file)-sha256.Size]
	sum := sha256.Sum256(body)
	return append(slices.Clone(body), sum[:]...)
}

func TestForged(t *testing.T) {
	file := made(t, 3*pieceBytes)
	content := len(file) - endBytes
	another := ident.Derive[domain.Device]("another")
	h := len(magic) + 4 + int(binary.BigEndian.Uint32(file[len(magic):]))
	for name, change := range map[string]func([]byte) []byte{
		"a byte of the content": func(b []byte) []byte { b[content/2] ^= 1; return b },
		"the last byte":         func(b []byte) []byte { b[content-1] ^= 1; return b },
		"another device":        func(b []byte) []byte { return bytes.Replace(b, tablet[:], another[:], 1) },
		"another next number":   func(b []byte) []byte { return bytes.Replace(b, []byte{3, 5, 4}, []byte{3, 6, 4}, 1) },
		"a piece less":          func(b []byte) []byte { return slices.Delete(b, h, h+pieceBytes+tagBytes) },
		"a piece twice": func(b []byte) []byte {
			return slices.Insert(b, h, slices.Clone(b[h:h+pieceBytes+tagBytes])...)
		},
		"the end cut off": func(b []byte) []byte { return slices.Delete(b, h+2*(pieceBytes+tagBytes), content) },
	} {
		changed := change(slices.Clone(file))
		if bytes.Equal(changed, file) {
			t.Errorf("%s: nothing changed", name)
		}
		f, err := open(resum(changed))
		must(t, err)
		if _, err := f.Check(secret); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := open(file)
	must(t, err)
	k := &taken{}
	if _, err := f.Read(SecretOf("another token"), k); !errors.Is(err, ErrForged) || len(k.seqs) > 0 {
		t.Errorf("another device's secret: %v, %v", err, k.seqs)
	}
}

// sealed makes a file of any content, as somebody with the secret could.
func sealed(t testing.TB, h Header, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, h, secret, rand.Reader)
	must(t, err)
	_, err = w.sealed.Write(content)
	must(t, err)
	must(t, w.sealed.Close())
	out.WriteString(endMagic)
	w.sum.Write([]byte(endMagic))
	return append(out.Bytes(), w.sum.Sum(nil)...)
}

func part(t testing.TB, kind byte, body []byte) []byte {
	t.Helper()
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body))), body...)
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := syncproto.Marshal(v)
	must(t, err)
	return b
}

func push(t testing.TB, all []syncproto.Op) []byte {
	t.Helper()
	b, err := syncproto.EncodeFrame(&syncproto.Push{Ops: all})
	must(t, err)
	return part(t, kindPush, b)
}

// What no device writes is refused, even when it is sealed well.
func TestContentIsChecked(t *testing.T) {
	p, b := picture(100, 5)
	photo := append(part(t, kindPhoto, encoded(t, p)), b...)
	end := func(ops, photos uint64, bytes int64) []byte {
		return part(t, kindEnd, encoded(t, Totals{Ops: ops, Photos: photos, PhotoBytes: bytes}))
	}
	pull, err := syncproto.EncodeFrame(&syncproto.Pull{Scope: op(1).Scope})
	must(t, err)
	foreign := op(5)
	foreign.Device = ident.Derive[domain.Device]("another")
	large, other, wrong := p, p, slices.Clone(photo)
	large.Bytes, other.Op = MaxPhotoBytes+1, 0
	wrong[len(wrong)-1] ^= 1
	for name, content := range map[string][]byte{
		"nothing":                  nil,
		"no end":                   push(t, ops(5, 6)),
		"half a section":           push(t, ops(5, 6))[:9],
		"half a photo":             slices.Concat(push(t, ops(5, 5)), photo[:len(photo)-1]),
		"the wrong first op":       slices.Concat(push(t, ops(6, 7)), end(2, 0, 0)),
		"a gap":                    slices.Concat(push(t, ops(5, 5)), push(t, ops(7, 7)), end(2, 0, 0)),
		"an op twice":              slices.Concat(push(t, ops(5, 5)), push(t, ops(5, 5)), end(2, 0, 0)),
		"another device's op":      slices.Concat(push(t, []syncproto.Op{foreign}), end(1, 0, 0)),
		"an empty push":            slices.Concat(push(t, nil), end(0, 0, 0)),
		"another frame":            slices.Concat(part(t, kindPush, pull), end(0, 0, 0)),
		"no frame":                 slices.Concat(part(t, kindPush, []byte{9}), end(0, 0, 0)),
		"a photo before its op":    slices.Concat(photo, push(t, ops(5, 5)), end(1, 1, 100)),
		"other bytes":              slices.Concat(push(t, ops(5, 5)), wrong, end(1, 1, 100)),
		"too large a photo":        slices.Concat(push(t, ops(5, 5)), part(t, kindPhoto, encoded(t, large)), end(1, 1, 100)),
		"a photo of no op":         slices.Concat(push(t, ops(5, 5)), part(t, kindPhoto, encoded(t, other)), b, end(1, 1, 100)),
		"a broken photo":           slices.Concat(push(t, ops(5, 5)), part(t, kindPhoto, []byte{0xff}), end(1, 1, 100)),
		"an unknown section":       slices.Concat(part(t, 9, nil), end(0, 0, 0)),
		"a huge section":           append([]byte{kindPush}, 0xff, 0xff, 0xff, 0xff),
		"wrong totals":             slices.Concat(push(t, ops(5, 5)), photo, end(1, 1, 99)),
		"broken totals":            part(t, kindEnd, []byte{0xff}),
		"something behind the end": slices.Concat(push(t, ops(5, 5)), photo, end(1, 1, 100), []byte{0}),
	} {
		f, err := open(sealed(t, header(), content))
		must(t, err)
		if _, err := f.Read(secret, &taken{leave: true}); !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	var out bytes.Buffer
	for name, h := range map[string]Header{
		"no device": {NextSeq: 1}, "no number": {Device: tablet},
		"a long version": {Device: tablet, NextSeq: 1, AppVersion: string(make([]byte, maxVersion+1))},
	} {
		if _, err := NewWriter(&out, h, secret, rand.Reader); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := NewWriter(&out, header(), secret, rand.Reader)
	must(t, err)
	must(t, w.Push(syncproto.Push{Ops: ops(5, 6)}))
	if err := w.Push(syncproto.Push{Ops: ops(8, 8)}); !errors.Is(err, ErrContent) {
		t.Errorf("a gap: %v", err)
	}
	p, b := picture(100, 5)
	if err := w.Photo(p, bytes.NewReader(b[1:])); !errors.Is(err, ErrPhoto) {
		t.Errorf("a damaged photo: %v", err)
	}
	must(t, w.Photo(p, bytes.NewReader(b))) // the bundle goes on
	if err := w.Push(syncproto.Push{Ops: ops(7, 7)}); !errors.Is(err, ErrContent) {
		t.Errorf("ops after photos: %v", err)
	}
	if totals, err := w.Close(); err != nil || totals != (Totals{Ops: 2, Photos: 1, PhotoBytes: 100}) {
		t.Errorf("%+v, %v", totals, err)
	}
	f, err := open(out.Bytes())
	must(t, err)
	if _, err := f.Check(secret); err != nil {
		t.Error(err)
	}
}

// A newer app's file says so instead of looking broken.
func TestAnotherVersion(t *testing.T) {
	h := header()
	h.Version, h.Salt = Version+1, make([]byte, saltBytes)
	b := encoded(t, h)
	file := append(binary.BigEndian.AppendUint32([]byte(magic), uint32(len(b))), b...)
	file = append(file, make([]byte, tagBytes)...)
	file = append(file, endMagic...)
	file = resum(append(file, make([]byte, sha256.Size)...))
	if _, err := open(file); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
}

func TestTakersErrorEndsTheReading(t *testing.T) {
	f, err := open(made(t, 100))
	must(t, err)
	full := errors.New("disk full")
	k := &taken{fail: full}
	if _, err := f.Read(secret, k); !errors.Is(err, full) || len(k.seqs) != 2 || len(k.photos) != 0 {
		t.Errorf("%v, %+v", err, k)
	}
}

func FuzzOpen(f *testing.F) {
	file := made(f, 100, 70_000)
	f.Add(file)
	f.Add(file[:len(file)-1])
	f.Add(sealed(f, header(), nil))
	f.Add([]byte(magic + "\x00\x00\x00\x01\xa0" + endMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		opened, err := open(b)
		if err != nil {
			return
		}
		if _, err := opened.Check(secret); err == nil && opened.Header.Device != tablet {
			t.Errorf("believed: %+v", opened.Header)
		}
	})
}

// FuzzContent looks behind the seal, where a fuzzer does not get by itself.
func FuzzContent(f *testing.F) {
	p, b := picture(100, 5)
	f.Add(slices.Concat(push(f, ops(5, 6)), part(f, kindPhoto, encoded(f, p)), b, part(f, kindEnd, encoded(f, Totals{Ops: 2, Photos: 1, PhotoBytes: 100}))))
	f.Add(push(f, ops(5, 6)))
	f.Add(part(f, kindEnd, encoded(f, Totals{})))
	f.Fuzz(func(t *testing.T, content []byte) {
		opened, err := open(sealed(t, header(), content))
		must(t, err)
		k := &taken{}
		totals, err := opened.Read(secret, k)
		if err == nil && (uint64(len(k.seqs)) != totals.Ops || uint64(len(k.photos)) != totals.Photos) {
			t.Errorf("%+v of %+v", totals, k)
		}
	})
}
