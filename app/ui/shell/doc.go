// Package shell holds what every window of the app needs besides its pages:
// opening, enrolling, choosing a picture, and telling what went wrong.
package shell
