package backends

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// versitygw is the S3 server, at the version that the Makefile installs: a real
// implementation of the protocol, signatures included, in one process. It does
// not fsync, so it is a server for tests and nothing to keep photos on.
const versitygw = "versitygw-v1.8.0"

// What the S3 server is started with.
const (
	Bucket = "keyturn"
	Region = "us-east-1"
)

// S3 starts an S3 server for one test, with an empty bucket.
func S3(t testing.TB) *S3Server {
	t.Helper()
	root, err := moduleRoot()
	must(t, err)
	s := &S3Server{AccessKey: "keyturn-test", SecretKey: "keyturn-test-secret", binary: filepath.Join(root, ".bin", versitygw), folder: t.TempDir()}
	if _, err := os.Stat(s.binary); err != nil {
		t.Fatalf("no S3 server for the tests; run `make .bin/%s`, which installs it: %v", versitygw, err)
	}
	// Its buckets are folders.
	must(t, os.Mkdir(filepath.Join(s.folder, Bucket), 0o700))
	t.Cleanup(func() {
		if s.running != nil {
			s.Stop(t)
		}
	})
	must(t, onFreePort(func(port int) error {
		s.address = local(port)
		return s.start()
	}))
	return s
}

// S3Server is an S3 server of this process's own.
type S3Server struct {
	AccessKey, SecretKey string

	binary, folder, address string
	running                 *child
}

// Endpoint is its address as a URL.
func (s *S3Server) Endpoint() string { return "http://" + s.address }

// URL names the bucket as `syncserver serve -photos` takes it.
func (s *S3Server) URL() string {
	return fmt.Sprintf("s3://%s?endpoint=%s&region=%s", Bucket, url.QueryEscape(s.Endpoint()), Region)
}

func (s *S3Server) start() error {
	c, err := start(program{
		command: []string{s.binary, "--port", s.address, "--region", Region, "--keep-alive", "--health", "/healthz", "--quiet", "posix", s.folder},
		env:     []string{"ROOT_ACCESS_KEY=" + s.AccessKey, "ROOT_SECRET_KEY=" + s.SecretKey},
	})
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	err = c.ready(func() bool {
		r, err := client.Get(s.Endpoint() + "/healthz") //nolint:noctx // bounded by the client's timeout
		if err != nil {
			return false
		}
		return r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	if err != nil {
		return errors.Join(fmt.Errorf("versitygw: %w", err), c.lifeline.Close())
	}
	s.running = c
	return nil
}

// Stop kills the server: requests on their way are cut, connections refused.
func (s *S3Server) Stop(t testing.TB) {
	t.Helper()
	c := s.running
	s.running = nil
	if err := c.stop("KILL"); err != nil {
		t.Fatalf("versitygw: %v", err)
	}
}

// Start brings a stopped server back at the same address, with what it holds.
func (s *S3Server) Start(t testing.TB) { t.Helper(); must(t, s.start()) }

// moduleRoot is the folder of go.mod, from a package's folder upwards.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = up
	}
}
