package field

import (
	"fyne.io/fyne/v2"

	screen "keyturn/app/screen/field"
)

// onUI runs f on the UI goroutine, soon. It is the only way there from view
// models and loaders, which work on goroutines of their own.
func onUI(f func()) { fyne.Do(f) }

// model is a view model that hands out States.
type model[S any] interface {
	Listen(f func(S, *screen.Problem))
	Dismiss()
}

// follow draws every State of m on the UI goroutine while on is true. States
// that come after the page was covered are dropped.
func follow[S any](m model[S], draw func(S, *screen.Problem)) (listen func(on bool)) {
	shown := 0
	return func(on bool) {
		shown++
		if !on {
			m.Listen(nil)
			return
		}
		turn := shown
		m.Listen(func(s S, problem *screen.Problem) {
			onUI(func() {
				if turn == shown {
					draw(s, problem)
				}
			})
		})
	}
}
