package backends_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"keyturn/shared/backends"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

func host(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	must(t, err)
	return u.Host
}

func TestPostgresIsShared(t *testing.T) {
	a, b := backends.Postgres(t), backends.Postgres(t)
	if a == b || host(t, a) != host(t, b) || !listens(host(t, a)) {
		t.Errorf("%s and %s", a, b)
	}
}

func TestPostgresComesBack(t *testing.T) {
	s := backends.StartPostgres(t, "fsync=off")
	address := host(t, s.Database(t))
	for name, end := range map[string]func(testing.TB){"stop": s.Stop, "crash": s.Crash} {
		end(t)
		if listens(address) {
			t.Errorf("%s: it still listens", name)
		}
		s.Start(t)
		if !listens(address) {
			t.Errorf("%s: it did not come back", name)
		}
		// The name is new to this server: it remembers the databases that it had.
		s.Database(t)
	}
}

func TestS3ComesBack(t *testing.T) {
	s := backends.S3(t)
	address := host(t, s.Endpoint())
	s.Stop(t)
	if listens(address) {
		t.Error("it still listens")
	}
	s.Start(t)
	if !listens(address) {
		t.Error("it did not come back")
	}
}

// The binary that the tests look for is the one that the Makefile installs.
func TestVersionsAgree(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	must(t, err)
	found := regexp.MustCompile(`(?m)^VERSITYGW_VERSION := (\S+)$`).FindSubmatch(makefile)
	source, err := os.ReadFile("s3.go")
	must(t, err)
	if found == nil || !regexp.MustCompile(`"versitygw-`+regexp.QuoteMeta(string(found[1]))+`"`).Match(source) {
		t.Errorf("the Makefile installs %q, s3.go looks for another", found)
	}
}

const orphan = "KEYTURN_TEST_ORPHAN"

// A killed test process leaves no server behind, nor the shared server's folder.
func TestServersEndWithTheProcess(t *testing.T) {
	if os.Getenv(orphan) != "" {
		fmt.Fprintf(os.Stdout, "\n%s\n%s\n", host(t, backends.Postgres(t)), host(t, backends.S3(t).Endpoint()))
		_, err := io.ReadAll(os.Stdin) // until killed
		t.Fatal(err)
	}
	// Open to all as /tmp is: Postgres may run as another user, which t.TempDir shuts out.
	temp, err := os.MkdirTemp("", "keyturn-orphan-") //nolint:usetesting // see above
	must(t, err)
	must(t, os.Chmod(temp, 0o777|os.ModeSticky))
	t.Cleanup(func() { must(t, os.RemoveAll(temp)) })
	cmd := exec.Command(os.Args[0], "-test.run=^TestServersEndWithTheProcess$")
	cmd.Env = append(os.Environ(), orphan+"=1", "TMPDIR="+temp)
	cmd.Stderr = os.Stderr
	_, err = cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var addresses []string
	for lines := bufio.NewScanner(out); len(addresses) < 2 && lines.Scan(); {
		if line := lines.Text(); regexp.MustCompile(`^127\.0\.0\.1:\d+$`).MatchString(line) {
			addresses = append(addresses, line)
		}
	}
	if len(addresses) < 2 || !listens(addresses[0]) || !listens(addresses[1]) {
		t.Fatalf("the process did not start its servers: %q", addresses)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	eventually(t, "both servers end and the shared folder goes", func() bool {
		left, err := filepath.Glob(filepath.Join(temp, "keyturn-postgres-*"))
		must(t, err)
		return !listens(addresses[0]) && !listens(addresses[1]) && len(left) == 0
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("never: " + what)
		}
	}
}
