package syncproto_test

import (
	"bytes"
	"errors"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

func id[T any](name string) domain.ID[T] { return ident.Derive[T]("test", name) }

func sampleOp(t testing.TB) syncproto.Op {
	t.Helper()
	fields, err := syncproto.Encode(domain.Defect{
		UnitID: id[domain.Unit]("u"), State: domain.DefectOpen, Room: "LIV1", Description: "墙面裂缝 1.2 m",
		Severity: domain.Major, Pin: &domain.Pin{PlanID: id[domain.Plan]("p"), X: 250_000, Y: 500_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return syncproto.Op{
		Device: id[domain.Device]("d"), Seq: 1, Actor: id[domain.Person]("a"), CapturedAt: 1_790_000_000_000, HLC: 7,
		Scope:  syncproto.Scope{Project: id[domain.Project]("p"), Audience: domain.AudienceField},
		Entity: domain.EntityDefect, ID: id[domain.Defect]("x").Any(), Kind: syncproto.Recorded, Fields: fields, Schema: 1,
	}
}

func TestFramesSurviveTheWire(t *testing.T) {
	op := sampleOp(t)
	var many []syncproto.Op
	for seq := range uint64(40) {
		o := op
		o.Seq = seq + 1
		many = append(many, o)
	}
	for _, f := range []syncproto.Frame{
		&syncproto.Hello{Version: 1, Device: op.Device, Cursors: []syncproto.Cursor{{Scope: op.Scope, Epoch: "e", Seq: 9}}},
		&syncproto.Push{Batch: 1, Ops: []syncproto.Op{op}},
		&syncproto.Push{Batch: 2, Ops: many},
		&syncproto.Page{Scope: op.Scope, Epoch: "e", LastSeq: 1, Head: 1, Changes: []syncproto.Logged{{Seq: 1, Op: op}}},
		&syncproto.Error{Code: syncproto.CodeRevoked},
	} {
		wire, err := syncproto.EncodeFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := syncproto.DecodeFrame(wire)
		if err != nil {
			t.Fatalf("%T: %v", f, err)
		}
		again, err := syncproto.EncodeFrame(back)
		if err != nil || !bytes.Equal(wire, again) {
			t.Errorf("%T changed on the wire (%v)", f, err)
		}
	}
}

func TestUnknownFieldsSurvive(t *testing.T) {
	op := sampleOp(t)
	op.Fields[999], _ = syncproto.Marshal("from the future")
	d, err := syncproto.Decode[domain.Defect](op.Fields)
	if err != nil || d.Room != "LIV1" {
		t.Fatalf("%+v, %v", d, err)
	}
	wire, _ := syncproto.EncodeFrame(&syncproto.Push{Ops: []syncproto.Op{op}})
	back, err := syncproto.DecodeFrame(wire)
	if err != nil {
		t.Fatal(err)
	}
	got, err := syncproto.DecodeField[string](back.(*syncproto.Push).Ops[0].Fields, 999)
	if err != nil || got != "from the future" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestPatchHoldsOnlyDifferences(t *testing.T) {
	was := domain.Defect{Room: "LIV1", Description: "a", Severity: domain.Minor}
	now := was
	now.Description, now.Severity = "", domain.Major
	p, err := syncproto.Patch(was, now)
	if err != nil || len(p) != 2 || !syncproto.IsNull(p[8]) {
		t.Fatalf("%v, %v", p, err)
	}
}

func TestBadFramesAreRefused(t *testing.T) {
	good, err := syncproto.EncodeFrame(&syncproto.Push{Batch: 1, Ops: []syncproto.Op{sampleOp(t)}})
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"empty": nil, "one byte": {3}, "unknown type": {99, 0, 0xa0}, "unknown flag": {3, 8, 0xa0},
		"truncated": good[:len(good)-3], "not zstd": {3, 1, 1, 2, 3}, "oversized": make([]byte, syncproto.MaxFrameBytes+1),
		"invalid UTF-8": {9, 0, 0xa1, 0x02, 0x62, 0xff, 0xfe}, "wrong type": {3, 0, 0xa1, 0x01, 0x61, 'x'},
		"duplicate key": {9, 0, 0xa2, 0x01, 0x61, 'a', 0x01, 0x61, 'b'}, "indefinite": {3, 0, 0xbf, 0xff},
	}
	for name, b := range bad {
		if _, err := syncproto.DecodeFrame(b); !errors.Is(err, syncproto.ErrBadFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpValidation(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*syncproto.Op)
		want   syncproto.Code
	}{
		"fine":           {func(*syncproto.Op) {}, ""},
		"unknown kind":   {func(o *syncproto.Op) { o.Kind = 9 }, syncproto.CodeUnknownKind},
		"unknown entity": {func(o *syncproto.Op) { o.Entity = 250 }, syncproto.CodeUnknownEntity},
		"no device":      {func(o *syncproto.Op) { o.Device = domain.DeviceID{} }, syncproto.CodeBadFields},
		"no fields":      {func(o *syncproto.Op) { o.Fields = nil }, syncproto.CodeBadFields},
		"wrong audience": {func(o *syncproto.Op) { o.Scope.Audience = domain.AudienceOffice }, syncproto.CodeBadScope},
		"wrong type":     {func(o *syncproto.Op) { o.Fields[9], _ = syncproto.Marshal("major") }, syncproto.CodeBadFields},
		"group backward": {func(o *syncproto.Op) { o.Seq, o.Group = 5, 4 }, syncproto.CodeBadFields},
	} {
		op := sampleOp(t)
		c.change(&op)
		if code := op.Validate(); code != c.want {
			t.Errorf("%s: code %q", name, code)
		}
	}
}

func TestHybridClock(t *testing.T) {
	a := syncproto.NextHLC(0, 1000)
	b := syncproto.NextHLC(a, 1000)
	c := syncproto.NextHLC(b, 500)
	d := syncproto.NextHLC(c, 1001)
	if a >= b || b >= c || c >= d {
		t.Errorf("not increasing: %d %d %d %d", a, b, c, d)
	}
	tenYears := domain.Instant(315_360_000_000)
	if got := syncproto.ClampHLC(syncproto.NextHLC(0, tenYears), 1000); got != uint64(1000+syncproto.MaxAhead)<<16 {
		t.Errorf("clock ahead was not clamped: %d", got)
	}
}

func FuzzDecodeFrame(f *testing.F) {
	good, err := syncproto.EncodeFrame(&syncproto.Push{Batch: 1, Ops: []syncproto.Op{sampleOp(f)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{1, 0, 0xa0})
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := syncproto.DecodeFrame(b)
		if err != nil {
			if !errors.Is(err, syncproto.ErrBadFrame) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if p, ok := frame.(*syncproto.Push); ok {
			for _, op := range p.Ops {
				op.Validate()
			}
		}
		if _, err := syncproto.EncodeFrame(frame); err != nil {
			t.Fatalf("decoded frame does not encode: %v", err)
		}
	})
}
