package backends

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are drawn below the range that the system draws outgoing connections'
// ports from, so that a stopped server finds its port free when it comes back.
const (
	lowestPort  = 15_000
	highestPort = 30_000
	portTries   = 100
)

// freePort draws a port of 127.0.0.1 that nobody listens on. Another process
// may take it before its user does: whoever starts a server draws again then.
func freePort() (int, error) {
	var last error
	for range portTries {
		port := lowestPort + rand.IntN(highestPort-lowestPort) //nolint:gosec // a port is no secret
		l, err := net.Listen("tcp", local(port))               //nolint:noctx // returns at once
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("no free port: %w", last)
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// starts is how often a first start is tried, each with another port.
const starts = 5

// onFreePort starts something on a port until it works.
func onFreePort(begin func(port int) error) error {
	var failed error
	for range starts {
		port, err := freePort()
		if err != nil {
			return err
		}
		if err = begin(port); err == nil {
			return nil
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
