// Package icons holds the application icon. keyturn.svg is the source; keyturn.png is drawn from it with
// `rsvg-convert -w 512 -h 512 keyturn.svg -o keyturn.png` (Debian package librsvg2-bin).
package icons

import _ "embed" // the icon becomes part of the program

// Keyturn is the application icon: a PNG of 512×512 px with transparent corners. Not to be modified.
//
//go:embed keyturn.png
var Keyturn []byte
