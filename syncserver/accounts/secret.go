package accounts

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

const (
	tokenBytes = 32
	// codeBytes gives 16 characters, 80 bits: typed once, valid for hours.
	codeBytes = 10
)

// codeAlphabet leaves out letters that people confuse (Crockford base 32).
var codeAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// tokenLength is that of a token as text.
var tokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

// newToken is an opaque secret and the hash to store.
func newToken(random io.Reader) (token string, hash []byte, err error) {
	secret := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("new token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(secret)
	return token, hashSecret(token), nil
}

// newCode is a one-time code as people type it, in groups of four.
func newCode(random io.Reader) (code string, hash []byte, err error) {
	secret := make([]byte, codeBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("new code: %w", err)
	}
	plain := codeAlphabet.EncodeToString(secret)
	var groups []string
	for ; len(plain) > 4; plain = plain[4:] {
		groups = append(groups, plain[:4])
	}
	return strings.Join(append(groups, plain), "-"), hashCode(strings.Join(groups, "") + plain), nil
}

// hashCode forgives case, spaces, dashes and confused letters.
func hashCode(code string) []byte {
	r := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")
	return hashSecret(r.Replace(strings.ToUpper(code)))
}

// hashSecret needs no salt: the secrets are random and long.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
