package syncproto_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// model is a server of one scope and one device, written from PROTOCOL.md and
// not from the server's code: numbers, repetitions, gaps, groups, concurrency
// and pages, without merging, rights or tickets.
type model struct {
	t        testing.TB
	now      domain.Instant
	log      []syncproto.Logged
	next     uint64
	received map[uint64]receivedOp
	// follow is what the server itself writes after an op.
	follow func(syncproto.Op) []syncproto.Op
	// decide rejects a command, or not.
	decide func(syncproto.Op) (syncproto.Code, []string)
}

type receivedOp struct {
	body   []byte
	answer syncproto.Answer
}

func (m *model) head() uint64 { return uint64(len(m.log)) }

func (m *model) append(op syncproto.Op) uint64 {
	m.log = append(m.log, logged(m.head()+1, op))
	return m.head()
}

func (m *model) page(prev uint64) *syncproto.Page {
	return &syncproto.Page{Scope: exampleScope, Epoch: exampleEpoch, PrevSeq: prev, LastSeq: m.head(), Head: m.head(), Changes: m.log[prev:]}
}

func (m *model) handle(f syncproto.Frame) []syncproto.Frame {
	switch f := f.(type) {
	case *syncproto.Hello:
		return []syncproto.Frame{&syncproto.Welcome{
			Version: min(f.Version, syncproto.Version), ServerTime: m.now, Epoch: exampleEpoch,
			Scopes: []syncproto.Head{{Scope: exampleScope, Seq: m.head()}}, NextSeq: m.next,
		}}
	case *syncproto.Pull:
		if f.Epoch != exampleEpoch {
			return []syncproto.Frame{m.page(0)}
		}
		return []syncproto.Frame{m.page(f.After)}
	case *syncproto.Push:
		before := m.head()
		answers := &syncproto.Answers{Batch: f.Batch}
		answers.Answers, answers.Code = m.take(f.Ops)
		answers.NextSeq = m.next
		if m.head() == before {
			return []syncproto.Frame{answers}
		}
		return []syncproto.Frame{m.page(before), answers}
	}
	m.t.Fatalf("%T is not for servers", f)
	return nil
}

func (m *model) take(ops []syncproto.Op) (answers []syncproto.Answer, stop syncproto.Code) {
	for i, op := range ops {
		body, err := syncproto.Marshal(op)
		if err != nil {
			m.t.Fatal(err)
		}
		known, repeated := m.received[op.Seq]
		switch {
		case repeated && !bytes.Equal(known.body, body):
			return answers, syncproto.CodeCloned
		case repeated:
			if s := known.answer.Status; s == syncproto.Applied || s == syncproto.Conflict {
				known.answer.Status = syncproto.Dup
			}
			answers = append(answers, known.answer)
			continue
		case op.Group > ops[len(ops)-1].Seq:
			return answers, syncproto.CodeGroup
		case op.Seq != m.next:
			return answers, syncproto.CodeGap
		}
		answer := m.one(ops[i])
		m.received[op.Seq], m.next = receivedOp{body, answer}, m.next+1
		answers = append(answers, answer)
	}
	return answers, ""
}

func (m *model) one(op syncproto.Op) syncproto.Answer {
	answer := syncproto.Answer{Seq: op.Seq, Status: syncproto.Applied}
	if op.Kind == syncproto.Commanded {
		if code, details := m.decide(op); code != "" {
			answer.Status, answer.Code, answer.Details = syncproto.Rejected, code, details
		}
		return answer
	}
	if m.concurrent(op) {
		answer.Status = syncproto.Conflict
	}
	answer.LogSeq = m.append(op)
	for _, consequence := range m.follow(op) {
		m.append(consequence)
	}
	return answer
}

// concurrent looks for another device's change, which the op's device had not
// seen, of a field that the op changes too.
func (m *model) concurrent(op syncproto.Op) bool {
	for _, l := range m.log {
		if l.Seq <= op.BaseSeq || l.Op.Entity != op.Entity || l.Op.ID != op.ID || l.Op.Device == op.Device {
			continue
		}
		for key, value := range op.Fields {
			if theirs, both := l.Op.Fields[key]; both && !bytes.Equal(theirs, value) {
				return true
			}
		}
	}
	return false
}

func newModel(t testing.TB) *model {
	t.Helper()
	ticket := ident.Twin[domain.Ticket](exampleDefect)
	m := &model{t: t, now: exampleMorning - exampleAhead, next: 1, received: map[uint64]receivedOp{}}
	written := uint64(0)
	byServer := func(op syncproto.Op) syncproto.Op {
		written++
		op.Device, op.Seq, op.UTCOffset = serverDevice, written, 0
		op.CapturedAt -= exampleAhead
		return op
	}
	m.follow = func(op syncproto.Op) []syncproto.Op {
		if op.Entity != domain.EntityDefect || op.Kind != syncproto.Recorded {
			return nil
		}
		return []syncproto.Op{byServer(exampleOp(t, op.Seq, syncproto.Recorded, domain.EntityTicket, ticket, domain.Ticket{
			UnitID: exampleUnit, Status: domain.RepairRecorded, Number: "WX-2026-000001", DefectID: exampleDefect,
		}))}
	}
	m.decide = func(syncproto.Op) (syncproto.Code, []string) {
		return syncproto.CodeGuard, []string{"guard.contractor_known"}
	}
	m.append(byServer(exampleOp(t, 0, syncproto.Recorded, domain.EntityProject, exampleProject, domain.Project{Name: "样例项目", Zone: "Asia/Shanghai"})))
	m.append(byServer(exampleOp(t, 0, syncproto.Recorded, domain.EntityUnit, exampleUnit, domain.Unit{Building: "1", Number: "0101"})))
	return m
}

// otherTablet is what another device has pushed meanwhile.
func (m *model) otherTablet() *syncproto.Page {
	for seq, description := range []string{"样例：墙面裂缝，0.3 mm", "样例：墙面竖向裂缝"} {
		op := exampleOp(m.t, uint64(60+seq), syncproto.Amended, domain.EntityDefect, exampleDefect, domain.Defect{Description: description})
		op.Device, op.Seq, op.BaseSeq = otherDevice, uint64(seq+1), 3
		m.append(op)
	}
	return m.page(m.head())
}

// step is one frame of the exchange.
type step struct {
	from  string
	frame syncproto.Frame
	wire  []byte
	lost  bool
	note  string
}

const fromDevice, fromServer = "device", "server"

// script is a device's morning: what it sends, what happens meanwhile, and
// where the connection breaks. The server's frames follow from the model.
func script(t testing.TB) []step {
	t.Helper()
	m := newModel(t)
	var steps []step
	add := func(from, note string, lost bool, f syncproto.Frame) {
		wire, err := syncproto.EncodeFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step{from: from, frame: f, wire: wire, lost: lost, note: note})
	}
	var due []syncproto.Frame
	send := func(f syncproto.Frame, note string) {
		add(fromDevice, note, false, f)
		due = append(due, m.handle(f)...)
	}
	receive := func(lost bool, notes ...string) {
		for i, f := range due {
			add(fromServer, notes[i], lost, f)
		}
		due = nil
	}
	hello := func(next uint64, cursors ...syncproto.Cursor) *syncproto.Hello {
		return &syncproto.Hello{
			Version: syncproto.Version, AppVersion: "1.0.0", Schema: syncproto.SchemaVersion, Device: exampleDevice,
			WallClock: exampleMorning, Cursors: cursors, NextSeq: next,
		}
	}
	cursor := func(seq uint64) syncproto.Cursor {
		return syncproto.Cursor{Scope: exampleScope, Epoch: exampleEpoch, Seq: seq}
	}
	pull := func(after uint64) *syncproto.Pull {
		return &syncproto.Pull{Scope: exampleScope, Epoch: exampleEpoch, After: after}
	}
	group := []syncproto.Op{defectOp(t, 1), photoOp(t, 2)}
	group[0].Group, group[1].Group = 2, 2

	send(hello(1), "A new device: no cursors, no op yet. Its clock is 1.5 s ahead.")
	receive(false, "One scope whose log ends at 2; op 1 is expected.")
	send(&syncproto.Pull{Scope: exampleScope}, "The device follows the scope and has nothing of it: no epoch, after 0.")
	receive(false, "Everything: the cursor becomes 2.")

	send(&syncproto.Push{Batch: 1, Ops: group, Epoch: exampleEpoch}, "A defect and its photo, one group.")
	receive(true,
		"The live page with the group and the ticket that the server raised (the ticket's timeline entry is left out here). The connection is cut: the device never sees this.",
		"The answers, committed and never seen. The device does not know whether its ops arrived.")
	send(hello(1, cursor(2)), "The device connects again; ops 1 and 2 have no answer yet.")
	receive(false, "The server expects op 3: 1 and 2 arrived. The log has grown to 5.")
	send(pull(2), "The device is behind: it pulls,")
	send(&syncproto.Push{Batch: 1, Ops: group, Epoch: exampleEpoch}, "and sends its unanswered ops again, byte for byte, without waiting for the page.")
	receive(false,
		"Its own ops come back with their places in the log: they are done. The cursor becomes 5.",
		"Nothing happened twice: both are dup, with the places from the first time.")

	due = append(due, m.otherTablet())
	receive(false, "Another tablet has changed the description twice; the live page of the first change was dropped. So the device is told no more than that the log ends at 7, and its cursor is at 5.")
	send(pull(5), "The device asks for what is missing.")
	receive(false, "Both changes; the cursor becomes 7.")

	send(&syncproto.Push{Batch: 2, Ops: []syncproto.Op{commandOp(t, 3)}, Epoch: exampleEpoch}, "A command: assign the ticket.")
	receive(false, "Rejected, with the guard that was not met. Op 3 is used up; nothing entered the log.")

	amended := exampleOp(t, 4, syncproto.Amended, domain.EntityDefect, exampleDefect, domain.Defect{Description: "样例：裂缝宽 0.5 mm"})
	amended.BaseSeq = 6
	send(&syncproto.Push{Batch: 3, Ops: []syncproto.Op{amended}, Epoch: exampleEpoch}, "A description that was typed before entry 7 had been read: base_seq is 6.")
	receive(false,
		"The live page: the log keeps what was written, every reader merges it the same way.",
		"Applied, and in conflict: both descriptions stay open until a person decides.")

	due = append(due, &syncproto.ScopeDrop{Scope: exampleScope})
	receive(false, "The person has left the project: the device deletes its copy of the scope. Unanswered ops would stay.")
	return steps
}

// exchangeText is the exchange as the document has it.
func exchangeText(t testing.TB, _ string) string {
	t.Helper()
	var b strings.Builder
	for i, s := range script(t) {
		payload, err := syncproto.Marshal(s.frame)
		if err != nil {
			t.Fatal(err)
		}
		lost := ""
		if s.lost {
			lost = " (lost)"
		}
		fmt.Fprintf(&b, "\n#### %d. %s: %s%s\n\n%s\n\n%s", i+1, s.from, frameName(s.frame), lost, s.note, hexFence)
		d := &dump{t: t}
		d.line(0, s.wire, "")
		fmt.Fprintf(&b, "%s%s\n%s%s\n%s", d.out.String(), fenceEnd, textFence, wrapped(diagnose(t, payload)), fenceEnd)
	}
	return b.String() + "\n"
}
