package desk

import (
	"slices"

	"keyturn/shared/domain"
)

// Target is the record that a command is about.
type Target struct {
	Project domain.ProjectID
	Entity  domain.Entity
	ID      domain.AnyID
	// Unit is where photos of the action belong.
	Unit domain.UnitID
}

// Emphasis says how loud an action is.
type Emphasis int

// Emphases.
const (
	Plain Emphasis = iota
	Primary
	Danger
)

// FieldKind is one thing that an action asks for.
type FieldKind string

// Kinds of field. FieldContractor chooses a contract scope, FieldFirm a third
// party.
const (
	FieldNote       FieldKind = "note"
	FieldContractor FieldKind = "contractor"
	FieldFirm       FieldKind = "firm"
	FieldTrigger    FieldKind = "trigger"
	FieldChannel    FieldKind = "channel"
	FieldReached    FieldKind = "reached"
	FieldAmount     FieldKind = "amount"
	FieldProof      FieldKind = "proof"
	FieldAfter      FieldKind = "after"
)

// Field is a question of an action's form.
type Field struct {
	Kind     FieldKind
	Label    string
	Required bool
	Choices  []Choice
	// Chosen is the choice to begin with.
	Chosen string
}

// Action is something that can be asked of the server.
type Action struct {
	// ID is the same in every language: "assign", "maintenance.quote".
	ID       string
	Label    string
	Emphasis Emphasis
	// Blocked says in words why it is not possible now; empty if it is.
	Blocked []string
	// Waiting: it was asked for and the server has not answered yet.
	Waiting bool
	// Explain says what it does; it stands above the form.
	Explain string
	Fields  []Field

	target Target
	action string
	// review are the groups in review that it decides on.
	review []ReviewID
}

// spec is what an action asks for and needs.
type spec struct {
	fields   []FieldKind
	optional []FieldKind
	emphasis Emphasis
	// decisive: money, closing and rulings need the server's word at once.
	decisive bool
}

var repairSpecs = map[domain.RepairAction]spec{
	domain.RepairAssign:        {fields: []FieldKind{FieldContractor}, emphasis: Primary},
	domain.RepairAccept:        {emphasis: Primary},
	domain.RepairDispute:       {fields: []FieldKind{FieldNote}},
	domain.RepairReassign:      {fields: []FieldKind{FieldContractor, FieldNote}, emphasis: Primary, decisive: true},
	domain.RepairUphold:        {fields: []FieldKind{FieldNote}, decisive: true},
	domain.RepairSurvey:        {optional: []FieldKind{FieldNote}, emphasis: Primary},
	domain.RepairStart:         {optional: []FieldKind{FieldNote}, emphasis: Primary},
	domain.RepairSuspend:       {fields: []FieldKind{FieldNote}},
	domain.RepairResume:        {optional: []FieldKind{FieldNote}, emphasis: Primary},
	domain.RepairFinish:        {fields: []FieldKind{FieldNote, FieldAfter}, emphasis: Primary},
	domain.RepairPass:          {optional: []FieldKind{FieldNote}, emphasis: Primary},
	domain.RepairFail:          {fields: []FieldKind{FieldNote}},
	domain.RepairConfirm:       {optional: []FieldKind{FieldNote}, emphasis: Primary, decisive: true},
	domain.RepairRefuse:        {fields: []FieldKind{FieldNote}},
	domain.RepairReopen:        {fields: []FieldKind{FieldNote}, optional: []FieldKind{FieldContractor}},
	domain.RepairGiveUp:        {fields: []FieldKind{FieldNote}, emphasis: Danger, decisive: true},
	domain.RepairSettle:        {fields: []FieldKind{FieldNote}, optional: []FieldKind{FieldAmount}, emphasis: Primary, decisive: true},
	domain.RepairCancel:        {fields: []FieldKind{FieldNote}, emphasis: Danger, decisive: true},
	domain.RepairDeclineExpiry: {fields: []FieldKind{FieldNote}, emphasis: Danger, decisive: true},
}

// sideSpecs are the actions beside the state machine.
var sideSpecs = []struct {
	action string
	// active: the contractor must still owe work.
	active bool
	spec
}{
	{domain.ActionContact, false, spec{fields: []FieldKind{FieldChannel, FieldReached}, optional: []FieldKind{FieldNote}}},
	{domain.ActionAttend, true, spec{}},
	{domain.ActionNotify, true, spec{}},
	{domain.ActionRefusal, true, spec{fields: []FieldKind{FieldProof}, optional: []FieldKind{FieldNote}}},
}

// action names an action of an entity.
func (w writer) action(e domain.Entity, action string) string {
	switch e {
	case domain.EntityMaintenance:
		return w.known("desk.job_action.", action)
	case domain.EntityBackCharge:
		return w.known("desk.charge_action.", action)
	default:
		return w.known("desk.action.", action)
	}
}

// make renders an action. The guards that its own form will satisfy are not
// among the unmet ones.
func (p *page) make(id string, target Target, action string, s spec, unmet []string) Action {
	a := Action{
		ID: id, Label: p.w.action(target.Entity, action), Emphasis: s.emphasis, target: target, action: action,
		Waiting: p.n.waits(target, action),
	}
	if key := "desk.explain." + id; p.w.Texts.Has(p.w.Locale, key) {
		a.Explain = p.w.Text(key)
	}
	a.Blocked = append(p.desk.offline(p.w, s), unmet...)
	if a.Waiting {
		a.Blocked = append(a.Blocked, p.w.Text("desk.blocked.waits"))
	}
	for _, kind := range s.fields {
		a.Fields = append(a.Fields, p.field(kind, true))
	}
	for _, kind := range s.optional {
		a.Fields = append(a.Fields, p.field(kind, false))
	}
	return a
}

// offline blocks decisive actions while there is no line to the server.
func (d *Desk) offline(w writer, s spec) []string {
	if s.decisive && !d.Connection.Status().Online {
		return []string{w.Text("desk.blocked.needs_network")}
	}
	return nil
}

func (p *page) field(kind FieldKind, required bool) Field {
	f := Field{Kind: kind, Label: p.w.Text("desk.field." + string(kind)), Required: required}
	switch kind {
	case FieldContractor:
		f.Choices = p.contractors()
		if p.ticket.Status != domain.RepairDisputed { // a ruling names another one
			f.Chosen = p.ticket.ScopeID.String()
		}
	case FieldFirm:
		f.Choices = p.firms()
		if len(f.Choices) == 1 {
			f.Chosen = f.Choices[0].ID
		}
	case FieldTrigger:
		for _, hit := range p.gate.Triggers {
			f.Choices = append(f.Choices, Choice{string(hit.Trigger), joined(" ", string(hit.Trigger), p.w.known("desk.trigger.", string(hit.Trigger)))})
		}
		if len(f.Choices) > 0 {
			f.Chosen = f.Choices[0].ID
		}
	case FieldChannel:
		for _, c := range channels {
			f.Choices = append(f.Choices, Choice{c, p.w.Text("desk.channel." + c)})
		}
		f.Chosen = channels[0]
	case FieldAfter:
		f.Required = required && len(p.after) == 0
	}
	return f
}

// contractors lists contract scopes; those that fit trade and building first.
func (p *page) contractors() []Choice {
	var fits, others []Choice
	for _, s := range p.n.scopes {
		party := p.n.parties[s.Record.PartyID]
		if party.Kind == domain.PartyThirdParty || party.ProjectID != p.site.id {
			continue
		}
		c := Choice{s.ID.String(), joined(" · ", party.Name, joined("、", s.Record.Trades...), joined("、", s.Record.Buildings...))}
		if p.covers(s) {
			fits = append(fits, c)
		} else {
			others = append(others, c)
		}
	}
	return append(fits, others...)
}

func (p *page) covers(s listed[domain.ContractScope]) bool {
	if len(s.Record.Buildings) > 0 && !slices.Contains(s.Record.Buildings, p.unit.Building) {
		return false
	}
	return slices.ContainsFunc(s.Record.Trades, func(trade string) bool {
		mapped, _ := p.w.catalogue.LibraryTrades(trade)
		return slices.Contains(mapped, p.ticket.Trade)
	})
}

func (p *page) firms() []Choice {
	var list []Choice
	for id, party := range p.n.parties {
		if party.Kind == domain.PartyThirdParty && party.ProjectID == p.site.id {
			list = append(list, Choice{id.String(), party.Name})
		}
	}
	slices.SortFunc(list, func(a, b Choice) int { return naturally(a.Label, b.Label) })
	return list
}

func (p *page) target() Target {
	return Target{Project: p.site.id, Entity: domain.EntityTicket, ID: p.id.Any(), Unit: p.ticket.UnitID}
}
