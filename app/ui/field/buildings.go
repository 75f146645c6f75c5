package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type buildingsModel interface {
	model[screen.BuildingsState]
	Choose(id string)
	OpenUnit(id string)
}

// newBuildings shows one building as a matrix.
func newBuildings(a *App, m buildingsModel) *page {
	matrix := kit.NewUnitMatrix()
	matrix.OnTapped = m.OpenUnit
	head := kit.NewColumn()
	p := newPage(a, m, inset(kit.NewFillColumn(matrix, head, matrix)), func(p *page, s screen.BuildingsState) {
		p.title = p.text("field.buildings.title")
		legend := newFlow()
		for _, l := range s.Legend {
			legend.Add(kit.NewStatusBadge(tone(l.Tone), l.Text))
		}
		head.Objects = []fyne.CanvasObject{p.chips("buildings.tab", s.Tabs, m.Choose), legend}
		if s.Empty != "" {
			head.Objects = append(head.Objects, kit.NewBanner(kit.StatusInfo, s.Empty))
		}
		head.Refresh()
		data := kit.MatrixData{Groups: s.Groups, FloorLabel: func(floor int) string { return s.Floors[floor] }}
		for _, c := range s.Cells {
			data.Units = append(data.Units, kit.MatrixUnit{
				ID: c.ID, Label: c.Label, Floor: c.Floor, Group: c.Group, Column: c.Column, Status: tone(c.Tone), Defects: c.Defects,
			})
			p.anchors.setPart("buildings.unit."+c.ID, matrix, cellOf(c, s.Cells))
		}
		matrix.SetData(data)
		p.root.Refresh()
	})
	return p
}

// cellOf picks a unit's cell among those in sight: by its number and, where
// entrances repeat numbers, by its place from the left.
func cellOf(c screen.UnitCell, all []screen.UnitCell) func([]part) fyne.CanvasObject {
	before := 0
	for _, o := range all {
		if o.Label == c.Label && o.Floor == c.Floor && o.Group < c.Group {
			before++
		}
	}
	return func(inside []part) fyne.CanvasObject {
		seen := 0
		var cell fyne.CanvasObject
		for _, o := range inside {
			if _, ok := o.CanvasObject.(fyne.Tappable); ok {
				cell = o.CanvasObject
			}
			text, ok := o.CanvasObject.(*canvas.Text)
			if !ok || text.Text != c.Label || !o.below {
				continue
			}
			if seen == before {
				return cell
			}
			seen++
		}
		return nil
	}
}
