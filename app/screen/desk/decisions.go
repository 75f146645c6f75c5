package desk

import (
	"slices"
	"strconv"

	"keyturn/shared/domain"
)

// decisions lists what was decided automatically, each with its reason in words.
func (p *page) decisions() []Fact {
	t, w := p.ticket, p.w
	liable := Fact{Label: w.Text("desk.decision.liable"), Value: p.contractor, Reason: w.because(t.LiabilityReason)}
	if liable.Value == "" {
		liable.Value, liable.Tone = w.Text("desk.contractor.none"), ToneWarn
	}
	payer := Fact{Label: w.Text("desk.decision.payer"), Value: w.Text("desk.decision.payer_contractor")}
	if t.ChargeToDeveloper {
		payer.Value, payer.Tone = w.Text("desk.decision.payer_developer"), ToneWarn
	}
	list := []Fact{
		liable,
		{Label: w.Text("desk.decision.warranty"), Value: p.warranty(), Reason: w.because(t.WarrantyReason)},
		payer,
		{Label: w.Text("desk.decision.sla"), Value: string(t.SLAClass), Reason: w.because(t.SLAReason)},
	}
	if t.Attempt > 1 {
		list = append(list, Fact{Label: w.Text("desk.decision.attempt"), Value: strconv.Itoa(t.Attempt), Tone: ToneWarn})
	}
	return list
}

func (p *page) warranty() string {
	class := p.ticket.WarrantyClass
	for _, c := range p.w.catalogue.WarrantyClasses() {
		if c.Code == class {
			class = joined(" ", class, c.Name(p.w.Locale))
		}
	}
	ends := joined(" · ",
		p.dated("desk.decision.contractor_end", p.ticket.ContractorEnd),
		p.dated("desk.decision.owner_end", p.ticket.OwnerEnd))
	return joined(" · ", class, ends)
}

func (p *page) dated(key string, d domain.Date) string {
	if d == "" {
		return ""
	}
	return p.w.Text(key, "date", string(d))
}

// dues lists the time limits with what is left of them, or when they were met.
func (p *page) dues() []Fact {
	t := p.ticket
	var list []Fact
	line := func(key string, due, met domain.Instant) {
		if !due.Set() {
			return
		}
		f := Fact{Label: p.w.Text("desk.due." + key), Value: p.w.Time(due)}
		switch {
		case met.Set() && met <= due:
			f.Reason, f.Tone = p.w.Text("desk.due.met", "at", p.w.Time(met)), ToneOK
		case met.Set():
			f.Reason, f.Tone = p.w.Text("desk.due.met_late", "at", p.w.Time(met)), ToneBad
		case t.Status == domain.RepairSuspended:
			f.Reason = p.w.Text("desk.due.paused")
		case !t.AssignedAt.Set():
			f.Reason = p.w.Text("desk.due.forecast")
		case slices.Contains(closed, t.Status):
		default:
			f.Reason, f.Tone = p.w.remaining(p.now, due)
		}
		list = append(list, f)
	}
	line("respond", t.RespondDue, t.RespondedAt)
	line("on_site", t.OnSiteDue, t.AttendedAt)
	line("make_safe", t.MakeSafeDue, 0)
	line("finish", t.FinishDue, t.FinishedAt)
	if t.PromisedBy != "" {
		f := Fact{Label: p.w.Text("desk.due.promise"), Value: string(t.PromisedBy)}
		if promise := p.promise(p.w); !slices.Contains(closed, t.Status) && promise.Set() {
			f.Reason, f.Tone = p.w.remaining(p.now, promise)
		}
		list = append(list, f)
	}
	return list
}
