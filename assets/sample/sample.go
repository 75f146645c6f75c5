// Package sample holds the sample project 样例花园一期, everything in it plainly invented: the handover list, the floor plans of its four
// layouts and photos of defects. The programs beside it write the files again:
//
//	go run ./assets/sample/drawworkbook   handover-list.xlsx
//	go run ./assets/sample/drawplans      plans/A.png … D.png, 1:50, with sidecars A.json … D.json (layout, scale, room polygons)
//	go run ./assets/sample/drawphotos     photos/*.jpg, with EXIF data; takes some minutes
package sample

import "embed"

// FS holds the sample files under the names below.
//
//go:embed sample.json handover-list.xlsx plans/*.png plans/*.json photos/*.jpg
var FS embed.FS

// Names in FS.
const (
	Workbook = "handover-list.xlsx" // flats, contract scopes and appointments, as a customer-service department keeps them
	Plans    = "plans"              // folder of plan pictures and their sidecars
	Photos   = "photos"             // folder of photos; wall-crack.jpg and wall-repaired.jpg show one place, showflat-wall.jpg is a baseline
)
