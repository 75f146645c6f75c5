package field

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"keyturn/app/conflict"
	screen "keyturn/app/screen/field"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// conflicts are a description, a severity and an answer that two people gave
// differently, and two values that were replaced.
func (s states) conflicts() screen.ConflictsState {
	li, wang := s.say("样例验房员甲", "Sample Inspector A"), s.say("样例验房员乙", "Sample Inspector B")
	lock := conflict.Subject{Entity: domain.EntityDefect, Title: s.say("户门锁具故障", "Entrance door lock faulty"), Where: s.say("1# 1单元 101 · 玄关", "1# 1单元 101 · Entrance hall")}
	floor := conflict.Subject{Entity: domain.EntityResult, Title: s.say("地砖平整度", "Floor tile flatness"), Where: s.say("1# 1单元 101 · 客厅", "1# 1单元 101 · Living room")}
	side := func(value, who, at string, mine, inForce bool) conflict.Side {
		return conflict.Side{Value: value, Who: who, At: at, Mine: mine, InForce: inForce}
	}
	first := s.say("智能锁反锁后打不开，反复三次", "The smart lock does not open after double locking, tried three times")
	second := s.say("锁舌卡住，猫眼松动", "The bolt sticks; the door viewer is loose")
	measured := []conflict.Side{
		side(s.say("合格 · 1.5 mm", "Pass · 1.5 mm"), li, "2026-09-26 09:31", true, false), side(s.say("不合格 · 3.5 mm", "Fail · 3.5 mm"), wang, "2026-09-26 09:44", false, true),
	}
	measured[0].Detail, measured[1].Detail = s.say("1.5 不超过 2", "1.5 is within the limit of 2"), s.say("3.5 超过 2", "3.5 exceeds the limit of 2")
	return screen.ConflictsState{
		OpenTitle: s.say("待选择（3）", "To be chosen (3)"), LostTitle: s.say("被替换的内容（32）", "Replaced (32)"), More: s.say("另有 30 条，见各自的记录。", "30 more are shown with their records."),
		Open: []conflict.Question{
			{Key: "defect.d1.8", Subject: lock, What: s.say("描述", "Description"), Both: first + s.say("；", "; ") + second, Sides: []conflict.Side{
				side(first, li, "2026-09-26 09:12", true, true), side(second, wang, "2026-09-26 09:40", false, false),
			}},
			{Key: "defect.d1.9", Subject: lock, What: s.say("严重程度", "Severity"), Sides: []conflict.Side{
				side(s.say("一般", "Minor"), li, "2026-09-26 09:12", true, false), side(s.say("较重", "Major"), wang, "2026-09-26 09:40", false, true),
			}},
			{Key: "result.r1.2", Subject: floor, What: s.say("查验结果", "Answer"), Sides: measured},
		},
		Lost: []conflict.Lost{
			{
				Key: "defect.d1.4.7", Subject: lock, What: s.say("构件", "Element"), Value: s.say("户门门扇", "Entrance door leaf"), Who: wang, At: "2026-09-26 09:40",
				Now: s.say("户门锁具", "Entrance door lock"), NowWho: li, NowAt: "2026-09-26 09:41",
			},
			{
				Key: "result.r2.7.9", Subject: floor, What: s.say("备注", "Note"), Value: s.say("靠窗一侧", "Beside the window"), Who: li, At: "2026-09-26 10:02", Mine: true,
				Now: s.say("靠门一侧", "Beside the door"), NowWho: wang, NowAt: "2026-09-26 10:05",
			},
		},
	}
}

// conflictTaps notes what the person chose.
type conflictTaps struct {
	*fake[screen.ConflictsState]
}

func (c *conflictTaps) Take(key string, side int) { c.note("take " + key + " " + decimal(side)) }
func (c *conflictTaps) TakeBoth(key string)       { c.note("both " + key) }
func (c *conflictTaps) TakeAgain(key string)      { c.note("again " + key) }
func (c *conflictTaps) OpenDefect(key string)     { c.note("open " + key) }

func TestConflictsAreChosen(t *testing.T) {
	for _, locale := range wording.Locales() {
		a, _ := stage(t, locale, fyne.NewSize(1280, 800), false)
		m := &conflictTaps{fake: &fake[screen.ConflictsState]{state: states{zh: locale == wording.Chinese}.conflicts()}}
		a.put(screen.Route{Place: screen.PlaceConflicts}, func() *page { return newConflicts(a, m) }, true)
		for _, id := range []string{
			"conflict.defect.d1.8.1", "conflict.defect.d1.8.both", "conflict.result.r1.2.0", "conflict.defect.d1.9.open", "conflict.again.defect.d1.4.7",
		} {
			touch(t, a, id)
		}
		want := []string{"take defect.d1.8 1", "both defect.d1.8", "take result.r1.2 0", "open defect.d1.9", "again defect.d1.4.7"}
		if !slices.Equal(m.calls, want) {
			t.Errorf("%s: %q, want %q", locale, m.calls, want)
		}
		if a.Find("conflict.defect.d1.9.both", nil) != nil {
			t.Errorf("%s: two severities cannot both be kept", locale)
		}
	}
}
