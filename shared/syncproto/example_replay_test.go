package syncproto_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/syncproto"
)

// hexOf reads the first hex block of a text: everything before "#", without
// blanks.
func hexOf(t testing.TB, text string) []byte {
	t.Helper()
	_, rest, begun := strings.Cut(text, hexFence)
	body, _, ended := strings.Cut(rest, fenceEnd)
	if !begun || !ended {
		t.Fatalf("no hex in %.80q", text)
	}
	var digits strings.Builder
	for line := range strings.Lines(body) {
		before, _, _ := strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(before), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("%v in %.80q", err, text)
	}
	return b
}

// decoded reads a frame and proves that it is written the same again.
func decoded(t testing.TB, wire []byte) syncproto.Frame {
	t.Helper()
	f, err := syncproto.DecodeFrame(wire)
	if err != nil {
		t.Fatal(err)
	}
	again, err := syncproto.EncodeFrame(f)
	if err != nil || !bytes.Equal(wire, again) {
		t.Fatalf("%T is written as %x (%v)", f, again, err)
	}
	return f
}

// What the document shows is what the code reads, means and writes.
func TestExamplesOfTheDocument(t *testing.T) {
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			f := decoded(t, hexOf(t, block(t, "example "+e.name)))
			if !reflect.DeepEqual(f, e.frame) {
				t.Errorf("%+v\nis not\n%+v", f, e.frame)
			}
			if p, ok := f.(*syncproto.Push); ok {
				for _, op := range p.Ops {
					if code := op.Validate(); code != "" {
						t.Errorf("op %d: %s", op.Seq, code)
					}
				}
			}
		})
	}
}

var stepHead = regexp.MustCompile(`(?m)^#### \d+\. (device|server): (\w+)( \(lost\))?$`)

// exchange reads the steps out of the document.
func exchange(t testing.TB) []step {
	t.Helper()
	text := block(t, "exchange")
	var steps []step
	heads := stepHead.FindAllStringSubmatchIndex(text, -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		wire := hexOf(t, text[h[0]:end])
		s := step{from: text[h[2]:h[3]], wire: wire, frame: decoded(t, wire), lost: h[6] >= 0}
		if name := text[h[4]:h[5]]; name != frameName(s.frame) {
			t.Errorf("step %d is called %s and holds %s", i+1, name, frameName(s.frame))
		}
		steps = append(steps, s)
	}
	if len(steps) < 10 {
		t.Fatalf("only %d steps in the document", len(steps))
	}
	return steps
}

// The server's side of the exchange follows from the device's, frame by frame,
// by the rules alone.
func TestExchangeServerSide(t *testing.T) {
	m := newModel(t)
	var due []syncproto.Frame
	for i, s := range exchange(t) {
		_, page := s.frame.(*syncproto.Page)
		switch {
		case s.from == fromDevice:
			due = append(due, m.handle(s.frame)...)
		case len(due) == 0 && !page: // rights end without anybody's frame
		default:
			if len(due) == 0 {
				due = append(due, m.otherTablet())
			}
			wire, err := syncproto.EncodeFrame(due[0])
			if err != nil || !bytes.Equal(wire, s.wire) {
				t.Fatalf("step %d: the rules give\n%+v (%v)\nthe document has\n%+v", i+1, due[0], err, s.frame)
			}
			due = due[1:]
		}
	}
	if len(due) > 0 {
		t.Errorf("the document ends before %s", frameName(due[0]))
	}
}

// replica is a device of one scope, written from PROTOCOL.md: it says what the
// device must do with each frame.
type replica struct {
	t        *testing.T
	seq      uint64
	epoch    string
	head     uint64
	unsent   uint64
	answered map[uint64]syncproto.Status
	have     []syncproto.Logged
	// mustPull is set while the device knows of something that it lacks.
	mustPull bool
}

func (r *replica) sent(step int, f syncproto.Frame) {
	switch f := f.(type) {
	case *syncproto.Hello:
		r.mustPull = false
		if r.seq > 0 && !slices.Contains(f.Cursors, syncproto.Cursor{Scope: exampleScope, Epoch: r.epoch, Seq: r.seq}) {
			r.t.Errorf("step %d: cursors %+v, the device is at %d", step, f.Cursors, r.seq)
		}
		if f.NextSeq != r.unsent {
			r.t.Errorf("step %d: next_seq %d, op %d has no answer", step, f.NextSeq, r.unsent)
		}
	case *syncproto.Pull:
		if f.After != r.seq || f.Epoch != r.epoch {
			r.t.Errorf("step %d: pull after %d, the device is at %d", step, f.After, r.seq)
		}
		r.mustPull = false
	case *syncproto.Push:
		if r.mustPull {
			r.t.Errorf("step %d: the device knows of changes and does not pull", step)
		}
		if f.Ops[0].Seq > r.unsent {
			r.t.Errorf("step %d: push from op %d, op %d has no answer", step, f.Ops[0].Seq, r.unsent)
		}
		for i, op := range f.Ops {
			if op.Seq != f.Ops[0].Seq+uint64(i) {
				r.t.Errorf("step %d: op %d is not in order", step, op.Seq)
			}
		}
	}
}

func (r *replica) got(step int, f syncproto.Frame) {
	switch f := f.(type) {
	case *syncproto.Welcome:
		r.head = f.Scopes[0].Seq
		r.mustPull = r.epoch != f.Epoch || r.seq < r.head
	case *syncproto.Page:
		if f.PrevSeq != r.seq {
			r.mustPull = true
			return
		}
		for _, l := range f.Changes {
			if l.Seq != r.seq+1 {
				r.t.Errorf("step %d: change %d follows %d", step, l.Seq, r.seq)
			}
			r.seq, r.have = l.Seq, append(r.have, l)
			if l.Op.Device == exampleDevice {
				r.unsent = max(r.unsent, l.Op.Seq+1)
			}
		}
		if r.epoch = f.Epoch; r.seq != f.LastSeq {
			r.t.Errorf("step %d: last_seq %d, changes end at %d", step, f.LastSeq, r.seq)
		}
		r.mustPull = f.LastSeq < f.Head
	case *syncproto.Answers:
		for _, a := range f.Answers {
			r.answered[a.Seq], r.unsent = a.Status, max(r.unsent, a.Seq+1)
		}
		if f.NextSeq != r.unsent {
			r.t.Errorf("step %d: the server expects op %d, the device has %d next", step, f.NextSeq, r.unsent)
		}
	case *syncproto.ScopeDrop:
		r.have, r.seq, r.epoch = nil, 0, ""
	}
}

// The device's side: it pulls exactly what it lacks, numbers its ops without
// gaps and ends with an answer to each.
func TestExchangeDeviceSide(t *testing.T) {
	r := &replica{t: t, unsent: 1, answered: map[uint64]syncproto.Status{}}
	held := 0
	for i, s := range exchange(t) {
		switch {
		case s.from == fromDevice:
			r.sent(i+1, s.frame)
		case !s.lost:
			r.got(i+1, s.frame)
		}
		held = max(held, len(r.have))
	}
	want := map[uint64]syncproto.Status{1: syncproto.Dup, 2: syncproto.Dup, 3: syncproto.Rejected, 4: syncproto.Conflict}
	if !reflect.DeepEqual(r.answered, want) {
		t.Errorf("answers %v", r.answered)
	}
	if held != 8 || len(r.have) != 0 {
		t.Errorf("%d entries of the log before the scope was dropped, %d after", held, len(r.have))
	}
}
