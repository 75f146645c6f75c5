package field

import (
	"context"
	"io"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// Device is what the screens need of the device they run on.
type Device struct {
	Records   Records
	Outbox    Outbox
	Settings  Settings
	Inspect   Inspecting
	Drafts    Drafts
	Defects   Defects
	Notebook  Notebook
	Repairs   Repairs
	Contests  Contests
	Photos    Photos
	Pictures  Pictures
	Line      Line
	Files     Files
	Catalogue *catalog.Catalogue
	Texts     *wording.Texts
	// DiskFull tells whether a failure to save means that the disk is full.
	DiskFull func(error) bool
	// Crashed: the last run ended without closing.
	Crashed bool
	// SaveFile stores a file that a person asked for where they can find it, and
	// says where that is.
	SaveFile func(name string, data []byte) (path string, err error)
}

// Records reads what the device holds.
type Records interface {
	// View runs work on one snapshot.
	View(ctx context.Context, work func(Snapshot) error) error
	// Subscribe gives a channel that receives after every commit.
	Subscribe() (rings <-chan struct{}, unsubscribe func())
	// Now is the device's clock, right or wrong.
	Now() domain.Instant
}

// Snapshot is the device's records at one moment.
type Snapshot interface {
	// List gives the records of an entity that are not withdrawn, oldest first.
	List(ctx context.Context, e domain.Entity, f Filter) ([]Row, error)
	// Get gives one record; ok is false when the device has none.
	Get(ctx context.Context, e domain.Entity, id domain.AnyID) (fields syncproto.Fields, ok bool, err error)
	// UnsettledDefects counts the defects of each unit of a building that have no
	// ticket or one in another state than the settled ones.
	UnsettledDefects(ctx context.Context, building domain.BuildingID, settled []string) (map[domain.UnitID]int, error)
	// Wanted lists the blobs that the device should hold for work offline.
	Wanted(ctx context.Context) ([]domain.Hash, error)
}

// Filter narrows a listing; zero values do not.
type Filter struct {
	Parent domain.AnyID
	States []string
}

// Row is one record of a listing.
type Row struct {
	ID      domain.AnyID
	Project domain.ProjectID
	Fields  syncproto.Fields
	// Confirmed is whether the server holds all of it.
	Confirmed bool
}

// Outbox tells how far this device's own work has come.
type Outbox interface {
	Progress(ctx context.Context) (Progress, error)
	Sent(ctx context.Context) ([]SentOp, error)
	SentPhotos(ctx context.Context) ([]SentPhoto, error)
	Attention(ctx context.Context) ([]Attention, error)
}

// Progress counts what is on its way.
type Progress struct {
	// Behind is how many log entries are still to come; Have counts those here.
	Have, Behind uint64
	// Records and Photos count this device's own work; the Confirmed ones are
	// held by the server.
	Records, RecordsConfirmed int
	Photos, PhotosConfirmed   int
	Attention                 int
}

// OpState is how far an op has come.
type OpState int

// States of an op, in the order of the device's store.
const (
	OpWaiting OpState = iota
	OpConfirmed
	OpDone
	OpRejected
	OpInReview
)

// SentOp is one op of this device with its fate.
type SentOp struct {
	Op     syncproto.Op
	State  OpState
	LogSeq uint64
}

// SentPhoto is one photo of this device.
type SentPhoto struct {
	Attachment domain.AttachmentID
	// SHA256 of the original, in hex.
	SHA256    string
	Confirmed bool
}

// Attention is an op that a person should look at.
type Attention struct {
	Op      syncproto.Op
	State   OpState
	Code    syncproto.Code
	Details []string
}

// Settings are who works here and in which language.
type Settings interface {
	Identity(ctx context.Context) (Identity, error)
	Locale(ctx context.Context) (string, error)
	SetLocale(ctx context.Context, locale string) error
}

// Identity is who this device is; the zero value before enrolment.
type Identity struct {
	Server     string
	Device     domain.DeviceID
	Person     domain.PersonID
	PersonName string
}

// Inspecting is the use cases of an inspection; each is durable on return.
type Inspecting interface {
	Start(ctx context.Context, project domain.ProjectID, task domain.TaskID) (domain.InspectionID, error)
	Answer(ctx context.Context, a Answered) (domain.ResultID, error)
	Complete(ctx context.Context, project domain.ProjectID, id domain.InspectionID) error
	// InspectionOf and ResultOf are the ids that Start and Answer use.
	InspectionOf(task domain.TaskID) domain.InspectionID
	ResultOf(inspection domain.InspectionID, item, room string) domain.ResultID
}

// Answered is what an inspector says about one item in one room.
type Answered struct {
	Project    domain.ProjectID
	Inspection domain.InspectionID
	Unit       domain.UnitID
	Item, Room string
	Answer     domain.Answer
	// Readings are in thousandths of the item's unit.
	Readings []int64
	Verdict  domain.Reason
	Note     string
}

// Drafts keeps half-filled defect forms.
type Drafts interface {
	New(project domain.ProjectID, unit domain.UnitID, stage domain.Stage) (Form, error)
	Save(ctx context.Context, form Form) error
	Get(ctx context.Context, key string) (form Form, ok bool, err error)
	// List gives every form that was left, newest first.
	List(ctx context.Context) ([]Form, error)
	Drop(ctx context.Context, form Form) error
}

// Form is a defect while it is filled in. Draft names it.
type Form struct {
	Project     domain.ProjectID
	Unit        domain.UnitID
	Inspection  domain.InspectionID
	Stage       domain.Stage
	Result      domain.ResultID
	Room        string
	LibraryCode string
	Element     string
	Trade       string
	Type        string
	Description string
	Severity    domain.Severity
	Readings    []int64
	Pin         *domain.Pin
	DuplicateOf domain.DefectID
	OwnerHidden bool
	Photos      []Captured
	Draft       string
}

// Defects records defects.
type Defects interface {
	Record(ctx context.Context, form Form) (domain.DefectID, error)
	// Similar lists open defects of the form's spot.
	Similar(ctx context.Context, form Form) ([]domain.DefectID, error)
}

// Notebook keeps what is not a record yet, as JSON under a key.
type Notebook interface {
	Keep(ctx context.Context, key string, value any) error
	Kept(ctx context.Context, key string, value any) (ok bool, err error)
	Forget(ctx context.Context, key string) error
}

// Repairs judges finished repairs.
type Repairs interface {
	Reinspect(ctx context.Context, v Verdict) error
	Confirm(ctx context.Context, a OwnerAnswer) error
}

// Verdict is a re-inspector's judgement of a repair.
type Verdict struct {
	Project     domain.ProjectID
	Task        domain.TaskID
	Pass        bool
	WaterTested bool
	Note        string
	Photos      []Captured
}

// OwnerAnswer is the homeowner's word on a passed repair.
type OwnerAnswer struct {
	Project domain.ProjectID
	Ticket  domain.TicketID
	Method  string
	Refused bool
	Note    string
	// Shown is the hash of exactly what the owner saw.
	Shown domain.Hash
}

// Photos takes pictures in.
type Photos interface {
	// Capture takes a picture file into the vault; refusals are *photo.Error.
	Capture(ctx context.Context, path string) (Captured, error)
	// CaptureImage does the same with the bytes of a picture.
	CaptureImage(ctx context.Context, image []byte) (Captured, error)
	// Attach ties pictures to a record that exists already.
	Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, photos ...Captured) error
}

// Pictures gives pictures out.
type Pictures interface {
	Has(p Picture) bool
	// Open reads a picture, upright, no larger than the screen needs.
	Open(ctx context.Context, p Picture) (io.ReadCloser, error)
	// Fetch downloads a picture that is not here.
	Fetch(ctx context.Context, p Picture) error
}

// Captured is a photo in the vault that no record names yet.
type Captured struct {
	ID       domain.AttachmentID
	Photo    string
	Bytes    int64
	Work     string
	WorkSize int64
	Format   string
	Width    int
	Height   int
	TakenAt  domain.Instant
	// Kind is a photo's if empty.
	Kind domain.AttachmentKind
}

// Picture names an image: a photo of this device by the hash of its original, a
// photo of another device by that of its working copy, or a blob as it came.
type Picture struct {
	Original string
	Work     domain.Hash
	Blob     domain.Hash
	// Upright: the blob is as a camera made it and has to be turned.
	Upright bool
}

// Line is the device's connection.
type Line interface {
	Enrol(ctx context.Context, server, code, name string) error
	Connect()
	Disconnect()
	Retry()
	Status() Link
}

// Link is the state of the connection. Code says why it is down: a
// syncproto.Code where the server refused, CodeUntrusted or CodeUnreachable, empty
// before the first attempt.
type Link struct {
	Online bool
	Code   string
	// Fetching: a large download is under way and Percent of it is here.
	Fetching bool
	Percent  int
}

// shutOut: the device's session has ended, or a server that was restored from a
// backup does not know the device; both take a new code (PROTOCOL.md 2.2).
func (l Link) shutOut() bool { return !l.Online && l.Code == string(syncproto.CodeUnauthorised) }

// CodeUnreachable says that no server answered, CodeUntrusted that the one which
// did cannot prove to be the right one.
const (
	CodeUnreachable = "unreachable"
	CodeUntrusted   = "untrusted"
)

// Refused is a request that was answered with a code.
type Refused struct{ Code string }

// Error implements error.
func (r *Refused) Error() string { return "refused: " + r.Code }
