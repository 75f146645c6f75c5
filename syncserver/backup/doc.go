// Package backup writes what a server knows into a folder while the server
// serves, proves that such a folder is whole, and restores it into an empty
// database of either kind. docs/backup.md is for who operates it.
//
// A backup is a folder that gets its name, the time in UTC, when all of it is
// durable:
//
//	20260926T010000Z/
//	  keyturn.ktb       every row of the database, from one snapshot
//	  photos.manifest   the photos that it knows: hash and bytes, a line each
//	  photos/3f/3f4a…   their bytes, if asked for; what an earlier backup in the
//	                    same place holds is linked
//	  keys/             the keys of signed receipts, and how the TLS key changed
//	  SHA256SUMS        of all of these but the photos, whose names are their hashes
//
// keyturn.ktb is the same whichever database it came from:
//
//	"keyturn backup 1\n"
//	a zstd stream of CBOR items, each behind its length (syncproto.StreamWriter):
//	  one header, then rows, table by table, then the number of rows per table
//	SHA-256 of everything before it, 32 bytes
//
// It is read to its end and found whole before a row of it is written.
package backup
