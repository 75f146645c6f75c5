package field

import screen "keyturn/app/screen/field"

// pageOf gives the maker of a route's page. The view model is made once; the
// page may be made again, in another language.
func pageOf(a *App, s *screen.Session, r screen.Route) func() *page {
	switch r.Place {
	case screen.PlaceEnrol:
		m := s.Enrol()
		return func() *page { return newEnrol(a, m) }
	case screen.PlaceDownload:
		m := s.Download()
		return func() *page { return newDownload(a, m) }
	case screen.PlaceBuildings:
		m := s.Buildings()
		return func() *page { return newBuildings(a, m) }
	case screen.PlaceUnit:
		m := s.Unit(r.Unit, r.Task)
		return func() *page { return newUnit(a, m) }
	case screen.PlaceChecklist:
		m := s.Checklist(r.Unit, r.Task, r.Room, r.Row)
		return func() *page { return newChecklist(a, m) }
	case screen.PlaceForm:
		m := s.Form(r.Draft)
		return func() *page { return newForm(a, m) }
	case screen.PlacePlan:
		m := s.Plan(r.Unit, r.Task, r.Draft)
		return func() *page { return newPlan(a, m) }
	case screen.PlaceDefect:
		m := s.Defect(r.Defect)
		return func() *page { return newDefect(a, m) }
	case screen.PlaceReinspect:
		m := s.Reinspect(r.Task)
		return func() *page { return newReinspect(a, m) }
	case screen.PlaceConfirm:
		m := s.Confirm(r.Ticket)
		return func() *page { return newConfirm(a, m) }
	case screen.PlaceConflicts:
		m := s.Conflicts(r.Defect.Any())
		return func() *page { return newConflicts(a, m) }
	case screen.PlaceSync:
		m := s.Sync()
		return func() *page { return newSync(a, m) }
	default:
		m := s.Home()
		return func() *page { return newHome(a, m) }
	}
}
