package field

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/wording"
)

// askedSync notes what the sync page asks its view model for.
type askedSync struct {
	*fake[screen.SyncState]
	anySync
}

func (m askedSync) SaveSigned(to screen.Target) { m.note("signed " + to.Name) }
func (m askedSync) Export(to screen.Target)     { m.note("export " + to.Name) }
func (m askedSync) StopExport()                 { m.note("stop") }
func (m askedSync) EnrolAgain()                 { m.note("enrol") }

// exportStates are the sync page while it exports and after that.
func exportStates(s states) map[string]screen.SyncState {
	running, done, refused := s.sync(), s.sync(), s.sync()
	running.Export = screen.ExportLine{Running: true, Done: 812, All: 2001, Sum: "812/2001", Text: s.say("正在写入文件，请不要关闭应用", "Writing the file; please keep the app open")}
	running.Signed = screen.SignedLine{Text: s.say("还没有服务器签名的回执；全部确认后会自动取得。", "No receipt signed by the server yet; it comes by itself once everything is confirmed.")}
	done.Export.Tone, done.Export.Result = screen.ToneWarn, s.say(
		"已导出记录 120 条、照片文件 62 个：keyturn-bundle-20260926-181500.bundle，本机缺失或损坏、未能导出的照片文件：2",
		"Exported records 120, photo files 62: keyturn-bundle-20260926-181500.bundle, Photo files missing or damaged on this tablet, not exported: 2")
	refused.Signed = screen.SignedLine{
		Tone: screen.ToneBad, Text: s.say("服务器的签名无法核实，未采用。请联系管理员。", "The server's signature cannot be verified and is not used. Please tell your administrator."),
		Detail: s.say("回执不是由登记时的服务器签名的", "The receipt is not signed by the server that this tablet enrolled at"),
	}
	return map[string]screen.SyncState{"running": running, "done": done, "refused": refused}
}

// TestExportStatesFit draws the page's other states; see TestEveryPageFits.
func TestExportStatesFit(t *testing.T) {
	dir := os.Getenv("KEYTURN_PAGES")
	for _, locale := range wording.Locales() {
		for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 800, Height: 1280}} {
			for name, state := range exportStates(states{zh: locale == wording.Chinese}) {
				a, w := stage(t, locale, size, dir != "")
				m := askedSync{fake: &fake[screen.SyncState]{state: state}}
				a.put(screen.Route{Place: screen.PlaceSync}, func() *page { return newSync(a, m) }, true)
				w.Resize(size)
				if least := a.Content().MinSize(); least.Width > size.Width || least.Height > size.Height {
					t.Errorf("%s %s: the page needs %v", name, locale, least)
				}
				checkTargets(t, a, size)
				if dir != "" {
					keep(t, filepath.Join(dir, fmt.Sprintf("sync-%s-%s-%.0f.png", name, locale, size.Width)), w.Canvas().Capture())
				}
			}
		}
	}
}

// Saving asks where; what the person chose reaches the view model.
func TestSyncPageSaves(t *testing.T) {
	a, w := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	m := askedSync{fake: &fake[screen.SyncState]{state: states{}.sync()}}
	a.put(screen.Route{Place: screen.PlaceSync}, func() *page { return newSync(a, m) }, true)
	for _, id := range []string{"sync.signed", "sync.export"} {
		touch(t, a, id)
		if w.Canvas().Overlays().Top() == nil {
			t.Fatalf("%s asks for no file", id)
		}
		w.Canvas().Overlays().Remove(w.Canvas().Overlays().Top())
	}
	if len(m.calls) != 0 {
		t.Errorf("saved without an answer: %q", m.calls)
	}
	m.state.Export.Running = true
	m.emit()
	touch(t, a, "sync.export_stop")
	if !slices.Equal(m.calls, []string{"stop"}) {
		t.Errorf("%q", m.calls)
	}
	if a.Find("sync.export", test.WidgetRenderer) != nil {
		t.Error("a second export can be started")
	}
	m.state.Signed, m.state.Export = screen.SignedLine{}, screen.ExportLine{}
	m.emit()
	if a.Find("sync.signed", test.WidgetRenderer) != nil || a.Find("sync.export", test.WidgetRenderer) != nil {
		t.Error("there is nothing to save")
	}
}

// A tablet that is shut out is led to where a new code is entered, and only then.
func TestSyncPageLeadsToANewCode(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	st := states{}.sync()
	m := askedSync{fake: &fake[screen.SyncState]{state: st}}
	a.put(screen.Route{Place: screen.PlaceSync}, func() *page { return newSync(a, m) }, true)
	if a.Find("sync.enrol", test.WidgetRenderer) != nil {
		t.Error("a new code is asked for although nothing is wrong")
	}
	m.state.Link = states{}.refused()
	m.emit()
	if got := a.Find("sync.enrol", nil).(*kit.Button).Text; got != "Enter a new code" { // docs/backup.md names it
		t.Errorf("the button says %q", got)
	}
	touch(t, a, "sync.enrol")
	if !slices.Equal(m.calls, []string{"enrol"}) {
		t.Errorf("%q", m.calls)
	}
	caption := func() string { return a.Find("bar.sync", nil).(*kit.Button).Text }
	if got := caption(); got != "150/152 confirmed" {
		t.Errorf("the corner says %q", got)
	}
	a.badge.Refused = true
	a.drawBar()
	if got := caption(); got != "150/152 confirmed · refused" {
		t.Errorf("the corner says %q", got)
	}
}

// askedEnrol notes what is sent to the server.
type askedEnrol struct{ *fake[screen.EnrolState] }

func (m askedEnrol) Submit(server, code, name string) { m.note(server + " " + code + " " + name) }

// The page begins with what the device knows and keeps what was typed since.
func TestEnrolPageKnowsTheServer(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	m := askedEnrol{&fake[screen.EnrolState]{state: screen.EnrolState{Again: true, Server: "https://keyturn.example", Name: "Tablet 3"}}}
	a.put(screen.Route{Place: screen.PlaceEnrol}, func() *page { return newEnrol(a, m) }, true)
	if a.top().title != "Enter a new code" {
		t.Errorf("the page is called %q", a.top().title)
	}
	touch(t, a, "enrol.submit")
	a.Find("enrol.server", nil).(*widget.Entry).SetText("https://other.example")
	test.Type(a.Find("enrol.code", nil).(*widget.Entry), "c0de")
	m.emit() // something was committed meanwhile
	touch(t, a, "enrol.submit")
	if want := []string{"https://keyturn.example  Tablet 3", "https://other.example c0de Tablet 3"}; !slices.Equal(m.calls, want) {
		t.Errorf("%q, want %q", m.calls, want)
	}
}
