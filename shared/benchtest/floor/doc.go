// Package floor is the least that any sync system with these promises must do,
// as the yardstick of shared/benchtest measures against it: records of an id and
// a CBOR body, a websocket, SQLite with synchronous=FULL and group commit on the
// server, SQLite with synchronous=FULL and one transaction a page on the device,
// zstd on the wire, pages that are encoded once and shared, photos in chunks
// that are verified, synced and renamed. It knows no accounts, scopes, conflicts
// or tickets and imports nothing of Keyturn, so nothing that Keyturn does better
// or worse moves it.
package floor
