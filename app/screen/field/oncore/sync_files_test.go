package oncore_test

import (
	"errors"
	"strings"
	"testing"

	"keyturn/app/screen/field"
	"keyturn/shared/domain"
)

// sink is a file that a person chose; it waits for open before it takes the
// first byte, and fails from a number of bytes on.
type sink struct {
	open              chan struct{}
	room              int
	closed, discarded bool
}

var errFull = errors.New("the card is full")

func (s *sink) Write(b []byte) (int, error) {
	<-s.open
	if s.room -= len(b); s.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func (s *sink) Close() error {
	s.closed = true
	return nil
}

func newSink(room int) *sink { return &sink{open: make(chan struct{}), room: room} }

func (s *sink) target() field.Target {
	return field.Target{WriteCloser: s, Name: "sample.bundle", Discard: func() error {
		s.discarded = true
		return nil
	}}
}

// An export that is stopped or fails leaves no half file, and the next one may
// begin.
func TestExportEnds(t *testing.T) {
	s := newSite(t)
	s.Checklist(flat, handover, "LIV1", "").Answer("HO-011.LIV1", domain.AnswerPass)
	m := s.Sync()
	until(s, m, "something to export", func(st field.SyncState, _ *field.Problem) bool { return st.Export.FileName != "" })

	stopped, second := newSink(1<<20), newSink(1<<20)
	m.Export(stopped.target())
	m.Export(second.target()) // a second one meanwhile is turned away
	m.StopExport()
	close(second.open)
	close(stopped.open) // only now the first one goes on
	until(s, m, "stopped", func(st field.SyncState, _ *field.Problem) bool {
		return !st.Export.Running && strings.Contains(st.Export.Result, "Stopped")
	})
	for name, f := range map[string]*sink{"stopped": stopped, "second": second} {
		if !f.closed || !f.discarded {
			t.Errorf("%s: %+v", name, f)
		}
	}

	full := newSink(300)
	close(full.open)
	m.Export(full.target())
	until(s, m, "full", func(st field.SyncState, p *field.Problem) bool {
		return st.Export.Tone == field.ToneBad && strings.Contains(st.Export.Result, errFull.Error()) || p != nil && strings.Contains(p.Happened, errFull.Error())
	})
	if !full.closed || !full.discarded {
		t.Errorf("%+v", full)
	}

	good := newSink(1 << 20)
	close(good.open)
	m.Export(good.target())
	until(s, m, "exported", func(st field.SyncState, _ *field.Problem) bool {
		return st.Export.Tone == field.ToneOK && strings.Contains(st.Export.Result, "sample.bundle")
	})
	if !good.closed || good.discarded {
		t.Errorf("%+v", good)
	}
}
