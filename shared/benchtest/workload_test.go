package benchtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"keyturn/shared/benchtest/floor"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// recorded is one defect, as a person and as the wire sees it.
type recorded struct {
	id     domain.DefectID
	defect domain.Defect
	fields syncproto.Fields
	body   []byte
}

// workload makes defects of 21 fields and about 1,075 bytes as JSON, as the sync
// design's yardstick has them. The same seed writes the same texts.
type workload struct {
	random  *rand.Rand
	ids     *ident.Source
	units   []domain.UnitID
	person  domain.PersonID
	plan    domain.PlanID
	area    domain.PublicAreaID
	library []catalog.LibraryDefect
	before  []domain.DefectID
}

func newWorkload(seed uint64, cat *catalog.Catalogue, units []domain.UnitID, person domain.PersonID) *workload {
	w := &workload{
		random: rand.New(rand.NewPCG(seed, 0)), ids: ident.NewSource(time.Now, nil), units: units, person: person,
		plan: ident.Derive[domain.Plan]("bench"), area: ident.Derive[domain.PublicArea]("bench"), before: []domain.DefectID{ident.Derive[domain.Defect]("bench")},
	}
	for _, item := range cat.Items() {
		w.library = append(w.library, cat.DefectsFor(item.Code)...)
	}
	return w
}

var rooms = []string{"LIV1", "BED1", "BED2", "BED3", "KIT1", "BTH1", "BTH2", "BAL1", "ENT1", "DIN1"}

func (w *workload) defect(t testing.TB) recorded {
	t.Helper()
	id, err := ident.New[domain.Defect](w.ids)
	must(t, err)
	unit := pick(w.random, w.units)
	lib := pick(w.random, w.library)
	room := pick(w.random, rooms)
	inspection := ident.Derive[domain.Inspection]("bench", unit.String())
	r := recorded{id: id, defect: domain.Defect{
		UnitID: unit, State: domain.DefectOpen, Room: room, Element: lib.Element, Trade: lib.Trade, Type: lib.Type,
		LibraryCode: lib.Code, Description: w.describe(), Severity: lib.Severity, Quantity: 1 + w.random.IntN(9),
		Readings: []int64{w.random.Int64N(9000), w.random.Int64N(9000)},
		Pin:      &domain.Pin{PlanID: w.plan, X: w.random.Int64N(1_000_000), Y: w.random.Int64N(1_000_000)},
		ResultID: ident.Derive[domain.Result](id.String()), InspectionID: inspection, DuplicateOf: pick(w.random, w.before), OwnerHidden: true,
		CapturedAt: domain.At(time.Now()), Inspector: w.person, PublicAreaID: w.area, Stage: domain.StageHandover,
		WarrantyClass: lib.WarrantyClass,
	}}
	w.before = append(w.before, id)
	r.fields, err = syncproto.Encode(r.defect)
	must(t, err)
	r.body, err = syncproto.Marshal(r.fields)
	must(t, err)
	return r
}

// remarkLength is how many characters of a description are drawn one by one.
// Whole phrases repeat and vanish in compression; with this remark a defect
// weighs what free text does on the wire, about 230 bytes of 1,075 (46 MB for
// 20 × 10,000 in the sync design's yardstick).
const remarkLength = 43

// describe writes what an inspector would.
func (w *workload) describe() string {
	n := func(most int) int { return 1 + w.random.IntN(most) }
	word := func(from []string) string { return pick(w.random, from) }
	var remark strings.Builder
	for range remarkLength {
		remark.WriteRune(pick(w.random, characters))
	}
	return fmt.Sprintf("%s%s距地面约%d厘米、距%s%d厘米处有长约%d厘米的%s，最宽处%d.%d毫米，%s%s，初步判断%s；需%s后%s并%s%s。%s。要求%d日内处理完毕，复验时须%s%s。",
		word(places), word(sides), n(280), word(marks), n(90), n(150), word(kinds), w.random.IntN(5), w.random.IntN(10),
		word(parts), word(states), word(causes), word(works), word(works), word(works), word(parts), remark.String(), n(30), word(checks), word(parts))
}

// characters are those of the words below, each as often as it occurs there.
var characters = []rune(strings.Join(slices.Concat(places, sides, marks, kinds, parts, states, causes, works, checks), ""))

var (
	places = strings.Fields("客厅 主卧 次卧 书房 餐厅 厨房 主卫 客卫 阳台 玄关 走道 储藏室 衣帽间 儿童房 老人房 设备间")
	sides  = strings.Fields("南墙 北墙 东墙 西墙 顶棚阴角 飘窗侧墙 门洞上方 窗台下沿 踢脚线处 管井外侧 吊顶边缘 梁侧")
	marks  = strings.Fields("窗框 门套 墙角 插座 空调孔 开关面板 地漏 橱柜 梁底 管道 暖气片 淋浴房 镜柜 配电箱 燃气表 水表")
	kinds  = strings.Fields("斜向裂缝 竖向裂缝 水平裂缝 龟裂 接缝开裂 空鼓带 渗水痕迹 色差带 起皮脱落 划伤 凹坑 污渍 翘曲 错台 缺棱掉角 霉斑")
	parts  = strings.Fields("乳胶漆 抹灰层 腻子层 找平层 防水层 保温层 饰面砖 石材 木地板 密封胶 勾缝 砌体 混凝土基层 吊顶板 门扇 窗扇 五金件 线槽 管口 台面 柜体 踢脚线 收边条 龙骨 预埋件 止水环 面板 护角")
	states = strings.Fields("同时开裂 已贯通 高差明显 敲击空响 边缘翘起 潮湿返碱 粉化掉灰 局部剥落 松动 锈蚀 变形 开胶 渗水 发黑 缺失 破损")
	causes = strings.Fields("收缩 未挂网 失效 保护不到位 未清理 接口渗漏 养护不足 材料批次不同 安装偏差 受撞击 配比不当 沉降 温差变形 工序颠倒 厚度不足 原因待查")
	works  = strings.Fields("铲除 挂网 修补 打磨 重涂 剔凿 分层抹灰 拆除 重铺 闭水试验 更换 注浆 封闭 清洗 校正 紧固 打胶 补漆 切缝 植筋 找坡 干燥 刷界面剂 复测")
	checks = strings.Fields("靠尺检查 敲击检查 闭水检查 目测检查 核对批号 同角度拍摄 测量含水率 塞尺测缝 红外检测 试开关 激光测平 拉线检查")
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// forFloor is what the floor keeps of a defect: its id and its fields.
func forFloor(all []recorded) []floor.Record {
	records := make([]floor.Record, len(all))
	for i, r := range all {
		records[i] = floor.Record{ID: r.id, Body: r.body}
	}
	return records
}

func TestWorkloadIsTheYardsticks(t *testing.T) {
	cat := catalogue(t)
	w := newWorkload(1, cat, []domain.UnitID{{1}}, domain.PersonID{1})
	const count = 200
	size := 0
	for range count {
		r := w.defect(t)
		if len(r.fields) != 21 {
			t.Fatalf("%d fields", len(r.fields))
		}
		text, err := json.Marshal(r.defect)
		must(t, err)
		size += len(text)
	}
	if mean := size / count; mean < 1025 || mean > 1125 {
		t.Errorf("a defect is %d bytes as JSON, want about 1,075", mean)
	}
}
