// Package photo takes pictures into the tablet's vault: it decides by content
// what a file is, keeps the original unchanged under its SHA-256, and derives
// an upright working copy and a thumbnail from it.
//
// Three rules shape the package:
//
//   - The original is evidence. It is stored byte for byte, made durable before
//     Import returns, and the source it was read from is never touched. Only
//     Remove deletes a photo, and its caller waits for the server's confirmation.
//   - Nothing about a file is believed but its bytes. Names and extensions play
//     no part, sizes are checked before memory is spent on them, and a picture
//     counts as one only after it has been decoded to its end.
//   - A refusal carries a Code, which the catalogue of texts turns into a sentence
//     for the reader. This package holds no text for people.
//
// HEIC is the exception to decoding: Go has no decoder for it, and refusing it
// could lose the only picture of a defect. It is kept as it is, named as HEIC,
// and has neither dimensions nor working copy nor thumbnail on the device.
package photo
