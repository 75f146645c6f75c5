// Package field draws the inspector's tablet. It draws the States of the view
// models in package screen/field and calls their methods; it decides nothing
// and reads nothing itself.
//
// One [App] fills one window: a bar with the way back, the title, what the
// server has confirmed and the language, and below it the page in sight. Pages
// are kept while others cover them, so that going back finds everything as it
// was left. Captions are keys of the translation catalogue.
//
// Everything here belongs to Fyne's UI goroutine; refresh.go holds the one way
// from other goroutines to it.
package field
