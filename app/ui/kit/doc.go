// Package kit holds the widgets of Keyturn that Fyne does not have: plan with
// pins, unit matrix, photo strip, checklist row, signature pad, status badge
// and the theme they are drawn with.
//
// Widgets are dumb: plain data goes in through setters, meaningful events come
// out through On… fields. They know nothing of the product's own types, do no
// I/O of their own and hold no text for people; every text arrives rendered in
// the reader's language. Lengths are in dp (Fyne's device-independent pixel)
// unless a name says otherwise.
//
// Unless its comment says otherwise a function belongs to Fyne's one UI
// goroutine. The exceptions are the plan builders [BuildPyramid] and
// [ReadPyramid] and the loader handed to [NewPhotoStrip], which run elsewhere.
package kit
