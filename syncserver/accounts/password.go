package accounts

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost of argon2id: RFC 9106, section 4, second recommended option (64 MiB, 3
// passes, 4 lanes).
const (
	argonMemoryKiB = 64 << 10
	argonPasses    = 3
	argonLanes     = 4
	argonKeyBytes  = 32
	argonSaltBytes = 16
)

// Password limits, in bytes.
const (
	minPassword = 10
	maxPassword = 128
)

// ErrWeakPassword says that a password is too short or too long.
var ErrWeakPassword = errors.New("a password needs 10 to 128 bytes")

// hashPassword gives the PHC form of argon2id.
func hashPassword(random io.Reader, password string) (string, error) {
	if len(password) < minPassword || len(password) > maxPassword {
		return "", ErrWeakPassword
	}
	salt := make([]byte, argonSaltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// checkPassword compares in constant time; a malformed or empty hash never
// matches.
func checkPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || len(password) > maxPassword {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || passes == 0 || lanes == 0 {
		return false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	want, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(want) == 0 || memory > argonMemoryKiB || passes > argonPasses {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
