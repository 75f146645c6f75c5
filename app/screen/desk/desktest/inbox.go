package desktest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// inbox is the review inbox of a server in memory.
type inbox struct {
	mu      sync.Mutex
	groups  []syncproto.ReviewGroup
	answers map[uint64]syncproto.Answer
	err     error
	decided []string
}

// inboxPage is how many groups come at once.
const inboxPage = 4

// SetInbox makes groups wait, newest first, and tells the desk how many.
func (d *Device) SetInbox(groups ...syncproto.ReviewGroup) {
	d.inbox.mu.Lock()
	d.inbox.groups = groups
	d.inbox.mu.Unlock()
	d.noteInbox()
}

// noteInbox brings the record of what waits in line with the inbox.
func (d *Device) noteInbox() {
	d.inbox.mu.Lock()
	r := domain.Review{ProjectID: Project, State: domain.ReviewOpen, Waiting: len(d.inbox.groups)}
	d.inbox.mu.Unlock()
	if r.Waiting == 0 {
		r.State = domain.ReviewDone
	}
	d.Add(Record{domain.EntityReview, ident.Derive[any]("review"), r})
}

// FailInbox makes every request to the inbox fail; nil ends it.
func (d *Device) FailInbox(err error) {
	d.inbox.mu.Lock()
	defer d.inbox.mu.Unlock()
	d.inbox.err = err
}

// AnswerReview is what accepting the group that begins with an op is answered.
func (d *Device) AnswerReview(first uint64, a syncproto.Answer) {
	d.inbox.mu.Lock()
	defer d.inbox.mu.Unlock()
	d.inbox.answers = map[uint64]syncproto.Answer{first: a}
}

// Reviewed lists the decisions on what was in review: "accept 3", "discard 4: why".
func (d *Device) Reviewed() []string {
	d.inbox.mu.Lock()
	defer d.inbox.mu.Unlock()
	return slices.Clone(d.inbox.decided)
}

// Waiting implements desk.Inbox.
func (i *inbox) Waiting(_ context.Context, project domain.ProjectID, after *syncproto.ReviewGroup) (p syncproto.ReviewPage, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err != nil || project != Project {
		return p, i.err
	}
	rest := i.groups
	if after != nil {
		rest = rest[1+slices.IndexFunc(rest, func(g syncproto.ReviewGroup) bool { return g.Device == after.Device && g.First == after.First }):]
	}
	p.Groups = slices.Clone(rest[:min(len(rest), inboxPage)])
	p.More = len(rest) > inboxPage
	return p, nil
}

// Accept implements desk.Inbox.
func (i *inbox) Accept(_ context.Context, id desk.ReviewID) (syncproto.Answer, error) {
	return i.decide(id, "accept "+strconv.FormatUint(id.First, 10))
}

// Discard implements desk.Inbox.
func (i *inbox) Discard(_ context.Context, id desk.ReviewID, reason string) (syncproto.Answer, error) {
	return i.decide(id, "discard "+strconv.FormatUint(id.First, 10)+": "+reason)
}

func (i *inbox) decide(id desk.ReviewID, what string) (syncproto.Answer, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err != nil {
		return syncproto.Answer{}, i.err
	}
	if a, ok := i.answers[id.First]; ok {
		return a, nil
	}
	i.decided = append(i.decided, what)
	i.groups = slices.DeleteFunc(slices.Clone(i.groups), func(g syncproto.ReviewGroup) bool { return g.Device == id.Device && g.First == id.First })
	return syncproto.Answer{Seq: id.First, Status: syncproto.Applied}, nil
}

// InReview is what waits in the invented project: of a tablet whose inspector was
// taken off it a defect with its photos, a correction and an answer; of a revoked
// tablet a verdict.
func InReview() ([]syncproto.ReviewGroup, error) {
	tablet, revoked := ident.Derive[domain.Device]("tablet in review"), ident.Derive[domain.Device]("revoked tablet")
	unit := Ticket(12, domain.RepairAssigned).UnitID
	at := Opening.Add(26 * time.Hour)
	var failed error
	op := func(seq uint64, e domain.Entity, id string, kind syncproto.Kind, content any) syncproto.Op {
		fields, err := syncproto.Encode(content)
		failed = errors.Join(failed, err)
		return syncproto.Op{
			Seq: seq, Entity: e, ID: ident.Derive[any](id), Kind: kind, Fields: fields, CapturedAt: at,
			Scope: syncproto.Scope{Project: Project, Audience: domain.AudienceField},
		}
	}
	group := func(device domain.DeviceID, name, person string, code syncproto.Code, ops ...syncproto.Op) syncproto.ReviewGroup {
		return syncproto.ReviewGroup{
			Device: device, First: ops[0].Seq, Last: ops[len(ops)-1].Seq, DeviceName: name, Actor: ident.Derive[domain.Person](person), Person: person, Code: code,
			CapturedAt: at.Add(time.Duration(ops[0].Seq) * time.Minute), ReceivedAt: at.Add(20 * time.Hour), Ops: ops,
		}
	}
	const away, name = "样例验房员丙", "样例平板 3"
	photo := func(seq uint64, id string, sha domain.Hash) syncproto.Op {
		return op(seq, domain.EntityAttachment, id, syncproto.Recorded, domain.Attachment{
			ParentID: ident.Derive[any]("defect in review"), Kind: domain.KindPhoto, SHA256: sha, CapturedAt: at,
		})
	}
	defect := group(tablet, name, away, syncproto.CodeNoMember,
		op(41, domain.EntityDefect, "defect in review", syncproto.Recorded, domain.Defect{
			UnitID: unit, Room: "BTH1", LibraryCode: "PLB-07", Severity: domain.Major, Description: "地漏反坡，积水约 20 毫米", Readings: []int64{20_000},
		}),
		photo(42, "photo in review", PhotoSHA), photo(43, "second photo in review", CloseSHA), photo(44, "third photo in review", domain.Hash{0xee}))
	defect.Blobs = []syncproto.ReviewBlob{{SHA256: PhotoSHA, Held: true}, {SHA256: CloseSHA, Held: true}, {SHA256: domain.Hash{0xee}}}
	groups := []syncproto.ReviewGroup{
		group(revoked, "样例平板 7", "样例验房员乙", syncproto.CodeRevoked, op(9, domain.EntityReinspection, "verdict in review", syncproto.Recorded, domain.Reinspection{
			TicketID: TicketID(12), Answer: domain.AnswerFail, Note: "渗水未修复，窗台仍有水印", WaterTested: true,
		})),
		group(tablet, name, away, syncproto.CodeNoMember, op(46, domain.EntityResult, "result in review", syncproto.Recorded, domain.Result{
			UnitID: unit, Item: "BOTH-015", Room: "LIV1", Answer: domain.AnswerFail, Readings: []int64{3500, 4200},
		})),
		group(tablet, name, away, syncproto.CodeNoMember, op(45, domain.EntityDefect, "defect in review", syncproto.Amended, domain.Defect{Severity: domain.Critical})),
		defect,
	}
	return groups, failed
}
