// Package shell holds what every window of the app needs besides its pages:
// choosing a picture and telling that the app cannot start.
package shell
