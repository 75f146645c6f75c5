package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // formats of working copies and documents
	_ "image/png"
	"io"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// Evidence is what the inspector captured and what was photographed since.
type Evidence struct {
	// Before shows the defect, After the contractor's repair, Work the third
	// party's, Checks the re-inspections.
	Before, After, Work, Checks []Photo
	// Plan is where the pin is; nil without a pin.
	Plan  *Plan
	Facts []Fact
	// Missing warns of missing photos, empty if there are enough.
	Missing string
	// Duplicate is the earlier ticket of the same spot, zero if there is none.
	Duplicate      domain.TicketID
	DuplicateLabel string
}

// PhotoState says where the bytes of a photo are.
type PhotoState int

// Photo states.
const (
	PhotoWaiting PhotoState = iota
	PhotoHere
	PhotoMissing
)

// Photo is one picture; Desk.Picture gives its pixels.
type Photo struct {
	ID      string
	State   PhotoState
	Caption string
}

// Plan is a drawing with the defect's pin; Desk.OpenPlan gives its file.
type Plan struct {
	ID string
	// X and Y are 0..1 from the left and top edge.
	X, Y  float32
	Label string
}

func (p *page) evidence() Evidence {
	e := Evidence{Before: p.photos(p.before), After: p.photos(p.after), Work: p.photos(p.work), Checks: p.photos(p.checks)}
	if p.defectKnown {
		if wanted := p.defect.Severity.PhotosWanted(); len(p.before) < wanted {
			e.Missing = p.w.Text("desk.evidence.few_photos", "wanted", strconv.Itoa(wanted), "have", strconv.Itoa(len(p.before)))
		}
		e.Facts = p.captured()
	}
	if pin := p.defect.Pin; pin != nil && !p.plan.SHA256.IsZero() {
		id := "plan/" + pin.PlanID.String()
		p.remember(id, Blob{Original: p.plan.SHA256})
		e.Plan = &Plan{
			ID: id, X: float32(pin.X) / domain.PinScale, Y: float32(pin.Y) / domain.PinScale,
			Label: p.n.room(p.w, p.unit, p.ticket.Room),
		}
	}
	if other, ok := p.n.entry(p.ticket.DuplicateOf); ok {
		e.Duplicate = other.id
		e.DuplicateLabel = p.w.Text("desk.evidence.duplicate", "number", other.ticket.Number, "status", p.w.status(string(other.ticket.Status)))
	}
	return e
}

// captured lists what the inspector recorded.
func (p *page) captured() []Fact {
	d, w := p.defect, p.w
	list := []Fact{{
		Label: w.Text("desk.evidence.captured"), Value: w.Time(d.CapturedAt),
		Reason: joined(" · ", p.n.person(w, d.Inspector), w.known("desk.stage.", string(d.Stage))),
	}}
	unit := ""
	if p.result.Item != "" {
		name := p.result.Item
		if item, ok := w.catalogue.Item(p.result.Item); ok {
			name, unit = item.Name(w.Locale), item.Unit
		}
		list = append(list, Fact{
			Label: w.Text("desk.evidence.item"), Value: name,
			Reason: joined(" · ", w.known("desk.answer.", string(p.result.Answer)), w.because(p.result.Verdict), p.result.Note),
		})
	}
	readings := d.Readings
	if len(readings) == 0 {
		readings = p.result.Readings
	}
	if len(readings) > 0 {
		values := make([]string, len(readings))
		for i, r := range readings {
			values[i] = reading(r)
		}
		list = append(list, Fact{Label: w.Text("desk.evidence.readings"), Value: joined(" ", strings.Join(values, " / "), unit)})
	}
	return list
}

// photos lists attachments and remembers where their bytes are.
func (p *page) photos(list []listed[domain.Attachment]) []Photo {
	var out []Photo
	online := p.desk.Connection.Status().Online
	for _, a := range list {
		if a.Record.State == domain.AttachmentErased {
			continue
		}
		b := Blob{Original: a.Record.SHA256, Work: a.Record.WorkSHA256}
		id := a.ID.String()
		p.remember(id, b)
		state := PhotoHere
		switch here := p.desk.Files.Has(b); {
		case a.Record.State != domain.AttachmentReady && here:
			state = PhotoWaiting
		case !here && (!online || a.Record.State != domain.AttachmentReady):
			state = PhotoMissing
		}
		out = append(out, Photo{ID: id, State: state, Caption: p.w.Time(a.Record.CapturedAt)})
	}
	return out
}

func (p *page) remember(id string, b Blob) {
	if p.blobs == nil {
		p.blobs = map[string]Blob{}
	}
	p.blobs[id] = b
}

// errNoFile says that a photo does not belong to the selected ticket any more.
var errNoFile = errors.New("not a file of the selected ticket")

// openFile opens a file of the selected ticket, downloading it if need be.
func (d *Desk) openFile(ctx context.Context, id string) (io.ReadCloser, error) {
	d.mu.Lock()
	b, known := d.shown[id]
	d.mu.Unlock()
	if !known {
		return nil, fmt.Errorf("%w: %s", errNoFile, id)
	}
	if !d.Files.Has(b) {
		if err := d.Files.Fetch(ctx, b); err != nil {
			return nil, err
		}
	}
	return d.Files.Open(b)
}

// Picture gives the pixels of a photo, downloading it if need be. It blocks, so
// it is called off the goroutine that draws.
func (d *Desk) Picture(ctx context.Context, id string) (_ image.Image, err error) {
	f, err := d.openFile(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var head bytes.Buffer
	config, _, err := image.DecodeConfig(io.TeeReader(f, &head))
	if err != nil {
		return nil, fmt.Errorf("photo %s: %w", id, err)
	}
	if config.Width*config.Height > maxPixels {
		return nil, fmt.Errorf("photo %s: %d × %d pixels are more than can be shown", id, config.Width, config.Height)
	}
	img, _, err := image.Decode(io.MultiReader(&head, f))
	if err != nil {
		return nil, fmt.Errorf("photo %s: %w", id, err)
	}
	return img, nil
}

// maxPixels bounds a picture that is shown; working copies are far smaller.
const maxPixels = 50_000_000

// OpenPlan gives the file of a plan, downloading it if need be; it blocks.
func (d *Desk) OpenPlan(ctx context.Context, id string) (io.ReadCloser, error) {
	return d.openFile(ctx, id)
}
