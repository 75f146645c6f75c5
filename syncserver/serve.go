package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"keyturn/syncserver/api"
)

// listenFlags say how the server may be reached.
type listenFlags struct {
	address   string
	cert, key string
	proxied   bool
	insecure  bool
}

var errPlain = errors.New("refusing to listen beyond this machine without TLS: give -tls-cert and -tls-key, " +
	"or -behind-proxy if a proxy ends TLS, or -insecure for a network that you trust")

// check refuses plain HTTP on an address that others can reach.
func (l listenFlags) check() error {
	if (l.cert == "") != (l.key == "") {
		return errors.New("-tls-cert and -tls-key go together")
	}
	host, _, err := net.SplitHostPort(l.address)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	ip := net.ParseIP(host)
	local := host == "localhost" || ip != nil && ip.IsLoopback()
	if l.cert != "" || local || l.proxied || l.insecure {
		return nil
	}
	return errPlain
}

// Connection limits of the HTTP server.
const (
	headerWait   = 10 * time.Second
	idleWait     = 2 * time.Minute
	shutdownWait = 10 * time.Second
	maxHeader    = 16 << 10
)

func serve(ctx context.Context, args []string, out io.Writer, log *slog.Logger) (err error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	var at location
	at.define(flags)
	var l listenFlags
	flags.StringVar(&l.address, "listen", "127.0.0.1:8790", "address to listen on")
	flags.StringVar(&l.cert, "tls-cert", "", "certificate file (PEM)")
	flags.StringVar(&l.key, "tls-key", "", "key file (PEM)")
	flags.BoolVar(&l.proxied, "behind-proxy", false, "a proxy in front ends TLS")
	flags.BoolVar(&l.insecure, "insecure", false, "serve plain HTTP beyond this machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	s, err := at.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if listener, err = l.secure(listener, log, filepath.Join(at.data, api.RotationsFile)); err != nil {
		return err
	}
	var timers sync.WaitGroup
	timers.Go(func() { s.RunTimers(ctx) })
	timers.Go(func() { s.Follow(ctx) })
	defer timers.Wait()
	fmt.Fprintf(out, "serving on %s\n", listener.Addr())
	return serveUntil(ctx, listener, s.Handler(ctx))
}

// secure puts TLS on the listener if there is a certificate, and warns if the
// file of rotations does not lead to its key.
func (l listenFlags) secure(plain net.Listener, log *slog.Logger, rotations string) (net.Listener, error) {
	if l.cert == "" {
		return plain, nil
	}
	pair, err := tls.LoadX509KeyPair(l.cert, l.key)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("certificate: %w", err), plain.Close())
	}
	warnOfKey(log, rotations, pair.Leaf.RawSubjectPublicKeyInfo)
	return tls.NewListener(plain, &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}), nil
}

// serveUntil serves until ctx ends and then lets running requests finish.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerWait, IdleTimeout: idleWait, MaxHeaderBytes: maxHeader}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	err := server.Shutdown(last)
	if closed := <-failed; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return err
}
