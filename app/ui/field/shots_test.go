package field

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// Fakes whose embedded interface lies deeper than the fake, which therefore
// answers Listen and Dismiss. What is not overridden is not called.
type (
	anyEnrol     struct{ enrolModel }
	anyDownload  struct{ downloadModel }
	anyHome      struct{ homeModel }
	anyBuildings struct{ buildingsModel }
	anyUnit      struct{ unitModel }
	anyChecklist struct{ checklistModel }
	anyForm      struct{ formModel }
	anyPlan      struct{ planModel }
	anyDefect    struct{ defectModel }
	anyReinspect struct{ reinspectModel }
	anyConfirm   struct{ confirmModel }
	anySync      struct{ syncModel }
	anyConflicts struct{ conflictsModel }
)

type shot struct {
	name string
	make func(a *App) func() *page
}

func shots(s states) []shot {
	return []shot{
		{"enrol", func(a *App) func() *page {
			m := struct {
				*fake[screen.EnrolState]
				anyEnrol
			}{fake: &fake[screen.EnrolState]{problem: &screen.Problem{
				Happened: s.say("登记码无效、已用过或已过期", "The code is wrong, used or expired"), Safe: s.say("已登记的内容都保存在本机，没有丢失。", "Everything recorded is stored on this tablet; nothing is lost."),
				Next: s.say("请向管理员要一个新的登记码。", "Please ask your administrator for a new code."),
			}}}
			return func() *page { return newEnrol(a, m) }
		}},
		{"enrol-again", func(a *App) func() *page {
			m := struct {
				*fake[screen.EnrolState]
				anyEnrol
			}{fake: &fake[screen.EnrolState]{state: screen.EnrolState{Again: true, Server: "https://keyturn.example", Name: s.say("3 号平板", "Tablet 3")}}}
			return func() *page { return newEnrol(a, m) }
		}},
		{"download-refused", func(a *App) func() *page {
			st := s.download()
			st.Link = s.refused()
			m := struct {
				*fake[screen.DownloadState]
				anyDownload
			}{fake: &fake[screen.DownloadState]{state: st}}
			return func() *page { return newDownload(a, m) }
		}},
		{"sync-refused", func(a *App) func() *page {
			st := s.sync()
			st.Link = s.refused()
			a.badge = screen.SyncBadge{Text: "150/152", Tone: screen.ToneBad, Refused: true}
			m := struct {
				*fake[screen.SyncState]
				anySync
			}{fake: &fake[screen.SyncState]{state: st}}
			return func() *page { return newSync(a, m) }
		}},
		{"download", func(a *App) func() *page {
			m := struct {
				*fake[screen.DownloadState]
				anyDownload
			}{fake: &fake[screen.DownloadState]{state: s.download()}}
			return func() *page { return newDownload(a, m) }
		}},
		{"home", func(a *App) func() *page {
			m := struct {
				*fake[screen.HomeState]
				anyHome
			}{fake: &fake[screen.HomeState]{state: s.home()}}
			return func() *page { return newHome(a, m) }
		}},
		{"buildings", func(a *App) func() *page {
			m := struct {
				*fake[screen.BuildingsState]
				anyBuildings
			}{fake: &fake[screen.BuildingsState]{state: s.buildings()}}
			return func() *page { return newBuildings(a, m) }
		}},
		{"unit", func(a *App) func() *page { return unitShot(a, s.unit(false)) }},
		{"unit-closing", func(a *App) func() *page { return unitShot(a, s.unit(true)) }},
		{"checklist", func(a *App) func() *page { return checklistShot(a, s.checklist()) }},
		{"compare", func(a *App) func() *page { return checklistShot(a, s.compare()) }},
		{"form", func(a *App) func() *page {
			m := struct {
				*fake[screen.FormState]
				anyForm
			}{fake: &fake[screen.FormState]{state: s.form()}}
			return func() *page { return newForm(a, m) }
		}},
		{"plan", func(a *App) func() *page {
			m := struct {
				*fake[screen.PlanState]
				anyPlan
			}{fake: &fake[screen.PlanState]{state: s.plan()}}
			return func() *page { return newPlan(a, m) }
		}},
		{"defect", func(a *App) func() *page {
			m := struct {
				*fake[screen.DefectState]
				anyDefect
			}{fake: &fake[screen.DefectState]{state: s.defect()}}
			return func() *page { return newDefect(a, m) }
		}},
		{"reinspect", func(a *App) func() *page {
			m := struct {
				*fake[screen.ReinspectState]
				anyReinspect
			}{fake: &fake[screen.ReinspectState]{state: s.reinspect()}}
			return func() *page { return newReinspect(a, m) }
		}},
		{"confirm", func(a *App) func() *page {
			m := struct {
				*fake[screen.ConfirmState]
				anyConfirm
			}{fake: &fake[screen.ConfirmState]{state: s.confirm()}}
			return func() *page { return newConfirm(a, m) }
		}},
		{"conflicts", func(a *App) func() *page {
			m := struct {
				*fake[screen.ConflictsState]
				anyConflicts
			}{fake: &fake[screen.ConflictsState]{state: s.conflicts()}}
			return func() *page { return newConflicts(a, m) }
		}},
		{"sync", func(a *App) func() *page {
			m := struct {
				*fake[screen.SyncState]
				anySync
			}{fake: &fake[screen.SyncState]{state: s.sync()}}
			return func() *page { return newSync(a, m) }
		}},
	}
}

func unitShot(a *App, st screen.UnitState) func() *page {
	m := struct {
		*fake[screen.UnitState]
		anyUnit
	}{fake: &fake[screen.UnitState]{state: st}}
	return func() *page { return newUnit(a, m) }
}

func checklistShot(a *App, st screen.ChecklistState) func() *page {
	m := struct {
		*fake[screen.ChecklistState]
		anyChecklist
	}{fake: &fake[screen.ChecklistState]{state: st}}
	return func() *page { return newChecklist(a, m) }
}

// TestEveryPageFits draws every page in both languages and orientations. Set
// KEYTURN_PAGES to a folder to keep the pictures and look at them; then the
// shipped fonts are used, which is slow.
func TestEveryPageFits(t *testing.T) {
	dir := os.Getenv("KEYTURN_PAGES")
	for _, locale := range wording.Locales() {
		for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 800, Height: 1280}} {
			if dir == "" && (locale == wording.Chinese) != (size.Width > size.Height) {
				continue // the long words in the narrow window, the others in the wide one
			}
			for _, s := range shots(states{zh: locale == wording.Chinese}) {
				name := fmt.Sprintf("%s-%s-%.0f", s.name, locale, size.Width)
				t.Run(name, func(t *testing.T) {
					a, w := stage(t, locale, size, dir != "")
					// In the bubble all pictures are read before the page is judged.
					synctest.Test(t, func(t *testing.T) {
						pictures := album{ask: make(chan chan struct{}, 100)}
						a.pictures = pictures
						a.put(screen.Route{Place: screen.Place(s.name)}, s.make(a), s.name != "home" && s.name != "enrol" && s.name != "download")
						pictures.serve()
						w.Resize(size)
						if least := a.Content().MinSize(); least.Width > size.Width || least.Height > size.Height {
							t.Errorf("the page needs %v", least)
						}
						checkTargets(t, a, size)
						if dir != "" {
							keep(t, filepath.Join(dir, name+".png"), w.Canvas().Capture())
						}
						a.top().end()
						pictures.serve()
					})
				})
			}
		}
	}
}

// checkTargets wants everything that can be touched to be large enough for a
// glove and to lie within the width of the page.
func checkTargets(t *testing.T, a *App, page fyne.Size) {
	t.Helper()
	least := fyne.CurrentApp().Settings().Theme().Size(kit.SizeNameTouch) - 0.5 // rounding of font metrics
	for _, id := range a.IDs() {
		o := a.Find(id, test.WidgetRenderer)
		if o == nil {
			continue // scrolled out of a strip or matrix
		}
		size, at := o.Size(), fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		if size.Width < least || size.Height < least {
			t.Errorf("%s is only %v", id, size)
		}
		if at.X < 0 || at.X+size.Width > page.Width {
			t.Errorf("%s lies at %v with %v, outside the page", id, at, size)
		}
	}
}

func keep(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, picture), file.Close()); err != nil {
		t.Fatal(err)
	}
}
