package desk

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// GroupID names a group of statuses on the board.
type GroupID string

// Groups, in the order of the list. They overlap: an overdue ticket is in work
// too.
const (
	GroupOpen       GroupID = "open"
	GroupNew        GroupID = "new"
	GroupContractor GroupID = "contractor"
	GroupWork       GroupID = "work"
	GroupReinspect  GroupID = "reinspect"
	GroupOverdue    GroupID = "overdue"
	GroupThirdParty GroupID = "third_party"
	GroupReview     GroupID = "review"
	GroupClosed     GroupID = "closed"
)

// Groups lists all of them.
func Groups() []GroupID {
	return []GroupID{
		GroupOpen, GroupNew, GroupContractor, GroupWork, GroupReinspect, GroupOverdue, GroupThirdParty, GroupReview, GroupClosed,
	}
}

// Board is the list of tickets with its filters.
type Board struct {
	Groups      []Group
	Buildings   []Choice
	Contractors []Choice
	// Group, Building, Contractor and Search are what is chosen.
	Group                        GroupID
	Building, Contractor, Search string
	Rows                         []Row
	// Selected is the index of the selected ticket in Rows, -1 if it is not there.
	Selected int
	// Summary says how many of all tickets are shown; Empty why there are none.
	Summary, Empty string
}

// Group is one filter with its count.
type Group struct {
	ID    GroupID
	Label string
	Count int
	Tone  Tone
}

// Row is one ticket of the board.
type Row struct {
	ID                                     domain.TicketID
	Number, Unit, Room, Defect             string
	Severity, Contractor, Status, Due, Age string
	DueLabel                               string
	SeverityTone, StatusTone, DueTone      Tone
	New, Pending                           bool
	// Contested: people have written different things about the defect.
	Contested bool
}

type board struct {
	n      *snapshot
	w      writer
	v      view
	now    domain.Instant
	opened map[domain.TicketID]bool
}

// judged is an entry with what its place on the board depends on.
type judged struct {
	entry
	due  domain.Instant
	kind dueKind
	// arrived: new since the last time; it keeps its place once it was opened.
	arrived bool
	pending bool
}

func (b board) build() Board {
	out := Board{Group: b.v.group, Building: b.v.building, Contractor: b.v.contractor, Search: b.v.search, Selected: -1}
	matches := b.matcher()
	waiting := map[domain.TicketID]bool{}
	for _, c := range b.n.waiting {
		waiting[c.ticket] = true
	}
	counts := map[GroupID]int{}
	buildings, contractors := map[string]bool{}, map[string]bool{}
	var rows []judged
	for _, e := range b.n.entries {
		buildings[e.unit.Building] = true
		contractors[e.contractor] = true
		if !b.place(e) || !matches(e) {
			continue
		}
		j := judged{entry: e, arrived: b.n.arrived(e), pending: waiting[e.id]}
		j.due, j.kind = e.nextDue(b.w.in(e.site.zone))
		groups := b.groups(j)
		for _, g := range groups {
			counts[g]++
		}
		if slices.Contains(groups, b.v.group) {
			rows = append(rows, j)
		}
	}
	slices.SortFunc(rows, compare)
	out.Rows = make([]Row, len(rows))
	for i, j := range rows {
		out.Rows[i] = b.row(j)
		if j.id == b.v.ticket {
			out.Selected = i
		}
	}
	for _, g := range Groups() {
		out.Groups = append(out.Groups, Group{ID: g, Label: b.w.Text("desk.group." + string(g)), Count: counts[g], Tone: groupTones[g]})
	}
	out.Buildings = b.choices(buildings, "desk.filter.all_buildings")
	out.Contractors = b.choices(contractors, "desk.filter.all_contractors")
	out.Summary = joined(" · ", b.w.Text("desk.board.summary", "shown", strconv.Itoa(len(rows)), "all", strconv.Itoa(len(b.n.entries))), b.n.inReview(b.w))
	switch {
	case len(rows) > 0:
	case len(b.n.entries) > 0:
		out.Empty = b.w.Text("desk.board.none_match")
	default:
		out.Empty = b.w.Text("desk.board.none")
	}
	return out
}

var groupTones = map[GroupID]Tone{
	GroupNew: ToneInfo, GroupContractor: TonePending, GroupWork: ToneInfo, GroupReinspect: ToneInfo, GroupOverdue: ToneBad,
	GroupThirdParty: ToneWarn, GroupReview: ToneWarn, GroupClosed: ToneOK,
}

// closed are the statuses in which nobody owes anything any more.
var closed = []domain.RepairStatus{
	domain.RepairClosed, domain.RepairCancelled, domain.RepairOutOfWarranty, domain.RepairOwnerConfirmed,
}

// groups lists where a ticket belongs.
func (b board) groups(j judged) []GroupID {
	t := j.ticket
	if slices.Contains(closed, t.Status) {
		return []GroupID{GroupClosed}
	}
	groups := []GroupID{GroupOpen}
	switch t.Status {
	case domain.RepairRecorded:
		groups = append(groups, GroupNew)
	case domain.RepairAssigned, domain.RepairAccepted:
		groups = append(groups, GroupContractor)
	case domain.RepairSurveyed, domain.RepairInProgress, domain.RepairSuspended:
		groups = append(groups, GroupWork)
	case domain.RepairPendingReinspect, domain.RepairPassed:
		groups = append(groups, GroupReinspect)
	}
	if j.due.Set() && b.now > j.due {
		groups = append(groups, GroupOverdue)
	}
	if t.Status == domain.RepairThirdParty || openJob(j.maintenance.Status) {
		groups = append(groups, GroupThirdParty)
	}
	if len(t.Review) > 0 || t.Status == domain.RepairDisputed || t.Status == domain.RepairHardToFix {
		groups = append(groups, GroupReview)
	}
	return groups
}

// openJob reports whether a third party's ticket still needs somebody.
func openJob(s domain.MaintenanceStatus) bool {
	switch s {
	case "", domain.MaintenanceRejected, domain.MaintenanceCancelled, domain.MaintenanceClosed, domain.MaintenanceCharged:
		return false
	}
	return true
}

func (b board) place(e entry) bool {
	return (b.v.building == "" || e.unit.Building == b.v.building) && (b.v.contractor == "" || e.contractor == b.v.contractor)
}

// matcher tells whether a ticket contains every word of the search; a word may
// be the pinyin initials of a defect.
func (b board) matcher() func(entry) bool {
	words := strings.Fields(strings.ToLower(b.v.search))
	if len(words) == 0 {
		return func(entry) bool { return true }
	}
	codes := make([]map[string]bool, len(words))
	for i, word := range words {
		codes[i] = map[string]bool{}
		for _, lib := range b.w.catalogue.Search(word, "", searchLimit) {
			codes[i][lib.Code] = true
		}
	}
	return func(e entry) bool {
		t := e.ticket
		text := strings.ToLower(joined("\n", t.Number, unitName(e.unit), b.n.room(b.w, e.unit, t.Room), b.w.defect(t), t.Description,
			e.contractor, e.maintenance.Number, b.w.status(string(t.Status))))
		for i, word := range words {
			if !codes[i][t.LibraryCode] && !strings.Contains(text, word) {
				return false
			}
		}
		return true
	}
}

// searchLimit bounds the library defects that one word may stand for.
const searchLimit = 40

func (b board) choices(names map[string]bool, all string) []Choice {
	list := []Choice{{"", b.w.Text(all)}}
	for _, name := range slices.SortedFunc(maps.Keys(names), naturally) {
		if name != "" {
			list = append(list, Choice{name, name})
		}
	}
	return list
}

// naturally sorts numbers in names by value, so that building 2 is before 10.
func naturally(a, b string) int {
	return cmp.Or(cmp.Compare(leadingNumber(a), leadingNumber(b)), cmp.Compare(a, b))
}

func leadingNumber(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 1 << 30
	}
	return n
}

// compare puts new tickets first and closed ones last, and between them what is
// due soonest.
func compare(a, b judged) int {
	return cmp.Or(
		compareBool(slices.Contains(closed, a.ticket.Status), slices.Contains(closed, b.ticket.Status)),
		-compareBool(a.arrived, b.arrived),
		-compareBool(a.due.Set(), b.due.Set()),
		cmp.Compare(a.due, b.due),
		cmp.Compare(a.ticket.Number, b.ticket.Number),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (b board) row(j judged) Row {
	w, t := b.w.in(j.site.zone), j.ticket
	r := Row{
		ID: j.id, Number: t.Number, Unit: unitName(j.unit), Room: b.n.room(w, j.unit, t.Room), Defect: w.defect(t),
		Contractor: j.contractor, Status: w.status(string(t.Status)), StatusTone: statusTone(t.Status),
		New: j.arrived && !b.opened[j.id], Pending: j.pending, Contested: b.n.contested[j.ticket.DefectID],
	}
	if r.Contractor == "" {
		r.Contractor = w.Text("desk.contractor.none")
	}
	r.Severity, r.SeverityTone = w.severity(t.Severity)
	switch {
	case t.Status == domain.RepairSuspended:
		r.Due = w.Text("desk.due.paused")
	case j.due.Set():
		r.DueLabel = w.Text("desk.due." + string(j.kind))
		r.Due, r.DueTone = w.remaining(b.now, j.due)
	}
	if !slices.Contains(closed, t.Status) {
		r.Age = w.span(t.Age(b.now))
	} else if t.ClosedAt.Set() {
		r.Age = w.span(t.ClosedAt.Sub(t.RecordedAt))
	}
	return r
}

func statusTone(s domain.RepairStatus) Tone {
	switch s {
	case domain.RepairRecorded, domain.RepairSurveyed, domain.RepairInProgress:
		return ToneInfo
	case domain.RepairAssigned, domain.RepairAccepted, domain.RepairPendingReinspect:
		return TonePending
	case domain.RepairDisputed, domain.RepairSuspended, domain.RepairThirdParty, domain.RepairHardToFix:
		return ToneWarn
	case domain.RepairPassed, domain.RepairOwnerConfirmed, domain.RepairClosed:
		return ToneOK
	}
	return ToneNeutral
}
