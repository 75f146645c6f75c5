// Package catalog embeds the reference data: checklists, defect library,
// warranty classes, configuration defaults and the typed tables that link
// them. Package keyturn/shared/catalog reads and checks it.
package catalog

import "embed"

// FS holds the CSV files at its root.
//
//go:embed *.csv
var FS embed.FS
