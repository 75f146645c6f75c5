package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

type checklistModel interface {
	model[screen.ChecklistState]
	Choose(room string)
	Unanswered(only bool)
	Answer(id string, answer domain.Answer)
	Say(id, text string)
	Pick(id, option string)
	Measure(id, value string)
	Correct(id string, point int, value string)
	Input(id, name, value string)
	Limit(id, name, key string)
	AddPhoto(id, path string)
	RecordDefect(id string)
	OpenDefect(id string)
}

// checklist draws the questions of one room and keeps the rows between States,
// so that nothing moves under the finger.
type checklist struct {
	*page
	m    checklistModel
	rows map[string]*questionBox
	// compare: the rows' words are those of a comparison.
	compare bool
	// room is the chip that was chosen when the rows were drawn last.
	room string
}

// newChecklist asks the questions of an inspection.
func newChecklist(a *App, m checklistModel) *page {
	content := newScrolling()
	head := kit.NewColumn()
	only := widget.NewCheck(a.words.Text("field.checklist.unanswered"), nil)
	c := &checklist{m: m, rows: map[string]*questionBox{}}
	p := newPage(a, m, kit.NewFillColumn(content.body, inset(head), content.body), func(p *page, s screen.ChecklistState) {
		p.title = s.Title + " · " + s.Stage
		only.OnChanged = nil
		only.SetChecked(s.UnansweredOnly)
		only.OnChanged = m.Unanswered
		p.anchors.set("checklist.unanswered", only)
		rooms := p.chips("checklist.room", s.Rooms, m.Choose)
		progress := kit.NewParagraph(s.Progress).Bold()
		head.Objects = []fyne.CanvasObject{kit.NewRow(progress, progress, only), rooms}
		if s.Done {
			head.Objects = append(head.Objects, kit.NewBanner(kit.StatusOK, p.text("field.checklist.done")))
		}
		head.Refresh()
		if c.compare != s.Compare {
			c.compare, c.rows = s.Compare, map[string]*questionBox{}
		}
		content.fill(c.boxes(s)...)
		p.root.Refresh()
		if room := chosen(s.Rooms); room != c.room {
			c.room = room
			content.reveal(content.column)
		}
		if box, ok := c.rows[s.Reveal]; ok {
			content.reveal(box.column)
		}
	})
	c.page = p
	return p
}

func chosen(chips []screen.Chip) string {
	for _, c := range chips {
		if c.Chosen {
			return c.ID
		}
	}
	return ""
}

// boxes gives the rows in order, those known before kept.
func (c *checklist) boxes(s screen.ChecklistState) []fyne.CanvasObject {
	if s.Empty != "" {
		return []fyne.CanvasObject{kit.NewBanner(kit.StatusInfo, s.Empty)}
	}
	objects := make([]fyne.CanvasObject, 0, len(s.Rows))
	for _, row := range s.Rows {
		box, ok := c.rows[row.ID]
		if !ok {
			box = c.newQuestionBox(row)
			c.rows[row.ID] = box
		}
		box.set(row)
		objects = append(objects, box.column)
	}
	return objects
}
