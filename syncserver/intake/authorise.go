package intake

import (
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// needs lists, for the entities that devices write directly, the capabilities
// of which one suffices. Entities that are missing here belong to the server;
// what people decide about them arrives as commands.
var needs = map[domain.Entity][]domain.Capability{
	domain.EntityInspection:   {domain.CanCapture},
	domain.EntityResult:       {domain.CanCapture},
	domain.EntityDefect:       {domain.CanCapture},
	domain.EntityAttachment:   {domain.CanCapture, domain.CanWorkTickets},
	domain.EntityReinspection: {domain.CanReinspect},
	domain.EntityConfirmation: {domain.CanConfirm},
	domain.EntityUnit:         {domain.CanWorkTickets},
	domain.EntityAppointment:  {domain.CanWorkTickets, domain.CanCapture},
	domain.EntityTask:         {domain.CanWorkTickets},
	domain.EntityBaseline:     {domain.CanWorkTickets},
	domain.EntityHomeowner:    {domain.CanReadPeople},
	domain.EntityPublicArea:   {domain.CanWorkTickets},
	domain.EntityPhase:        {domain.CanWorkTickets},
	domain.EntityConfig:       {domain.CanAdminister},
	domain.EntityProject:      {domain.CanAdminister},
}

// people looks up what actors may do, once per transaction.
type people struct {
	tx     *store.Tx
	now    domain.Instant
	device domain.DeviceID
	known  []domain.PersonID
	loaded bool
	rights map[domain.PersonID]map[domain.ProjectID]map[domain.Capability]bool
}

// may lists the actor's capabilities in the op's project; signedIn is false for
// an actor who never signed in on this device.
func (p *people) may(ctx context.Context, op syncproto.Op) (caps map[domain.Capability]bool, signedIn bool, err error) {
	if !p.loaded {
		if p.known, err = p.tx.PeopleOn(ctx, p.device); err != nil {
			return nil, false, err
		}
		p.loaded = true
	}
	if !slices.Contains(p.known, op.Actor) {
		return nil, false, nil
	}
	caps, err = p.of(ctx, op.Actor, op.Scope.Project)
	return caps, true, err
}

// of lists a person's capabilities in a project.
func (p *people) of(ctx context.Context, person domain.PersonID, project domain.ProjectID) (map[domain.Capability]bool, error) {
	rights, ok := p.rights[person]
	if !ok {
		var err error
		if rights, err = p.tx.Rights(ctx, person, p.now); err != nil {
			return nil, err
		}
		p.rights[person] = rights
	}
	return rights[project], nil
}

// judge decides whether an op may be applied. Captured work of somebody who may
// not write is quarantined, anything else is rejected; nil means go on.
func judge(op syncproto.Op, caps map[domain.Capability]bool, signedIn bool, held merge.Record) *syncproto.Answer {
	info, _ := op.Entity.Info()
	refuse := func(code syncproto.Code) *syncproto.Answer {
		status := syncproto.Rejected
		if info.Captured && op.Kind != syncproto.Commanded {
			status = syncproto.Quarantined
		}
		return &syncproto.Answer{Seq: op.Seq, Status: status, Code: code}
	}
	wanted, writable := needs[op.Entity]
	switch {
	case !signedIn || len(caps) == 0:
		return refuse(syncproto.CodeNoMember)
	case held.Exists() && held.Scope.Project != op.Scope.Project:
		return refuse(syncproto.CodeBadScope) // the rights are those of the op's project
	case op.Kind == syncproto.Commanded:
		return nil // the state machine names the capability
	case !writable:
		return &syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: syncproto.CodeServerOnly}
	case !slices.ContainsFunc(wanted, func(c domain.Capability) bool { return caps[c] }):
		return refuse(syncproto.CodeForbidden)
	case held.Exists() && held.Scope != op.Scope:
		return refuse(syncproto.CodeBadScope)
	case op.Entity == domain.EntityAttachment && !slices.Contains([]string{"", string(domain.AttachmentPending)}, op.Fields.State()):
		return refuse(syncproto.CodeServerOnly) // only who holds the bytes knows
	case held.Exists() && info.Frozen:
		return refuse(syncproto.CodeFrozen)
	case !held.Exists() && op.Kind != syncproto.Recorded:
		return refuse(syncproto.CodeMissing)
	default:
		return nil
	}
}
