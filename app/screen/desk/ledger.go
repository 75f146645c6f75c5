package desk

import (
	"cmp"
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// Ledger is the retention money of every contract scope.
type Ledger struct {
	Scopes []ScopeRow
	// Selected is the index of the chosen scope in Scopes, -1 if there is none.
	Selected int
	Detail   *ScopeDetail
	// Empty says why nothing is shown.
	Empty string
}

// ScopeRow is one contract scope with its balance.
type ScopeRow struct {
	ID                                                     domain.ScopeID
	Party, Trades, Buildings                               string
	Withheld, Held, Posted, Released, Available, Shortfall string
	// Amount is what matters most about the scope and AmountLabel what it is: the
	// shortfall, the balance, or what will be withheld.
	Amount, AmountLabel string
	Short               bool
}

// ScopeDetail is one contract scope's ledger.
type ScopeDetail struct {
	Row     ScopeRow
	Terms   []Fact
	Entries []LedgerLine
	Charges []Charge
}

// LedgerLine is one immutable entry.
type LedgerLine struct {
	At, Kind, Amount, Reason, Ticket string
	TicketID                         domain.TicketID
}

// Charge is one back-charge.
type Charge struct {
	ID             string
	Ticket         domain.TicketID
	Number, Party  string
	State          string
	Tone           Tone
	Total, How, At string
	Actions        []Action
}

// books is what the ledger is made from.
type books struct {
	terms   map[domain.ScopeID]domain.ContractTerms
	entries map[domain.ScopeID][]domain.LedgerEntry
	charges []listed[domain.BackCharge]
}

func (d *Desk) readBooks(ctx context.Context) (books, error) {
	b := books{terms: map[domain.ScopeID]domain.ContractTerms{}, entries: map[domain.ScopeID][]domain.LedgerEntry{}}
	err := d.Store.View(ctx, func(t Snapshot) error {
		terms, err := list[domain.ContractTerms](ctx, t, domain.EntityTerms, Filter{})
		if err != nil {
			return err
		}
		for _, k := range terms {
			b.terms[k.Record.ScopeID] = k.Record
		}
		entries, err := list[domain.LedgerEntry](ctx, t, domain.EntityLedgerEntry, Filter{})
		if err != nil {
			return err
		}
		for _, e := range entries {
			b.entries[e.Record.ScopeID] = append(b.entries[e.Record.ScopeID], e.Record)
		}
		b.charges, err = list[domain.BackCharge](ctx, t, domain.EntityBackCharge, Filter{})
		return err
	})
	return b, err
}

func (d *Desk) ledger(ctx context.Context, n *snapshot, w writer, v view) (Ledger, error) {
	b, err := d.readBooks(ctx)
	if err != nil {
		return Ledger{}, err
	}
	out := Ledger{Selected: -1}
	if len(b.terms) == 0 && len(b.entries) == 0 {
		out.Empty = w.Text("desk.ledger.none")
		return out, nil
	}
	for _, s := range n.scopes {
		party := n.parties[s.Record.PartyID]
		if party.Kind == domain.PartyThirdParty {
			continue
		}
		balance := policy.RetentionBalance(b.entries[s.ID])
		row := ScopeRow{
			ID: s.ID, Party: party.Name, Trades: joined("、", s.Record.Trades...), Buildings: buildings(w, s.Record.Buildings),
			Withheld: yuan(balance.Withheld), Held: yuan(balance.Held), Posted: yuan(balance.Posted), Released: yuan(balance.Released),
			Available: yuan(balance.Available), Shortfall: yuan(balance.Shortfall), Short: balance.Shortfall > 0,
		}
		switch terms := b.terms[s.ID]; {
		case row.Short:
			row.Amount, row.AmountLabel = row.Shortfall, w.Text("desk.ui.shortfall")
		case len(b.entries[s.ID]) > 0:
			row.Amount, row.AmountLabel = row.Available, w.Text("desk.ui.available")
		default:
			row.Amount, row.AmountLabel = yuan(terms.RetentionRate.Of(terms.SettlementFen)), w.Text("desk.ledger.retention")
		}
		out.Scopes = append(out.Scopes, row)
	}
	slices.SortStableFunc(out.Scopes, func(a, b ScopeRow) int {
		return cmp.Or(-compareBool(a.Held != noMoney || a.Posted != noMoney, b.Held != noMoney || b.Posted != noMoney), cmp.Compare(a.Party, b.Party))
	})
	out.Selected = slices.IndexFunc(out.Scopes, func(r ScopeRow) bool { return r.ID == v.scope })
	if out.Selected < 0 && len(out.Scopes) > 0 {
		out.Selected = 0
	}
	if out.Selected >= 0 {
		out.Detail = d.scopeDetail(n, w, b, out.Scopes[out.Selected])
	}
	return out, nil
}

// noMoney is how an amount of nothing is written.
var noMoney = yuan(0)

func buildings(w writer, names []string) string {
	if len(names) == 0 {
		return w.Text("desk.ledger.all_buildings")
	}
	return joined("、", names...)
}

func (d *Desk) scopeDetail(n *snapshot, w writer, b books, row ScopeRow) *ScopeDetail {
	out := &ScopeDetail{Row: row}
	terms := b.terms[row.ID]
	for _, s := range n.scopes {
		if s.ID == row.ID {
			out.Terms = append(out.Terms,
				Fact{Label: w.Text("desk.ledger.warranty_start"), Value: string(s.Record.WarrantyStart)},
				Fact{Label: w.Text("desk.ledger.liability_end"), Value: string(s.Record.LiabilityEnd)})
		}
	}
	if terms.SettlementFen > 0 {
		out.Terms = append(out.Terms,
			Fact{Label: w.Text("desk.ledger.settlement"), Value: yuan(terms.SettlementFen)},
			Fact{
				Label: w.Text("desk.ledger.retention"), Value: yuan(terms.RetentionRate.Of(terms.SettlementFen)),
				Reason: rate(terms.RetentionRate),
			},
			Fact{Label: w.Text("desk.ledger.fee"), Value: rate(terms.FeeRate)})
	}
	tickets := map[domain.BackChargeID]domain.TicketID{}
	for _, c := range b.charges {
		tickets[c.ID] = c.Record.TicketID
		if c.Record.ScopeID != row.ID {
			continue
		}
		e, ok := n.entry(c.Record.TicketID)
		if !ok {
			continue
		}
		out.Charges = append(out.Charges, d.charge(n, w, e.site.id, e.ticket, c))
	}
	entries := slices.Clone(b.entries[row.ID])
	slices.SortStableFunc(entries, func(a, b domain.LedgerEntry) int { return cmp.Compare(b.At, a.At) })
	for _, e := range entries {
		line := LedgerLine{
			At: w.Time(e.At), Kind: w.known("desk.ledger.", string(e.Kind)), Amount: yuan(e.AmountFen), Reason: w.because(e.Reason),
			TicketID: tickets[e.BackChargeID],
		}
		if t, ok := n.entry(line.TicketID); ok {
			line.Ticket = t.ticket.Number
		}
		out.Entries = append(out.Entries, line)
	}
	return out
}

// chargeStates in the order of their lives.
var chargeStates = []domain.BackChargeState{
	domain.BackChargeNotified, domain.BackChargeDisputed, domain.BackChargeRuled, domain.BackChargeConfirmed,
	domain.BackChargePosted, domain.BackChargeReversed,
}

// charge renders a back-charge with what can be done about it.
func (d *Desk) charge(n *snapshot, w writer, project domain.ProjectID, t domain.Ticket, c listed[domain.BackCharge]) Charge {
	out := Charge{
		ID: c.ID.String(), Ticket: c.Record.TicketID, Number: t.Number, Party: n.parties[c.Record.PartyID].Name,
		State: w.known("desk.charge.", string(c.Record.State)), Tone: chargeTone(c.Record.State),
		Total: yuan(c.Record.TotalFen), How: w.because(c.Record.Reason), At: w.Time(c.Record.At),
	}
	p := &page{desk: d, n: n, w: w}
	target := Target{Project: project, Entity: domain.EntityBackCharge, ID: c.ID.Any(), Unit: t.UnitID}
	for _, next := range chargeStates {
		if !c.Record.State.CanBecome(next) {
			continue
		}
		s := spec{emphasis: Primary, decisive: true}
		switch next {
		case domain.BackChargeRuled:
			s.fields = []FieldKind{FieldNote}
		case domain.BackChargeReversed:
			s.fields, s.emphasis = []FieldKind{FieldNote}, Danger
		case domain.BackChargeDisputed:
			s.optional, s.emphasis = []FieldKind{FieldNote}, Plain
		}
		out.Actions = append(out.Actions, p.make("charge."+string(next), target, string(next), s, nil))
	}
	return out
}

func chargeTone(s domain.BackChargeState) Tone {
	switch s {
	case domain.BackChargeDraft, domain.BackChargeNotified:
		return TonePending
	case domain.BackChargeDisputed:
		return ToneWarn
	case domain.BackChargePosted:
		return ToneOK
	case domain.BackChargeReversed:
		return ToneNeutral
	}
	return ToneInfo
}
