package desk

import (
	"strings"

	"fyne.io/fyne/v2"
)

// anchors are the objects that people look for, by a name that is the same in
// every language: "board.row.WX-2026-000001", "ticket.action.assign".
type anchors map[string]fyne.CanvasObject

// mark names an object.
func (a anchors) mark(id string, o fyne.CanvasObject) { a[id] = o }

// forget drops the names of a part that is drawn anew.
func (a anchors) forget(prefix string) {
	for id := range a {
		if strings.HasPrefix(id, prefix) {
			delete(a, id)
		}
	}
}

// Find gives the object with this name, nil if it is not shown now. A row of
// the board is scrolled into view first.
//
//	tab.tickets, tab.ledger, tab.conflicts, tab.reviews    sections
//	reviews.notice, review.<device>/<first op>.<accept|discard|photos>, review.<sender>.<accept|discard>
//	conflict.<question>.<side from 0|both|open>, conflict.again.<value>
//	ticket.again.<value>
//	board.group.<group>                       filter: open, new, contractor, …
//	board.search, board.building, board.contractor
//	board.list, board.row.<ticket number>
//	ticket.tab.<overview|timeline|letters|third>
//	ticket.action.<action>                    of the repair ticket
//	ticket.photo.<before|after|work|checks>, ticket.plan
//	gate.<propose|approve|quote|…>            of the third party
//	charge.<ticket number>.<STATE>            of a back-charge
//	notice.deliver.<notice number>
//	ledger.scope.<row from 0>
//	form.<note|amount|contractor|firm|trigger|channel|reached|files>, form.ok, form.cancel, form.problem
//	strip.status, strip.retry, strip.enrol, strip.attention, strip.locale.<zh-Hans|en>
//	attention.close, attention.dismiss.<op>
func (a *App) Find(id string) fyne.CanvasObject {
	if number, ok := strings.CutPrefix(id, "board.row."); ok {
		return a.board.find(number)
	}
	o, ok := a.anchors[id]
	if !ok {
		return nil
	}
	return o
}
