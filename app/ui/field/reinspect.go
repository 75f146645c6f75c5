package field

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type reinspectModel interface {
	model[screen.ReinspectState]
	AddPhoto(path string)
	WaterTest(done bool)
	Explain(note string)
	AskFail()
	Cancel()
	Pass()
	Fail()
}

// reinspection keeps what stays between States: the comparison and the note.
type reinspection struct {
	*page
	m       reinspectModel
	compare *kit.Compare
	water   *widget.Check
	note    *widget.Entry
	images  map[screen.Picture]image.Image
	asked   map[screen.Picture]bool
	state   screen.ReinspectState
}

// newReinspect judges one repair: the original picture beside the new one.
func newReinspect(a *App, m reinspectModel) *page {
	r := &reinspection{
		m: m, compare: kit.NewCompare(kit.CompareSide{}, kit.CompareSide{}), water: widget.NewCheck(a.words.Text("field.reinspect.water"), nil),
		note: widget.NewEntry(), images: map[screen.Picture]image.Image{}, asked: map[screen.Picture]bool{},
	}
	r.note.SetPlaceHolder(a.words.Text("field.reinspect.note"))
	r.note.OnChanged = m.Explain
	r.compare.OnTapped = r.enlarge
	head := kit.NewColumn()
	p := newPage(a, m, inset(kit.NewFillColumn(r.compare, head, r.compare)), func(p *page, s screen.ReinspectState) {
		p.title = s.Title
		r.state = s
		head.Objects = r.head(s)
		head.Refresh()
		r.show()
		p.root.Refresh()
	})
	r.page = p
	return p
}

func (r *reinspection) head(s screen.ReinspectState) []fyne.CanvasObject {
	about := s.Unit
	for _, f := range s.Facts {
		about += "  ·  " + f.Label + " " + f.Value
	}
	objects := []fyne.CanvasObject{kit.NewParagraph(about)}
	if s.Done {
		return append(objects, kit.NewBanner(kit.StatusOK, r.text("field.reinspect.done")))
	}
	buttons := newFlow(
		r.button("reinspect.photo", r.text("field.reinspect.photo"), theme.ContentAddIcon(), kit.Plain, func() { r.app.pickPhoto(r.m.AddPhoto) }),
		r.button("reinspect.pass", r.text("field.reinspect.pass"), kit.StatusOK.Glyph(), kit.Primary, r.m.Pass),
		r.button("reinspect.fail", r.text("field.reinspect.fail"), kit.StatusBad.Glyph(), kit.Plain, r.m.AskFail),
	)
	if s.Leak {
		r.water.OnChanged = nil
		r.water.SetChecked(s.WaterTested)
		r.water.OnChanged = r.m.WaterTest
		r.anchors.set("reinspect.water", r.water)
		buttons.Add(r.water)
	}
	objects = append(objects, buttons)
	if s.AskNote {
		if r.note.Text == "" {
			r.note.SetText(s.Note)
		}
		r.anchors.set("reinspect.note", r.note)
		objects = append(objects, kit.NewRow(r.note, r.note,
			r.button("reinspect.fail.yes", r.text("field.reinspect.fail_yes"), kit.StatusBad.Glyph(), kit.Danger, r.m.Fail),
			r.button("reinspect.fail.no", r.text("field.cancel"), nil, kit.Plain, r.m.Cancel)))
	}
	if s.Warning != "" {
		objects = append(objects, verdictLine(kit.StatusWarn, s.Warning))
	}
	return objects
}

// shown are the two pictures compared: the first of the defect and the newest of
// the repair.
func (r *reinspection) shown() (before, after *screen.PhotoLine) {
	if len(r.state.Before) > 0 {
		before = &r.state.Before[0]
	}
	switch {
	case len(r.state.After) > 0:
		after = &r.state.After[len(r.state.After)-1]
	case len(r.state.Repair) > 0:
		after = &r.state.Repair[len(r.state.Repair)-1]
	}
	return before, after
}

func (r *reinspection) show() {
	before, after := r.shown()
	right := kit.CompareSide{Caption: r.text("field.reinspect.now"), Status: kit.StatusPending, Missing: r.text("field.reinspect.take")}
	if len(r.state.After) == 0 && after != nil {
		right.Caption, right.Status = r.text("field.reinspect.repairer"), kit.StatusInfo
	}
	left := kit.CompareSide{Caption: r.text("field.reinspect.before"), Status: kit.StatusBad, Missing: r.text("field.photo.not_here")}
	left.Image, right.Image = r.image(before), r.image(after)
	r.compare.Set(left, right)
}

// image gives a picture if it is read already, and reads it otherwise.
func (r *reinspection) image(line *screen.PhotoLine) image.Image {
	if line == nil {
		return nil
	}
	pic := line.Picture
	if img, ok := r.images[pic]; ok {
		return img
	}
	if !r.asked[pic] && line.State != screen.PhotoMissing {
		r.asked[pic] = true
		r.load(pic, func(img image.Image) {
			if img != nil {
				r.images[pic] = img
				r.show()
			}
		})
	}
	return nil
}

func (r *reinspection) enlarge(side int) {
	before, after := r.shown()
	line := before
	if side == 1 {
		line = after
	}
	if line != nil {
		r.app.enlarge(r.state.Title, line.Picture)
	}
}
