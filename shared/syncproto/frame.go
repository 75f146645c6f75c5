package syncproto

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"keyturn/shared/domain"
)

// Version is the protocol's version; a peer speaks every version from
// MinVersion on.
const (
	Version    = 2 // 2 brought snapshots
	MinVersion = 1
)

// FrameType tells frames apart; it is the first byte on the wire.
type FrameType byte

// Frame types.
const (
	TypeHello     FrameType = 1
	TypeWelcome   FrameType = 2
	TypePush      FrameType = 3
	TypeAnswers   FrameType = 4
	TypePull      FrameType = 5
	TypePage      FrameType = 6
	TypeScopeAdd  FrameType = 7
	TypeScopeDrop FrameType = 8
	TypeError     FrameType = 9
	TypeSnapshot  FrameType = 10
)

// Frame is any message of the protocol.
type Frame interface{ FrameType() FrameType }

// Cursor is how far a device has applied one scope: everything up to Seq of
// the server's Epoch.
type Cursor struct {
	Scope Scope  `cbor:"1,keyasint"`
	Epoch string `cbor:"2,keyasint"`
	Seq   uint64 `cbor:"3,keyasint"`
}

// Hello opens a connection.
type Hello struct {
	Version    int             `cbor:"1,keyasint"`
	AppVersion string          `cbor:"2,keyasint"`
	Schema     int             `cbor:"3,keyasint"`
	Device     domain.DeviceID `cbor:"4,keyasint"`
	// WallClock is the device's clock when it sent the frame.
	WallClock domain.Instant `cbor:"5,keyasint"`
	Cursors   []Cursor       `cbor:"6,keyasint,omitempty"`
	// NextSeq is the lowest op number that the device has no answer for.
	NextSeq uint64 `cbor:"7,keyasint"`
	// InReview names the ops that were quarantined, as far as the device knows.
	InReview []Span `cbor:"8,keyasint,omitempty"`
}

// Span is a run of op numbers of one device, both ends included.
type Span struct {
	From uint64 `cbor:"1,keyasint"`
	To   uint64 `cbor:"2,keyasint"`
	// Device is the one that this device was the clone of and sent the ops as; zero
	// for its own.
	Device domain.DeviceID `cbor:"3,keyasint,omitzero"`
}

// MaxSpans is how many spans a server reads of a HELLO.
const MaxSpans = 1000

// Welcome answers Hello.
type Welcome struct {
	Version    int            `cbor:"1,keyasint"`
	ServerTime domain.Instant `cbor:"2,keyasint"`
	Epoch      string         `cbor:"3,keyasint"`
	// Scopes are the device's streams with the newest sequence of each.
	Scopes []Head `cbor:"4,keyasint,omitempty"`
	// NextSeq is the op number that the server expects next.
	NextSeq uint64 `cbor:"5,keyasint"`
	// Decided are the final answers to those of Hello.InReview that a person has
	// decided on.
	Decided []Answer `cbor:"6,keyasint,omitempty"`
}

// Head is a scope's newest sequence.
type Head struct {
	Scope Scope  `cbor:"1,keyasint"`
	Seq   uint64 `cbor:"2,keyasint"`
}

// Push carries ops in device order; groups are never split.
type Push struct {
	Batch uint64 `cbor:"1,keyasint"`
	Ops   []Op   `cbor:"2,keyasint"`
	// Epoch is that of the copy on which the ops were recorded: their BaseSeq
	// counts in its log. Empty if it is not known.
	Epoch string `cbor:"3,keyasint,omitempty"`
}

// Status is how one op ended.
type Status uint8

// Statuses. Applied and Dup are in the log at Answer.LogSeq; Conflict is applied
// with both values kept open; Rejected is stored and shown to the person.
const (
	Applied     Status = 1
	Dup         Status = 2
	Rejected    Status = 3
	Conflict    Status = 4
	Quarantined Status = 5
)

// Answer says how one op ended.
type Answer struct {
	Seq    uint64 `cbor:"1,keyasint"`
	Status Status `cbor:"2,keyasint"`
	// LogSeq is the op's place in its scope's log; 0 when it is not there.
	LogSeq uint64 `cbor:"3,keyasint,omitzero"`
	Code   Code   `cbor:"4,keyasint,omitzero"`
	// Details are keys of what was missing, such as unmet guards.
	Details []string `cbor:"5,keyasint,omitempty"`
	// Device is that of the Span which asked.
	Device domain.DeviceID `cbor:"6,keyasint,omitzero"`
}

// Answers answers a Push. When Code is CodeGap nothing was taken and NextSeq is
// the op number that the server expects.
type Answers struct {
	Batch   uint64   `cbor:"1,keyasint"`
	Answers []Answer `cbor:"2,keyasint,omitempty"`
	NextSeq uint64   `cbor:"3,keyasint"`
	Code    Code     `cbor:"4,keyasint,omitzero"`
}

// Pull asks for what follows a cursor. With Check it also asks whether the
// device's copy is what it should be: the answer is a Snapshot if it is not.
type Pull struct {
	Scope Scope       `cbor:"1,keyasint"`
	Epoch string      `cbor:"2,keyasint"`
	After uint64      `cbor:"3,keyasint"`
	Check domain.Hash `cbor:"4,keyasint,omitzero"`
}

// Page is a run of the log: all of (PrevSeq, LastSeq]. It answers a Pull and
// also arrives unasked when something happens; a receiver whose cursor is not
// PrevSeq ignores it and pulls.
type Page struct {
	Scope   Scope    `cbor:"1,keyasint"`
	Epoch   string   `cbor:"2,keyasint"`
	PrevSeq uint64   `cbor:"3,keyasint"`
	LastSeq uint64   `cbor:"4,keyasint"`
	Head    uint64   `cbor:"5,keyasint"`
	Changes []Logged `cbor:"6,keyasint,omitempty"`
}

// ScopeAdd tells a device of a stream that it may read from now on.
type ScopeAdd struct {
	Head Head `cbor:"1,keyasint"`
}

// ScopeDrop tells a device to delete its copy of a stream.
type ScopeDrop struct {
	Scope Scope `cbor:"1,keyasint"`
}

// Snapshot answers the Pull of a device that is far behind, since version 2: the
// state of the scope's records after Seq, a file to be fetched beside the
// connection and to be applied in place of the log up to there.
type Snapshot struct {
	Scope   Scope       `cbor:"1,keyasint"`
	Epoch   string      `cbor:"2,keyasint"`
	Seq     uint64      `cbor:"3,keyasint"`
	Head    uint64      `cbor:"4,keyasint"`
	Records int         `cbor:"5,keyasint"`
	Bytes   int64       `cbor:"6,keyasint"`
	SHA256  domain.Hash `cbor:"7,keyasint"`
}

// SnapshotHeader is the first value of a snapshot's stream; the records follow,
// in the order of entity and id.
type SnapshotHeader struct {
	Scope   Scope  `cbor:"1,keyasint"`
	Epoch   string `cbor:"2,keyasint"`
	Seq     uint64 `cbor:"3,keyasint"`
	Records int    `cbor:"5,keyasint"`
}

// Header is what the announced snapshot must begin with.
func (s *Snapshot) Header() SnapshotHeader {
	return SnapshotHeader{Scope: s.Scope, Epoch: s.Epoch, Seq: s.Seq, Records: s.Records}
}

// MaxSnapshotItem is the largest value of a snapshot's stream: a record with
// every contest that it may hold.
const MaxSnapshotItem = 4 << 20

// Error ends a connection or refuses a frame.
type Error struct {
	Code         Code   `cbor:"1,keyasint"`
	Message      string `cbor:"2,keyasint,omitzero"`
	RetryAfterMS int64  `cbor:"3,keyasint,omitzero"`
}

// Error makes a received ERROR frame usable as a Go error.
func (e *Error) Error() string { return "server: " + string(e.Code) + ": " + e.Message }

// FrameType implements Frame.
func (*Hello) FrameType() FrameType { return TypeHello }

// FrameType implements Frame.
func (*Welcome) FrameType() FrameType { return TypeWelcome }

// FrameType implements Frame.
func (*Push) FrameType() FrameType { return TypePush }

// FrameType implements Frame.
func (*Answers) FrameType() FrameType { return TypeAnswers }

// FrameType implements Frame.
func (*Pull) FrameType() FrameType { return TypePull }

// FrameType implements Frame.
func (*Page) FrameType() FrameType { return TypePage }

// FrameType implements Frame.
func (*ScopeAdd) FrameType() FrameType { return TypeScopeAdd }

// FrameType implements Frame.
func (*ScopeDrop) FrameType() FrameType { return TypeScopeDrop }

// FrameType implements Frame.
func (*Error) FrameType() FrameType { return TypeError }

// FrameType implements Frame.
func (*Snapshot) FrameType() FrameType { return TypeSnapshot }

func newFrame(t FrameType) Frame {
	switch t {
	case TypeHello:
		return &Hello{}
	case TypeWelcome:
		return &Welcome{}
	case TypePush:
		return &Push{}
	case TypeAnswers:
		return &Answers{}
	case TypePull:
		return &Pull{}
	case TypePage:
		return &Page{}
	case TypeScopeAdd:
		return &ScopeAdd{}
	case TypeScopeDrop:
		return &ScopeDrop{}
	case TypeError:
		return &Error{}
	case TypeSnapshot:
		return &Snapshot{}
	default:
		return nil
	}
}

// Wire limits: what a peer may send, and what it may inflate to.
const (
	MaxFrameBytes    = 4 << 20
	MaxInflatedBytes = 16 << 20
	compressAbove    = 256
	shareAbove       = 16 << 10 // pages this large are pressed harder: they are made once and sent to many
	headerBytes      = 2
	flagZstd         = 1
)

var (
	zstdEnc = mustZstdEnc(zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	// A window holds a page; a larger one would only cost memory.
	zstdPages = mustZstdEnc(zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))

	zstdDec = mustZstdDec()
)

func mustZstdEnc(options ...zstd.EOption) *zstd.Encoder {
	e, err := zstd.NewWriter(nil, options...)
	if err != nil {
		panic(err) // constant options: fails in every test run or never
	}
	return e
}

func mustZstdDec() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxInflatedBytes), zstd.WithDecoderConcurrency(2))
	if err != nil {
		panic(err) // constant options: fails in every test run or never
	}
	return d
}

// EncodeFrame is type byte, flag byte, CBOR payload; payloads above 256 bytes
// are compressed with zstd.
func EncodeFrame(f Frame) ([]byte, error) {
	switch done := f.(type) {
	case Encoded:
		return done, nil
	case EncodedPage:
		return done.Encoded, nil
	}
	payload, err := encMode.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode frame %d: %w", f.FrameType(), err)
	}
	if len(payload) > MaxInflatedBytes {
		return nil, fmt.Errorf("encode frame %d: %d bytes are over the limit", f.FrameType(), len(payload))
	}
	out := make([]byte, headerBytes, headerBytes+len(payload))
	out[0] = byte(f.FrameType())
	if len(payload) <= compressAbove {
		return append(out, payload...), nil
	}
	out[1] = flagZstd
	enc := zstdEnc
	if f.FrameType() == TypePage && len(payload) > shareAbove {
		enc = zstdPages
	}
	if out = enc.EncodeAll(payload, out); len(out) > MaxFrameBytes {
		return nil, fmt.Errorf("encode frame %d: %d bytes on the wire are over the limit", f.FrameType(), len(out))
	}
	return out, nil
}

// DecodeFrame reverses EncodeFrame. Every failure is an ErrBadFrame.
func DecodeFrame(b []byte) (Frame, error) {
	switch {
	case len(b) < headerBytes:
		return nil, fmt.Errorf("%w: %d bytes are no frame", ErrBadFrame, len(b))
	case len(b) > MaxFrameBytes:
		return nil, fmt.Errorf("%w: %d bytes are over the limit", ErrBadFrame, len(b))
	case b[1] > flagZstd:
		return nil, fmt.Errorf("%w: unknown flags %#x", ErrBadFrame, b[1])
	}
	f := newFrame(FrameType(b[0]))
	if f == nil {
		return nil, fmt.Errorf("%w: unknown frame type %d", ErrBadFrame, b[0])
	}
	payload := b[headerBytes:]
	if b[1] == flagZstd {
		var err error
		if payload, err = zstdDec.DecodeAll(payload, nil); err != nil {
			return nil, fmt.Errorf("%w: inflate: %w", ErrBadFrame, err)
		}
	}
	if err := decMode.Unmarshal(payload, f); err != nil {
		return nil, fmt.Errorf("%w: frame type %d: %w", ErrBadFrame, b[0], err)
	}
	return f, nil
}
