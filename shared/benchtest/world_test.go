package benchtest

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/syncserver/service"
)

// world is a server with the sample project on loopback.
type world struct {
	b       *testing.B
	server  *service.Service
	project domain.ProjectID
	url     string
}

func newWorld(b *testing.B) *world {
	b.Helper()
	w := &world{b: b}
	var err error
	w.server, err = service.Open(b.Context(), service.Options{
		Dir: b.TempDir(), Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	must(b, err)
	w.project, err = w.server.LoadSample(b.Context(), sample.FS)
	must(b, err)
	serving, stop := context.WithCancel(context.Background())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	server := &http.Server{Handler: w.server.Handler(serving), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	w.url = "http://" + l.Addr().String()
	b.Cleanup(func() {
		stop()
		must(b, server.Close())
		<-done
		must(b, w.server.Close())
	})
	return w
}

// device enrols a device for a sample person; it is not connected yet.
func (w *world) device(login, name string) *core.Core {
	w.b.Helper()
	c, err := core.Open(w.b.Context(), core.Options{
		Dir: filepath.Join(w.b.TempDir(), name), Version: "bench", Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
	})
	must(w.b, err)
	person, err := w.server.PersonByLogin(w.b.Context(), login)
	must(w.b, err)
	code, err := w.server.Accounts.NewCode(w.b.Context(), person, time.Hour)
	must(w.b, err)
	must(w.b, c.Enrol(w.b.Context(), w.url, code, name))
	w.b.Cleanup(func() { must(w.b, c.Close(context.WithoutCancel(w.b.Context()))) })
	return c
}

// settled waits until a device and the server have exchanged everything.
func settled(b *testing.B, c *core.Core, done func(localstore.Progress) bool) {
	b.Helper()
	rings, stop := c.Store.Subscribe()
	defer stop()
	deadline := time.After(10 * time.Minute)
	for {
		var p localstore.Progress
		must(b, c.Store.View(b.Context(), func(t *localstore.Tx) (err error) {
			p, err = t.Progress(b.Context())
			return err
		}))
		if p.Have > 0 && p.Behind == 0 && p.AllConfirmed() && done(p) {
			return
		}
		select {
		case <-rings:
		case <-deadline:
			b.Fatalf("not settled: %+v, %+v", p, c.Runner.Status())
		}
	}
}

func units(b *testing.B, c *core.Core) (ids []domain.UnitID) {
	b.Helper()
	must(b, c.Store.View(b.Context(), func(t *localstore.Tx) error {
		rows, err := localstore.List[domain.Unit](b.Context(), t, domain.EntityUnit, localstore.Filter{})
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return err
	}))
	return ids
}

// quantile of durations in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	slices.Sort(d)
	return d[min(int(float64(len(d))*q), len(d)-1)].Seconds() * 1000
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func shaOf(body []byte) string {
	sum := sha256.Sum256(body)
	return domain.Hash(sum).String()
}
