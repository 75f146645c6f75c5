package receipt

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

const monday domain.Instant = 1_790_000_000_000

const day domain.Instant = 24 * 60 * 60 * 1000

func signer(t testing.TB, issuer Issuer) *Signer {
	t.Helper()
	s, err := NewSigner(rand.Reader, issuer, monday)
	must(t, err)
	return s
}

func rotate(t testing.TB, s *Signer, at domain.Instant) *Signer {
	t.Helper()
	next, err := s.Rotate(rand.Reader, at)
	must(t, err)
	return next
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sampleReceipt covers ops 1 to 3 of an invented device.
func sampleReceipt() Receipt {
	scope := syncproto.Scope{Project: ident.Derive[domain.Project]("sample"), Audience: domain.AudienceField}
	r := Receipt{
		Epoch: "epoch", Device: ident.Derive[domain.Device]("tablet"), SignedAt: monday + day, From: 1, To: 3,
		Scopes: []syncproto.Scope{scope}, Awaited: []domain.Hash{{9}},
		Photos: []Photo{{SHA256: domain.Hash{2}, Bytes: 10}, {SHA256: domain.Hash{1}, Bytes: 20}, {SHA256: domain.Hash{2}, Bytes: 10}},
	}
	for seq, status := range []syncproto.Status{syncproto.Applied, syncproto.Rejected, syncproto.Quarantined} {
		r.Ops = append(r.Ops, Op{
			Seq: uint64(seq) + 1, SHA256: sha256.Sum256([]byte{byte(seq)}), Entity: domain.EntityDefect, ID: domain.AnyID{byte(seq)},
			Status: status, ReceivedAt: monday,
		})
	}
	r.Arrange()
	return r
}

func seal(t testing.TB, s *Signer, r Receipt) []byte {
	t.Helper()
	file, err := s.Seal(r)
	must(t, err)
	return file
}

func TestSealedReceiptVerifies(t *testing.T) {
	s := signer(t, Central)
	r := sampleReceipt()
	file := seal(t, s, r)
	if !bytes.Equal(file, seal(t, s, r)) {
		t.Error("the same receipt sealed twice differs")
	}
	v, err := Verify(file, s.Keys)
	must(t, err)
	got := v.Receipts[0]
	if got.Issuer != Central || got.Server != s.Keys.Server() || got.Device != r.Device || len(got.Ops) != 3 || got.Ops[1] != r.Ops[1] {
		t.Errorf("%+v", got)
	}
	if len(got.Photos) != 2 || got.Photos[0].SHA256 != (domain.Hash{1}) || got.Count(syncproto.Rejected, syncproto.Quarantined) != 2 {
		t.Errorf("%+v", got)
	}
}

// Whatever byte of a file changes, the file is not believed.
func TestChangedFileIsRefused(t *testing.T) {
	s := signer(t, Central)
	file := seal(t, s, sampleReceipt())
	for i := range file {
		for _, flip := range []byte{1, 0x80} {
			changed := slices.Clone(file)
			changed[i] ^= flip
			if _, err := Verify(changed, s.Keys); err == nil {
				t.Fatalf("byte %d of %d may be changed", i, len(file))
			}
		}
		if _, err := Verify(file[:i], s.Keys); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := Verify(append(slices.Clone(file), 0), s.Keys); !errors.Is(err, ErrFormat) {
		t.Errorf("with a byte more: %v", err)
	}
}

// reseal replaces what an envelope holds, with a length that fits.
func reseal(t *testing.T, file []byte, change func(*envelope)) []byte {
	t.Helper()
	e, _, err := cut(file)
	must(t, err)
	change(&e)
	b, err := syncproto.Marshal(e)
	must(t, err)
	return append(binary.BigEndian.AppendUint32([]byte(magic), uint32(len(b))), b...)
}

func TestRefusals(t *testing.T) {
	ours, theirs, hub := signer(t, Central), signer(t, Central), signer(t, Relay)
	r := sampleReceipt()
	file := seal(t, ours, r)
	second := rotate(t, ours, monday+10*day)
	thief := rotate(t, ours, monday+10*day) // another successor of the same key
	changed := reseal(t, file, func(e *envelope) {
		var body Receipt
		must(t, syncproto.Unmarshal(e.Body, &body))
		body.Ops[1].Status = syncproto.Applied
		b, err := syncproto.Marshal(body)
		must(t, err)
		e.Body = b
	})
	// The hub's key signs a body that calls itself central.
	lying := *hub
	lying.Keys = slices.Clone(hub.Keys)
	lying.Keys[0].Issuer = Central
	pretended, err := lying.Seal(r)
	must(t, err)
	pretended = reseal(t, pretended, func(e *envelope) { e.Keys = hub.Keys })
	late := r
	late.SignedAt = monday + 11*day
	old := *ours
	other := r
	other.Device, other.From, other.To, other.Ops = ident.Derive[domain.Device]("another"), 4, 4, nil
	for name, c := range map[string]struct {
		file    []byte
		trusted Keys
		want    error
	}{
		"a changed status":                {changed, ours.Keys, ErrSignature},
		"another server":                  {seal(t, theirs, r), ours.Keys, ErrUntrusted},
		"a signature by another":          {reseal(t, seal(t, theirs, r), func(e *envelope) { e.Keys = ours.Keys }), ours.Keys, ErrUntrusted},
		"a hub where a server is trusted": {seal(t, hub, r), ours.Keys, ErrUntrusted},
		"a hub that says central":         {pretended, hub.Keys, ErrUntrusted},
		"a key that branches off":         {seal(t, thief, r), second.Keys, ErrForked},
		"an old key after rotation":       {seal(t, &old, late), second.Keys, ErrTime},
		"no trusted keys":                 {file, nil, ErrKeys},
		"nothing":                         {nil, ours.Keys, ErrFormat},
		"two devices in a file":           {append(slices.Clone(file), seal(t, ours, other)...), ours.Keys, ErrFormat},
		"the same range twice":            {append(slices.Clone(file), file...), ours.Keys, ErrFormat},
		"keys of nobody":                  {reseal(t, file, func(e *envelope) { e.Keys = nil }), ours.Keys, ErrKeys},
		"a key list without its signatures": {
			reseal(t, file, func(e *envelope) { e.Keys[0].Signature = nil }), ours.Keys, ErrKeys,
		},
	} {
		if _, err := Verify(c.file, c.trusted); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// A hub's receipt is good for what it is.
	v, err := Verify(seal(t, hub, r), hub.Keys)
	if err != nil || v.Receipts[0].Issuer != Relay {
		t.Errorf("a hub's own: %v", err)
	}
}

func TestRotation(t *testing.T) {
	first := signer(t, Central)
	r := sampleReceipt()
	before := seal(t, first, r)
	second := rotate(t, first, monday+10*day)
	third := rotate(t, second, monday+20*day)
	r.SignedAt = monday + 30*day
	after := seal(t, third, r)
	for name, c := range map[string]struct {
		file    []byte
		trusted Keys
		keys    int
	}{
		"an old receipt, today's keys":        {before, third.Keys, 3},
		"an old receipt, the keys of then":    {before, first.Keys, 1},
		"a new receipt, the keys of then":     {after, first.Keys, 3},
		"a new receipt, keys in between":      {after, second.Keys, 3},
		"old and new in one file":             {append(slices.Clone(before), seal(t, third, later(r))...), first.Keys, 3},
		"a receipt from before its key's day": {seal(t, second, sampleReceipt()), first.Keys, 2},
	} {
		v, err := Verify(c.file, c.trusted)
		if err != nil || len(v.Keys) != c.keys || v.Keys.Server() != first.Keys.Server() {
			t.Errorf("%s: %d keys, %v", name, len(v.Keys), err)
		}
	}
	if third.Keys.Until(0) != monday+10*day || third.Keys.Until(2).Set() {
		t.Error("wrong validity")
	}
}

func later(r Receipt) Receipt {
	r.From, r.To, r.Ops = 4, 3, nil
	return r
}

func TestKeysAsText(t *testing.T) {
	s := rotate(t, signer(t, Central), monday+day)
	text, err := s.Keys.Encode()
	must(t, err)
	if !strings.Contains(string(text), "Valid-Until: ") || !strings.Contains(string(text), s.Keys.Server().String()) {
		t.Errorf("%s", text)
	}
	keys, err := DecodeKeys(text)
	if err != nil || len(keys) != 2 || !keys[1].equal(s.Keys[1]) {
		t.Errorf("%+v, %v", keys, err)
	}
	secret, err := s.Encode()
	must(t, err)
	again, err := DecodeSigner(secret)
	must(t, err)
	if _, err := Verify(seal(t, again, sampleReceipt()), s.Keys); err != nil {
		t.Error(err)
	}
	older, err := signer(t, Central).Encode()
	must(t, err)
	for name, bad := range map[string][]byte{
		"no secret":           text,
		"another secret":      append(older[:bytes.Index(older, []byte("-----END PRIVATE KEY-----"))+26], text...),
		"a broken secret":     append([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), text...),
		"nothing":             nil,
		"only the second key": text[bytes.LastIndex(text, []byte("-----BEGIN")):],
		"too long":            append(bytes.Repeat([]byte(" "), MaxKeysBytes), text...),
	} {
		if _, err := DecodeSigner(bad); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What no server would say is not signed.
func TestNonsenseIsNotSealed(t *testing.T) {
	s := signer(t, Central)
	for name, change := range map[string]func(*Receipt){
		"no device":         func(r *Receipt) { r.Device = domain.DeviceID{} },
		"no range":          func(r *Receipt) { r.From = 0 },
		"a range backwards": func(r *Receipt) { r.From, r.To = 5, 3 },
		"ops out of order":  func(r *Receipt) { slices.Reverse(r.Ops) },
		"an op twice":       func(r *Receipt) { r.Ops[1] = r.Ops[0] },
		"an op beyond":      func(r *Receipt) { r.To = 2 },
		"an op before":      func(r *Receipt) { r.From = 2 },
		"an unknown scope":  func(r *Receipt) { r.Ops[0].Scope = 1 },
		"a negative scope":  func(r *Receipt) { r.Ops[0].Scope = -1 },
		"an op unhashed":    func(r *Receipt) { r.Ops[0].SHA256 = domain.Hash{} },
		"photos unordered":  func(r *Receipt) { slices.Reverse(r.Photos) },
		"held and awaited":  func(r *Receipt) { r.Awaited = []domain.Hash{r.Photos[0].SHA256} },
		"a negative size":   func(r *Receipt) { r.Photos[0].Bytes = -1 },
		"a long epoch":      func(r *Receipt) { r.Epoch = strings.Repeat("e", maxEpoch+1) },
		"too many ops":      func(r *Receipt) { r.Ops = make([]Op, MaxOps+1) },
		"too many photos":   func(r *Receipt) { r.Awaited = make([]domain.Hash, MaxPhotos) },
	} {
		r := sampleReceipt()
		change(&r)
		if _, err := s.Seal(r); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The largest receipt fits its own limits.
func TestLargestReceipt(t *testing.T) {
	s := signer(t, Central)
	r := sampleReceipt()
	r.Awaited, r.Photos, r.Ops, r.To = nil, nil, nil, MaxOps
	for i := range MaxOps {
		seq := uint64(i) + 1
		r.Ops = append(r.Ops, Op{Seq: seq, SHA256: domain.Hash{1}, Entity: domain.EntityResult, ID: domain.AnyID{1}, Status: syncproto.Applied, LogSeq: 1 << 40, ReceivedAt: monday})
		var sha domain.Hash
		binary.BigEndian.PutUint64(sha[:], seq)
		r.Photos = append(r.Photos, Photo{SHA256: sha, Bytes: 50 << 20, ReceivedAt: monday})
	}
	if _, err := Verify(seal(t, s, r), s.Keys); err != nil {
		t.Error(err)
	}
}

func FuzzVerify(f *testing.F) {
	s := signer(f, Central)
	file := seal(f, s, sampleReceipt())
	f.Add(file)
	f.Add(file[:len(file)-1])
	f.Add(seal(f, rotate(f, s, monday+day), later(sampleReceipt())))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Verify(b, s.Keys)
		if err == nil && (len(v.Receipts) == 0 || v.Keys.Server() != s.Keys.Server()) {
			t.Errorf("believed: %+v", v)
		}
		if keys, err := KeysIn(b); err == nil && len(keys) == 0 {
			t.Error("no keys and no error")
		}
	})
}

func FuzzDecodeKeys(f *testing.F) {
	s := rotate(f, signer(f, Central), monday+day)
	public, err := s.Keys.Encode()
	must(f, err)
	secret, err := s.Encode()
	must(f, err)
	f.Add(public)
	f.Add(secret)
	f.Add(public[:len(public)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := DecodeKeys(b)
		if err != nil {
			return
		}
		text, err := keys.Encode()
		must(t, err)
		if again, err := DecodeKeys(text); err != nil || !slices.EqualFunc(keys, again, Certificate.equal) {
			t.Errorf("read back: %v", err)
		}
		if _, err := DecodeSigner(b); err != nil && !errors.Is(err, ErrKeys) {
			t.Error(err)
		}
	})
}
