// Package desk draws the coordinator's desktop: it shows the State of
// keyturn/app/screen/desk and turns taps into its methods. It decides nothing.
//
// Everything here belongs to Fyne's one UI goroutine, except where a comment
// says otherwise. [App.Find] gives tests the objects that people look for.
package desk
