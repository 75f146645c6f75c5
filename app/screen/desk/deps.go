package desk

import (
	"context"
	"errors"
	"io"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// Deps is what a desk is made from.
type Deps struct {
	Store      Store
	Memory     Memory
	Work       Work
	Contests   Contests
	Inbox      Inbox
	Connection Connection
	Files      Files
	Catalogue  *catalog.Catalogue
	Texts      *wording.Texts
	// DiskFull tells whether a failure to save means that the disk is full.
	DiskFull func(error) bool
	// Locale to begin with.
	Locale string
}

// Store reads what the device holds.
type Store interface {
	// View runs work on one snapshot.
	View(ctx context.Context, work func(Snapshot) error) error
	// Subscribe gives a channel that receives after every commit.
	Subscribe() (rings <-chan struct{}, unsubscribe func())
	// Now is the device's clock, right or wrong.
	Now() domain.Instant
	Identity(ctx context.Context) (Identity, error)
}

// Snapshot is the device's records and outbox at one moment.
type Snapshot interface {
	// List gives the records of an entity that are not withdrawn, oldest first.
	List(ctx context.Context, e domain.Entity, f Filter) ([]Stored, error)
	// Get gives one record; ok is false when the device has none.
	Get(ctx context.Context, e domain.Entity, id domain.AnyID) (fields syncproto.Fields, ok bool, err error)
	Progress(ctx context.Context) (Progress, error)
	// Waiting lists the ops that the server has not answered yet.
	Waiting(ctx context.Context) ([]syncproto.Op, error)
	// Attention lists the ops that it refused or put into review.
	Attention(ctx context.Context) ([]Attention, error)
}

// Filter narrows a listing; zero values do not.
type Filter struct {
	Parent  domain.AnyID
	Project domain.ProjectID
	States  []string
}

// Stored is one record of a listing.
type Stored struct {
	ID     domain.AnyID
	Fields syncproto.Fields
}

// Identity is who this device is; the zero value before enrolment.
type Identity struct {
	Server     string
	Person     domain.PersonID
	PersonName string
}

// Progress counts what is on its way.
type Progress struct {
	// Behind is how many log entries are still to come; Have counts those here.
	Have, Behind uint64
	// RecordsWaiting and PhotosWaiting count this device's own work that the
	// server has not confirmed.
	RecordsWaiting, PhotosWaiting int
}

// Attention is an op that the server did not take. InReview says that it lies in
// the server's review inbox; otherwise it was refused.
type Attention struct {
	Op       syncproto.Op
	InReview bool
	Code     syncproto.Code
	Details  []string
}

// Memory keeps what this desk remembers from one start to the next.
type Memory interface {
	Keep(ctx context.Context, key string, value any) error
	Kept(ctx context.Context, key string, value any) (ok bool, err error)
	SetLocale(ctx context.Context, locale string) error
}

// Work is what the desk does. Each is durable on return; commands then wait for
// the server.
type Work interface {
	Command(ctx context.Context, project domain.ProjectID, e domain.Entity, id domain.AnyID, cmd syncproto.Command) error
	// Capture takes a picture file in; refusals are *photo.Error. The zone is for
	// cameras that write no offset.
	Capture(ctx context.Context, path string, zone *time.Location) (domain.AttachmentID, error)
	// Attach ties captured pictures to a record.
	Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, photos ...domain.AttachmentID) error
}

// Connection is the line to the server.
type Connection interface {
	Status() Link
	Retry()
	// Enrol exchanges a one-time code for a new session and connects; the device
	// keeps its identity and its work. It blocks until the server has answered.
	Enrol(ctx context.Context, server, code, name string) error
}

// Link is the state of the connection. Err is why it is down: a *Refused where
// the server answered, ErrNotEnrolled, any other error for the network, nil
// before the first attempt.
type Link struct {
	Online bool
	Err    error
}

// shutOut: the device's session has ended, or a server that was restored from a
// backup does not know the device; both take a new code (PROTOCOL.md 2.2).
func (l Link) shutOut() bool {
	var refused *Refused
	return !l.Online && errors.As(l.Err, &refused) && refused.Code == syncproto.CodeUnauthorised
}

// ErrNotEnrolled says that the device has no identity yet.
var ErrNotEnrolled = errors.New("the device is not enrolled")

// Refused is a request that the server answered with a code.
type Refused struct{ Code syncproto.Code }

// Error implements error.
func (r *Refused) Error() string { return "refused: " + string(r.Code) }

// Files gives pictures and plans out.
type Files interface {
	// Has reports whether a file is on this device.
	Has(b Blob) bool
	// Open reads a file that is on this device.
	Open(b Blob) (io.ReadCloser, error)
	// Fetch downloads a file. It blocks until the file is here.
	Fetch(ctx context.Context, b Blob) error
}

// Blob names a file: Work is the upright working copy of a photo and Original
// its evidence; a plan and a photo without a working copy have only the latter.
type Blob struct {
	Original, Work domain.Hash
	// Review names the work in review that the file belongs to; zero for that of
	// a record.
	Review ReviewID
}
