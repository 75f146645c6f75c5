package blobs_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/backends"
	"keyturn/syncserver/blobs"
)

func TestOpenURLRefuses(t *testing.T) {
	t.Setenv(blobs.AccessKeyVariable, "key")
	t.Setenv(blobs.SecretKeyVariable, "secret")
	for _, raw := range []string{
		"", "gs://bucket", "https://bucket", "s3://", "s3://bucket", "s3://bucket?endpoint=", "s3://bucket?endpoint=localhost:1",
		"s3://bucket?endpoint=ftp://localhost", "s3://bucket/prefix?endpoint=http://localhost:1", "s3://key:secret@bucket?endpoint=http://localhost:1",
		"s3://bucket?endpoint=http://key:secret@localhost:1", "s3://bucket?endpoint=http://localhost:1/path", "s3://bucket?endpoint=http://localhost:1#x",
		"s3://bucket?endpoint=http://localhost:1&endpoint=http://localhost:2", "s3://bucket?endpoint=http://localhost:1&regoin=x",
		"s3://bucket?endpoint=http://localhost:1&insecure=yes", "s3://bucket?endpoint=http://198.51.100.7:9000", "s3://bucket?endpoint=http://s3.example.com",
		"s3://bucket?endpoint=%zz", "s3://bu%zzcket?endpoint=http://localhost:1",
	} {
		s, err := blobs.OpenURL(t.Context(), raw)
		if s != nil || !errors.Is(err, blobs.ErrBadURL) {
			t.Errorf("%q: %v, %v", raw, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "key:secret") {
			t.Errorf("%q: the error repeats it: %v", raw, err)
		}
	}
}

func TestOpenURLOfADirectory(t *testing.T) {
	s, err := blobs.OpenURL(t.Context(), filepath.Join(t.TempDir(), "photos"))
	must(t, err)
	b, sha := content(10)
	send(t, s, sha, b)
	has(t, s, sha, b)
}

// A bucket that refuses us is a mistake to be told at once; a server that is away
// is not: the photos wait for it.
func TestOpenURLOfABucket(t *testing.T) {
	server := backends.S3(t)
	as := func(access, secret string) {
		t.Setenv(blobs.AccessKeyVariable, access)
		t.Setenv(blobs.SecretKeyVariable, secret)
	}
	refused := func(what, raw string) {
		t.Helper()
		if s, err := blobs.OpenURL(t.Context(), raw); err == nil || s != nil {
			t.Errorf("%s: opened", what)
		} else if strings.Contains(err.Error(), server.SecretKey) {
			t.Errorf("%s: the error tells the secret: %v", what, err)
		}
	}
	as("", "")
	refused("no credentials", server.URL())
	as(server.AccessKey, "wrong-"+server.SecretKey)
	refused("a wrong secret", server.URL())
	as(server.AccessKey, server.SecretKey)
	refused("no such bucket", strings.Replace(server.URL(), backends.Bucket, "another", 1))

	s, err := blobs.OpenURL(t.Context(), server.URL())
	must(t, err)
	b, sha := content(10)
	send(t, s, sha, b)
	has(t, s, sha, b)

	server.Stop(t)
	s, err = blobs.OpenURL(t.Context(), server.URL())
	must(t, err)
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a server that is away answered")
	}
	server.Start(t)
	must(t, s.Ping(t.Context()))
	has(t, s, sha, b)
}
