package syncproto

import "errors"

// ErrBadFrame wraps every failure to decode what a peer sent.
var ErrBadFrame = errors.New("bad frame")

// Code is a stable error code that people see translated.
type Code string

// Error codes of answers and ERROR frames.
const (
	CodeBadFrame       Code = "bad_frame"
	CodeTooLarge       Code = "too_large"
	CodeUnknownKind    Code = "unknown_kind"
	CodeUnknownEntity  Code = "unknown_entity"
	CodeBadFields      Code = "bad_fields"
	CodeForbidden      Code = "forbidden"
	CodeNoMember       Code = "not_a_member"
	CodeUnauthorised   Code = "unauthorised"
	CodeRevoked        Code = "device_revoked"
	CodeGap            Code = "gap"
	CodeCloned         Code = "device_cloned"
	CodeFrozen         Code = "record_frozen"
	CodeErased         Code = "record_erased"
	CodeServerOnly     Code = "server_only"
	CodeMissing        Code = "record_missing"
	CodeBadTransition  Code = "bad_transition"
	CodeGuard          Code = "guard_unmet"
	CodeStorage        Code = "storage_failed"
	CodeBadScope       Code = "bad_scope"
	CodeGroup          Code = "group_incomplete"
	CodeNotReady       Code = "not_ready"
	CodeVersion        Code = "version_unsupported"
	CodeOverloaded     Code = "overloaded"
	CodeWrongBytes     Code = "blob_hash_mismatch"
	CodeBlobMissing    Code = "blob_missing"
	CodeBadOffset      Code = "blob_bad_offset"
	CodeBadChecksum    Code = "blob_bad_checksum"
	CodeEnrolment      Code = "enrolment_invalid"
	CodeConflictLocked Code = "conflict_locked"
	CodeDiscarded      Code = "discarded_in_review"
)
