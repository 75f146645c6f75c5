package field

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// Tone is how a state looks besides its words.
type Tone int

// Tones, in the order of the kit's statuses.
const (
	ToneNeutral Tone = iota
	ToneOK
	ToneWarn
	ToneBad
	ToneInfo
	TonePending
)

// Chip is one choice among several.
type Chip struct {
	ID     string
	Text   string
	Chosen bool
	Tone   Tone
}

// measure is an item's unit as people read it: counted things have a word,
// physical units their symbol.
func measure(r wording.Reader, unit string) string {
	if key := "field.measure." + unit; r.Texts.Has(r.Locale, key) {
		return r.Text(key)
	}
	return unit
}

func unitName(u domain.Unit) string {
	parts := slices.DeleteFunc([]string{u.Building, u.Entrance, u.Number}, func(s string) bool { return s == "" })
	return strings.Join(parts, " ")
}

// floorName names a storey; those below ground are negative.
func floorName(r wording.Reader, floor int) string {
	if floor < 0 {
		return r.Text("field.floor.below", "floor", strconv.Itoa(-floor))
	}
	return r.Text("field.floor.above", "floor", strconv.Itoa(floor))
}

func roomName(r wording.Reader, rooms []domain.Room, code string) string {
	for _, room := range rooms {
		if room.Code == code {
			return room.Name(r.Chinese())
		}
	}
	if code == catalog.WholeUnitRoom {
		return r.Text("field.room.unit")
	}
	return code
}

func stageName(r wording.Reader, s domain.Stage) string { return r.Text("field.stage." + string(s)) }

func severityName(r wording.Reader, s domain.Severity) string {
	return r.Text("severity." + s.String())
}

func severityTone(s domain.Severity) Tone {
	switch s {
	case domain.Critical:
		return ToneBad
	case domain.Major:
		return ToneWarn
	case domain.Minor:
		return ToneInfo
	default:
		return ToneNeutral
	}
}

var unitTones = map[domain.UnitState]Tone{
	domain.UnitPending: ToneNeutral, domain.UnitBooked: TonePending, domain.UnitInspected: ToneInfo,
	domain.UnitRefused: ToneBad, domain.UnitDelivered: ToneOK,
}

func unitState(r wording.Reader, s domain.UnitState) (Tone, string) {
	if s == "" {
		s = domain.UnitPending
	}
	return unitTones[s], r.Text("field.unit_state." + string(s))
}

var repairTones = map[domain.RepairStatus]Tone{
	domain.RepairRecorded: ToneInfo, domain.RepairAssigned: TonePending, domain.RepairAccepted: TonePending,
	domain.RepairDisputed: ToneWarn, domain.RepairSurveyed: TonePending, domain.RepairInProgress: TonePending,
	domain.RepairSuspended: ToneWarn, domain.RepairPendingReinspect: ToneInfo, domain.RepairPassed: ToneOK,
	domain.RepairOwnerConfirmed: ToneOK, domain.RepairClosed: ToneOK, domain.RepairThirdParty: ToneWarn,
	domain.RepairHardToFix: ToneBad, domain.RepairCancelled: ToneNeutral, domain.RepairOutOfWarranty: ToneNeutral,
}

func repairStatus(r wording.Reader, s domain.RepairStatus) (Tone, string) {
	return repairTones[s], r.Text("field.repair_status." + string(s))
}

// settledStates are those in which a defect needs nobody's work any more.
var settledStates = []string{
	string(domain.RepairOwnerConfirmed), string(domain.RepairClosed), string(domain.RepairCancelled), string(domain.RepairOutOfWarranty),
}

func settled(s domain.RepairStatus) bool { return slices.Contains(settledStates, string(s)) }

// reason renders a decision with the names of trades instead of their codes.
func reason(r wording.Reader, c *catalog.Catalogue, why domain.Reason) string {
	if trade, ok := why.Args["trade"]; ok {
		why.Args = maps.Clone(why.Args)
		why.Args["trade"] = c.TradeName(trade, r.Locale)
	}
	return r.Reason(why)
}

// defectName is what a defect is called: the library's name, else what was
// typed, else that it has no name yet.
func defectName(r wording.Reader, c *catalog.Catalogue, code, description string) string {
	if known, ok := c.Defect(code); ok {
		return known.Name(r.Locale)
	}
	if description != "" {
		return description
	}
	return r.Text("field.defect.unnamed")
}

// thousandths writes a reading as people do: 3500 is "3.5".
func thousandths(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	text := sign + strconv.FormatInt(v/1000, 10)
	if rest := v % 1000; rest != 0 {
		digits := strconv.FormatInt(1000+rest, 10)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return text
}

// parseThousandths reads a decimal number with up to three decimals.
func parseThousandths(s string) (v int64, ok bool) {
	rest, negative := strings.CutPrefix(s, "-")
	whole, decimals, _ := strings.Cut(rest, ".")
	if whole == "" || len(decimals) > 3 || len(whole) > 12 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+decimals+"000"[len(decimals):], 10, 63)
	if err != nil {
		return 0, false
	}
	if v = int64(n); negative {
		v = -v
	}
	return v, true
}

func decimal(n int) string { return strconv.Itoa(n) }

// naturally compares names with their numbers as numbers: 2# before 10#.
func naturally(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da != "" && db != "" {
			na, nb := strings.TrimLeft(da, "0"), strings.TrimLeft(db, "0")
			if c := cmp.Or(cmp.Compare(len(na), len(nb)), strings.Compare(na, nb)); c != 0 {
				return c
			}
			a, b = a[len(da):], b[len(db):]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is the number that s begins with, as text.
func digits(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
