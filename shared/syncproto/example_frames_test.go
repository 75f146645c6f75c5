package syncproto_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// The examples' people, places and things: plainly invented.
var (
	exampleProject  = ident.Derive[domain.Project]("example", "project")
	exampleDevice   = ident.Derive[domain.Device]("example", "tablet")
	otherDevice     = ident.Derive[domain.Device]("example", "other tablet")
	serverDevice    = ident.Derive[domain.Device]("server")
	examplePerson   = ident.Derive[domain.Person]("example", "inspector")
	exampleUnit     = ident.Derive[domain.Unit]("example", "unit")
	exampleDefect   = ident.Derive[domain.Defect]("example", "defect")
	examplePhoto    = ident.Derive[domain.Attachment]("example", "photo")
	exampleScope    = syncproto.Scope{Project: exampleProject, Audience: domain.AudienceField}
	exampleMorning  = domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))
	exampleEpoch    = "5f0c1d2e3a4b5968"
	exampleTimeZone = 480 // minutes east of UTC
)

// exampleAhead is how far the example's tablet is ahead of the server.
const exampleAhead domain.Instant = 1500

// exampleOp is a fact of the example's tablet.
func exampleOp[T any](t testing.TB, seq uint64, kind syncproto.Kind, e domain.Entity, id domain.ID[T], content any) syncproto.Op {
	t.Helper()
	at := exampleMorning + domain.Instant(seq)*1000
	op := syncproto.Op{
		Device: exampleDevice, Seq: seq, Actor: examplePerson, CapturedAt: at, UTCOffset: exampleTimeZone,
		HLC: syncproto.NextHLC(0, at-exampleAhead), Scope: exampleScope, Entity: e, ID: id.Any(), Kind: kind, Schema: syncproto.SchemaVersion,
	}
	if content != nil {
		fields, err := syncproto.Encode(content)
		if err != nil {
			t.Fatal(err)
		}
		op.Fields = fields
	}
	return op
}

func defectOp(t testing.TB, seq uint64) syncproto.Op {
	t.Helper()
	return exampleOp(t, seq, syncproto.Recorded, domain.EntityDefect, exampleDefect, domain.Defect{
		UnitID: exampleUnit, State: domain.DefectOpen, Room: "LIV1", Description: "样例：墙面裂缝", Severity: domain.Major, Readings: []int64{2500},
	})
}

func photoOp(t testing.TB, seq uint64) syncproto.Op {
	t.Helper()
	return exampleOp(t, seq, syncproto.Recorded, domain.EntityAttachment, examplePhoto, domain.Attachment{
		ParentID: exampleDefect.Any(), State: domain.AttachmentPending, Kind: domain.KindPhoto, Role: domain.RoleEvidence,
		SHA256: sha256.Sum256([]byte("example photo")), Bytes: 13,
	})
}

func commandOp(t testing.TB, seq uint64) syncproto.Op {
	t.Helper()
	ticket := ident.Twin[domain.Ticket](exampleDefect)
	return exampleOp(t, seq, syncproto.Commanded, domain.EntityTicket, ticket, syncproto.Command{Action: string(domain.RepairAssign)})
}

// logged is an op as the server passes it on: with the corrected time.
func logged(seq uint64, op syncproto.Op) syncproto.Logged {
	op.At = op.CapturedAt
	if op.Device != serverDevice {
		op.At -= exampleAhead
	}
	return syncproto.Logged{Seq: seq, Op: op}
}

// example is one frame of the document.
type example struct {
	name  string
	frame syncproto.Frame
}

// examples has every type of frame and every form that matters.
func examples(t testing.TB) []example {
	t.Helper()
	group := []syncproto.Op{defectOp(t, 2), photoOp(t, 3)}
	for i := range group {
		group[i].Group = 3
	}
	withdrawn := exampleOp(t, 1, syncproto.Withdrawn, domain.EntityDefect, exampleDefect, nil)
	withdrawn.BaseSeq = 41
	return []example{
		{"hello", &syncproto.Hello{
			Version: syncproto.Version, AppVersion: "1.0.0", Schema: syncproto.SchemaVersion, Device: exampleDevice, WallClock: exampleMorning,
			Cursors: []syncproto.Cursor{{Scope: exampleScope, Epoch: exampleEpoch, Seq: 41}}, NextSeq: 2,
		}},
		{"welcome", &syncproto.Welcome{
			Version: syncproto.Version, ServerTime: exampleMorning - exampleAhead, Epoch: exampleEpoch,
			Scopes: []syncproto.Head{{Scope: exampleScope, Seq: 44}}, NextSeq: 2,
		}},
		{"hello in review", &syncproto.Hello{
			Version: syncproto.Version, AppVersion: "1.0.0", Schema: syncproto.SchemaVersion, Device: exampleDevice, WallClock: exampleMorning,
			NextSeq: 9, InReview: []syncproto.Span{{From: 4, To: 6}, {From: 8, To: 8}, {From: 3, To: 3, Device: otherDevice}},
		}},
		{"welcome decided", &syncproto.Welcome{
			Version: syncproto.Version, ServerTime: exampleMorning - exampleAhead, Epoch: exampleEpoch, NextSeq: 9,
			Decided: []syncproto.Answer{
				{Seq: 4, Status: syncproto.Dup, LogSeq: 47},
				{Seq: 8, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"样例：重复记录"}},
				{Seq: 3, Status: syncproto.Dup, LogSeq: 39, Device: otherDevice},
			},
		}},
		{"push", &syncproto.Push{Batch: 1, Ops: []syncproto.Op{withdrawn}, Epoch: exampleEpoch}},
		{"push compressed", &syncproto.Push{Batch: 2, Ops: group}},
		{"push command", &syncproto.Push{Batch: 3, Ops: []syncproto.Op{commandOp(t, 4)}}},
		{"answers", &syncproto.Answers{Batch: 2, NextSeq: 6, Answers: []syncproto.Answer{
			{Seq: 1, Status: syncproto.Dup, LogSeq: 42},
			{Seq: 2, Status: syncproto.Applied, LogSeq: 45},
			{Seq: 3, Status: syncproto.Conflict, LogSeq: 46},
			{Seq: 4, Status: syncproto.Rejected, Code: syncproto.CodeGuard, Details: []string{"guard.contractor_known"}},
			{Seq: 5, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember},
		}}},
		{"answers gap", &syncproto.Answers{Batch: 3, NextSeq: 6, Code: syncproto.CodeGap}},
		{"pull", &syncproto.Pull{Scope: exampleScope, Epoch: exampleEpoch, After: 41}},
		{"page", &syncproto.Page{
			Scope: exampleScope, Epoch: exampleEpoch, PrevSeq: 41, LastSeq: 42, Head: 44, Changes: []syncproto.Logged{logged(42, withdrawn)},
		}},
		{"page empty", &syncproto.Page{Scope: exampleScope, Epoch: exampleEpoch, PrevSeq: 44, LastSeq: 44, Head: 44}},
		{"snapshot", &syncproto.Snapshot{
			Scope: exampleScope, Epoch: exampleEpoch, Seq: 40_000, Head: 40_007, Records: 12_345, Bytes: 2_345_678, SHA256: domain.Hash{1, 2, 3},
		}},
		{"scope add", &syncproto.ScopeAdd{Head: syncproto.Head{Scope: syncproto.Scope{Project: exampleProject, Audience: domain.AudiencePeople}, Seq: 7}}},
		{"scope drop", &syncproto.ScopeDrop{Scope: syncproto.Scope{Project: exampleProject, Audience: domain.AudiencePeople}}},
		{"error", &syncproto.Error{Code: syncproto.CodeStorage, RetryAfterMS: 5000}},
	}
}

// Every type of frame has an example.
func TestEveryFrameHasAnExample(t *testing.T) {
	have := map[syncproto.FrameType]bool{}
	for _, e := range examples(t) {
		have[e.frame.FrameType()] = true
	}
	for _, f := range frames(t) {
		if !have[f.FrameType()] {
			t.Errorf("%s has no example", frameName(f))
		}
	}
}

const (
	hexFence  = "```hex\n"
	textFence = "```text\n"
	fenceEnd  = "```\n"
)

// write is the example's block: the bytes on the wire, explained, and the
// payload in diagnostic notation.
func (e example) write(t testing.TB, _ string) string {
	t.Helper()
	wire, err := syncproto.EncodeFrame(e.frame)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := syncproto.Marshal(e.frame)
	if err != nil {
		t.Fatal(err)
	}
	d := &dump{t: t, b: payload}
	name := fmt.Sprintf("type %d, %s", wire[0], frameName(e.frame))
	if wire[1] == 0 {
		d.line(0, wire[:1], name)
		d.line(0, wire[1:2], "flags: not compressed")
		d.item(0, 0, "", reflect.TypeOf(e.frame), reflect.ValueOf(e.frame))
		return hexFence + d.out.String() + fenceEnd + "\n" + textFence + wrapped(diagnose(t, payload)) + "\n" + fenceEnd
	}
	whole := &dump{t: t}
	whole.line(0, wire[:1], name)
	whole.line(0, wire[1:2], "flags: compressed")
	whole.line(0, wire[2:], fmt.Sprintf("%d bytes of zstd, %d inflated", len(wire)-2, len(payload)))
	d.item(0, 0, "", reflect.TypeOf(e.frame), reflect.ValueOf(e.frame))
	return hexFence + whole.out.String() + fenceEnd + "\nInflated:\n\n" + textFence + d.out.String() + fenceEnd +
		"\n" + textFence + wrapped(diagnose(t, payload)) + "\n" + fenceEnd
}

// vectors are small values with their encodings.
func vectors(t testing.TB) [][2]string {
	t.Helper()
	raw, err := exampleScope.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	hybrid := syncproto.NextHLC(0, exampleMorning)
	within := syncproto.NextHLC(hybrid, exampleMorning)
	sum := crc32.Checksum([]byte("123456789"), crc32.MakeTable(crc32.Castagnoli))
	frame, err := syncproto.EncodeFrame(&syncproto.Pull{Scope: exampleScope})
	if err != nil {
		t.Fatal(err)
	}
	task := ident.Derive[domain.Task]("example", "task")
	inspection := ident.Derive[domain.Inspection]("inspection", task.String())
	return [][2]string{
		{"id `" + exampleProject.String() + "`", "`" + hex.EncodeToString(exampleProject[:]) + "`"},
		{"scope `" + exampleScope.String() + "`", "`" + hex.EncodeToString(raw) + "`"},
		{"instant of 2026-09-26T09:00:00+08:00", fmt.Sprint(exampleMorning)},
		{"hybrid clock of that instant, first event", fmt.Sprint(hybrid)},
		{"hybrid clock of the next event within the same millisecond", fmt.Sprint(within)},
		{"CRC-32C of the nine bytes `123456789`", fmt.Sprintf("`%08x`", sum)},
		{"length prefix of a frame of " + fmt.Sprint(len(frame)) + " bytes in `POST /v1/sync`", "`" + hex.EncodeToString(binary.BigEndian.AppendUint32(nil, uint32(len(frame)))) + "`"},
		{"null, which clears a field", "`" + hex.EncodeToString(syncproto.Null) + "`"},
		{"derived id of (`server`), the device and the actor of the server itself", "`" + serverDevice.String() + "`"},
		{"derived id of (`inspection`, `" + task.String() + "`)", "`" + inspection.String() + "`"},
		{"derived id of (`result`, `" + inspection.String() + "`, `HO-010`, `ENT1`)", "`" + ident.Derive[domain.Result]("result", inspection.String(), "HO-010", "ENT1").String() + "`"},
		{"id of the ticket of defect `" + exampleDefect.String() + "`", "`" + ident.Twin[domain.Ticket](exampleDefect).String() + "`"},
		{"derived id of (`" + exampleProject.String() + "`, `" + examplePerson.String() + "`), a person's record", "`" + ident.Derive[any](exampleProject.String(), examplePerson.String()).String() + "`"},
		{"SHA-256 of no bytes, as in a path", "`" + strings.ToLower(domain.Hash(sha256.Sum256(nil)).String()) + "`"},
	}
}
