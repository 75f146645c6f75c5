package backends

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// Postgres gives a fresh, empty database on a server that all tests of this
// process share; it is started at the first call and ends with the process.
// The database is dropped when the test ends.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	s, err := shared()
	must(t, err)
	return s.Database(t)
}

var shared = sync.OnceValues(func() (*PostgresServer, error) { return newPostgres(nil, true) })

// StartPostgres starts a server for one test, which may stop, crash and start
// it again. It is durable as in production (fsync on); settings such as
// "fsync=off" are handed to it.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	s, err := newPostgres(settings, false)
	must(t, err)
	t.Cleanup(func() {
		if s.running != nil {
			s.Stop(t)
		}
		must(t, os.RemoveAll(s.folder))
	})
	return s
}

// PostgresServer is a Postgres of this process's own.
type PostgresServer struct {
	bin      string // folder of its programs
	as       *syscall.Credential
	folder   string
	settings []string
	port     int
	removes  bool // the folder goes when the server ends
	running  *child
	names    atomic.Int64
}

// newPostgres starts a server with an empty cluster. removes says that nobody
// will start it again: its folder goes when it ends.
func newPostgres(settings []string, removes bool) (*PostgresServer, error) {
	s := &PostgresServer{settings: settings, removes: removes}
	var err error
	if s.bin, err = postgresBin(); err != nil {
		return nil, err
	}
	if s.as, err = postgresUser(); err != nil {
		return nil, err
	}
	err = onFreePort(func(port int) error {
		s.port = port
		if err := errors.Join(s.initialise(), s.start()); err != nil {
			return errors.Join(err, os.RemoveAll(s.folder))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return s, nil
}

// initialise lays out an empty cluster.
func (s *PostgresServer) initialise() (err error) {
	if s.folder, err = os.MkdirTemp("", "keyturn-postgres-"); err != nil {
		return err
	}
	if s.as != nil {
		if err := os.Chown(s.folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return err
		}
	}
	return run(s.as, s.program("initdb"), "--pgdata="+s.folder, "--username=postgres", "--auth=trust", "--no-sync",
		"--encoding=UTF8", "--locale=C")
}

const install = "run `make deps`, which installs it"

// postgresBin finds the newest release's programs; Debian keeps them out of PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("no Postgres on this machine; %s: %w", install, err)
	}
	return filepath.Dir(path), nil
}

// release is the number in /usr/lib/postgresql/<number>/bin/initdb.
func release(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// postgresUser is who the server runs as: Postgres refuses root.
func postgresUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("Postgres refuses to run as root, and its own user is missing; %s: %w", install, err)
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (s *PostgresServer) program(name string) string { return filepath.Join(s.bin, name) }

func (s *PostgresServer) start() error {
	command := []string{
		s.program("postgres"), "-D", s.folder, "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
	}
	for _, setting := range s.settings {
		command = append(command, "-c", setting)
	}
	p := program{command: command, as: s.as}
	if s.removes {
		p.folder = s.folder
	}
	c, err := start(p)
	if err != nil {
		return err
	}
	if err := c.ready(func() bool { return s.tool("pg_isready", "--quiet") == nil }); err != nil {
		return errors.Join(err, c.lifeline.Close())
	}
	s.running = c
	return nil
}

// tool runs one of Postgres's own commands against the server.
func (s *PostgresServer) tool(name string, args ...string) error {
	return run(s.as, append([]string{s.program(name), "--host=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--username=postgres"}, args...)...)
}

// Database gives a fresh, empty database, dropped when the test ends if the
// server still runs then.
func (s *PostgresServer) Database(t testing.TB) (url string) {
	t.Helper()
	name := fmt.Sprintf("test%d", s.names.Add(1))
	must(t, s.tool("createdb", name))
	t.Cleanup(func() {
		if s.running != nil {
			must(t, s.tool("dropdb", "--force", name))
		}
	})
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", local(s.port), name)
}

// Stop shuts the server down as an administrator would: open transactions are
// rolled back, connections closed. It returns when the server is gone.
func (s *PostgresServer) Stop(t testing.TB) { t.Helper(); s.end(t, "INT") }

// Crash ends the server at once, without a checkpoint: the next start recovers
// from the log, as after a power cut.
func (s *PostgresServer) Crash(t testing.TB) { t.Helper(); s.end(t, "QUIT") }

func (s *PostgresServer) end(t testing.TB, signal string) {
	t.Helper()
	c := s.running
	s.running = nil
	if err := c.stop(signal); err != nil {
		t.Fatalf("postgres: %v", err)
	}
}

// Start brings a stopped or crashed server back at the same address.
func (s *PostgresServer) Start(t testing.TB) { t.Helper(); must(t, s.start()) }
