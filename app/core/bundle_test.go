package core_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/bundle"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

// content is what a bundle was found to hold.
type content struct {
	ops    []syncproto.Op
	photos []bundle.Photo
}

func (c *content) Push(p *syncproto.Push) error {
	c.ops = append(c.ops, p.Ops...)
	return nil
}

func (c *content) Photo(p bundle.Photo, _ io.Reader) error {
	c.photos = append(c.photos, p)
	return nil
}

func unpack(t *testing.T, file []byte, token string) (bundle.Header, content) {
	t.Helper()
	f, err := bundle.Open(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	var c content
	_, err = f.Read(bundle.SecretOf(token), &c)
	must(t, err)
	return f.Header, c
}

func export(t *testing.T, c *core.Core) ([]byte, *core.BundleExport) {
	t.Helper()
	var out bytes.Buffer
	b, err := c.NewBundle(t.Context(), &out)
	must(t, err)
	for done := false; !done; {
		done, err = b.Step(t.Context())
		must(t, err)
	}
	return out.Bytes(), b
}

// captured takes a small picture of one shade in and records it with a defect.
func captured(t *testing.T, c *core.Core, name string, shade uint8) fieldwork.Captured {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 640, 480))
	for i := range picture.Pix {
		picture.Pix[i] = shade
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	must(t, err)
	must(t, jpeg.Encode(f, picture, nil))
	must(t, f.Close())
	taken, err := c.Field.Capture(t.Context(), path, photo.Meta{})
	must(t, err)
	form, err := c.Field.NewDefectForm(domain.ProjectID{1}, domain.UnitID{2}, domain.StageHandover)
	must(t, err)
	form.Description, form.Photos = name, []fieldwork.Captured{taken}
	_, err = c.Field.RecordDefect(t.Context(), form)
	must(t, err)
	return taken
}

func TestBundleHoldsWhatIsUnconfirmed(t *testing.T) {
	c, _ := newDevice(t)
	var nowhere bytes.Buffer
	if _, err := c.NewBundle(t.Context(), &nowhere); !errors.Is(err, localstore.ErrNotEnrolled) {
		t.Error(err)
	}
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, DeviceToken: "token", Person: ident.Derive[domain.Person]("me")}))
	if _, err := c.NewBundle(t.Context(), &nowhere); !errors.Is(err, core.ErrNothingToExport) || nowhere.Len() > 0 {
		t.Errorf("%v, %d bytes", err, nowhere.Len())
	}
	first := captured(t, c, "tile.jpg", 80) // ops 1 and 2
	second := captured(t, c, "wall.jpg", 160)
	// The first defect is answered and its working copy confirmed.
	must(t, c.Store.Update(t.Context(), func(tx *localstore.Tx) error {
		for seq := range uint64(2) {
			must(t, tx.Answer(t.Context(), syncproto.Answer{Seq: seq + 1, Status: syncproto.Applied, LogSeq: seq + 1}))
		}
		work, err := domain.ParseHash(first.Work)
		must(t, err)
		return tx.ConfirmUpload(t.Context(), work)
	}))
	file, b := export(t, c)
	header, got := unpack(t, file, "token")
	if header.Device != tablet || header.NextSeq != 3 || header.AppVersion != "test" || len(got.ops) != 2 || b.Records != 2 || b.Photos != 3 || b.Missing != 0 {
		t.Errorf("%+v, %d ops, %+v", header, len(got.ops), b)
	}
	var hashes []string
	for _, p := range got.photos {
		hashes = append(hashes, p.SHA256.String())
		if (p.SHA256.String() == first.Photo) != (p.Op <= 2) {
			t.Errorf("photo of op %d", p.Op)
		}
	}
	if want := []string{second.Work, first.Photo, second.Photo}; !slices.Equal(hashes, want) {
		t.Errorf("photos %q, want working copies first: %q", hashes, want)
	}
	if bytes.Contains(file, []byte("wall.jpg")) {
		t.Error("the description is readable")
	}
}

// A photo whose file is gone or damaged is left out and counted; the rest goes.
func TestBundleWithoutALostPhoto(t *testing.T) {
	c, _ := newDevice(t)
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, DeviceToken: "token", Person: ident.Derive[domain.Person]("me")}))
	lost, damaged := captured(t, c, "tile.jpg", 80), captured(t, c, "wall.jpg", 160)
	must(t, os.Remove(c.Vault.Path(lost.Photo, photo.Original)))
	path := c.Vault.Path(damaged.Photo, photo.Work)
	must(t, os.Chmod(path, 0o600))
	must(t, os.WriteFile(path, []byte("a bad card"), 0o600))
	file, b := export(t, c)
	_, got := unpack(t, file, "token")
	if b.Missing != 2 || b.Photos != 2 || len(got.photos) != 2 || len(got.ops) != 4 {
		t.Errorf("%+v, %d photos", b, len(got.photos))
	}
}

// A full disk ends the export with its error.
func TestBundleOnAFullDisk(t *testing.T) {
	c, _ := newDevice(t)
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, DeviceToken: "token", Person: ident.Derive[domain.Person]("me")}))
	captured(t, c, "tile.jpg", 80)
	full := errors.New("disk full")
	b, err := c.NewBundle(t.Context(), &card{room: 1000, full: full})
	for done := false; err == nil && !done; {
		done, err = b.Step(t.Context())
	}
	if !errors.Is(err, full) {
		t.Error(err)
	}
}

type card struct {
	room int
	full error
}

func (c *card) Write(b []byte) (int, error) {
	if c.room -= len(b); c.room < 0 {
		return 0, c.full
	}
	return len(b), nil
}

// What the server rejected stays out with its photos; what lies in its review
// inbox still lacks them.
func TestBundleFollowsTheAnswers(t *testing.T) {
	c, _ := newDevice(t)
	must(t, c.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, DeviceToken: "token", Person: ident.Derive[domain.Person]("me")}))
	captured(t, c, "rejected.jpg", 40)             // ops 1 and 2
	reviewed := captured(t, c, "reviewed.jpg", 60) // ops 3 and 4
	must(t, c.Store.Update(t.Context(), func(tx *localstore.Tx) error {
		for seq, status := range []syncproto.Status{syncproto.Rejected, syncproto.Rejected, syncproto.Quarantined, syncproto.Quarantined} {
			must(t, tx.Answer(t.Context(), syncproto.Answer{Seq: uint64(seq) + 1, Status: status}))
		}
		return nil
	}))
	file, _ := export(t, c)
	header, got := unpack(t, file, "token")
	if header.NextSeq != 5 || len(got.ops) != 0 || len(got.photos) != 2 || got.photos[0].SHA256.String() != reviewed.Work || got.photos[1].Op < 3 {
		t.Errorf("%+v, %d ops, photos %+v", header, len(got.ops), got.photos)
	}
}
