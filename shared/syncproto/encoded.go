package syncproto

// Encoded is a frame as EncodeFrame wrote it: made once, sent to many.
type Encoded []byte

// FrameType implements Frame.
func (e Encoded) FrameType() FrameType { return FrameType(e[0]) }

// EncodedPage is an encoded page of a scope and where it ends.
type EncodedPage struct {
	Encoded
	Scope   Scope
	LastSeq uint64
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
