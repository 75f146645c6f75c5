package desktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"keyturn/app/conflict"
	"keyturn/app/screen/desk"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// Device is a device in memory. It implements every interface of desk.Deps.
type Device struct {
	mu       sync.Mutex
	records  []Record
	notes    map[string][]byte
	bells    map[chan struct{}]struct{}
	link     desk.Link
	me       desk.Identity
	now      domain.Instant
	locale   string
	waiting  []syncproto.Op
	refused  []desk.Attention
	progress desk.Progress
	files    map[domain.Hash][]byte
	refusing error
	contests []conflict.Record
	inbox    inbox
	// Sent are the commands in the order in which they were given.
	Sent []syncproto.Command
	// Decided are the choices between contested values.
	Decided []conflict.Decision
	// Attached are the roles of the photos that were attached.
	Attached []domain.AttachmentRole
}

// NewDevice holds the records, is online and belongs to the first coordinator.
func NewDevice(now domain.Instant, records ...Record) *Device {
	return &Device{
		records: records, notes: map[string][]byte{}, bells: map[chan struct{}]struct{}{}, link: desk.Link{Online: true},
		me: desk.Identity{Server: "https://keyturn.example", Person: Coordinator, PersonName: "样例协调员"}, now: now, files: map[domain.Hash][]byte{},
	}
}

// Deps makes a desk's dependencies of the device.
func (d *Device) Deps(cat *catalog.Catalogue, texts *wording.Texts, locale string) desk.Deps {
	return desk.Deps{Store: d, Memory: d, Work: d, Contests: d, Inbox: &d.inbox, Connection: d, Files: fileStore{d}, Catalogue: cat, Texts: texts, Locale: locale}
}

// Add stores records and rings the bell; a record of the same id is replaced.
func (d *Device) Add(records ...Record) {
	d.mu.Lock()
	for _, r := range records {
		d.records = slices.DeleteFunc(d.records, func(o Record) bool { return o.Entity == r.Entity && o.ID == r.ID })
		d.records = append(d.records, r)
	}
	d.mu.Unlock()
	d.Ring()
}

// Ring tells subscribers that something changed.
func (d *Device) Ring() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.bells {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// SetLink changes the connection.
func (d *Device) SetLink(l desk.Link) {
	d.mu.Lock()
	d.link = l
	d.mu.Unlock()
	d.Ring()
}

// SetProgress changes what is on its way.
func (d *Device) SetProgress(p desk.Progress) {
	d.mu.Lock()
	d.progress = p
	d.mu.Unlock()
	d.Ring()
}

// SetNow changes the clock.
func (d *Device) SetNow(now domain.Instant) {
	d.mu.Lock()
	d.now = now
	d.mu.Unlock()
	d.Ring()
}

// SetFile stores the bytes of a blob.
func (d *Device) SetFile(sha domain.Hash, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[sha] = data
}

// Wait puts a command into the outbox.
func (d *Device) Wait(seq uint64, e domain.Entity, id domain.AnyID, cmd syncproto.Command) error {
	op, err := commanded(seq, e, id, cmd, d.Now())
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.waiting = append(d.waiting, op)
	d.mu.Unlock()
	d.Ring()
	return nil
}

// Refuse puts a command among those that the server refused.
func (d *Device) Refuse(seq uint64, e domain.Entity, id domain.AnyID, cmd syncproto.Command, code syncproto.Code, details ...string) error {
	op, err := commanded(seq, e, id, cmd, d.Now())
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.refused = append(d.refused, desk.Attention{Op: op, Code: code, Details: details})
	d.mu.Unlock()
	d.Ring()
	return nil
}

func commanded(seq uint64, e domain.Entity, id domain.AnyID, cmd syncproto.Command, now domain.Instant) (syncproto.Op, error) {
	fields, err := syncproto.Encode(cmd)
	return syncproto.Op{Seq: seq, Entity: e, ID: id, Kind: syncproto.Commanded, Fields: fields, CapturedAt: now}, err
}

// View implements desk.Store.
func (d *Device) View(_ context.Context, work func(desk.Snapshot) error) error {
	d.mu.Lock()
	s := snapshot{slices.Clone(d.records), slices.Clone(d.waiting), slices.Clone(d.refused), d.progress}
	d.mu.Unlock()
	return work(s)
}

// Subscribe implements desk.Store.
func (d *Device) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bells[c] = struct{}{}
	return c, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.bells, c)
	}
}

// Now implements desk.Store.
func (d *Device) Now() domain.Instant {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Identity implements desk.Store.
func (d *Device) Identity(context.Context) (desk.Identity, error) { return d.me, nil }

// Status implements desk.Connection.
func (d *Device) Status() desk.Link {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.link
}

// Retry implements desk.Connection: it comes online.
func (d *Device) Retry() { d.SetLink(desk.Link{Online: true}) }

// NewCode is the one-time code that Enrol takes.
const NewCode = "SAMP-LEC0-DE00-0001"

// Enrol implements desk.Connection: NewCode brings the device online.
func (d *Device) Enrol(_ context.Context, _, code, _ string) error {
	if code != NewCode {
		return &desk.Refused{Code: syncproto.CodeEnrolment}
	}
	d.SetLink(desk.Link{Online: true})
	return nil
}

// Keep implements desk.Memory.
func (d *Device) Keep(_ context.Context, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.notes[key] = b
	d.mu.Unlock()
	d.Ring()
	return nil
}

// Kept implements desk.Memory.
func (d *Device) Kept(_ context.Context, key string, value any) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.notes[key]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(b, value)
}

// SetLocale implements desk.Memory.
func (d *Device) SetLocale(_ context.Context, locale string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locale = locale
	return nil
}

// Locale is what SetLocale stored.
func (d *Device) Locale() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.locale
}

// Command implements desk.Work; the command waits for ever.
func (d *Device) Command(_ context.Context, _ domain.ProjectID, e domain.Entity, id domain.AnyID, cmd syncproto.Command) error {
	d.mu.Lock()
	d.Sent = append(d.Sent, cmd)
	seq := uint64(1000 + len(d.Sent))
	d.mu.Unlock()
	return d.Wait(seq, e, id, cmd)
}

// RefusePhotos makes every capture fail.
func (d *Device) RefusePhotos(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refusing = err
}

// Capture implements desk.Work: it takes every path, unless it refuses all.
func (d *Device) Capture(_ context.Context, path string, _ *time.Location) (domain.AttachmentID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusing != nil {
		return domain.AttachmentID{}, d.refusing
	}
	return ident.Derive[domain.Attachment]("captured", path), nil
}

// Attach implements desk.Work.
func (d *Device) Attach(_ context.Context, _ domain.ProjectID, _ domain.UnitID, _ domain.AnyID, role domain.AttachmentRole, photos ...domain.AttachmentID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range photos {
		d.Attached = append(d.Attached, role)
	}
	return nil
}

// errNoFile says that no such file was stored.
var errNoFile = errors.New("no such file on the sample device")

type fileStore struct{ device *Device }

func (f fileStore) data(b desk.Blob) ([]byte, bool) {
	f.device.mu.Lock()
	defer f.device.mu.Unlock()
	sha := b.Work
	if sha.IsZero() {
		sha = b.Original
	}
	data, ok := f.device.files[sha]
	return data, ok
}

func (f fileStore) Has(b desk.Blob) bool {
	_, ok := f.data(b)
	return ok
}

func (f fileStore) Open(b desk.Blob) (io.ReadCloser, error) {
	data, ok := f.data(b)
	if !ok {
		return nil, errNoFile
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (f fileStore) Fetch(context.Context, desk.Blob) error { return errNoFile }

type snapshot struct {
	records  []Record
	waiting  []syncproto.Op
	refused  []desk.Attention
	progress desk.Progress
}

func (s snapshot) List(_ context.Context, e domain.Entity, f desk.Filter) ([]desk.Stored, error) {
	var rows []desk.Stored
	for _, r := range s.records {
		if r.Entity != e || !f.Project.IsZero() && f.Project != Project {
			continue
		}
		fields, err := syncproto.Encode(r.Value)
		if err != nil {
			return nil, err
		}
		if (f.Parent.IsZero() || fields.Parent() == f.Parent) && (len(f.States) == 0 || slices.Contains(f.States, fields.State())) {
			rows = append(rows, desk.Stored{ID: r.ID, Fields: fields})
		}
	}
	return rows, nil
}

func (s snapshot) Get(_ context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	for _, r := range s.records {
		if r.Entity == e && r.ID == id {
			fields, err := syncproto.Encode(r.Value)
			return fields, err == nil, err
		}
	}
	return nil, false, nil
}

func (s snapshot) Progress(context.Context) (desk.Progress, error) { return s.progress, nil }

func (s snapshot) Waiting(context.Context) ([]syncproto.Op, error) { return s.waiting, nil }

func (s snapshot) Attention(context.Context) ([]desk.Attention, error) { return s.refused, nil }
