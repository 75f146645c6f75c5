// Package syncproto is Keyturn's sync protocol: ops, frames, their CBOR codec,
// versions and error codes. PROTOCOL.md beside this file specifies it; its
// examples are generated from and replayed by this package's tests. The package
// does no I/O and is the only importer of the CBOR and zstd libraries.
package syncproto
