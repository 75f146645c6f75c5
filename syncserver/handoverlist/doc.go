// Package handoverlist reads the workbook that a developer's customer-service
// department keeps about a handover (units, contract scopes, appointments) and
// plans what importing it would change.
//
// # Terms
//
//	Book     what one file says: rows of the three tables and every fault in them
//	Fault    a cell or row that is wrong (error) or strange (warning)
//	Record   a domain record as the file wants it, under an id derived from its natural key
//	Preview  the three-way comparison of file, last import and present state
//
// The file is untrusted: its size, nesting and compression are bounded before a
// workbook library opens it. A file with an error is refused as a whole; nothing
// here writes. A record that the file no longer names is reported, never deleted,
// and a value that people changed in the app is shown, never overwritten.
//
// # How rows are known again
//
//	unit          building + entrance + number ("1#", "1号楼" and "Building 1" are one building)
//	layout        its code, or its whole text where it has none
//	party         the company's name; it has one contact
//	scope         company + first trade + first building
//	appointment   unit + date: a moved appointment is a new one, the old one is reported missing
package handoverlist
