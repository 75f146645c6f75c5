package syncproto

import "fmt"

// Encoded is a frame as EncodeFrame wrote it: made once, sent to many.
type Encoded []byte

// FrameType implements Frame.
func (e Encoded) FrameType() FrameType { return FrameType(e[0]) }

// DecodePage reads a page that was encoded here.
func DecodePage(e Encoded) (*Page, error) {
	f, err := DecodeFrame(e)
	if err != nil {
		return nil, err
	}
	page, ok := f.(*Page)
	if !ok {
		return nil, fmt.Errorf("%w: type %d is no page", ErrBadFrame, f.FrameType())
	}
	return page, nil
}

// StoredPage is a Page whose ops are still encoded, as the log keeps them.
type StoredPage struct {
	Scope   Scope          `cbor:"1,keyasint"`
	Epoch   string         `cbor:"2,keyasint"`
	PrevSeq uint64         `cbor:"3,keyasint"`
	LastSeq uint64         `cbor:"4,keyasint"`
	Head    uint64         `cbor:"5,keyasint"`
	Changes []StoredChange `cbor:"6,keyasint,omitempty"`
}

// StoredChange is a Logged whose op is still encoded.
type StoredChange struct {
	Seq uint64 `cbor:"1,keyasint"`
	Op  Value  `cbor:"2,keyasint"`
}

// FrameType implements Frame.
func (*StoredPage) FrameType() FrameType { return TypePage }
