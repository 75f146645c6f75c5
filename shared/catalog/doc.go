// Package catalog reads the reference data (checklists, defect library,
// warranty classes, defaults and the typed tables that link them), refuses it
// as a whole if any reference does not resolve, and answers what to inspect,
// which defect a failed item means and which terms apply. It does no I/O but
// reading the file system handed in.
package catalog
