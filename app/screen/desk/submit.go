package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

// Input is what a person filled into an action's form.
type Input struct {
	Note    string
	Chosen  map[FieldKind]string
	Reached bool
	// Amount in yuan as typed.
	Amount string
	// Files are pictures: the proof or the photos of the finished repair.
	Files []string
}

// Problem is why a form was not accepted, in the person's words. Nothing was
// sent.
type Problem struct {
	Field FieldKind
	Text  string
	Err   error
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

// Unwrap gives the cause, if there is one.
func (p *Problem) Unwrap() error { return p.Err }

// Submit asks the server for an action. It returns when the command and its
// photos are durable on this device; the answer comes later. It reads and
// converts photos, so it is called off the goroutine that draws. The error is a
// *Problem.
func (d *Desk) Submit(ctx context.Context, a Action, in Input) error {
	w := d.speaker()
	if len(a.Blocked) > 0 {
		return &Problem{Text: strings.Join(a.Blocked, "\n")}
	}
	if len(a.review) > 0 {
		return d.decideReview(ctx, w, a, in)
	}
	cmd, err := d.command(w, a, in)
	if err != nil {
		return err
	}
	photos, err := d.capture(ctx, w, a, in.Files)
	if err != nil {
		return err
	}
	if role := roleOf(a); len(photos) > 0 && role != "" {
		if err := d.Work.Attach(ctx, a.target.Project, a.target.Unit, a.target.ID, role, photos...); err != nil {
			return d.unsaved(w, err)
		}
		if role == domain.RoleProof {
			cmd.ProofID = photos[0]
		}
	}
	if err := d.Work.Command(ctx, a.target.Project, a.target.Entity, a.target.ID, cmd); err != nil {
		return d.unsaved(w, err)
	}
	return nil
}

func (d *Desk) speaker() writer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writer(d.view.locale)
}

func (d *Desk) unsaved(w writer, err error) error {
	if d.full(err) {
		return &Problem{Text: w.Text("desk.problem.disk_full"), Err: err}
	}
	return &Problem{Text: w.Text("desk.problem.unsaved", "detail", err.Error()), Err: err}
}

func (d *Desk) full(err error) bool { return d.DiskFull != nil && d.DiskFull(err) }

// command reads the form.
func (d *Desk) command(w writer, a Action, in Input) (cmd syncproto.Command, err error) {
	cmd.Action = a.action
	for _, f := range a.Fields {
		given, err := d.fill(&cmd, f, in)
		if err != nil {
			return cmd, &Problem{Field: f.Kind, Text: w.known("", err.Error()), Err: err}
		}
		if f.Required && !given {
			return cmd, &Problem{Field: f.Kind, Text: w.Text("desk.problem.required", "field", f.Label)}
		}
	}
	return cmd, nil
}

// fill takes one field over into the command; given is false when it was left
// empty.
func (d *Desk) fill(cmd *syncproto.Command, f Field, in Input) (given bool, err error) {
	chosen := in.Chosen[f.Kind]
	switch f.Kind {
	case FieldNote:
		cmd.Note = strings.TrimSpace(in.Note)
		return cmd.Note != "", nil
	case FieldContractor:
		// The ticket's own scope changes nothing, so nothing is named.
		if chosen == "" || chosen == f.Chosen {
			return chosen != "", nil
		}
		cmd.ScopeID, cmd.PartyID, err = d.scopeOf(chosen)
		return err == nil, err
	case FieldFirm:
		cmd.PartyID, err = domain.ParseID[domain.Party](chosen)
		return chosen != "", err
	case FieldTrigger:
		cmd.Trigger = domain.Trigger(chosen)
		return chosen != "", nil
	case FieldChannel:
		cmd.Channel = chosen
		return chosen != "", nil
	case FieldReached:
		cmd.Reached = in.Reached
		return true, nil
	case FieldAmount:
		cmd.AmountFen, err = ParseYuan(in.Amount)
		if errors.Is(err, ErrNoAmount) && !f.Required {
			return false, nil
		}
		return err == nil, err
	case FieldProof, FieldAfter:
		return len(in.Files) > 0, nil
	}
	return false, nil
}

// errNoScope says that a contract scope is not on this device any more.
var errNoScope = errors.New("desk.problem.scope_gone")

func (d *Desk) scopeOf(chosen string) (domain.ScopeID, domain.PartyID, error) {
	id, err := domain.ParseID[domain.ContractScope](chosen)
	if err != nil {
		return id, domain.PartyID{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		for _, s := range d.last.scopes {
			if s.ID == id {
				return id, s.Record.PartyID, nil
			}
		}
	}
	return id, domain.PartyID{}, errNoScope
}

// roleOf is what the photos of an action prove.
func roleOf(a Action) domain.AttachmentRole {
	for _, f := range a.Fields {
		switch f.Kind {
		case FieldProof:
			return domain.RoleProof
		case FieldAfter:
			return domain.RoleAfter
		}
	}
	return ""
}

// capture takes the files into the vault. A file that is no picture is named.
func (d *Desk) capture(ctx context.Context, w writer, a Action, files []string) ([]domain.AttachmentID, error) {
	if roleOf(a) == "" {
		return nil, nil
	}
	var photos []domain.AttachmentID
	for _, path := range files {
		c, err := d.Work.Capture(ctx, path, d.zoneOf(a.target.Project))
		if err != nil {
			var refused *photo.Error
			text := err.Error()
			if errors.As(err, &refused) {
				text = w.known("desk.photo.", string(refused.Code))
			}
			return nil, &Problem{Field: FieldProof, Text: w.Text("desk.problem.file", "file", baseName(path), "why", text), Err: err}
		}
		photos = append(photos, c)
	}
	return photos, nil
}

func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// zoneOf is the zone of a project, for cameras that write no offset.
func (d *Desk) zoneOf(project domain.ProjectID) *time.Location {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil || d.last.sites[project] == nil {
		return nil
	}
	return d.last.sites[project].zone
}
