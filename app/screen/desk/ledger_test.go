package desk_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"keyturn/app/screen/desk"
	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/wording"
)

func entry(name string, kind domain.LedgerKind, amount domain.Fen, charge domain.BackChargeID) desktest.Record {
	return desktest.Record{Entity: domain.EntityLedgerEntry, ID: ident.Derive[any]("ledger", name), Value: domain.LedgerEntry{
		ScopeID: desktest.WindowScope, Kind: kind, AmountFen: amount, At: desktest.Opening.Add(91 * time.Hour), BackChargeID: charge, Reason: domain.Because("reason.ledger." + string(kind)),
	}}
}

func TestLedger(t *testing.T) {
	story := desktest.Settled(12)
	for _, c := range []struct {
		name string
		more []desktest.Record
		want desk.ScopeRow
	}{
		{"held", nil, desk.ScopeRow{Withheld: "¥115,800.00", Held: "¥934.38", Posted: "¥0.00", Released: "¥0.00", Available: "¥114,865.62", Shortfall: "¥0.00", Amount: "¥114,865.62"}},
		{
			"posted",
			[]desktest.Record{entry("posted", domain.LedgerPosted, 934_38, story.Charge)},
			desk.ScopeRow{Withheld: "¥115,800.00", Held: "¥0.00", Posted: "¥934.38", Released: "¥0.00", Available: "¥114,865.62", Shortfall: "¥0.00", Amount: "¥114,865.62"},
		},
		{
			"short",
			[]desktest.Record{entry("released", domain.LedgerReleased, 115_000_00, domain.BackChargeID{})},
			desk.ScopeRow{Withheld: "¥115,800.00", Held: "¥934.38", Posted: "¥0.00", Released: "¥115,000.00", Available: "¥0.00", Shortfall: "¥134.38", Amount: "¥134.38", Short: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := sit(t, desktest.NewDevice(desktest.Opening.Add(90*time.Hour), append(with(story.Records...), c.more...)...), wording.English)
				b.Open(desk.SectionLedger)
				l := b.state().Ledger
				if len(l.Scopes) != 3 || l.Selected != 0 || l.Detail == nil {
					t.Fatalf("%+v", l)
				}
				got := l.Detail.Row
				if got.Withheld != c.want.Withheld || got.Held != c.want.Held || got.Posted != c.want.Posted || got.Released != c.want.Released ||
					got.Available != c.want.Available || got.Shortfall != c.want.Shortfall || got.Amount != c.want.Amount || got.Short != c.want.Short {
					t.Errorf("%+v, want %+v", got, c.want)
				}
				for _, e := range l.Detail.Entries {
					if e.Reason == "" || e.Kind == "" || (e.Kind == "Held") != (e.Ticket == desktest.Number(12)) && e.Kind != "Posted" {
						t.Errorf("entry: %+v", e)
					}
				}
				if f := value(t, "Retention", l.Detail.Terms); f.Value != "¥115,800.00" || f.Reason != "3 %" {
					t.Errorf("terms: %+v", f)
				}
				b.SelectScope(desktest.GeneralScope)
				if d := b.state().Ledger.Detail; d == nil || d.Row.Party != "样例建工总承包公司" || len(d.Entries)+len(d.Charges) != 0 || d.Row.AmountLabel != "Retention" {
					t.Errorf("another scope: %+v", d)
				}
			})
		})
	}
}

func TestLedgerWithoutTheRightToSeeMoney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var records []desktest.Record
		for _, r := range desktest.Master() {
			if r.Entity != domain.EntityTerms {
				records = append(records, r)
			}
		}
		b := sit(t, desktest.NewDevice(desktest.Opening, records...), wording.English)
		b.Open(desk.SectionLedger)
		if l := b.state().Ledger; l.Empty == "" || len(l.Scopes) != 0 {
			t.Errorf("%+v", l)
		}
	})
}

func TestBackChargeActions(t *testing.T) {
	for state, want := range map[domain.BackChargeState][]string{
		domain.BackChargeDraft:     {"charge.NOTIFIED"},
		domain.BackChargeNotified:  {"charge.DISPUTED", "charge.CONFIRMED"},
		domain.BackChargeDisputed:  {"charge.RULED"},
		domain.BackChargeRuled:     {"charge.CONFIRMED", "charge.REVERSED"},
		domain.BackChargeConfirmed: {"charge.POSTED"},
		domain.BackChargePosted:    {"charge.REVERSED"},
		domain.BackChargeReversed:  nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			story := desktest.Settled(12)
			for i, r := range story.Records {
				if c, ok := r.Value.(domain.BackCharge); ok {
					c.State = state
					story.Records[i].Value = c
				}
			}
			b := sit(t, desktest.NewDevice(desktest.Opening.Add(90*time.Hour), with(story.Records...)...), wording.English)
			b.Open(desk.SectionLedger)
			charges := b.state().Ledger.Detail.Charges
			if len(charges) != 1 || !slices.Equal(ids(charges[0].Actions), want) {
				t.Errorf("%s: %+v, want %q", state, charges, want)
			}
			for _, a := range charges[0].Actions {
				reasoned := a.ID == "charge.RULED" || a.ID == "charge.REVERSED"
				if required := len(a.Fields) == 1 && a.Fields[0].Required; required != reasoned {
					t.Errorf("%s asks for %+v", a.ID, a.Fields)
				}
			}
		})
	}
}
