package api

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"keyturn/shared/syncproto"
)

// FuzzReadFrames: whatever the body, it is frames or a bad frame, and frames
// read back as what was written.
func FuzzReadFrames(f *testing.F) {
	var good []byte
	for _, frame := range []syncproto.Frame{&syncproto.Pull{Epoch: "e"}, &syncproto.Hello{Version: 1}} {
		var err error
		if good, err = appendFrame(good, frame); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(good)
	f.Add(good[:3])
	f.Add(good[:len(good)-1])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0, 0, 0, 2, 1, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		frames, err := readFrames(bytes.NewReader(body))
		if err != nil {
			if frames != nil || !errors.Is(err, syncproto.ErrBadFrame) || errors.Is(err, io.EOF) && len(body) == 0 {
				t.Errorf("%x: %v, %v", body, frames, err)
			}
			return
		}
		var again []byte
		for _, frame := range frames {
			if again, err = appendFrame(again, frame); err != nil {
				t.Fatal(err)
			}
		}
		if same, err := readFrames(bytes.NewReader(again)); err != nil || len(same) != len(frames) {
			t.Errorf("%x became %x: %v", body, again, err)
		}
	})
}
