package conflict

import (
	"context"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// shelf holds what the device knows.
type shelf map[domain.AnyID]any

func (s shelf) Get(_ context.Context, _ domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	record, ok := s[id]
	if !ok {
		return nil, false, nil
	}
	f, err := syncproto.Encode(record)
	return f, true, err
}

// What waits in review reads as people write it, in either language, and names
// its place even where the op does not say it.
func TestTold(t *testing.T) {
	defect, ticket := ident.Derive[any]("defect"), ident.Derive[any]("ticket")
	known := shelf{
		defect: domain.Defect{UnitID: unit, Room: "LIV1", LibraryCode: "DOR-02", Severity: domain.Minor},
		ticket: domain.Ticket{UnitID: unit, Room: "LIV1", Number: "WX-2026-000007"},
	}
	for name, c := range map[string]struct {
		entity domain.Entity
		id     domain.AnyID
		kind   syncproto.Kind
		record any
		where  string
		en, zh []Fact
	}{
		"a defect": {
			domain.EntityDefect, ident.Derive[any]("new"), syncproto.Recorded,
			domain.Defect{UnitID: unit, State: domain.DefectOpen, Room: "LIV1", LibraryCode: "DOR-02", Severity: domain.Major, Description: "锁舌卡住", Readings: []int64{2500}, Inspector: li, CapturedAt: began},
			"1# 101 · LIV1",
			[]Fact{{"Kind of defect", "Entrance door or smart lock fault"}, {"Description", "锁舌卡住"}, {"Severity", "Major"}, {"Readings", "2.5"}},
			[]Fact{{"缺陷种类", "入户门锁/智能锁故障"}, {"说明", "锁舌卡住"}, {"严重程度", "较重"}, {"读数", "2.5"}},
		},
		"a change": {
			domain.EntityDefect, defect, syncproto.Amended,
			domain.Defect{Severity: domain.Critical},
			"1# 101 · LIV1",
			[]Fact{{"Severity", "Critical"}},
			[]Fact{{"严重程度", "严重"}},
		},
		"a withdrawal": {domain.EntityDefect, defect, syncproto.Withdrawn, nil, "1# 101 · LIV1", nil, nil},
		"an answer": {
			domain.EntityResult, ident.Derive[any]("r"), syncproto.Recorded,
			domain.Result{Item: "BOTH-015", Room: "LIV1", UnitID: unit, Answer: domain.AnswerFail, Readings: []int64{3500}, Inspector: li},
			"1# 101 · LIV1",
			[]Fact{{"Answer", "Fail · 3.5 mm"}},
			[]Fact{{"", "不合格 · 3.5 mm"}},
		},
		"a re-inspection": {
			domain.EntityReinspection, ident.Derive[any]("v"), syncproto.Recorded,
			domain.Reinspection{TicketID: domain.TicketID(ticket), Answer: domain.AnswerPass, Attempt: 1, At: began, By: li, Note: "ok", WaterTested: true},
			"WX-2026-000007 · 1# 101 · LIV1",
			[]Fact{{"Answer", "Pass"}, {"Note", "ok"}, {"Water test done", "yes"}},
			[]Fact{{"", "合格"}, {"备注", "ok"}, {"已做闭水/淋水试验", "是"}},
		},
		"a confirmation": {
			domain.EntityConfirmation, ident.Derive[any]("c"), syncproto.Recorded,
			domain.Confirmation{TicketID: domain.TicketID(ticket), Method: "phone", Refused: true, By: li},
			"WX-2026-000007 · 1# 101 · LIV1",
			[]Fact{{"How the owner answered", "by phone"}, {"Refused by the owner", "yes"}},
			[]Fact{{"业主确认方式", "电话"}, {"业主不认可", "是"}},
		},
		"an inspection": {
			domain.EntityInspection, ident.Derive[any]("i"), syncproto.Recorded,
			domain.Inspection{UnitID: unit, State: domain.InspectionCompleted, Inspector: li},
			"1# 101",
			[]Fact{{"State", "completed"}},
			[]Fact{{"状态", "已完成"}},
		},
		"a photo": {
			domain.EntityAttachment, ident.Derive[any]("p"), syncproto.Recorded, domain.Attachment{ParentID: defect, Kind: domain.KindPhoto, SHA256: domain.Hash{1}}, "", nil, nil,
		},
	} {
		op := syncproto.Op{Kind: c.kind, Entity: c.entity, ID: c.id}
		if c.record != nil {
			var err error
			op.Fields, err = syncproto.Encode(c.record)
			must(t, err)
		}
		for locale, want := range map[string][]Fact{wording.English: c.en, wording.Chinese: c.zh} {
			got, err := words(t, locale).Told(t.Context(), known, op)
			if err != nil || got.Where != c.where || got.Title == "" || got.Kind != c.kind {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			for i := range want { // where a test does not care it wants anything
				if i < len(got.Facts) && want[i].What == "" {
					want[i].What = got.Facts[i].What
				}
				if i < len(got.Facts) && want[i].Value == "" {
					want[i].Value = got.Facts[i].Value
				}
			}
			if !slices.Equal(got.Facts, want) {
				t.Errorf("%s: %q, want %q", name, got.Facts, want)
			}
		}
	}
}

// Whatever a device sends into review, the page shows it.
func FuzzTold(f *testing.F) {
	defect, err := syncproto.Encode(domain.Defect{UnitID: unit, Room: "LIV1", Severity: domain.Major})
	if err != nil {
		f.Fatal(err)
	}
	seed, err := syncproto.Marshal(defect)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint8(domain.EntityDefect), uint8(syncproto.Recorded), seed)
	f.Add(uint8(domain.EntityResult), uint8(syncproto.Amended), []byte{0xa1, 0x02, 0x18, 0x2a})
	f.Add(uint8(domain.EntityConfirmation), uint8(syncproto.Recorded), []byte{0xa1, 0x01, 0x01})
	f.Add(uint8(200), uint8(9), []byte{0xa0})
	f.Fuzz(func(t *testing.T, entity, kind uint8, body []byte) {
		w := words(t, wording.English)
		w.Place = func(context.Context, domain.UnitID, string) (string, string, error) { return "", "", nil }
		op := syncproto.Op{Kind: syncproto.Kind(kind), Entity: domain.Entity(entity)}
		if syncproto.Unmarshal(body, &op.Fields) != nil {
			return
		}
		if _, err := w.Told(t.Context(), shelf{}, op); err != nil {
			t.Error(err)
		}
	})
}
