package rotation

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
)

const monday domain.Instant = 1_790_000_000_000

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func curveKey(t testing.TB, c elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	must(t, err)
	return key
}

func edKey(t testing.TB) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return key
}

func rsaKey(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	must(t, err)
	return key
}

func spki(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return der
}

func pinOf(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	p, err := Pin(spki(t, key))
	must(t, err)
	return p
}

// chain rotates through keys.
func chain(t testing.TB, keys ...crypto.Signer) (c Chain) {
	t.Helper()
	for i := range keys[1:] {
		var err error
		c, err = c.Next(rand.Reader, keys[i], spki(t, keys[i+1]), monday+domain.Instant(i))
		must(t, err)
	}
	return c
}

// published is a chain after its way to a device.
func published(t testing.TB, c Chain) Chain {
	t.Helper()
	b, err := c.Encode()
	must(t, err)
	read, err := Decode(b)
	must(t, err)
	return read
}

// Every kind of key names one of every kind.
func TestEveryKindOfKey(t *testing.T) {
	kinds := map[string]crypto.Signer{
		"RSA 2048": rsaKey(t, 2048), "RSA 3072": rsaKey(t, 3072), "Ed25519": edKey(t),
		"P-256": curveKey(t, elliptic.P256()), "P-384": curveKey(t, elliptic.P384()), "P-521": curveKey(t, elliptic.P521()),
	}
	for from, old := range kinds {
		for to, next := range kinds {
			if from == to {
				continue
			}
			c := published(t, chain(t, old, next))
			if !c.Leads(pinOf(t, old), pinOf(t, next)) || !bytes.Equal(c.Last(), pinOf(t, next)) {
				t.Errorf("%s → %s does not lead there", from, to)
			}
			if c.Leads(pinOf(t, next), pinOf(t, old)) {
				t.Errorf("%s → %s leads back", from, to)
			}
			c.statements[0].Signature[len(c.statements[0].Signature)/2] ^= 1
			if _, err := checked(c.statements); !errors.Is(err, ErrSignature) {
				t.Errorf("%s → %s with another signature: %v", from, to, err)
			}
		}
	}
	// All of them in a row: each pin leads to every later one and to no earlier one.
	row := slices.Collect(maps.Values(kinds))
	c := published(t, chain(t, row...))
	for i, from := range row {
		for j, to := range row {
			if c.Leads(pinOf(t, from), pinOf(t, to)) != (i < j) {
				t.Errorf("key %d leads to key %d: %v", i, j, i >= j)
			}
		}
	}
}

func TestNoSuchKeys(t *testing.T) {
	good := edKey(t)
	agreement, err := ecdh.X25519().GenerateKey(rand.Reader)
	must(t, err)
	forAgreement, err := x509.MarshalPKIXPublicKey(agreement.Public())
	must(t, err)
	for name, der := range map[string][]byte{
		"nothing": nil, "no DER": []byte("key"), "key agreement": forAgreement, "P-224": spki(t, curveKey(t, elliptic.P224())),
		"a short RSA key": spki(t, rsaKey(t, 1024)), "more behind it": append(spki(t, good), 0),
	} {
		if _, err := (Chain{}).Next(rand.Reader, good, der, monday); !errors.Is(err, ErrKey) {
			t.Errorf("to %s: %v", name, err)
		}
		s := Statement{Old: der, New: pinOf(t, good), MadeAt: monday, Signature: []byte("x")}
		if _, err := checked([]Statement{s}); !errors.Is(err, ErrKey) {
			t.Errorf("from %s: %v", name, err)
		}
	}
	if _, err := (Chain{}).Next(rand.Reader, curveKey(t, elliptic.P224()), spki(t, good), monday); !errors.Is(err, ErrKey) {
		t.Errorf("signed by P-224: %v", err)
	}
}

// What the server's operator must not do.
func TestRefusedRotations(t *testing.T) {
	a, b, c, d := edKey(t), edKey(t), edKey(t), edKey(t)
	held := chain(t, a, b, c)
	for name, try := range map[string]struct {
		old, next crypto.Signer
		want      error
	}{
		"by the key before":      {b, d, ErrOrder},
		"by a stranger":          {d, edKey(t), ErrOrder},
		"to itself":              {c, c, ErrUsed},
		"back to the one before": {c, b, ErrUsed},
		"back to the first":      {c, a, ErrUsed},
	} {
		if _, err := held.Next(rand.Reader, try.old, spki(t, try.next), monday+9); !errors.Is(err, try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A clock that went back does not break the order, and the chain that was
	// extended stays as it was.
	longer, err := held.Next(rand.Reader, c, spki(t, d), 1)
	must(t, err)
	if !published(t, longer).Leads(pinOf(t, a), pinOf(t, d)) || len(held.statements) != 2 {
		t.Errorf("%d statements after %d", len(longer.statements), len(held.statements))
	}
	if _, err := (Chain{}).Next(rand.Reader, a, spki(t, b), 0); !errors.Is(err, ErrFormat) {
		t.Errorf("made at no time: %v", err)
	}
}

// What somebody else could put into a file.
func TestForgedChains(t *testing.T) {
	a, b, c, stranger := edKey(t), curveKey(t, elliptic.P256()), edKey(t), edKey(t)
	list := chain(t, a, b, c).statements
	other := chain(t, stranger, c).statements
	with := func(change func(*Statement)) []Statement {
		s := list[0]
		change(&s)
		return []Statement{s}
	}
	for name, f := range map[string]struct {
		list []Statement
		want error
	}{
		"another new key":      {with(func(s *Statement) { s.New = pinOf(t, stranger) }), ErrSignature},
		"another old key":      {with(func(s *Statement) { s.Old = spki(t, stranger) }), ErrSignature},
		"another time":         {with(func(s *Statement) { s.MadeAt++ }), ErrSignature},
		"another's signature":  {with(func(s *Statement) { s.Signature = other[0].Signature }), ErrSignature},
		"no signature":         {with(func(s *Statement) { s.Signature = nil }), ErrSignature},
		"no time":              {with(func(s *Statement) { s.MadeAt = 0 }), ErrFormat},
		"a time before 1970":   {with(func(s *Statement) { s.MadeAt = -1 }), ErrFormat},
		"half a new key":       {with(func(s *Statement) { s.New = s.New[:16] }), ErrFormat},
		"no new key":           {with(func(s *Statement) { s.New = nil }), ErrFormat},
		"the wrong order":      {[]Statement{list[1], list[0]}, ErrOrder},
		"a gap":                {append(slices.Clone(list), other...), ErrOrder},
		"the same twice":       {[]Statement{list[0], list[0]}, ErrOrder},
		"in circles":           {append(slices.Clone(list), chain(t, c, a).statements[0]), ErrOrder},
		"in circles, in time":  {append(slices.Clone(list), late(t, c, a)), ErrUsed},
		"too many":             {slices.Repeat(list, maxStatements), ErrFormat},
		"signed over the bare": {with(func(s *Statement) { s.Signature = bare(t, a, *s) }), ErrSignature},
	} {
		b, err := json.Marshal(File{Version: version, Statements: f.list})
		must(t, err)
		if c, err := Decode(b); !errors.Is(err, f.want) || c.Last() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// late is a rotation after all others.
func late(t *testing.T, old, next crypto.Signer) Statement {
	t.Helper()
	c, err := (Chain{}).Next(rand.Reader, old, spki(t, next), monday+1000)
	must(t, err)
	return c.statements[0]
}

// bare is a signature by the right key over the right content without the
// prefix: something that it might sign for another purpose.
func bare(t *testing.T, key crypto.Signer, s Statement) []byte {
	t.Helper()
	sig, err := sign(rand.Reader, key, s.signed()[len(prefix):])
	must(t, err)
	return sig
}

func TestFiles(t *testing.T) {
	good, err := chain(t, edKey(t), edKey(t)).Encode()
	must(t, err)
	for name, b := range map[string][]byte{
		"empty": nil, "no JSON": []byte("-----BEGIN"), "half": good[:len(good)/2], "two files": append(slices.Clone(good), good...),
		"null": []byte("null"), "another version": bytes.Replace(good, []byte(`"version":1`), []byte(`"version":2`), 1),
		"no base64": bytes.Replace(good, []byte(`"old":"`), []byte(`"old":"!`), 1),
		"too long":  append(slices.Clone(good), strings.Repeat(" ", MaxBytes)...),
	} {
		if c, err := Decode(b); !errors.Is(err, ErrFormat) || c.Last() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	none, err := Chain{}.Encode()
	must(t, err)
	if string(none) != `{"version":1,"statements":[]}`+"\n" {
		t.Errorf("no rotations: %s", none)
	}
	if c, err := Decode(none); err != nil || c.Last() != nil || c.Leads(nil, nil) {
		t.Errorf("no rotations: %v", err)
	}
}

// A chain does not grow for ever, and its longest fits into a file with the
// largest keys: base64 of a key and of a signature of 8192 bits, and the rest.
func TestLongChains(t *testing.T) {
	keys := make([]crypto.Signer, maxStatements+3)
	for i := range keys {
		keys[i] = edKey(t)
	}
	c := published(t, chain(t, keys...))
	last := keys[len(keys)-1]
	if len(c.statements) != maxStatements || c.Leads(pinOf(t, keys[1]), pinOf(t, last)) || !c.Leads(pinOf(t, keys[2]), pinOf(t, last)) {
		t.Errorf("%d statements", len(c.statements))
	}
	largest := Statement{Old: make([]byte, maxRSABits/8+64), New: make([]byte, 32), MadeAt: monday, Signature: make([]byte, maxRSABits/8)}
	b, err := Chain{slices.Repeat([]Statement{largest}, maxStatements)}.Encode()
	must(t, err)
	if len(b) > MaxBytes {
		t.Errorf("a file may have %d bytes", len(b))
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range []Chain{{}, chain(f, edKey(f), edKey(f)), chain(f, curveKey(f, elliptic.P256()), rsaKey(f, 2048), edKey(f))} {
		b, err := c.Encode()
		must(f, err)
		f.Add(b)
		f.Add(b[:len(b)-2])
		f.Add(bytes.Replace(b, []byte("A"), []byte("B"), 1))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Decode(b)
		if err != nil {
			if c.Last() != nil {
				t.Error("a refused file gave a chain")
			}
			return
		}
		again, err := c.Encode()
		must(t, err)
		read, err := Decode(again)
		must(t, err)
		if !bytes.Equal(read.Last(), c.Last()) {
			t.Error("a chain changes when it is written")
		}
	})
}
