// Package translations ships every text for people, as <part>.<locale>.json.
package translations

import "embed"

// FS holds the JSON files at its root.
//
//go:embed *.json
var FS embed.FS
