package kit

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"keyturn/assets/fonts"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// TestGallery draws every widget in software with the shipped fonts. Set
// KIT_GALLERY to a folder to keep the pictures and look at them.
func TestGallery(t *testing.T) {
	dir := os.Getenv("KIT_GALLERY")
	if dir == "" {
		dir = t.TempDir()
	}
	for _, page := range []struct {
		name          string
		density       Density
		width, height float32
		content       func(t *testing.T) fyne.CanvasObject
	}{
		{"controls-tablet", Tablet, 1280, 800, galleryControls},
		{"controls-portrait", Tablet, 800, 1280, galleryControls},
		{"controls-desk", Desk, 1366, 768, galleryControls},
		{"checklist-tablet", Tablet, 1280, 800, galleryChecklist},
		{"checklist-portrait", Tablet, 800, 1280, galleryChecklist},
		{"numberpad", Tablet, 480, 620, galleryNumberPad},
		{"matrix-tablet", Tablet, 1280, 800, galleryMatrix},
		{"matrix-portrait", Tablet, 800, 1280, galleryMatrix},
		{"pinplan-tablet", Tablet, 1280, 800, galleryPinPlan},
		{"photos", Tablet, 800, 260, galleryPhotos},
		{"compare-tablet", Tablet, 1280, 800, galleryCompare},
		{"compare-portrait", Tablet, 800, 1280, galleryCompare},
		{"signature", Tablet, 640, 320, gallerySignature},
	} {
		t.Run(page.name, func(t *testing.T) {
			app := test.NewTempApp(t)
			app.Settings().SetTheme(Theme(fonts.Regular, fonts.Bold, page.density))
			content := page.content(t)
			w := showIn(t, container.NewPadded(content), page.width, page.height)
			picture := w.Canvas().Capture()
			if size := picture.Bounds().Size(); size.X != int(page.width) || size.Y != int(page.height) {
				t.Errorf("page needs %v, more than %v×%v", size, page.width, page.height)
			}
			if ink := inkShare(picture); ink < 0.005 {
				t.Errorf("only %.2f %% of the page is drawn on", ink*100)
			}
			savePicture(t, filepath.Join(dir, page.name+".png"), picture)
		})
	}
}

// inkShare is the part of a picture that is not the page's background.
func inkShare(picture image.Image) float64 {
	b := picture.Bounds()
	ink := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, b, _ := picture.At(x, y).RGBA(); r+g+b != 3*0xFFFF {
				ink++
			}
		}
	}
	return float64(ink) / float64(b.Dx()*b.Dy())
}

func savePicture(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(png.Encode(file, picture), file.Close())
	if err != nil {
		t.Fatal(err)
	}
}

func galleryControls(*testing.T) fyne.CanvasObject {
	progress := NewProgressPanel("正在上传照片", "取消", func() {})
	progress.SetProgress(97, 152, "97/152")
	badges := container.NewHBox()
	for status, text := range []string{"未开始", "已通过", "即将超时", "不通过", "说明", "待复验"} {
		badges.Add(NewStatusBadge(Status(status), text))
	}
	entry := widget.NewEntry()
	entry.SetPlaceHolder("搜索：kg → 空鼓")
	disabled := NewButton("不可用", nil, Primary, nil)
	disabled.Disable()
	return NewPage(
		NewBanner(StatusInfo, "应用上次意外退出。已恢复 1 份缺陷草稿：样例楼 101 室，客厅墙面空鼓。没有丢失任何已保存的记录。").
			AddAction("继续填写", func() {}).AddDismiss(nil),
		NewBanner(StatusWarn, "缺少照片：严重缺陷需要全景和近景各一张。"),
		container.NewHBox(
			NewButton("保存缺陷", theme.ConfirmIcon(), Primary, nil),
			NewButton("查看图纸", theme.SearchIcon(), Plain, nil),
			NewButton("跳过", nil, Quiet, nil),
			NewButton("删除", theme.DeleteIcon(), Danger, nil),
			disabled,
		),
		badges,
		NewHeading("标题 Heading 楼栋"),
		NewParagraph("检查客厅墙面：用 2 m 靠尺测量立面垂直度（允许偏差 3 mm），每面墙测两处；发现空鼓、裂缝、起砂时记录位置，并在图纸上标注。Check the wall with a 2 m straightedge, two readings per wall."),
		container.NewBorder(nil, nil, nil, widget.NewSelect([]string{"甲", "乙"}, nil), entry),
		widget.NewCheck("同时通知施工单位", nil),
		progress,
		NewErrorPanel(ErrorText{
			Happened: "同步没有完成：服务器没有应答。",
			Safe:     "全部 38 条记录和 152 张照片都安全保存在本机。",
			Next:     "回到有信号的地方后会自动继续，也可以现在重试。",
			Retry:    "重试",
		}, func() {}),
	)
}

var galleryTexts = ChecklistText{
	Pass: "合格", Fail: "不合格", NotApplicable: "不适用", NotInspected: "未查验",
	AddReading: "录入读数", OK: "确定", Cancel: "取消",
}

func galleryChecklist(*testing.T) fyne.CanvasObject {
	page := NewPage(
		NewChecklistRow(galleryTexts, ChecklistItem{ID: "1", Text: "入户门开关灵活，无划痕，锁具正常", Room: "玄关", Answer: AnswerPass}),
		NewChecklistRow(galleryTexts, ChecklistItem{
			ID: "2", Text: "墙面垂直度：用 2 m 靠尺在每面墙上测两处，取偏差较大的一处记录", Room: "客厅", Answer: AnswerFail,
			Reading: &Reading{Value: "5.5", Unit: "mm", Limit: "允许偏差 ≤ 3 mm", Status: StatusBad, Verdict: "超差 2.5 mm"},
		}),
		NewChecklistRow(galleryTexts, ChecklistItem{
			ID: "3", Text: "净高", Room: "主卧", Reading: &Reading{Unit: "mm", Limit: "设计 2800 mm，允许 −20…+20 mm"},
		}),
		NewChecklistRow(galleryTexts, ChecklistItem{ID: "4", Text: "燃气报警器", Room: "厨房", Answer: AnswerNotApplicable}),
		NewChecklistRow(galleryTexts, ChecklistItem{ID: "5", Text: "卫生间地面坡向地漏，无积水", Room: "卫生间"}),
	)
	return page
}

func galleryNumberPad(*testing.T) fyne.CanvasObject {
	return NewNumberPad(NumberPadText{Title: "墙面垂直度", Unit: "mm", Limit: "允许偏差 ≤ 3 mm", OK: "确定", Cancel: "取消"},
		"-3.5", func(string) (Status, string) { return StatusBad, "超差 0.5 mm" })
}

// sampleBuilding has two entrances, a basement and no 4th, 13th or 14th floor.
func sampleBuilding(floors int) MatrixData {
	data := MatrixData{
		Groups: []string{"1 单元", "2 单元"},
		FloorLabel: func(floor int) string {
			if floor < 0 {
				return fmt.Sprintf("B%d", -floor)
			}
			return fmt.Sprintf("%dF", floor)
		},
	}
	for floor := -1; floor <= floors; floor++ {
		if floor == 0 || floor == 4 || floor == 13 || floor == 14 {
			continue
		}
		for group := range 2 {
			for column := range 4 + 2*group {
				n := floor*10 + column + group
				status := Status((n%6 + 6) % 6)
				defects := 0
				if status == StatusBad || status == StatusWarn {
					defects = n%9 + 3
				}
				data.Units = append(data.Units, MatrixUnit{
					ID:    fmt.Sprintf("%d-%d-%d", group, floor, column),
					Label: fmt.Sprintf("%d%02d", max(floor, 0), column+1), Floor: floor,
					Group: group, Column: column, Status: status, Defects: max(defects, 0),
				})
			}
		}
	}
	return data
}

func galleryMatrix(*testing.T) fyne.CanvasObject {
	m := NewUnitMatrix()
	m.SetData(sampleBuilding(24))
	return m
}

// samplePlan draws walls on white.
func samplePlan(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	wall := func(area image.Rectangle) { draw.Draw(img, area, image.Black, image.Point{}, draw.Src) }
	unit := max(1, width/40)
	for _, x := range []int{2, 14, 26, 37} {
		wall(image.Rect(x*unit, 2*unit, x*unit+unit/3, 27*unit))
	}
	for _, y := range []int{2, 12, 26} {
		wall(image.Rect(2*unit, y*unit, 37*unit, y*unit+unit/3))
	}
	return img
}

// largePlan is a plan of 4000×3000 pixels, cut once for all tests.
var largePlan = sync.OnceValues(func() (*Pyramid, error) {
	return BuildPyramid(context.Background(), samplePlan(4000, 3000), nil)
})

func galleryPinPlan(t *testing.T) fyne.CanvasObject {
	plan, err := largePlan()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPinPlan("没有图纸")
	p.SetPlan(plan)
	var pins []Pin
	for i := range 12 {
		pins = append(pins, Pin{
			ID: fmt.Sprint(i), X: 0.1 + 0.07*float32(i), Y: 0.2 + 0.05*float32(i%7),
			Label: fmt.Sprint(i + 1), Status: Status(i % 6), Selected: i == 8,
		})
	}
	p.SetPins(pins)
	return p
}

func galleryPhotos(*testing.T) fyne.CanvasObject {
	s := newPhotoStrip(func(id string) (image.Image, error) {
		return samplePhoto(640, 480, color.NRGBA{R: 0x60, G: 0x80, B: 0xA0, A: 0xFF}), nil
	}, func(func()) {})
	s.OnAdd = func() {}
	s.SetPhotos([]Photo{{"a", PhotoWaiting}, {"b", PhotoUploaded}, {"c", PhotoMissing}, {"d", PhotoUploaded}})
	s.show("a", samplePhoto(192, 192, color.NRGBA{R: 0x60, G: 0x80, B: 0xA0, A: 0xFF}), nil)
	s.show("b", samplePhoto(192, 192, color.NRGBA{R: 0xA0, G: 0x80, B: 0x60, A: 0xFF}), nil)
	s.show("c", nil, errors.New("gone"))
	return s
}

func galleryCompare(*testing.T) fyne.CanvasObject {
	return NewCompare(
		CompareSide{Image: samplePhoto(1600, 1200, color.NRGBA{R: 0x90, G: 0x50, B: 0x40, A: 0xFF}), Caption: "整改前", Status: StatusBad, Note: "2026-05-03 客厅墙面空鼓"},
		CompareSide{Missing: "还没有复验照片", Caption: "现在", Status: StatusPending, Note: "请从同一位置拍摄"},
	)
}

func gallerySignature(*testing.T) fyne.CanvasObject {
	s := NewSignaturePad("业主签名")
	s.Resize(fyne.NewSize(600, 300))
	at := fyne.NewPos(100, 120)
	for i := range 60 {
		by := fyne.NewDelta(6, float32(i%9-4)*9)
		at = at.AddXY(by.DX, by.DY)
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at}, Dragged: by})
	}
	return s
}
