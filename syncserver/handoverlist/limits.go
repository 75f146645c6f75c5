package handoverlist

import (
	"fmt"

	"keyturn/shared/domain"
)

// Limits of an accepted file. A list of 264 units takes 27 KB and 20,000 XML
// elements; the largest developments have some ten thousand units.
const (
	maxFileBytes     = 20 << 20
	maxUnzippedBytes = 200 << 20
	// maxRatio is Apache POI's default bound of inflated to packed bytes; it
	// counts only above ratioFreeBytes, since small parts may well be uniform.
	maxRatio       = 100
	ratioFreeBytes = 1 << 20
	maxParts       = 2_000
	maxRows        = 100_000
	maxColumns     = 200
	// maxElements and maxPositions bound the memory that the workbook library
	// takes: it keeps a struct for each element, and fills each row up to its
	// last column and each sheet up to its last row.
	maxElements  = 1_000_000
	maxPositions = 1_200_000
	maxMerges    = 10_000
	// maxTokenBytes bounds one XML tag or text; Excel's longest cell has 32,767
	// characters.
	maxTokenBytes = 1 << 20
	// maxFaults is how many errors, and how many warnings, are kept in full.
	maxFaults = 1_000
	// maxShownRunes cuts a cell's value in a fault.
	maxShownRunes = 60
	// headerDepth is how many filled rows are searched for the header.
	headerDepth = 50
)

// FileError says why a file cannot be read at all.
type FileError struct {
	// Reason is for people.
	Reason domain.Reason
	// Err is the technical cause; it may be nil.
	Err error
}

// Error names the reason's key and the cause.
func (e *FileError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("handover list: %s %v", e.Reason.Key, e.Reason.Args)
	}
	return fmt.Sprintf("handover list: %s %v: %v", e.Reason.Key, e.Reason.Args, e.Err)
}

// Unwrap gives the technical cause.
func (e *FileError) Unwrap() error { return e.Err }

func fileError(cause error, key string, namesAndValues ...string) error {
	return &FileError{Reason: domain.Because(key, namesAndValues...), Err: cause}
}
