package simtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// newID names the next record that somebody makes.
func (w *world) newID(e domain.Entity) domain.AnyID {
	w.made++
	return ident.Derive[any](e.String(), fmt.Sprint(w.made))
}

// project is mostly the first: people meet there.
func project(dice *rand.Rand) domain.ProjectID {
	if dice.IntN(4) == 0 {
		return projects[1]
	}
	return projects[0]
}

func (w *world) change(p domain.ProjectID, e domain.Entity, id domain.AnyID, kind syncproto.Kind, content any) localstore.Change {
	return localstore.Change{Project: p, Entity: e, ID: id, Kind: kind, Fields: w.encode(content)}
}

// holds tells in which project the device shows a record.
func (d *device) holds(e domain.Entity, id domain.AnyID) (p domain.ProjectID, ok bool) {
	d.view(func(ctx context.Context, t *localstore.Tx) error {
		for _, candidate := range projects {
			rows, err := t.Records(ctx, e, localstore.Filter{Project: candidate})
			if err != nil {
				return err
			}
			for _, r := range rows {
				if r.ID == id {
					p, ok = candidate, true
				}
			}
		}
		return nil
	})
	return p, ok
}

// laterSchema adds what an app three versions ahead writes: fields that this
// build does not know.
func (d *device) laterSchema(f syncproto.Fields, n int) {
	if !d.newer {
		return
	}
	for key := range uint64(3) {
		value, err := syncproto.Marshal(fmt.Sprint("later ", n, key))
		d.w.must(err, "encode")
		f[900+key] = value
	}
}

// recordDefect saves a defect with a photo as one group.
func recordDefect(w *world, dice *rand.Rand) {
	d, p := w.device(dice), project(dice)
	id, photo := w.newID(domain.EntityDefect), w.newID(domain.EntityAttachment)
	defect := w.change(p, domain.EntityDefect, id, syncproto.Recorded, domain.Defect{
		UnitID: unitOf(p), State: domain.DefectOpen, Room: "ENT1", LibraryCode: one(dice, "DOR-02", "DOR-05", "PLB-01"), Element: "door",
		Description: fmt.Sprint("defect ", w.made), Severity: domain.Severity(1 + dice.IntN(4)), CapturedAt: d.now(),
	})
	d.laterSchema(defect.Fields, w.made)
	pic := w.photos.take(dice)
	attachment := w.change(p, domain.EntityAttachment, photo, syncproto.Recorded, domain.Attachment{
		ParentID: id, State: domain.AttachmentPending, Kind: domain.KindPhoto, Role: domain.RoleEvidence,
		SHA256: pic.original, Bytes: w.photos.size(pic.original), WorkSHA256: pic.work, WorkBytes: w.photos.size(pic.work),
	})
	saved := d.record(func(ctx context.Context, t *localstore.Tx) error {
		return pic.queue(ctx, t, w.photos, domain.AttachmentID(photo))
	}, defect, attachment)
	d.vault[pic.original], d.vault[pic.work] = true, true
	w.known[domain.EntityDefect] = append(w.known[domain.EntityDefect], id)
	w.tell("%s records defect %d: saved %v", d.name, w.made, saved)
}

// amendDefect edits a defect that the device shows, its own or another's.
func amendDefect(w *world, dice *rand.Rand) {
	if id, ok := w.some(dice, domain.EntityDefect); ok {
		w.device(dice).amendDefect(dice, id)
	}
}

func (d *device) amendDefect(dice *rand.Rand, id domain.AnyID) {
	w := d.w
	p, ok := d.holds(domain.EntityDefect, id)
	if !ok {
		return
	}
	w.made++
	var edit domain.Defect
	switch dice.IntN(4) {
	case 0:
		edit.Description = fmt.Sprint("edit ", w.made)
	case 1:
		edit.Severity, edit.Room = domain.Severity(1+dice.IntN(4)), fmt.Sprint("R", w.made)
	case 2:
		edit.Readings = []int64{int64(w.made)}
	default:
		edit.Element = fmt.Sprint("element ", w.made)
	}
	c := w.change(p, domain.EntityDefect, id, syncproto.Amended, edit)
	d.laterSchema(c.Fields, w.made)
	w.tell("%s amends a defect (edit %d): saved %v", d.name, w.made, d.record(nil, c))
}

func withdrawDefect(w *world, dice *rand.Rand) {
	d := w.device(dice)
	id, ok := w.some(dice, domain.EntityDefect)
	if !ok {
		return
	}
	if p, ok := d.holds(domain.EntityDefect, id); ok {
		c := localstore.Change{Project: p, Entity: domain.EntityDefect, ID: id, Kind: syncproto.Withdrawn}
		w.tell("%s withdraws a defect: saved %v", d.name, d.record(nil, c))
	}
}

// answerItem gives the same checklist item an answer, whoever answered before.
func answerItem(w *world, dice *rand.Rand) {
	d, p := w.device(dice), project(dice)
	id := ident.Derive[any]("result", p.String(), fmt.Sprint(dice.IntN(2)))
	kind := syncproto.Amended
	if _, ok := d.holds(domain.EntityResult, id); !ok {
		kind = syncproto.Recorded
	}
	w.made++
	c := w.change(p, domain.EntityResult, id, kind, domain.Result{
		Answer: one(dice, domain.AnswerPass, domain.AnswerFail, domain.AnswerNotApplicable), Readings: []int64{int64(w.made)},
		Item: "HO-010", Room: "ENT1", UnitID: unitOf(p),
	})
	w.tell("%s answers an item (%d): saved %v", d.name, w.made, d.record(nil, c))
}

// deskWork changes a flat's note or, in a stream of its own, its owner's phone.
func deskWork(w *world, dice *rand.Rand) {
	d, p := w.device(dice), project(dice)
	w.made++
	e, id, content := domain.EntityUnit, unitOf(p).Any(), any(domain.Unit{Note: fmt.Sprint("note ", w.made)})
	if dice.IntN(2) == 0 {
		e, id, content = domain.EntityHomeowner, ownerOf(p), domain.Homeowner{Phone: fmt.Sprint(w.made)}
	}
	if _, ok := d.holds(e, id); ok {
		w.tell("%s changes a %s (%d): saved %v", d.name, e, w.made, d.record(nil, w.change(p, e, id, syncproto.Amended, content)))
	}
}

// ticket picks one of the first that the device shows: people meet there.
func (d *device) ticket(dice *rand.Rand) (p domain.ProjectID, id domain.AnyID, ok bool) {
	d.view(func(ctx context.Context, t *localstore.Tx) error {
		p = project(dice)
		rows, err := t.Records(ctx, domain.EntityTicket, localstore.Filter{Project: p})
		if ok = len(rows) > 0; ok {
			id = rows[dice.IntN(min(len(rows), 3))].ID
		}
		return err
	})
	return p, id, ok
}

// verdict names a re-inspection of a ticket, mostly the same one.
func verdict(dice *rand.Rand, ticket domain.AnyID) domain.AnyID {
	return ident.Derive[any]("reinspection", ticket.String(), fmt.Sprint(dice.IntN(4)/3))
}

// command asks for something that the server may refuse.
func command(w *world, dice *rand.Rand) {
	d := w.device(dice)
	p, id, ok := d.ticket(dice)
	if !ok {
		return
	}
	action := one(dice, domain.RepairAssign, domain.RepairAssign, domain.RepairAccept, domain.RepairSurvey, domain.RepairStart, domain.RepairFinish, domain.RepairSuspend, domain.RepairResume)
	c := w.change(p, domain.EntityTicket, id, syncproto.Commanded, syncproto.Command{Action: string(action), Note: "x"})
	w.tell("%s asks to %s: saved %v", d.name, action, d.record(nil, c))
}

// reinspect records a fact that is written once, twice now and then.
func reinspect(w *world, dice *rand.Rand) {
	d := w.device(dice)
	p, ticket, ok := d.ticket(dice)
	if !ok {
		return
	}
	w.made++
	c := w.change(p, domain.EntityReinspection, verdict(dice, ticket), syncproto.Recorded, domain.Reinspection{
		TicketID: domain.TicketID(ticket), Answer: one(dice, domain.AnswerPass, domain.AnswerFail), Note: fmt.Sprint("verdict ", w.made), Attempt: 1,
	})
	w.tell("%s re-inspects (%d): saved %v", d.name, w.made, d.record(nil, c))
}

// inspect records a defect and a verdict as one group; the verdict may be a
// second one, which is not applied, and then the defect is not either.
func inspect(w *world, dice *rand.Rand) {
	d := w.device(dice)
	p, ticket, ok := d.ticket(dice)
	if !ok {
		return
	}
	id := w.newID(domain.EntityDefect)
	changes := []localstore.Change{
		w.change(p, domain.EntityDefect, id, syncproto.Recorded, domain.Defect{UnitID: unitOf(p), State: domain.DefectOpen, Description: fmt.Sprint("beside a verdict ", w.made)}),
		w.change(p, domain.EntityReinspection, verdict(dice, ticket), syncproto.Recorded, domain.Reinspection{
			TicketID: domain.TicketID(ticket), Answer: domain.AnswerFail, Note: fmt.Sprint("verdict ", w.made), Attempt: 1,
		}),
	}
	if dice.IntN(2) == 0 {
		slices.Reverse(changes)
	}
	w.known[domain.EntityDefect] = append(w.known[domain.EntityDefect], id)
	w.tell("%s inspects (%d): saved %v", d.name, w.made, d.record(nil, changes...))
}

// unsaved stands for a form that was never left.
const unsaved = ""

// draft leaves a half-filled form.
func draft(w *world, dice *rand.Rand) {
	d := w.device(dice)
	w.made++
	key, text := fmt.Sprint("form ", dice.IntN(2)), fmt.Sprint("half ", w.made)
	err := d.store.SaveDraft(w.ctx, key, text)
	if d.drafts[key] == nil {
		d.drafts[key] = []string{unsaved}
	}
	if d.failed(err, "saving a draft") {
		d.drafts[key] = append(d.drafts[key], text) // may come back after a power cut
	} else {
		d.drafts[key] = []string{text}
	}
}

func anotherUser(w *world, dice *rand.Rand) {
	d := w.device(dice)
	users := usersOf(d.n)
	d.signIn(users[dice.IntN(len(users))])
	w.tell("%s is now used by %s", d.name, d.identity.PersonName)
}
