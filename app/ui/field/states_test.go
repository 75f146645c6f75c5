package field

import (
	"fmt"

	screen "keyturn/app/screen/field"
	"keyturn/shared/domain"
)

// Invented States in both languages, long enough to show what breaks.
type states struct{ zh bool }

func (s states) say(zh, en string) string {
	if s.zh {
		return zh
	}
	return en
}

func (s states) home() screen.HomeState {
	task := func(n int, stage string, t screen.Tone, state string) screen.TaskLine {
		return screen.TaskLine{ID: fmt.Sprint(n), Title: fmt.Sprintf("1# 1单元 %d01", n), Detail: stage + " · B户型 三室两厅两卫 · 2026-09-26 · 样例验房员", Tone: t, State: state}
	}
	today, open := s.say("今日", "Today"), s.say("待办", "Open")
	return screen.HomeState{
		Person: "样例验房员", Project: "样例花园一期", Date: "2026-09-26",
		Restored: s.say("应用上次意外关闭，没有丢失任何记录：本机有 4 条查验结果、2 条缺陷，1 份未完成的缺陷可继续填写，9 条待上传。",
			"The app was closed unexpectedly. Nothing is lost: 4 answers and 2 defects are on this tablet, 1 unfinished defects can be continued, 9 records wait to be sent."),
		Conflicts: s.say("冲突 3 处", "Conflicts: 3"),
		Drafts:    []screen.DraftLine{{Key: "defect/1", Title: "地漏反", Detail: s.say("1# 1单元 101 · 卫生间 1 · 照片 0", "1# 1单元 101 · Bathroom 1 · 0 photos")}},
		Query:     "101", Found: []screen.UnitLine{{ID: "u1", Title: "1# 1单元 101", Detail: "B户型 三室两厅两卫", Tone: screen.TonePending, State: s.say("已预约", "Booked")}},
		Groups: []screen.TaskGroup{
			{ID: "reinspect", Title: s.say("复验（1）", "Re-inspection (1)"), Tasks: []screen.TaskLine{task(9, s.say("复验", "Re-inspection"), screen.ToneInfo, today)}},
			{ID: "today", Title: s.say("今日交验（12）", "Handover today (12)"), More: 8, Tasks: []screen.TaskLine{
				task(1, s.say("交付查验", "Handover"), screen.ToneInfo, today), task(2, s.say("交付查验", "Handover"), screen.ToneWarn, s.say("已过期", "Overdue")),
				task(3, s.say("交付查验", "Handover"), screen.TonePending, s.say("已完成，待同步", "Done, to be synced")), task(4, s.say("交付查验", "Handover"), screen.ToneInfo, today),
			}},
			{ID: "compare", Title: s.say("样板对比（1）", "Show-flat comparison (1)"), Tasks: []screen.TaskLine{task(5, s.say("样板对比", "Show-flat comparison"), screen.ToneNeutral, open)}},
			{ID: "next", Title: s.say("后续交验（58）", "Handover on the next days (58)"), More: 56, Tasks: []screen.TaskLine{task(6, s.say("交付查验", "Handover"), screen.ToneNeutral, open), task(7, s.say("交付查验", "Handover"), screen.ToneNeutral, open)}},
		},
		Sync: screen.SyncBadge{Text: "150/152", Tone: screen.TonePending},
		// The longest of them.
		Link: screen.LinkLine{Tone: screen.ToneBad, Text: s.say("离线：无法确认应答的是本公司的服务器", "Offline: the server that answers cannot prove that it is yours")},
	}
}

func (s states) download() screen.DownloadState {
	return screen.DownloadState{
		Done: 812, Total: 1204, Records: s.say("记录 810/1198", "Records 810/1198"), Pictures: s.say("图纸与照片 2/6", "Plans and photos 2/6"),
		Usable: true, Link: screen.LinkLine{Online: true, Tone: screen.ToneOK, Text: s.say("已连接服务器", "Connected")},
	}
}

func (s states) buildings() screen.BuildingsState {
	st := screen.BuildingsState{
		Tabs:   []screen.Chip{{ID: "b1", Text: "1#", Chosen: true}, {ID: "b2", Text: "2#"}, {ID: "b3", Text: "3#"}},
		Groups: []string{"1单元", "2单元"}, Floors: map[int]string{},
	}
	for i, name := range []string{s.say("未预约", "Not booked"), s.say("已交付", "Delivered"), "", s.say("拒收", "Refused"), s.say("已查验", "Inspected"), s.say("已预约", "Booked")} {
		if name != "" {
			st.Legend = append(st.Legend, screen.Chip{ID: fmt.Sprint(i), Text: fmt.Sprintf("%s %d", name, 12+i), Tone: screen.Tone(i)})
		}
	}
	for floor := 1; floor <= 11; floor++ {
		st.Floors[floor] = fmt.Sprintf(s.say("%d层", "%dF"), floor)
		for n := range 8 {
			t := []screen.Tone{0, 1, 5, 3, 4}[(floor*3+n)%5]
			defects := 0
			if t == screen.ToneBad || t == screen.ToneInfo {
				defects = (floor*n)%14 + 1
			}
			st.Cells = append(st.Cells, screen.UnitCell{
				ID: fmt.Sprintf("%d-%d", floor, n), Label: fmt.Sprintf("%d%02d", floor, n%4+1), Floor: floor, Group: n / 4, Column: n % 4, Tone: t, Defects: defects,
			})
		}
	}
	return st
}

func (s states) unit(closing bool) screen.UnitState {
	st := screen.UnitState{
		Title: "1# 1单元 101", Tone: screen.TonePending, State: s.say("已预约", "Booked"), HasPlan: true, Answered: 37, Questions: 224, Progress: s.say("已查 37/224", "37/224 answered"),
		Facts: []screen.Fact{
			{Label: s.say("户型", "Layout"), Value: "B户型 三室两厅两卫"},
			{Label: s.say("面积", "Area"), Value: "118.62 m²"},
			{Label: s.say("交付标准", "Fit-out"), Value: s.say("精装", "Fitted out")},
			{Label: s.say("业主", "Owner"), Value: "样* 138****0001"},
			{Label: s.say("预约", "Appointment"), Value: "2026-09-26 09:00-10:30 · 样例验房员"},
		},
		Tasks: []screen.Chip{
			{ID: "t1", Text: s.say("交付查验 2026-09-26", "Handover 2026-09-26"), Chosen: true, Tone: screen.TonePending},
			{ID: "t2", Text: s.say("样板对比", "Show-flat comparison"), Tone: screen.TonePending},
		},
		Defects: []screen.DefectLine{
			{ID: "d1", Title: s.say("户门锁具故障", "Entrance door lock faulty"), Detail: s.say("玄关 · 较重 · WX-2026-000001", "Entrance hall · Major · WX-2026-000001"), Tone: screen.TonePending, State: s.say("已接单", "Accepted")},
			{ID: "d2", Title: s.say("地砖空鼓", "Hollow floor tile"), Detail: s.say("客厅 · 一般", "Living room · Minor"), Tone: screen.TonePending, State: s.say("待上传", "To be sent")},
		},
	}
	for i, name := range []string{s.say("玄关", "Entrance hall"), s.say("客厅", "Living room"), s.say("餐厅", "Dining room"), s.say("厨房", "Kitchen"), s.say("主卧", "Main bedroom"), s.say("卫生间", "Bathroom"), s.say("阳台", "Balcony"), s.say("整户", "Whole unit")} {
		st.Rooms = append(st.Rooms, screen.RoomLine{Code: fmt.Sprintf("R%d", i), Name: name, Tone: []screen.Tone{1, 3, 5, 0}[i%4], Progress: fmt.Sprintf(s.say("%d/28，不合格 %d", "%d/28, %d failed"), 28-4*i, i%2)})
	}
	if closing {
		st.Closing = &screen.Closing{
			Mandatory: []string{s.say("交验结论（整户）", "Handover verdict (Whole unit)")}, Room: "UNIT",
			Warnings: []string{s.say("还有 187 项未查验，将按“未查验”记录。", "187 items are not inspected and will be recorded as such."), s.say("2 条缺陷的照片不够。", "2 defects have too few photos.")},
		}
	}
	return st
}

func (s states) checklist() screen.ChecklistState {
	st := screen.ChecklistState{
		Title: "1# 1单元 101", Stage: s.say("交付查验", "Handover"), Answered: 37, Total: 224, Progress: s.say("已查 37/224", "37/224 answered"),
		Rooms: []screen.Chip{
			{ID: "ENT1", Text: s.say("玄关", "Entrance hall"), Tone: screen.ToneOK},
			{ID: "LIV1", Text: s.say("客厅 21", "Living room 21"), Tone: screen.TonePending, Chosen: true},
			{ID: "DIN1", Text: s.say("餐厅 26", "Dining room 26"), Tone: screen.TonePending},
			{ID: "KIT1", Text: s.say("厨房 31", "Kitchen 31"), Tone: screen.TonePending},
			{ID: "BED1", Text: s.say("主卧 25", "Main bedroom 25"), Tone: screen.TonePending},
			{ID: "BTH1", Text: s.say("卫生间 34", "Bathroom 34"), Tone: screen.TonePending},
			{ID: "UNIT", Text: s.say("整户 24", "Whole unit 24"), Tone: screen.TonePending},
		},
	}
	room := s.say("客厅", "Living room")
	judge := func(string) (screen.Tone, string) { return screen.ToneOK, "" }
	st.Rows = []screen.QuestionRow{
		{ID: "HO-011.LIV1", Text: s.say("墙面、顶棚无裂缝、空鼓、污渍", "Walls and ceiling free of cracks, hollow spots and stains"), Room: room, Kind: screen.AskMark, Answer: domain.AnswerPass},
		{
			ID: "BOTH-001.LIV1", Text: s.say("室内净高偏差", "Clear height deviation from design"), Room: room, Kind: screen.AskReading, Answer: domain.AnswerFail,
			Reading: &screen.ReadingLine{
				Unit: "mm", Limit: s.say("允许偏差 -15 ～ 15 mm", "Allowed deviation -15 to 15 mm"), Points: []string{"2806", "2797", "2781", "2803"}, Suggested: 5, Tone: screen.ToneBad,
				Verdict: s.say("-19 超出 -15 ～ 15；最大偏差 -19 mm，极差 25 mm", "-19 is outside -15 to 15; largest deviation -19 mm, range 25 mm"), Judge: judge,
			},
			Inputs: []screen.InputLine{{Name: "design", Label: s.say("设计净高", "Design clear height"), Value: "2800", Unit: "mm"}}, MayRecord: true,
		},
		{
			ID: "BOTH-015.LIV1", Text: s.say("地砖平整度", "Floor tile flatness"), Room: room, Kind: screen.AskReading, Answer: domain.AnswerFail,
			Reading: &screen.ReadingLine{Unit: "mm", Limit: s.say("允许 ≤ 2 mm", "Limit ≤ 2 mm"), Value: "3.5", Tone: screen.ToneBad, Verdict: s.say("3.5 超过 2", "3.5 exceeds the limit of 2"), Judge: judge},
			Defect:  &screen.DefectLine{ID: "d2", Title: s.say("地砖空鼓", "Hollow floor tile"), Tone: screen.TonePending, State: s.say("待上传", "To be sent")},
		},
		{
			ID: "HO-023.UNIT", Text: s.say("电表底数、户号", "Electricity reading and account"), Room: s.say("整户", "Whole unit"), Kind: screen.AskReading, Answer: domain.AnswerPass, PhotoWanted: true,
			Reading: &screen.ReadingLine{Unit: "kWh", Value: "12.4", Tone: screen.ToneOK, Verdict: s.say("已记录 12.4", "12.4 recorded"), Judge: judge},
		},
		{ID: "HO-030.UNIT", Text: s.say("交验结论", "Handover verdict"), Room: s.say("整户", "Whole unit"), Kind: screen.AskChoice, Options: []screen.Chip{
			{ID: "accept", Text: s.say("接收", "Accepts")}, {ID: "accept_with_list", Text: s.say("接收并附整改清单", "Accepts with a defect list")}, {ID: "refuse", Text: s.say("拒收", "Refuses")},
		}},
		{ID: "HO-031.UNIT", Text: s.say("业主签字与承诺整改期", "Owner signature and promised completion date"), Room: s.say("整户", "Whole unit"), Kind: screen.AskDate, Options: []screen.Chip{
			{ID: "2026-10-03", Text: s.say("7 天内（2026-10-03）", "In 7 days (2026-10-03)")}, {ID: "2026-10-11", Text: s.say("15 天内（2026-10-11）", "In 15 days (2026-10-11)"), Chosen: true},
		}},
	}
	return st
}

func (s states) compare() screen.ChecklistState {
	st := s.checklist()
	st.Stage, st.Compare, st.ShownOnly = s.say("样板对比", "Show-flat comparison"), true, true
	st.Rooms = append([]screen.Chip{{ID: "showflat", Text: s.say("样板有照片", "In the show flat"), Chosen: true, Tone: screen.ToneInfo}}, st.Rooms...)
	st.Rooms[2].Chosen = false
	shown := &screen.ShownCard{Text: s.say("样板读数：7 pcs", "Show flat reading: 7 pcs"), Picture: screen.Picture{Original: "showflat-wall.jpg"}, Here: true}
	st.Rows = []screen.QuestionRow{
		{ID: "SF-005.LIV1", Text: s.say("主要材料品牌、型号、颜色与样板一致", "Main materials: brand, model and colour as in the show flat"), Room: s.say("客厅", "Living room"), Kind: screen.AskMark, Shown: shown},
		{
			ID: "SF-008.LIV1", Text: s.say("插座、开关、灯位数量与位置", "Number and place of sockets, switches and lights"), Room: s.say("客厅", "Living room"), Kind: screen.AskReading, Shown: shown,
			Reading: &screen.ReadingLine{Unit: "pcs", Limit: s.say("允许 = 7 pcs", "Limit = 7 pcs"), Judge: func(string) (screen.Tone, string) { return 0, "" }},
		},
	}
	return st
}

func (s states) form() screen.FormState {
	return screen.FormState{
		Unit: "1# 1单元 101", From: s.say("来自查验项：入户门开关灵活，锁具正常", "From the item: entrance door opens freely, lock works"), Kind: s.say("户门锁具故障", "Entrance door lock faulty"),
		Rooms: []screen.Chip{
			{ID: "ENT1", Text: s.say("玄关", "Entrance hall"), Chosen: true},
			{ID: "LIV1", Text: s.say("客厅", "Living room")},
			{ID: "DIN1", Text: s.say("餐厅", "Dining room")},
			{ID: "KIT1", Text: s.say("厨房", "Kitchen")},
			{ID: "BED1", Text: s.say("主卧", "Main bedroom")},
			{ID: "BED2", Text: s.say("次卧", "Second bedroom")},
			{ID: "BTH1", Text: s.say("卫生间", "Bathroom")},
			{ID: "BAL1", Text: s.say("阳台", "Balcony")},
		},
		Severity: []screen.Chip{
			{ID: "cosmetic", Text: s.say("观感", "Cosmetic")},
			{ID: "minor", Text: s.say("一般", "Minor"), Tone: screen.ToneInfo},
			{ID: "major", Text: s.say("较重", "Major"), Tone: screen.ToneWarn, Chosen: true},
			{ID: "critical", Text: s.say("严重", "Critical"), Tone: screen.ToneBad},
		},
		Picks: []screen.PickLine{
			{Code: "DOR-02", Name: s.say("户门锁具故障", "Entrance door lock faulty"), Detail: s.say("门窗 · 较重", "Doors and windows · Major"), Chosen: true},
			{Code: "DOR-01", Name: s.say("户门变形、关闭不严", "Entrance door warped, does not close tightly"), Detail: s.say("门窗 · 较重", "Doors and windows · Major")},
			{Code: "DOR-03", Name: s.say("户门划伤、掉漆", "Entrance door scratched"), Detail: s.say("门窗 · 观感", "Doors and windows · Cosmetic")},
		},
		Recent:      []screen.PickLine{{Code: "PLS-01", Name: s.say("墙面抹灰空鼓", "Hollow wall plaster")}, {Code: "TIL-03", Name: s.say("地砖空鼓", "Hollow floor tile")}},
		Description: s.say("智能锁无法开启", "Smart lock does not open"), Phrases: []string{s.say("智能锁无法开启", "Smart lock does not open"), s.say("地漏反臭", "Floor drain smells")},
		HasPlan: true, Pin: s.say("已标注：玄关", "Pinned: Entrance hall"),
		Photos:        []screen.PhotoLine{{ID: "p1", Picture: screen.Picture{Original: "wall-crack.jpg"}}},
		PhotosMissing: s.say("照片 1/2：缺照片也可以保存，请尽量补拍", "Photos 1 of 2: you can save without, but please take them"),
		Duplicate:     &screen.DuplicateHint{ID: "d0", Text: s.say("同一位置已有未关闭的缺陷（2026-05-03 登记 锁舌卡滞），是否关联？", "The same spot has an open defect since 2026-05-03 (latch sticks). Link to it?")},
	}
}

func (s states) plan() screen.PlanState {
	return screen.PlanState{
		Title: "1# 1单元 101", Plan: planPicture, Here: true, HasPlan: true, Revision: s.say("B户型 三室两厅两卫 · 第 1 版", "B户型 三室两厅两卫 · revision 1"), Hint: s.say("点图纸登记缺陷，点标注查看缺陷", "Tap the plan to record a defect, a pin to open one"),
		Pins: []screen.PinMark{{ID: "d1", X: .3, Y: .3, Label: "1", Tone: screen.TonePending}, {ID: "d2", X: .6, Y: .5, Label: "2", Tone: screen.ToneBad}, {ID: "d3", X: .4, Y: .8, Label: "3", Tone: screen.ToneOK}},
	}
}

func (s states) defect() screen.DefectState {
	return screen.DefectState{
		Title: s.say("户门锁具故障", "Entrance door lock faulty"), Unit: "1# 1单元 101", Tone: screen.ToneOK, State: s.say("复验通过", "Passed"), Confirmable: true,
		Facts: []screen.Fact{
			{Label: s.say("部位", "Room"), Value: s.say("玄关", "Entrance hall")},
			{Label: s.say("严重程度", "Severity"), Value: s.say("较重", "Major")},
			{Label: s.say("说明", "Description"), Value: s.say("智能锁无法开启", "Smart lock does not open")},
			{Label: s.say("维修单", "Repair ticket"), Value: "WX-2026-000001"},
			{Label: s.say("责任单位", "Contractor"), Value: "样例门窗公司\n" + s.say("样例门窗公司（分包）负责 1# 的门窗", "样例门窗公司 (subcontractor) is responsible for doors and windows in 1#")},
			{Label: s.say("完成时限", "Due"), Value: "2026-10-03 18:00\n" + s.say("P3 级：24 小时内响应，7 天内完成", "Class P3: respond within 24 h, finish within 7 days")},
		},
		Conflict: s.say("这里有几个人写得不一样：描述、严重程度。内容都已保存。", "Several people wrote different things here: Description, Severity. All of it is stored."),
		Lost:     s.conflicts().Lost[:1],
		Photos:   []screen.PhotoLine{{ID: "p1", Picture: screen.Picture{Original: "wall-crack.jpg"}, State: screen.PhotoConfirmed}, {ID: "p2", Picture: screen.Picture{Original: "window-leak.jpg"}}},
		Plan:     planPicture, PlanHere: true, Pin: &screen.PinMark{ID: "d1", X: .5, Y: .2, Tone: screen.ToneOK, Selected: true},
		Timeline: []screen.EventLine{
			{At: "2026-09-28 10:12", What: s.say("派单", "Assigned"), Why: ""},
			{At: "2026-09-26 09:40", What: s.say("生成维修单 WX-2026-000001", "Repair ticket WX-2026-000001 raised"), Why: s.say("样例门窗公司（分包）负责 1# 的门窗", "样例门窗公司 (subcontractor) is responsible for doors and windows in 1#")},
		},
	}
}

func (s states) reinspect() screen.ReinspectState {
	return screen.ReinspectState{
		Title: s.say("外窗渗漏", "Window leaks"), Unit: "1# 1单元 101", Leak: true, AskNote: true, Warning: s.say("还没有复验照片；没有照片也可以判定。", "No re-inspection photo yet; you may judge without one."),
		Facts:  []screen.Fact{{Label: s.say("维修单", "Repair ticket"), Value: "WX-2026-000002"}, {Label: s.say("部位", "Room"), Value: s.say("主卧", "Main bedroom")}, {Label: s.say("次数", "Attempt"), Value: "1"}},
		Before: []screen.PhotoLine{{ID: "p1", Picture: screen.Picture{Original: "wall-crack.jpg"}, State: screen.PhotoConfirmed}},
		Repair: []screen.PhotoLine{{ID: "p2", Picture: screen.Picture{Original: "wall-repaired.jpg"}, State: screen.PhotoConfirmed}},
	}
}

func (s states) confirm() screen.ConfirmState {
	return screen.ConfirmState{
		Title: s.say("业主确认 · 1# 1单元 101", "Owner confirmation · 1# 1单元 101"), Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Shown: []string{
			s.say("维修单 WX-2026-000001", "Repair ticket WX-2026-000001"), s.say("户门锁具故障（玄关）", "Entrance door lock faulty (Entrance hall)"),
			s.say("维修已完成并复验通过，确认日期 2026-09-30。", "Repaired and passed re-inspection; confirmed on 2026-09-30."), s.say("本人确认上述问题已修复。", "I confirm that the above has been repaired."),
		},
	}
}

func (s states) sync() screen.SyncState {
	st := screen.SyncState{
		Headline: s.say("还有 2 项待服务器确认", "2 still to be confirmed by the server"), Tone: screen.TonePending, Confirmed: 150, All: 152, Sum: "150/152",
		Records: s.say("记录 120/120", "Records 120/120"), Photos: s.say("照片 30/32", "Photos 30/32"), Behind: s.say("还有 12 条更新待下载", "12 updates still to download"),
		Link:      screen.LinkLine{Tone: screen.TonePending, Text: s.say("离线：连接不上服务器", "Offline: no server in reach")},
		Attention: []screen.AttentionLine{{What: s.say("缺陷", "Defect"), Why: s.say("没有权限", "Not allowed"), Next: s.say("请核对后重新登记，或告诉协调员。", "Please check and record it again, or tell the coordinator.")}},
		More:      s.say("更早的 112 行在回执文件中", "112 earlier lines are in the receipt file"), SavedAs: s.say("回执已保存：keyturn-receipt-20260926-181500.txt", "Receipt saved: keyturn-receipt-20260926-181500.txt"),
		Signed: screen.SignedLine{
			Tone: screen.ToneInfo, Text: s.say("服务器已签名：2026-09-26 12:40", "Signed by the server: 2026-09-26 12:40"), FileName: "keyturn-receipt-20260926-181500.receipt",
			Detail: s.say("第 1–118 号，记录 118 条，照片文件 58 个；服务器指纹 9f86d081884c7d65", "No. 1–118: 118 records, 58 photo files; server fingerprint 9f86d081884c7d65"),
		},
		Export: screen.ExportLine{
			FileName: "keyturn-bundle-20260926-181500.bundle",
			Text:     s.say("把服务器尚未确认的记录和照片写成一个加密文件，交办公室导入。以后照常同步，不会重复。", "Write the records and photos that the server has not confirmed to one encrypted file and have the office import it. Syncing later repeats nothing."),
		},
	}
	for i := range 9 {
		st.Receipt = append(st.Receipt, screen.ReceiptLine{What: fmt.Sprintf(s.say("第 %d 号 · 查验结果", "No. %d · Answer"), 112+i), ID: fmt.Sprintf("01920d4e-5a00-7000-8000-00000000000%d", i), Tone: screen.ToneOK, State: s.say("已确认", "Confirmed")})
	}
	st.Receipt = append(st.Receipt, screen.ReceiptLine{What: s.say("照片原件", "Original photo"), ID: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Tone: screen.TonePending, State: s.say("待确认", "Waiting")})
	return st
}

// refused is the connection of a tablet that its server does not let in.
func (s states) refused() screen.LinkLine {
	return screen.LinkLine{
		Tone: screen.ToneBad, Text: s.say("服务器拒绝：服务器不接受本平板", "Refused: The server does not let this tablet in"),
		Refused: &screen.Problem{
			Happened: s.say("服务器不再接受本平板：登录已到期，或服务器从备份恢复后不认识它。", "The server does not let this tablet in any more: its sign-in has ended, or the server was restored from a backup and does not know it."),
			Safe:     s.say("已登记的内容都保存在本平板上，没有丢失，可以继续工作。", "Everything recorded is stored on this tablet; nothing is lost. You can go on working."),
			Next:     s.say("请向管理员要一个新的登记码，在这里输入；之后会自动补传。", "Ask your administrator for a new code and enter it here; then everything is sent by itself."),
		},
	}
}
