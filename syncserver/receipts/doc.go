// Package receipts issues the server's signed receipts: it keeps the signing key
// in the data directory, collects what the store holds of a device's work, and
// signs it. What a receipt is and how it is verified is package receipt's.
package receipts
