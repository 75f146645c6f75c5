package benchtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/benchtest/floor"
	"keyturn/syncserver/service"
)

// A process of its own is measured on its own: with one of these roles in its
// environment the test binary is that process and runs no tests.
const (
	role         = "KEYTURN_BENCH_ROLE"
	roleDir      = "KEYTURN_BENCH_DIR"
	roleFloor    = "floor"
	roleProfiled = "profiled"
	roleApp      = "app"
)

func TestMain(m *testing.M) {
	work := map[string]func(context.Context, string) error{
		roleFloor: serveFloor, roleProfiled: serveProfiled, roleApp: uploadAll,
	}[os.Getenv(role)]
	if work == nil {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the run that started this process
		stop()
	}()
	if err := work(ctx, os.Getenv(roleDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is the test binary in a role.
func child(t *testing.T, as, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	cmd.Env = append(os.Environ(), role+"="+as, roleDir+"="+dir)
	return cmd
}

// serving starts Keyturn's server on a data directory: the program that is
// shipped, or its service inside the test binary when a profile is asked for.
func (b *bench) serving(t *testing.T, dir string) *process {
	t.Helper()
	if b.profile != "" {
		return launch(t, child(t, roleProfiled, dir))
	}
	return launch(t, exec.CommandContext(context.WithoutCancel(t.Context()), b.syncserver, "serve", "-data", dir, "-listen", "127.0.0.1:0"))
}

func serveFloor(ctx context.Context, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "serving on", l.Addr())
	return floor.Serve(ctx, dir, l)
}

// serveProfiled is the server with a CPU profile of its life.
func serveProfiled(ctx context.Context, dir string) (err error) {
	s, err := openService(ctx, dir)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(os.Getenv(benchProfile), fmt.Sprintf("server-%s.pprof", time.Now().Format("150405"))))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer func() {
		pprof.StopCPUProfile()
		_ = out.Close()
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.Handler(ctx), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	fmt.Fprintln(os.Stdout, "serving on", l.Addr())
	<-ctx.Done()
	_ = server.Close()
	<-done
	return s.Close()
}

func openService(ctx context.Context, dir string) (*service.Service, error) {
	return service.Open(ctx, service.Options{
		Dir: dir, Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
		Log: quiet(),
	})
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// profiled writes a CPU profile of work in this process: the devices.
func (b *bench) profiled(t *testing.T, name string, work func()) {
	t.Helper()
	if b.profile == "" {
		work()
		return
	}
	out, err := os.Create(filepath.Join(b.profile, name+".pprof"))
	must(t, err)
	must(t, pprof.StartCPUProfile(out))
	work()
	pprof.StopCPUProfile()
	must(t, out.Close())
}
