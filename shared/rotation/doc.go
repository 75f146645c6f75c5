// Package rotation is how a server's TLS key names its successor. A device that
// pinned a key at enrolment follows such statements to the key that the server
// shows now, without a certificate authority and whatever its own clock says.
//
// A statement is signed with the old private key. What is signed is
//
//	prefix             66 bytes, see signed
//	old key            SHA-256 of its SubjectPublicKeyInfo, 32 bytes
//	new key            the same of the new one, 32 bytes
//	made at            milliseconds since 1970, 8 bytes, big endian
//
// with RSA-PSS (SHA-256, a salt of 32 bytes), ECDSA (SHA-256, ASN.1) or Ed25519,
// as the old key is. A file is JSON: the statements, oldest first, each made by
// the key that the one before it names. It holds nothing secret.
//
// A statement proves that whoever held the old key wanted it, no more: after a
// theft the thief can make one too. Nothing helps then but enrolling again.
//
// The package is pure: no files, no clock, no network.
package rotation
