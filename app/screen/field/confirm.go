package field

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"keyturn/shared/domain"
)

// ConfirmState is what the homeowner sees and signs.
type ConfirmState struct {
	Title string
	// Shown is exactly what the signature is bound to, line by line.
	Shown []string
	// Hash of Shown in hex, for the receipt.
	Hash string
	// Photos are the repair as re-inspected.
	Photos []PhotoLine
	// Refusing: the homeowner does not accept and is asked why.
	Refusing bool
	Done     bool
}

// Confirm takes the homeowner's answer to a passed repair.
type Confirm struct {
	*screen[ConfirmState]
	ticket   domain.TicketID
	project  domain.ProjectID
	unit     domain.UnitID
	shown    []string
	refusing bool
}

// Confirm opens the screen.
func (s *Session) Confirm(ticket domain.TicketID) *Confirm {
	m := &Confirm{ticket: ticket}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Confirm) state(ctx context.Context) (st ConfirmState, err error) {
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		t, err := need(ctx, snap, domain.EntityTicket, m.ticket)
		if err != nil {
			return err
		}
		f, err := m.flat(ctx, snap, t.UnitID)
		if err != nil {
			return err
		}
		m.project, m.unit = f.Project, t.UnitID
		r := m.read()
		st.Title = r.Text("field.confirm.title", "unit", unitName(f.Unit))
		st.Shown = []string{
			r.Text("field.confirm.ticket", "number", t.Number),
			r.Text("field.confirm.defect", "defect", defectName(r, f.Catalogue, t.LibraryCode, t.Description), "room", roomName(r, f.Rooms, t.Room)),
		}
		if t.Description != "" {
			st.Shown = append(st.Shown, r.Text("field.confirm.description", "description", t.Description))
		}
		verdicts, err := list[domain.Reinspection](ctx, snap, domain.EntityReinspection, Filter{Parent: m.ticket.Any()})
		if err != nil {
			return err
		}
		if len(verdicts) > 0 {
			last := verdicts[len(verdicts)-1]
			st.Shown = append(st.Shown, r.Text("field.confirm.passed", "date", string(m.today())))
			if st.Photos, err = m.photos(ctx, snap, last.ID.Any()); err != nil {
				return err
			}
		}
		st.Shown = append(st.Shown, r.Text("field.confirm.statement"))
		given, err := list[domain.Confirmation](ctx, snap, domain.EntityConfirmation, Filter{Parent: m.ticket.Any()})
		st.Done = slices.ContainsFunc(given, func(c listed[domain.Confirmation]) bool { return !c.Record.Refused }) || settled(t.Status)
		return err
	})
	m.shown, st.Refusing = st.Shown, m.refusing
	hash := shownHash(st.Shown)
	st.Hash = hash.String()
	return st, err
}

// shownHash binds a signature to the words that were on the screen.
func shownHash(lines []string) domain.Hash {
	return domain.Hash(sha256.Sum256([]byte(strings.Join(lines, "\n"))))
}

// Sign confirms with a signature, a picture as PNG.
func (m *Confirm) Sign(signature []byte) {
	m.do(func(ctx context.Context) error {
		p, err := m.device.Photos.CaptureImage(ctx, signature)
		if err != nil {
			return err
		}
		p.Kind = domain.KindSignature
		if err := m.device.Photos.Attach(ctx, m.project, m.unit, m.ticket.Any(), domain.RoleProof, p); err != nil {
			return err
		}
		return m.answer(ctx, OwnerAnswer{Method: "signature"})
	})
}

// ByPhone confirms without a signature, on the homeowner's word.
func (m *Confirm) ByPhone() {
	m.do(func(ctx context.Context) error { return m.answer(ctx, OwnerAnswer{Method: "phone"}) })
}

// AskRefuse asks why the homeowner does not accept.
func (m *Confirm) AskRefuse() {
	m.do(func(context.Context) error { m.refusing = true; return nil })
}

// Refuse records that the homeowner does not accept the repair.
func (m *Confirm) Refuse(why string) {
	m.do(func(ctx context.Context) error {
		if strings.TrimSpace(why) == "" {
			return &wrongText{m.Text("field.confirm.reason_needed")}
		}
		return m.answer(ctx, OwnerAnswer{Method: "signature", Refused: true, Note: strings.TrimSpace(why)})
	})
}

func (m *Confirm) answer(ctx context.Context, a OwnerAnswer) error {
	a.Project, a.Ticket, a.Shown = m.project, m.ticket, shownHash(m.shown)
	if err := m.device.Repairs.Confirm(ctx, a); err != nil {
		return err
	}
	m.goBack()
	return nil
}

// Later leaves the confirmation open.
func (m *Confirm) Later() { m.post(func(context.Context) { m.goBack() }) }
