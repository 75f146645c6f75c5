package blobs

import (
	"errors"
	"net/url"
	"testing"
)

// Whatever an operator types, a plain connection leaves this machine only when
// that was asked for, and no credentials are taken from the address.
func FuzzParseS3(f *testing.F) {
	for _, seed := range []string{
		"s3://bucket?endpoint=https://s3.example.com&region=eu-1", "s3://bucket?endpoint=http://127.0.0.1:9000", "s3://b?endpoint=http://[::1]:1",
		"s3://b?endpoint=http://example.com&insecure=true", "s3://a:b@c?endpoint=https://d", "s3://b?endpoint=http%3A%2F%2Flocalhost%3A1", "s3://",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		o, err := parseS3(raw)
		if err != nil {
			if !errors.Is(err, ErrBadURL) {
				t.Fatal(err)
			}
			return
		}
		if o.AccessKey != "" || o.SecretKey != "" || o.Bucket == "" {
			t.Fatalf("%+v", o)
		}
		u, err := url.Parse(o.Endpoint)
		if err != nil || u.User != nil {
			t.Fatalf("%q: %v", o.Endpoint, err)
		}
		whole, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme == "http" && !loopback(u.Hostname()) && whole.Query().Get("insecure") != "true" {
			t.Fatalf("%q is not on this machine", o.Endpoint)
		}
	})
}

func FuzzParsePart(f *testing.F) {
	f.Add(partKey([32]byte{0xab}, 262144))
	f.Add("partial//0000000000")
	f.Fuzz(func(t *testing.T, key string) {
		if sha, offset, ok := parsePart(key); ok && partKey(sha, offset) != key {
			t.Fatalf("%q is read as %q", key, partKey(sha, offset))
		}
	})
}
