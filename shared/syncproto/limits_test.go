package syncproto_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

func mustBeBadFrame(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, syncproto.ErrBadFrame) {
		t.Fatalf("%v is no ErrBadFrame", err)
	}
}

// squeezed is a PUSH frame whose zstd payload is what write writes.
func squeezed(t testing.TB, stream bool, payload func(write func([]byte))) []byte {
	t.Helper()
	var whole, out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	payload(func(b []byte) {
		if stream {
			if _, err := w.Write(b); err != nil {
				t.Fatal(err)
			}
			return
		}
		whole.Write(b)
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	head := []byte{byte(syncproto.TypePush), 1}
	if !stream {
		return w.EncodeAll(whole.Bytes(), head)
	}
	return append(head, out.Bytes()...)
}

// Some kilobytes that inflate to a quarter of a gigabyte are refused without inflating
// them, whether they announce their size or not.
func TestInflationIsBounded(t *testing.T) {
	megabyte := make([]byte, 1<<20)
	zeros := func(mb int) func(func([]byte)) {
		return func(write func([]byte)) {
			for range mb {
				write(megabyte)
			}
		}
	}
	for name, bomb := range map[string][]byte{
		"announced, just over":    squeezed(t, false, zeros(syncproto.MaxInflatedBytes>>20+1)),
		"announced, 64 MiB":       squeezed(t, false, zeros(64)),
		"unannounced, just over":  squeezed(t, true, zeros(syncproto.MaxInflatedBytes>>20+1)),
		"unannounced, 256 MiB":    squeezed(t, true, zeros(256)),
		"announced, zstd in zstd": squeezed(t, false, func(write func([]byte)) { write(squeezed(t, true, zeros(64))) }),
	} {
		if len(bomb) > syncproto.MaxFrameBytes/16 {
			t.Fatalf("%s: %d bytes are no bomb", name, len(bomb))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := syncproto.DecodeFrame(bomb)
		runtime.ReadMemStats(&after)
		mustBeBadFrame(t, err)
		// The decoder grows its buffer by doubling, so a few times the limit passes
		// through it; all of a bomb must not.
		if used := after.TotalAlloc - before.TotalAlloc; used > 8*syncproto.MaxInflatedBytes {
			t.Errorf("%s: %d MiB were allocated to refuse %d bytes", name, used>>20, len(bomb))
		}
	}
}

// The largest payload still passes: the limit refuses bombs, not work.
func TestLargestPayloadPasses(t *testing.T) {
	text := strings.Repeat("样", (syncproto.MaxInflatedBytes-64)/len("样"))
	wire, err := syncproto.EncodeFrame(&syncproto.Error{Code: syncproto.CodeBadFrame, Message: text})
	if err != nil {
		t.Fatal(err)
	}
	back, err := syncproto.DecodeFrame(wire)
	if err != nil || back.(*syncproto.Error).Message != text {
		t.Fatalf("%T, %v", back, err)
	}
	if _, err := syncproto.EncodeFrame(&syncproto.Error{Message: text + strings.Repeat("x", 128)}); err == nil {
		t.Error("a payload above the limit was encoded: nobody could read it")
	}
}

// A frame is refused by its length alone, before anything of it is read.
func TestFrameLength(t *testing.T) {
	frame := func(length int) []byte {
		message := strings.Repeat("a", length)
		payload, err := syncproto.Marshal(&syncproto.Error{Message: message})
		if err != nil {
			t.Fatal(err)
		}
		payload, err = syncproto.Marshal(&syncproto.Error{Message: message[:2*length-2-len(payload)]})
		if err != nil {
			t.Fatal(err)
		}
		wire := append([]byte{byte(syncproto.TypeError), 0}, payload...)
		if len(wire) != length {
			t.Fatalf("%d bytes instead of %d", len(wire), length)
		}
		return wire
	}
	if _, err := syncproto.DecodeFrame(frame(syncproto.MaxFrameBytes)); err != nil {
		t.Errorf("the longest frame: %v", err)
	}
	_, err := syncproto.DecodeFrame(frame(syncproto.MaxFrameBytes + 1))
	mustBeBadFrame(t, err)
}

// Compression starts where PROTOCOL.md says, and a payload that is compressed
// although it is short is read as well.
func TestCompressionThreshold(t *testing.T) {
	message := func(n int) []byte {
		wire, err := syncproto.EncodeFrame(&syncproto.Error{Code: "x", Message: strings.Repeat("a", n)})
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	const around = 7 // bytes of an ERROR payload beside a message of 24 … 255 bytes
	if at := message(256 - around); at[1] != 0 || len(at) != 2+256 {
		t.Errorf("256 bytes: flags %d, %d bytes", at[1], len(at))
	}
	if above := message(257 - around); above[1] != 1 {
		t.Errorf("257 bytes: flags %d", above[1])
	}
	short := squeezed(t, false, func(write func([]byte)) { write([]byte{0xa1, 0x01, 0x07}) })
	f, err := syncproto.DecodeFrame(short)
	if err != nil || f.(*syncproto.Push).Batch != 7 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestCBORLimits(t *testing.T) {
	nested := func(depth int) []byte {
		return append(append([]byte{3, 0, 0xa1, 0x18, 0x63}, bytes.Repeat([]byte{0x81}, depth)...), 0x00)
	}
	array := func(n int) []byte {
		b := []byte{0xa1, 0x02, 0x9a, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		return squeezed(t, false, func(write func([]byte)) { write(append(b, bytes.Repeat([]byte{0xa0}, n)...)) })
	}
	for name, c := range map[string]struct {
		wire []byte
		ok   bool
	}{
		"16 levels":              {nested(15), true},
		"17 levels":              {nested(16), false},
		"100 000 elements":       {array(100_000), true},
		"100 001 elements":       {array(100_001), false},
		"array longer than data": {[]byte{3, 0, 0xa1, 0x02, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false},
		"map longer than data":   {[]byte{3, 0, 0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false},
		"text longer than data":  {[]byte{9, 0, 0xa1, 0x02, 0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false},
		"tag":                    {[]byte{3, 0, 0xa1, 0x01, 0xc2, 0x41, 0x01}, false},
		"float for an integer":   {[]byte{3, 0, 0xa1, 0x01, 0xf9, 0x3c, 0x00}, false},
		"negative for unsigned":  {[]byte{3, 0, 0xa1, 0x01, 0x20}, false},
		"second item":            {[]byte{3, 0, 0xa0, 0xa0}, false},
		"short id":               {[]byte{1, 0, 0xa1, 0x04, 0x41, 0x01}, false},
		"scope without audience": {append([]byte{5, 0, 0xa1, 0x01, 0x50}, bytes.Repeat([]byte{1}, 16)...), false},
		"unknown frame key":      {[]byte{3, 0, 0xa2, 0x01, 0x07, 0x18, 0x63, 0x01}, true},
	} {
		_, err := syncproto.DecodeFrame(c.wire)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			mustBeBadFrame(t, err)
		}
	}
}

// What a push may hold is far below what a frame may hold: a batch within its
// limits always travels.
func TestFullPushFitsIntoAFrame(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{1}))
	text := func(bytes int) string {
		var b strings.Builder
		for b.Len() < bytes {
			b.WriteRune(rune(0x4e00 + random.IntN(0x5000))) // incompressible Chinese
		}
		return b.String()
	}
	full := &syncproto.Push{Batch: 1}
	total := 0
	for seq := uint64(1); len(full.Ops) < syncproto.MaxBatchOps; seq++ {
		op := sampleOp(t)
		op.Seq = seq
		var err error
		op.Fields, err = syncproto.Encode(domain.Defect{Description: text(syncproto.MaxOpBytes - 1024)})
		if err != nil {
			t.Fatal(err)
		}
		body, err := syncproto.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		if len(body) > syncproto.MaxOpBytes {
			t.Fatalf("op of %d bytes", len(body))
		}
		if total += len(body); total > syncproto.MaxPushBytes {
			break
		}
		full.Ops = append(full.Ops, op)
	}
	wire, err := syncproto.EncodeFrame(full)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := syncproto.DecodeFrame(wire); err != nil || len(full.Ops) < 3 {
		t.Errorf("%d ops, %d bytes: %v", len(full.Ops), len(wire), err)
	}
}

func TestGroupEndsAtOrAfterItsOps(t *testing.T) {
	for _, c := range []struct {
		seq, group uint64
		want       syncproto.Code
	}{
		{1, 0, ""},
		{1, 1, ""},
		{1, syncproto.MaxBatchOps, ""},
		{7, 6, syncproto.CodeBadFields},
		{0, 0, syncproto.CodeBadFields},
	} {
		op := sampleOp(t)
		op.Seq, op.Group = c.seq, c.group
		if code := op.Validate(); code != c.want {
			t.Errorf("op %d of group %d: %q", c.seq, c.group, code)
		}
	}
}

func FuzzParseScope(f *testing.F) {
	good := syncproto.Scope{Project: id[domain.Project]("p"), Audience: domain.AudienceField}
	f.Add(good.String())
	for _, seed := range []string{"", "/", "/field", good.Project.String(), good.Project.String() + "/", good.Project.String() + "/money", strings.ToUpper(good.String())} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scope, err := syncproto.ParseScope(text)
		if err != nil {
			mustBeBadFrame(t, err)
			return
		}
		again, err := syncproto.ParseScope(scope.String())
		if err != nil || again != scope {
			t.Fatalf("%q became %v, %v", text, again, err)
		}
		raw, err := scope.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back syncproto.Scope
		if err := back.UnmarshalBinary(raw); err != nil || back != scope {
			t.Fatalf("%q became %v, %v", text, back, err)
		}
	})
}

func TestScopesThatAreNone(t *testing.T) {
	project := id[domain.Project]("p").String()
	for _, text := range []string{"", "/", "field", "/field", project, project + "/", project + "/Field", project + "/contractor", project + "/field/", strings.ReplaceAll(project, "-", "") + "/field"} {
		if s, err := syncproto.ParseScope(text); err == nil {
			t.Errorf("%q was read as %v", text, s)
		}
	}
}
