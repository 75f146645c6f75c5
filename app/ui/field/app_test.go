package field

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	screen "keyturn/app/screen/field"
	"keyturn/shared/wording"
)

// steps records how pages come and go.
type steps struct{ log []string }

func (s *steps) build(a *App, r screen.Route) func() *page {
	name := string(r.Place)
	s.log = append(s.log, "model "+name)
	return func() *page {
		return &page{
			app: a, title: name, root: container.NewStack(),
			listen: func(on bool) {
				if on {
					s.log = append(s.log, "show "+name)
				} else {
					s.log = append(s.log, "hide "+name)
				}
			},
			left: func() { s.log = append(s.log, "left "+name) },
		}
	}
}

func TestPagesComeAndGo(t *testing.T) {
	to := func(p screen.Place) func(*App) { return func(a *App) { a.open(screen.Route{Place: p}) } }
	home := func(a *App) { a.open(screen.Route{Place: screen.PlaceHome, Root: true}) }
	for _, c := range []struct {
		name string
		do   []func(*App)
		want []string
		ends string
	}{
		{"first", []func(*App){home}, []string{"model home", "show home"}, "home"},
		{"back on the first stays", []func(*App){home, (*App).Back}, []string{"model home", "show home"}, "home"},
		{
			"deeper and back",
			[]func(*App){home, to(screen.PlaceUnit), (*App).Back},
			[]string{"model home", "show home", "hide home", "model unit", "show unit", "hide unit", "left unit", "show home"},
			"home",
		},
		{
			"instead",
			[]func(*App){home, to(screen.PlaceReinspect), func(a *App) { a.open(screen.Route{Place: screen.PlaceConfirm, Instead: true}) }, (*App).Back},
			[]string{
				"model home", "show home", "hide home", "model reinspect", "show reinspect", "hide reinspect", "left reinspect",
				"model confirm", "show confirm", "hide confirm", "left confirm", "show home",
			},
			"home",
		},
		{
			"root forgets the way",
			[]func(*App){home, to(screen.PlaceUnit), home, (*App).Back},
			[]string{
				"model home", "show home", "hide home", "model unit", "show unit", "hide unit", "left unit", "hide home", "left home", "model home", "show home",
			},
			"home",
		},
		{
			"language makes pages, not models, anew",
			[]func(*App){home, func(a *App) { a.setLocale(wording.English) }},
			[]string{"model home", "show home", "hide home", "show home"},
			"home",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, _ := stage(t, wording.Chinese, fyne.NewSize(1280, 800), false)
			s := &steps{}
			a.build = s.build
			for _, do := range c.do {
				do(a)
			}
			if !slices.Equal(s.log, c.want) {
				t.Errorf("happened\n%v\nwant\n%v", s.log, c.want)
			}
			if got := a.top().title; got != c.ends {
				t.Errorf("ends at %s, want %s", got, c.ends)
			}
		})
	}
}

func TestBarLeadsBackAndToSync(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	s := &steps{}
	a.build = s.build
	a.open(screen.Route{Place: screen.PlaceHome, Root: true})
	if a.Find("bar.back", nil) != nil {
		t.Error("there is a way back from the first screen")
	}
	touch(t, a, "bar.sync")
	if got := a.top().route.Place; got != screen.PlaceSync {
		t.Errorf("at %s", got)
	}
	touch(t, a, "bar.sync") // not a second time
	touch(t, a, "bar.back")
	if got := a.top().route.Place; got != screen.PlaceHome || len(a.stack) != 1 {
		t.Errorf("at %s, %d deep", got, len(a.stack))
	}
	touch(t, a, "bar.language")
	if a.words.Locale() != wording.Chinese {
		t.Error("the language did not switch")
	}
}

// touch taps what a name stands for.
func touch(t *testing.T, a *App, id string) {
	t.Helper()
	o, ok := a.Find(id, test.WidgetRenderer).(fyne.Tappable)
	if !ok {
		t.Fatalf("%s cannot be tapped; there are %v", id, a.IDs())
	}
	test.Tap(o)
}

func TestFlowBreaksLines(t *testing.T) {
	test.NewTempApp(t)
	boxes := make([]fyne.CanvasObject, 4)
	for i := range boxes {
		boxes[i] = container.NewGridWrap(fyne.NewSize(100, 50))
	}
	flow := newFlow(boxes...)
	for _, c := range []struct{ width, height float32 }{{1000, 50}, {220, 50 + 50 + gap()}, {100, 4*50 + 3*gap()}, {10, 4*50 + 3*gap()}} {
		flow.Resize(fyne.NewSize(c.width, 0))
		if got := flow.MinSize().Height; got != c.height {
			t.Errorf("width %v: %v high, want %v", c.width, got, c.height)
		}
	}
}
