// Package receipt is the signed statement of what a server holds of a device's
// work: which ops, with the hash of each as it was received, and which photos.
// It can be checked years later with the public keys alone, without the server,
// its database or a network.
//
// A file is one receipt or several, one after the other:
//
//	"keyturn receipt\n"                16 bytes
//	length of the envelope             4 bytes, big endian
//	envelope                           CBOR: body, key id, signature, keys
//
// The body is the deterministic CBOR of a [Receipt]. The signature is Ed25519
// over "keyturn receipt v1\x00" and the body. The keys are the issuer's
// certificates so far: the first signs itself, every other is signed by the one
// before, so that whoever trusts an old key can follow to the new one.
//
// The package is pure: no files, no clock, no network.
package receipt
