package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// patience is how long anything may take on a busy machine.
const patience = 20 * time.Second

// socketServer hands each websocket to the test and answers other requests as told.
func socketServer(t *testing.T, answer http.HandlerFunc) (url string, conns <-chan *websocket.Conn) {
	t.Helper()
	c := make(chan *websocket.Conn, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !websocket.IsWebSocketUpgrade(r) {
			answer(w, r)
			return
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err == nil {
			c <- ws
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, c
}

// running is a device that keeps itself in step.
type running struct {
	*album
	runner  *Runner
	changes chan Status
	conns   <-chan *websocket.Conn
	// answer answers requests that are no websocket's.
	answer http.HandlerFunc
	stop   context.CancelFunc
	done   chan struct{}
}

func run(t *testing.T, before ...func(*running)) *running {
	t.Helper()
	r := &running{changes: make(chan Status, 64), done: make(chan struct{})}
	r.answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"offset":0}`) }
	url, conns := socketServer(t, func(w http.ResponseWriter, request *http.Request) { r.answer(w, request) })
	r.album, r.conns = newAlbum(t, url), conns
	must(t, r.store.SetIdentity(t.Context(), r.id))
	for _, change := range before {
		change(r)
	}
	r.runner = &Runner{Store: r.store, Link: r.photos.Link, Photos: r.photos, Engine: r.Engine, Changed: func(s Status) { r.changes <- s }}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.runner.Run(ctx); close(r.done) }()
	t.Cleanup(func() { stop(); <-r.done })
	return r
}

// accept waits for the device to connect and reads its hello.
func (r *running) accept() (*websocket.Conn, *syncproto.Hello) {
	r.t.Helper()
	select {
	case ws := <-r.conns:
		r.t.Cleanup(func() { _ = ws.Close() })
		return ws, receive[*syncproto.Hello](r, ws)
	case <-time.After(patience):
		r.t.Fatal("the device does not connect")
		return nil, nil
	}
}

func receive[F syncproto.Frame](r *running, ws *websocket.Conn) F {
	r.t.Helper()
	must(r.t, ws.SetReadDeadline(time.Now().Add(patience)))
	_, b, err := ws.ReadMessage()
	must(r.t, err)
	f, err := syncproto.DecodeFrame(b)
	must(r.t, err)
	got, ok := f.(F)
	if !ok {
		r.t.Fatalf("got %T", f)
	}
	return got
}

func send(t *testing.T, ws *websocket.Conn, f syncproto.Frame) {
	t.Helper()
	b, err := syncproto.EncodeFrame(f)
	must(t, err)
	must(t, ws.WriteMessage(websocket.BinaryMessage, b))
}

func (r *running) becomes(online bool) Status {
	r.t.Helper()
	for {
		select {
		case s := <-r.changes:
			if s.Online == online {
				return s
			}
		case <-time.After(patience):
			r.t.Fatalf("the device does not become online=%v", online)
		}
	}
}

// Work that is recorded while the connection stands is pushed at once; after a
// break the device comes back by itself and sends what had no answer.
func TestRunnerPushesAndComesBack(t *testing.T) {
	r := run(t)
	ws, hello := r.accept()
	if hello.NextSeq != 1 {
		t.Errorf("%+v", hello)
	}
	send(t, ws, r.welcomeTo(1, head(field, 0)))
	receive[*syncproto.Pull](r, ws)
	r.becomes(true)
	r.record(1)
	if push := receive[*syncproto.Push](r, ws); push.Ops[0].Seq != 1 {
		t.Errorf("%+v", push)
	}
	must(t, ws.Close()) // no answer
	if s := r.becomes(false); s.Err == nil {
		t.Error("offline without a reason")
	}
	r.runner.Retry()
	ws, hello = r.accept()
	if hello.NextSeq != 1 {
		t.Errorf("%+v", hello)
	}
	send(t, ws, r.welcomeTo(1))
	receive[*syncproto.Push](r, ws)
	send(t, ws, took(1, 1, 1))
	r.becomes(true)
	if !r.runner.Status().Online {
		t.Error("not online")
	}
}

// Whatever is no frame ends the connection, not the app.
func TestRunnerSurvivesBadFrames(t *testing.T) {
	r := run(t)
	ws, _ := r.accept()
	must(t, ws.WriteMessage(websocket.BinaryMessage, []byte{99, 0, 1}))
	r.runner.Retry()
	ws, _ = r.accept()
	send(t, ws, &syncproto.Error{Code: syncproto.CodeStorage})
	if s := r.becomes(false); !errors.Is(s.Err, syncproto.ErrBadFrame) {
		t.Errorf("%v", s.Err)
	}
	r.runner.Retry()
	ws, _ = r.accept()
	send(t, ws, r.welcomeTo(1))
	r.becomes(true)
}

// A server that asks to be left alone is, until a person asks for a connection.
func TestRunnerLeavesTheServerAlone(t *testing.T) {
	r := run(t)
	ws, _ := r.accept()
	send(t, ws, &syncproto.Error{Code: syncproto.CodeStorage, RetryAfterMS: 1 << 62})
	r.becomes(false)
	select {
	case <-r.conns:
		t.Error("the device came back at once")
	case <-time.After(2 * firstDelay): // within 1.25 × firstDelay it would, if not asked
	}
	r.runner.Retry()
	ws, _ = r.accept()
	send(t, ws, r.welcomeTo(1))
	r.becomes(true)
}

func TestAsked(t *testing.T) {
	for want, err := range map[time.Duration]error{
		0:               errors.New("cut"),
		5 * time.Second: fmt.Errorf("closed: %w", &syncproto.Error{RetryAfterMS: 5000}),
		longAsked:       &syncproto.Error{RetryAfterMS: 1 << 62},
	} {
		if got := asked(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
	if got := asked(&syncproto.Error{RetryAfterMS: -1}); got != 0 {
		t.Errorf("asked for %s", got)
	}
}

// People hear of it when the reason changes, not only when the network goes.
func TestRunnerTellsEachReason(t *testing.T) {
	r := run(t)
	for _, code := range []syncproto.Code{syncproto.CodeStorage, syncproto.CodeVersion} {
		ws, _ := r.accept()
		send(t, ws, &syncproto.Error{Code: code})
		var closed *syncproto.Error
		if s := r.becomes(false); !errors.As(s.Err, &closed) || closed.Code != code {
			t.Errorf("%v, want %s", s.Err, code)
		}
		r.runner.Retry()
	}
}

// Photos that cannot be moved, whatever the reason, leave the session alone.
func TestRunnerOutlivesPhotos(t *testing.T) {
	r := run(t)
	tried := make(chan struct{}, 64)
	r.photos.Open = func(localstore.Upload) (io.ReadSeekCloser, error) {
		tried <- struct{}{}
		return nil, errors.New("the disk is broken")
	}
	ws, _ := r.accept()
	send(t, ws, r.welcomeTo(1, head(field, 1)))
	receive[*syncproto.Pull](r, ws) // the welcome has been taken in: it takes back answers that the server does not know
	r.take([]byte("photo"), false)
	select {
	case <-tried:
	case <-time.After(patience):
		t.Fatal("the photo is not tried")
	}
	r.record(1)
	if push := receive[*syncproto.Push](r, ws); push.Ops[0].Seq != 2 {
		t.Errorf("%+v", push)
	}
}

// This device's evidence does not wait for a download that takes long.
func TestUploadDoesNotWaitForDownload(t *testing.T) {
	asked := make(chan struct{}, 1)
	r := run(t, func(r *running) {
		r.answer = func(w http.ResponseWriter, request *http.Request) {
			if request.Method == http.MethodPut {
				_, _ = io.WriteString(w, `{"whole":true}`)
				return
			}
			select {
			case asked <- struct{}{}:
			default:
			}
			<-request.Context().Done() // nothing comes
		}
	})
	ws, _ := r.accept()
	send(t, ws, r.welcomeTo(1, head(field, 1)))
	p := page(field, 0, 1, 1)
	plan, err := syncproto.Encode(domain.Plan{SHA256: hash([]byte("a plan"))})
	must(t, err)
	p.Changes[0].Op.Entity, p.Changes[0].Op.Fields = domain.EntityPlan, plan
	send(t, ws, p)
	<-asked
	rings, unsubscribe := r.store.Subscribe()
	defer unsubscribe()
	r.take([]byte("photo"), true)
	deadline := time.After(patience)
	for r.queued() > 0 {
		select {
		case <-rings:
		case <-deadline:
			t.Fatal("the photo waits for the plan")
		}
	}
}

// A device whose pushes wait for the network still reads: otherwise each side
// could wait for the other. It also ends at once.
func TestRunnerReadsWhileItCannotWrite(t *testing.T) {
	r := run(t, func(r *running) {
		r.photos.Link.ws.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				err = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
			}
			return c, err
		}
	})
	for range 8 {
		r.recordNoise(60 << 10)
	}
	ws, _ := r.accept()
	must(t, ws.NetConn().(*net.TCPConn).SetReadBuffer(4<<10))
	send(t, ws, r.welcomeTo(1, head(field, 200)))
	rings, unsubscribe := r.store.Subscribe()
	defer unsubscribe()
	for seq := range uint64(200) {
		send(t, ws, page(field, seq, seq+1, 200))
	}
	deadline := time.After(patience)
	for {
		if seq, _ := r.cursor(field); seq == 200 {
			break
		}
		select {
		case <-rings:
		case <-deadline:
			t.Fatal("nothing is read while the pushes wait")
		}
	}
	r.stop()
	<-r.done
}

// Ending is prompt, connected or not.
func TestRunnerEnds(t *testing.T) {
	r := run(t)
	ws, _ := r.accept()
	send(t, ws, r.welcomeTo(1))
	r.becomes(true)
	r.stop()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("the runner does not end")
	}
}

func TestRunnerBeforeEnrolment(t *testing.T) {
	a := newAlbum(t, "http://127.0.0.1:1")
	must(t, a.store.SetIdentity(t.Context(), localstore.Identity{}))
	changes := make(chan Status, 8)
	r := &Runner{Store: a.store, Link: a.photos.Link, Photos: a.photos, Engine: a.Engine, Changed: func(s Status) { changes <- s }}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	if s := <-changes; s.Online || !errors.Is(s.Err, localstore.ErrNotEnrolled) {
		t.Errorf("%+v", s)
	}
	stop()
	<-done
}
