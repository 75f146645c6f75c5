package photo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Code names the reason of a refusal. The strings are keys of the catalogue of
// texts and are stored with failed imports: never change one.
type Code string

// Reasons why a photo or the disk below the vault was refused.
const (
	CodeEmpty         Code = "photo_empty"           // no bytes at all
	CodeTooLarge      Code = "photo_too_large"       // args: limit (bytes)
	CodeNotAnImage    Code = "photo_not_an_image"    // neither JPEG nor PNG nor HEIC by content
	CodeDamaged       Code = "photo_damaged"         // starts like a picture, cannot be decoded to its end
	CodeUnsupported   Code = "photo_unsupported"     // a sound JPEG or PNG of a kind that cannot be decoded
	CodeTooManyPixels Code = "photo_too_many_pixels" // args: width, height, limit, limit_side (pixels)
	CodeUnreadable    Code = "photo_unreadable"      // the source could not be read
	CodeBadHash       Code = "photo_bad_hash"        // not a SHA-256 in lower-case hex, or an unknown rendition
	CodeNotStored     Code = "photo_not_stored"      // the vault does not hold the original
	CodeDiskFull      Code = "disk_full"             // no space or quota left below the vault
	CodeDiskFailed    Code = "disk_failed"           // any other failure of the disk below the vault
)

// Reasons why a plan image was refused; they mirror those of a photo.
const (
	CodePlanEmpty         Code = "plan_empty"
	CodePlanTooLarge      Code = "plan_too_large"
	CodePlanNotAnImage    Code = "plan_not_an_image"
	CodePlanDamaged       Code = "plan_damaged"
	CodePlanUnsupported   Code = "plan_unsupported"
	CodePlanTooManyPixels Code = "plan_too_many_pixels"
	CodePlanUnreadable    Code = "plan_unreadable"
)

// Error is every failure of this package except a cancelled context, which is
// passed on as it is.
type Error struct {
	Code Code
	Args map[string]int64 // numbers for the text of the code, in the units named beside the codes; may be nil
	Err  error            // the cause; nil when the code says everything
}

// Error is the line for logs; people read the catalogue's text for Code.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	for _, k := range slices.Sorted(maps.Keys(e.Args)) {
		fmt.Fprintf(&b, " %s=%d", k, e.Args[k])
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// diskError gives a failure below the vault its code.
func diskError(err error) error {
	if isDiskFull(err) {
		return &Error{Code: CodeDiskFull, Err: err}
	}
	return &Error{Code: CodeDiskFailed, Err: err}
}
