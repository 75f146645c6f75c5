package simtest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"keyturn/shared/domain"
)

// fetchSnapshot brings the device what the server offers in place of a long log;
// false when nothing was offered. It asks the server that it is connected to.
func (d *device) fetchSnapshot(dice *rand.Rand) bool {
	if d.conn == nil || d.engine.Wanted() == nil {
		return false
	}
	s := d.engine.Wanted()
	content, status, err := d.get("/v1/snapshots/"+s.Scope.String()+"/"+s.SHA256.String(), dice)
	switch {
	case err != nil:
		d.w.tell("%s cannot fetch a snapshot: %v", d.name, err)
		d.hangUp()
		return true
	case status == http.StatusNotFound:
		frames, err := d.engine.Gone(d.w.ctx, s)
		d.push(frames, err)
		return true
	case status != http.StatusOK || domain.Hash(sha256.Sum256(content)) != s.SHA256:
		d.w.fail("%s is offered a snapshot that is not to be had: %d", d.name, status)
	}
	frames, err := d.engine.Restore(d.w.ctx, s, bytes.NewReader(content))
	d.w.tell("%s restores a snapshot of %s at %d: %s", d.name, scopeName(s.Scope), s.Seq, describe(frames...))
	d.push(frames, err)
	d.check()
	return true
}

// get asks the connected server for something.
func (d *device) get(path string, dice *rand.Rand) (content []byte, status int, err error) {
	r, err := http.NewRequestWithContext(d.w.ctx, http.MethodGet, d.identity.Server+path, nil)
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+d.identity.DeviceToken)
	r.Header.Set("Keyturn-Session", d.identity.SessionToken)
	// The connection may be one that its process ended before it was started anew.
	d.weather.p, d.weather.dice = d.w.cloud.procs[d.conn.p.n], dice
	resp, err := d.RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	content, err = io.ReadAll(resp.Body)
	return content, resp.StatusCode, errors.Join(err, resp.Body.Close())
}

// trimLog lets half a year go by, rarely, and what is older than that go.
func trimLog(w *world, dice *rand.Rand) {
	p := w.server(dice)
	if dice.IntN(2) == 0 {
		return
	}
	w.pass(200 * 24 * time.Hour)
	n, err := p.engine.Trim(w.ctx)
	w.must(ignore(err, w.cloud.ailing()), "trim the log")
	w.tell("half a year later the log is trimmed by %d", n)
}
