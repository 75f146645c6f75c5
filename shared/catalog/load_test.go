package catalog_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

func loadFS(t testing.TB, fsys fs.FS) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// faults flattens the joined errors of Load.
func faults(err error) []*catalog.Fault {
	var list []*catalog.Fault
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			var f *catalog.Fault
			if errors.As(e, &f) {
				list = append(list, f)
			}
		}
	}
	return list
}

// TestLoadRefuses breaks one thing at a time; the fault must name the place.
func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct {
		file, from, to string
		where          string // file line, column as the message shows them
		want           error
	}{
		{"checklists.csv", "BOTH-002,BOTH,each room", "BOTH-002,BOTH,every room", "checklists.csv line 3, column area", catalog.ErrUnresolved},
		{"checklists.csv", "BOTH-002,BOTH", "BOTH-001,BOTH", "checklists.csv line 3, column code", catalog.ErrDuplicate},
		{"checklists.csv", ",le(20),laser; same 5", ",le(20,laser; same 5", "checklists.csv line 3, column rule_expr", policy.ErrBadRule},
		{"checklists.csv", "laser; 5 points per room,major", "laser; 5 points per room,awful", "checklists.csv line 2, column fail_severity", catalog.ErrValue},
		{"checklists.csv", "major,on_fail,XJJ-145-2022; fitted-out form", "major,sometimes,XJJ-145-2022; fitted-out form", "checklists.csv line 3, column photo_required", catalog.ErrValue},
		{"checklists.csv", "净开间/净进深偏差", "", "checklists.csv line 4, column item_zh", catalog.ErrMissing},
		{"checklists.csv", "ge(cfg.rail_min)", "ge(cfg.rail_height)", "rule_variables.csv, column variable \"BOTH-028 cfg.rail_height\"", catalog.ErrMissing},
		{"item_terms.csv", "BOTH-002,shell|fitted", "BOTH-902,shell|fitted", "item_terms.csv line 3, column item", catalog.ErrUnresolved},
		{"item_terms.csv", "BOTH-002,shell|fitted", "BOTH-002,shell|bare", "item_terms.csv line 3, column fit_outs", catalog.ErrValue},
		{"item_terms.csv", "BOTH-002,shell|fitted,range", "BOTH-002,shell|fitted,spread", "item_terms.csv line 3, column subject", policy.ErrBadSubject},
		{"item_defects.csv", "BOTH-016,TIL-03", "BOTH-016,TIL-99", "item_defects.csv line 17, column defects", catalog.ErrUnresolved},
		{"item_defects.csv", "SF-003,-,\"photos are missing, nothing is broken\"", "SF-003,-,", "item_defects.csv line 45, column reason", catalog.ErrMissing},
		{"item_defects.csv", "HO-022,CLN-01,,D\n", "", "item_defects.csv, column item \"HO-022\"", catalog.ErrMissing},
		{"item_options.csv", "HO-030,accept,", "HO-032,accept,", "item_options.csv line 7, column item", catalog.ErrContradiction},
		{"rule_variables.csv", "cfg.rail_min.low_rise", "cfg.rail_min.villa", "rule_variables.csv line 6, column config_key", catalog.ErrUnresolved},
		{"rule_variables.csv", "SF-008,ref,baseline", "SF-009,ref,baseline", "rule_variables.csv line 9, column variable", catalog.ErrContradiction},
		{"rule_variables.csv", "config,no,cfg.rail_min,", "config,no,cfg.drop,", "rule_variables.csv line 5, column config_key", catalog.ErrContradiction},
		{"defect_library.csv", "P1S,0.5,2,24,30,visual+gauge", "P1S,0.5,3,24,30,visual+gauge", "defect_library.csv line 2, column onsite_hours", catalog.ErrContradiction},
		{"defect_library.csv", "STR-02,ALLR", "STR-02,ALL", "defect_library.csv line 3, column room_types", catalog.ErrUnresolved},
		{"defect_library.csv", "major,W-STR,P4,8,48,,15,visual+gauge", "major,W-STR,P7,8,48,,15,visual+gauge", "defect_library.csv line 3, column sla_class", catalog.ErrUnresolved},
		{"defect_library.csv", "minor,W-FIN,P4,8,48,,15,tap,hollow,1,D", "minor,W-XXX,P4,8,48,,15,tap,hollow,1,D", "defect_terms.csv line 10, column warranty_sub", catalog.ErrUnresolved},
		{"defect_library.csv", ",wall,plaster,popping", ",wall,lime,popping", "contract_trades.csv, column library_trades \"lime\"", catalog.ErrMissing},
		{"defect_terms.csv", "PLA-02,PLASTER", "PLA-02,PAINT", "defect_terms.csv line 11, column warranty_sub", catalog.ErrUnresolved},
		{"defect_terms.csv", "HDW-03,,sanitary", "HDW-03,,sanitation", "defect_terms.csv line 96, column trade", catalog.ErrUnresolved},
		{"defect_terms.csv", "STR-01,,,no,yes,4", "STR-01,,,no,maybe,4", "defect_terms.csv line 2, column repair_plan", catalog.ErrValue},
		{"contract_trades.csv", "防水|waterproof|", "防水|抹灰|", "contract_trades.csv line 7, column contract_trades", catalog.ErrDuplicate},
		{"contract_trades.csv", ",metal,,D", ",iron,,D", "contract_trades.csv line 22, column library_trades", catalog.ErrUnresolved},
		{"trades.csv", "metal,栏杆金属,Metalwork,D\n", "", "trades.csv, column trade \"metal\"", catalog.ErrMissing},
		{"room_types.csv", "bedroom,BED,", "bedroom,BEDS,", "room_types.csv line 19, column room_types", catalog.ErrUnresolved},
		{"stage_checklists.csv", "TAKEOVER,HO,", "TAKE_OVER,HO,", "stage_checklists.csv line 10, column stage", catalog.ErrUnresolved},
		{"stage_checklists.csv", "OPEN_DAY,HO,shell|fitted,desk|keys", "OPEN_DAY,HO,shell|fitted,desks|keys", "stage_checklists.csv line 8, column without", catalog.ErrUnresolved},
		{"warranty_terms.csv", "W-INS,,60", "W-INZ,,60", "warranty_terms.csv, column class \"W-INS\"", catalog.ErrMissing},
		{"warranty_terms.csv", "W-INS,,60,,60", "W-INS,,,,60", "warranty_terms.csv line 13, column contractor_months", catalog.ErrContradiction},
		{"warranty_terms.csv", "W-WP,ROOF,60,36,60", "W-WP,ROOF,60,3 years,60", "warranty_terms.csv line 3, column floor_months", catalog.ErrValue},
		{"warranty_terms.csv", "season.cooling", "season.summer", "warranty_terms.csv, column season_key \"season.summer\"", catalog.ErrUnresolved},
		{"sla.csv", "P1S,30,2,24,30,elapsed,D,\"structure and facade under a design scheme\"\n", "", "sla.csv, column class \"P1S\"", catalog.ErrMissing},
		{"sla.csv", "P3,480,24,,7,elapsed", "P3,480,24,,7,lunar", "sla.csv line 5, column fix_clock", catalog.ErrValue},
		{"config_defaults.csv", "tp.t2.days,7,", "tp.t2.days,soon,", "config_defaults.csv line 59, column default", policy.ErrBadValue},
		{"config_defaults.csv", "tp.t2.days,7,days,L-V", "tp.t2.days,7,days,", "config_defaults.csv line 59, column tag", catalog.ErrValue},
		{"config_defaults.csv", "tp.t2.days,", "tp.t3.days,", "config_extra.csv: unknown configuration key: tp.t2.days", policy.ErrUnknownKey},
		{"config_extra.csv", "escalation.gm_hours,", "tp.t2.days,", "config_extra.csv line 22, column key", catalog.ErrDuplicate},
		{"config_extra.csv", "cfg.min_height_hab,GB55038", "cfg.min_height,GB55038", "config_extra.csv line 3, column key", catalog.ErrUnresolved},
		{"config_extra.csv", "cfg.min_height_hab,GB55038", "cfg.min_height_hab,GB77777", "config_extra.csv, column profile \"GB77777\"", catalog.ErrUnresolved},
		{"tolerance_profiles.csv", "XJ,BOTH-001", "XJ,BOTH-901", "tolerance_profiles.csv line 2, column item", catalog.ErrUnresolved},
		{"tolerance_profiles.csv", "XJ,BOTH-001", "XK,BOTH-001", "tolerance_profiles.csv line 2, column profile", catalog.ErrUnresolved},
		{"standard_rooms.csv", "bed,2,2,BED2,BED", "bed,2,2,BED2,BEDS", "standard_rooms.csv line 9, column type", catalog.ErrUnresolved},
		{"standard_rooms.csv", "bed,2,2,BED2", "bed,2,few,BED2", "standard_rooms.csv line 9, column totals", catalog.ErrValue},
		{"processes.csv", "A2,", "A1,", "processes.csv line 3, column code", catalog.ErrDuplicate},
		{"sla.csv", "class,respond_minutes", "class,respond", "sla.csv line 1", catalog.ErrHeader},
	} {
		t.Run(tc.file+" "+tc.to, func(t *testing.T) {
			c, err := catalog.Load(edited(t, tc.file, tc.from, tc.to))
			if err == nil || c != nil {
				t.Fatal("accepted")
			}
			named := slices.ContainsFunc(faults(err), func(f *catalog.Fault) bool {
				return errors.Is(f, tc.want) && strings.HasPrefix(f.Error(), tc.where)
			})
			if !named {
				t.Errorf("no fault at %s with %v in:\n%v", tc.where, tc.want, err)
			}
		})
	}
}

func TestLoadMissingFile(t *testing.T) {
	m := files(t)
	for name := range m {
		rest := fstest.MapFS{}
		for other, file := range m {
			if other != name {
				rest[other] = file
			}
		}
		if _, err := catalog.Load(rest); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(fmt.Sprint(err), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if _, err := catalog.Load(fstest.MapFS{}); err == nil {
		t.Error("nothing loads")
	}
}

// TestLoadTolerates a byte order mark and Windows line ends, as spreadsheets
// write them.
func TestLoadTolerates(t *testing.T) {
	m := files(t)
	for name, file := range m {
		text := strings.TrimPrefix(string(file.Data), "\ufeff")
		m[name] = &fstest.MapFile{Data: []byte("\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"))}
	}
	if c := loadFS(t, m); len(c.Items()) != 105 {
		t.Errorf("%d items", len(c.Items()))
	}
}

// FuzzLoadCSV replaces one line of one table, or for line 0 the whole table, by
// any text: Load never panics, and what it accepts can be used.
func FuzzLoadCSV(f *testing.F) {
	base := files(f)
	names := slices.Sorted(maps.Keys(base))
	for i, name := range names {
		f.Add(uint8(i), uint16(2), strings.Split(string(base[name].Data), "\n")[1])
	}
	f.Add(uint8(0), uint16(0), "a,\"b\nc")
	f.Add(uint8(0), uint16(0), "\xff\xfe")
	f.Add(uint8(0), uint16(1), "")
	f.Fuzz(func(t *testing.T, which uint8, line uint16, text string) {
		m := maps.Clone(base)
		name := names[int(which)%len(names)]
		if line > 0 {
			lines := strings.Split(string(base[name].Data), "\n")
			lines[int(line-1)%len(lines)] = text
			text = strings.Join(lines, "\n")
		}
		m[name] = &fstest.MapFile{Data: []byte(text)}
		c, err := catalog.Load(m)
		if err != nil {
			if len(faults(err)) == 0 {
				t.Fatalf("a refusal without a place: %v", err)
			}
			return
		}
		rooms := c.StandardRooms("三室两厅两卫")
		for _, stage := range domain.Stages() {
			c.Questions(stage, domain.FitOutFitted, rooms)
		}
		for _, d := range c.Search("kg", domain.RoomBath, 0) {
			if _, ok := c.WarrantyTerm(d.WarrantyClass, d.WarrantySub); !ok {
				t.Fatalf("%s has no term", d.Code)
			}
		}
	})
}
