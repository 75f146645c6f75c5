package blobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// Environment variables with the credentials of an S3 bucket. They are in no
// flag and no URL, because other users of the machine can read those.
const (
	AccessKeyVariable = "KEYTURN_S3_ACCESS_KEY"
	SecretKeyVariable = "KEYTURN_S3_SECRET_KEY"
)

// ErrBadURL says that an address of a photo store cannot be used.
var ErrBadURL = errors.New("the photo store must be a directory or s3://BUCKET?endpoint=https://HOST[:PORT][&region=REGION]")

// OpenURL opens the store that an address names: a directory, or
//
//	s3://bucket?endpoint=https://host:port&region=region
//
// with the credentials from the environment. Without a region the client asks
// for it. A plain http endpoint must be on this machine, unless insecure=true
// says that the network to it is trusted. A bucket that refuses us is an error;
// one that cannot be reached now is not: photos wait, everything else goes on.
func OpenURL(ctx context.Context, raw string) (Store, error) {
	scheme, _, isURL := strings.Cut(raw, "://")
	if raw == "" || isURL && scheme != "s3" {
		return nil, ErrBadURL
	}
	if !isURL {
		return OpenDisk(raw)
	}
	o, err := parseS3(raw)
	if err != nil {
		return nil, err
	}
	o.AccessKey, o.SecretKey = os.Getenv(AccessKeyVariable), os.Getenv(SecretKeyVariable)
	s, err := NewS3(o)
	if err != nil {
		return nil, err
	}
	if err := s.Ping(ctx); refused(err) {
		return nil, err
	}
	return s, nil
}

func parseS3(raw string) (o S3Options, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return o, ErrBadURL // without the cause, which repeats the address
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return o, ErrBadURL
	}
	o = S3Options{Bucket: u.Host, Endpoint: query.Get("endpoint"), Region: query.Get("region")}
	insecure := query.Get("insecure") == "true"
	for key, values := range query {
		known := key == "endpoint" || key == "region" || key == "insecure" && insecure
		if !known || len(values) != 1 {
			return o, fmt.Errorf("%w: %s", ErrBadURL, key)
		}
	}
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil || endpoint.User != nil {
		return o, ErrBadURL
	}
	if endpoint.Scheme == "http" && !insecure && !loopback(endpoint.Hostname()) {
		return o, fmt.Errorf("%w: a plain http endpoint beyond this machine needs insecure=true", ErrBadURL)
	}
	return o, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
