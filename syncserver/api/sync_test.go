package api_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/http"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
)

// wire puts frames behind their lengths.
func wire(t testing.TB, frames ...syncproto.Frame) (body []byte) {
	t.Helper()
	for _, f := range frames {
		b, err := syncproto.EncodeFrame(f)
		must(t, err)
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(b))), b...)
	}
	return body
}

// unwire reads them back.
func unwire(t testing.TB, body []byte) (frames []syncproto.Frame) {
	t.Helper()
	for len(body) > 0 {
		n := binary.BigEndian.Uint32(body)
		f, err := syncproto.DecodeFrame(body[4 : 4+n])
		must(t, err)
		frames, body = append(frames, f), body[4+n:]
	}
	return frames
}

// sync is one round over plain HTTP.
func (d *device) sync(frames ...syncproto.Frame) []syncproto.Frame {
	d.w.t.Helper()
	a := d.call(http.MethodPost, "/v1/sync", wire(d.w.t, frames...))
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/octet-stream" {
		d.w.t.Fatalf("%d %s", a.status, a.body)
	}
	return unwire(d.w.t, a.body)
}

// The fallback is the same session: frame by frame its answers are those that
// the session behind the socket gives.
func TestFallbackAnswersLikeTheSession(t *testing.T) {
	over, direct := newWorld(t), newWorld(t)
	there, here := over.device("a", "inspector"), direct.device("a", "inspector")
	here.Device, here.Person = there.Device, there.Person // the twins are one device
	direct.accept(here)
	session := &intake.Session{Engine: direct.engine, Device: here.Device, Person: here.Person, Publish: func(context.Context, []syncproto.Logged) {}}
	scope := func(a domain.Audience) syncproto.Scope { return syncproto.Scope{Project: over.project, Audience: a} }
	var big []syncproto.Op
	for i := range byte(40) {
		big = append(big, there.op(domain.EntityDefect, domain.AnyID{9, i}, domain.Defect{Description: strings.Repeat("漏水 ", 50)}))
	}
	for name, frames := range map[string][]syncproto.Frame{
		"a whole round": {
			&syncproto.Hello{Version: syncproto.Version, Device: there.Device, WallClock: over.now(), NextSeq: 1},
			&syncproto.Push{Batch: 1, Ops: big[:20]}, &syncproto.Push{Batch: 2, Ops: big[20:]},
			&syncproto.Pull{Scope: scope(domain.AudienceField), Epoch: "epoch-1"},
		},
	} {
		got := there.sync(frames...)
		var want []syncproto.Frame
		for _, f := range frames {
			answers, err := session.Handle(t.Context(), f)
			must(t, err)
			want = append(want, answers...)
		}
		if !bytes.Equal(wire(t, got...), wire(t, want...)) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if page, ok := got[3].(*syncproto.Page); !ok || len(page.Changes) != 40 {
			t.Errorf("%+v", got[3])
		}
	}
	// Again, and out of place: duplicates, gaps, foreign scopes, other frames.
	frames := []syncproto.Frame{
		&syncproto.Push{Batch: 3, Ops: big[:3]},
		&syncproto.Push{Batch: 4, Ops: []syncproto.Op{func() syncproto.Op { op := big[0]; op.Seq = 99; return op }()}},
		&syncproto.Pull{Scope: scope(domain.AudienceOffice)}, &syncproto.Answers{}, &syncproto.Hello{Version: 0, Device: there.Device},
	}
	got := there.sync(frames...)
	var want []syncproto.Frame
	for _, f := range frames {
		answers, err := session.Handle(t.Context(), f)
		must(t, err)
		want = append(want, answers...)
	}
	if !bytes.Equal(wire(t, got...), wire(t, want...)) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFallbackRefusesWhatIsNoFrame(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	good := wire(t, &syncproto.Hello{Version: syncproto.Version, Device: d.Device, WallClock: w.now()})
	pushing := wire(t, &syncproto.Push{Ops: []syncproto.Op{d.op(domain.EntityDefect, domain.AnyID{1}, domain.Defect{Room: "x"})}})
	for name, body := range map[string][]byte{
		"half a length":        good[:3],
		"half a frame":         good[:len(good)-1],
		"a length beyond all":  {0xff, 0xff, 0xff, 0xff, 1},
		"a length of 0":        {0, 0, 0, 0},
		"garbage":              append([]byte{0, 0, 0, 4}, 0xa5, 0xa5, 0xa5, 0xa5),
		"a good one before it": append(slices.Clone(pushing), 0, 0, 0, 9, 1),
		"too much in all":      bytes.Repeat([]byte{0, 0, 0, 1, 9}, syncproto.MaxFrameBytes),
	} {
		a := d.call(http.MethodPost, "/v1/sync", body)
		if a.status != http.StatusBadRequest || a.code(t) != syncproto.CodeBadFrame {
			t.Errorf("%s: %d %.200s", name, a.status, a.body)
		}
	}
	// Nothing of a body with a bad frame was taken.
	d.seq = 0
	if answers := d.sync(&syncproto.Push{Ops: []syncproto.Op{d.op(domain.EntityDefect, domain.AnyID{1}, domain.Defect{Room: "y"})}}); answers[0].(*syncproto.Answers).NextSeq != 2 {
		t.Errorf("%+v", answers[0])
	}
	if got := d.sync(); len(got) != 0 {
		t.Errorf("nothing was answered by %+v", got)
	}
}
