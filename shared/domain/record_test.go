package domain_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	. "keyturn/shared/domain"
)

// records has a value of every entity's record.
var records = map[Entity]any{
	EntityProject: Project{}, EntityPhase: Phase{}, EntityBuilding: Building{}, EntityLayout: Layout{}, EntityPlan: Plan{},
	EntityUnit: Unit{}, EntityPublicArea: PublicArea{}, EntityParty: Party{}, EntityScope: ContractScope{}, EntityTerms: ContractTerms{},
	EntityHomeowner: Homeowner{}, EntityPartyContact: PartyContact{}, EntityAppointment: Appointment{}, EntityTask: Task{},
	EntityInspection: Inspection{}, EntityResult: Result{}, EntityBaseline: Baseline{}, EntityDefect: Defect{},
	EntityAttachment: Attachment{}, EntityTicket: Ticket{}, EntityMaintenance: Maintenance{}, EntityNotice: Notice{},
	EntityContact: Contact{}, EntityReinspection: Reinspection{}, EntityConfirmation: Confirmation{}, EntityCost: Cost{},
	EntityBackCharge: BackCharge{}, EntityLedgerEntry: LedgerEntry{}, EntityEvent: Event{}, EntityConfig: Config{}, EntityPerson: Person{},
	EntityReview: Review{},
}

func TestEntities(t *testing.T) {
	names := map[string]Entity{}
	for e := EntityProject; e <= EntityReview; e++ {
		info, ok := e.Info()
		if !ok || records[e] == nil {
			t.Errorf("entity %d has no description or no record", e)
		}
		if other, taken := names[info.Name]; taken || info.Name == "" || e.String() != info.Name {
			t.Errorf("entity %d is called %q like %d", e, info.Name, other)
		}
		names[info.Name] = e
	}
	if _, ok := Entity(0).Info(); ok || Entity(200).String() != "unknown" {
		t.Error("an unknown entity is known")
	}
}

// The field audience carries no money and no homeowner's data: tablets hold it.
func TestFieldAudienceIsHarmless(t *testing.T) {
	fen := reflect.TypeFor[Fen]()
	for e, record := range records {
		info, _ := e.Info()
		kind := reflect.TypeOf(record)
		for field := range kind.Fields() {
			if field.Type == fen && info.Audience != AudienceOffice {
				t.Errorf("%s.%s is money in audience %s", kind.Name(), field.Name, info.Audience)
			}
			personal := field.Name == "Phone" || field.Name == "IDLast4" || field.Name == "Bank"
			if personal && info.Audience != AudiencePeople {
				t.Errorf("%s.%s is personal in audience %s", kind.Name(), field.Name, info.Audience)
			}
		}
	}
}

// Key 1 is the parent and key 2 the state (see the package comment), and no key
// is used twice.
func TestRecordKeys(t *testing.T) {
	for e, record := range records {
		kind := reflect.TypeOf(record)
		seen := map[int]string{}
		for field := range kind.Fields() {
			text, _, _ := strings.Cut(field.Tag.Get("cbor"), ",")
			key, err := strconv.Atoi(text)
			if err != nil || seen[key] != "" {
				t.Errorf("%s.%s: key %q is none or is %s's", kind.Name(), field.Name, text, seen[key])
			}
			seen[key] = field.Name
			if key == 1 && field.Type.Kind() != reflect.Array {
				t.Errorf("%s: the parent %s is no id", e, field.Name)
			}
			if key == 2 && field.Type.Kind() != reflect.String {
				t.Errorf("%s: the state %s is no text", e, field.Name)
			}
		}
	}
}

func TestAudiencesOfCapabilities(t *testing.T) {
	for name, c := range map[string]struct {
		caps map[Capability]bool
		want []Audience
	}{
		"nobody's":    {nil, []Audience{AudienceField}},
		"inspector":   {set("inspector"), []Audience{AudienceField}},
		"coordinator": {set("coordinator"), []Audience{AudienceField, AudiencePeople, AudienceOffice}},
		"admin":       {set("admin"), []Audience{AudienceField, AudiencePeople}},
	} {
		if got := AudiencesOf(c.caps); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func set(role string) map[Capability]bool {
	caps := map[Capability]bool{}
	for _, c := range DefaultRoles()[role] {
		caps[c] = true
	}
	return caps
}

// No role has the server's own capability, and each consists of known ones.
func TestRoles(t *testing.T) {
	known := map[Capability]bool{}
	for _, c := range Capabilities() {
		known[c] = true
	}
	if known[CanSystem] {
		t.Error("the server's own capability can be granted")
	}
	for role, caps := range DefaultRoles() {
		for _, c := range caps {
			if !known[c] {
				t.Errorf("role %s has the unknown capability %s", role, c)
			}
		}
	}
	if inspector := set("inspector"); inspector[CanWorkTickets] || inspector[CanReadPeople] || inspector[CanReadOffice] {
		t.Error("an inspector may work tickets or read people or money")
	}
}

func TestStagesAreDistinct(t *testing.T) {
	seen := map[Stage]bool{}
	for _, s := range Stages() {
		if seen[s] || s == "" {
			t.Errorf("stage %q stands twice", s)
		}
		seen[s] = true
	}
	if len(seen) != 15 { // domain spec 3.1, post checks counted singly
		t.Errorf("%d stages", len(seen))
	}
}

func TestSeverities(t *testing.T) {
	for name, c := range map[string]struct {
		severity Severity
		photos   int
	}{"critical": {Critical, 2}, "major": {Major, 2}, "minor": {Minor, 1}, "cosmetic": {Cosmetic, 1}} {
		if s, ok := ParseSeverity(name); !ok || s != c.severity || s.String() != name || s.PhotosWanted() != c.photos {
			t.Errorf("%s: %d %v", name, s, ok)
		}
	}
	if _, ok := ParseSeverity("Critical"); ok {
		t.Error("another spelling was taken")
	}
	if !(Critical > Major && Major > Minor && Minor > Cosmetic) {
		t.Error("worse is not higher")
	}
}

func TestSpot(t *testing.T) {
	here := Defect{UnitID: UnitID{1}, Room: "BTH1", Element: "floor", Type: "leak"}
	for name, c := range map[string]struct {
		other Defect
		same  bool
	}{
		"other words":       {Defect{UnitID: UnitID{1}, Room: "BTH1", Element: "floor", Type: "leak", Description: "x", Severity: Critical}, true},
		"other unit":        {Defect{UnitID: UnitID{2}, Room: "BTH1", Element: "floor", Type: "leak"}, false},
		"other room":        {Defect{UnitID: UnitID{1}, Room: "BTH2", Element: "floor", Type: "leak"}, false},
		"other element":     {Defect{UnitID: UnitID{1}, Room: "BTH1", Element: "wall", Type: "leak"}, false},
		"other type":        {Defect{UnitID: UnitID{1}, Room: "BTH1", Element: "floor", Type: "crack"}, false},
		"other public area": {Defect{PublicAreaID: PublicAreaID{1}, Room: "BTH1", Element: "floor", Type: "leak"}, false},
	} {
		if got := here.Spot() == c.other.Spot(); got != c.same {
			t.Errorf("%s: same spot %v", name, got)
		}
	}
	if (Defect{UnitID: UnitID{1}, Room: "BTH1"}).Spot() != "" {
		t.Error("a defect of an unknown element has a spot")
	}
}
