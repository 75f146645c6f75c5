// Package bundle is a device's unconfirmed work in one file: what an inspector
// carries to the office when there is no network for days. It holds the ops as
// push frames and the photos' bytes behind them, so that the server takes both
// as if the device had sent them.
//
// A file is
//
//	"keyturn bundle\n"                 15 bytes
//	length of the header               4 bytes, big endian
//	header                             CBOR [Header], readable by anybody
//	sealed content                     see below
//	"keyturn bundle end\n", SHA-256    19 + 32 bytes; the hash of all before it
//
// The last two tell a file that was cut or damaged on its way from one that
// somebody changed. The content is sealed because it carries people's names and
// pictures of their homes, and because the server must know that it comes from
// this device: the key is HKDF-SHA256 of the SHA-256 of the device's token,
// which the device can compute and the server stores. Salt and header go into
// it. The content is cut into pieces of 64 KiB, each sealed with AES-256-GCM;
// the nonce counts them and marks the last one, so none can be changed, dropped,
// repeated or appended. This is the construction of age's payload over the
// standard library's ciphers. A public-key scheme such as age itself would hide
// the content from the server's database too, which holds it after the import
// anyway, and would still need proof of the sender.
//
// The content is a run of sections, each one byte of kind and, except for the
// bytes of photos, a length of four bytes, big endian:
//
//	1  push frame as on the wire (syncproto.Push), compressed like there
//	2  CBOR [Photo], then exactly Photo.Bytes bytes
//	3  CBOR [Totals], the end
//
// Pushes come before photos. The package does no I/O but on the reader and
// writer that it is given, and holds at most one push in memory.
package bundle
