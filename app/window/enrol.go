package window

import (
	"os"

	"fyne.io/fyne/v2"

	deskscreen "keyturn/app/screen/desk"
	"keyturn/app/ui/shell"
)

// counter shows, in place of the desk, where a new code is entered for a device
// that its server does not let in any more. It belongs to the UI goroutine.
type counter struct {
	*frame
	desk *deskscreen.Desk
	// page is what is shown, nil while it is the desk.
	page *shell.Enrol
}

// open asks for the code; behind is shown again afterwards.
func (c *counter) open(server string, behind fyne.CanvasObject) {
	page := shell.NewEnrolAgain(c.words(), server)
	back := func() {
		if c.page == page { // otherwise the person has gone back already
			c.page = nil
			c.window.SetContent(behind)
		}
	}
	page.OnBack = back
	page.OnEnrol = func(server, code string) {
		c.work.Go(func() {
			err := c.enrol(server, code)
			fyne.Do(func() {
				if err != nil {
					page.Refused(err)
					return
				}
				back()
			})
		})
	}
	c.page = page
	c.window.SetContent(page.Object())
}

// enrol waits for the server, off the UI goroutine.
func (c *counter) enrol(server, code string) error {
	name, err := os.Hostname()
	if err != nil {
		name = "desk"
	}
	return c.desk.Enrol(c.ctx, server, code, name)
}

// find gives what can be touched on the page, nil while the desk is shown.
func (c *counter) find(id string) fyne.CanvasObject {
	if c.page == nil {
		return nil
	}
	return c.page.Find(id)
}
