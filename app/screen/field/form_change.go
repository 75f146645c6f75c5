package field

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"keyturn/shared/domain"
)

// change lets act work on the form and stores it.
func (m *FormScreen) change(act func(ctx context.Context, form *Form) error) {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, m.draft)
		if err != nil || !ok {
			return cmp.Or(err, ErrGone)
		}
		if err := act(ctx, &form); err != nil {
			return err
		}
		return m.device.Drafts.Save(ctx, form)
	})
}

// Search looks for a defect by name, pinyin initials or code.
func (m *FormScreen) Search(query string) {
	m.do(func(context.Context) error { m.query = query; return nil })
}

// Pick takes a defect of the library.
func (m *FormScreen) Pick(code string) {
	m.change(func(_ context.Context, form *Form) error {
		if d, ok := m.device.Catalogue.Defect(code); ok {
			choose(form, d)
			form.DuplicateOf = domain.DefectID{}
			m.query = ""
		}
		return nil
	})
}

// ChooseRoom says where the defect is. A pin in another room is taken off.
func (m *FormScreen) ChooseRoom(code string) {
	m.change(func(_ context.Context, form *Form) error {
		if form.Room != code {
			form.Pin, form.DuplicateOf = nil, domain.DefectID{}
		}
		form.Room = code
		return nil
	})
}

// ChooseSeverity says how bad it is.
func (m *FormScreen) ChooseSeverity(name string) {
	m.change(func(_ context.Context, form *Form) error {
		if s, ok := domain.ParseSeverity(name); ok {
			form.Severity = s
		}
		return nil
	})
}

// Describe replaces the description.
func (m *FormScreen) Describe(text string) {
	m.change(func(_ context.Context, form *Form) error { form.Description = text; return nil })
}

// AddPhoto takes a picture in; the file itself is not touched.
func (m *FormScreen) AddPhoto(path string) {
	m.change(func(ctx context.Context, form *Form) error {
		p, err := m.device.Photos.Capture(ctx, path)
		if err != nil {
			return err
		}
		// The same picture twice is one piece of evidence.
		if !slices.ContainsFunc(form.Photos, func(c Captured) bool { return c.Photo == p.Photo }) {
			form.Photos = append(form.Photos, p)
		}
		return nil
	})
}

// RemovePhoto takes a picture off the form.
func (m *FormScreen) RemovePhoto(id string) {
	m.change(func(_ context.Context, form *Form) error {
		form.Photos = slices.DeleteFunc(form.Photos, func(c Captured) bool { return c.ID.String() == id })
		return nil
	})
}

// PlacePin opens the plan to set the pin.
func (m *FormScreen) PlacePin() {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, m.draft)
		if err == nil && ok {
			m.goTo(Route{Place: PlacePlan, Unit: form.Unit, Draft: m.draft})
		}
		return err
	})
}

// Link says that the defect is the same as an earlier one, or not after all.
func (m *FormScreen) Link(id string, linked bool) {
	m.change(func(_ context.Context, form *Form) error {
		form.DuplicateOf = domain.DefectID{}
		if !linked {
			return nil
		}
		earlier, err := domain.ParseID[domain.Defect](id)
		form.DuplicateOf = earlier
		return err
	})
}

// Save records the defect and goes back.
func (m *FormScreen) Save() {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, m.draft)
		if err != nil || !ok {
			return cmp.Or(err, ErrGone)
		}
		if m.missing(form) != "" {
			return nil
		}
		if _, err := m.device.Defects.Record(ctx, form); err != nil {
			return err
		}
		m.remember(form)
		m.Listen(nil) // the form is no more
		m.goBack()
		return nil
	})
}

// Discard throws the form away and goes back.
func (m *FormScreen) Discard() {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, m.draft)
		if err == nil && ok {
			err = m.device.Drafts.Drop(ctx, form)
		}
		if err == nil {
			m.Listen(nil)
			m.goBack()
		}
		return err
	})
}

// Left drops a form in which nothing has been said; any other stays a draft.
func (m *FormScreen) Left() {
	m.post(func(ctx context.Context) {
		form, ok, err := m.device.Drafts.Get(ctx, m.draft)
		blank := form.LibraryCode == "" && strings.TrimSpace(form.Description) == "" && len(form.Photos) == 0 && form.Pin == nil && form.Result.IsZero()
		if err == nil && ok && blank {
			err = m.device.Drafts.Drop(ctx, form)
		}
		m.trouble = cmp.Or(err, m.trouble)
	})
}

// recents are the defects and words that this person used last.
type recents struct{ codes, phrases []string }

const recentShown = 6

// recents reads them once; afterwards the session remembers what is recorded.
func (s *Session) recents(ctx context.Context, snap Snapshot) (*recents, error) {
	if s.recent != nil {
		return s.recent, nil
	}
	who, err := s.device.Settings.Identity(ctx)
	if err != nil {
		return nil, err
	}
	defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{})
	if err != nil {
		return nil, err
	}
	s.recent = &recents{}
	for _, d := range defects {
		if d.Record.Inspector == who.Person {
			s.recent.use(d.Record.LibraryCode, d.Record.Description)
		}
	}
	return s.recent, nil
}

func (s *Session) remember(form Form) {
	if s.recent != nil {
		s.recent.use(form.LibraryCode, form.Description)
	}
}

func (r *recents) use(code, phrase string) {
	r.codes = front(r.codes, code)
	r.phrases = front(r.phrases, strings.TrimSpace(phrase))
}

// front puts a word first and forgets the oldest.
func front(list []string, word string) []string {
	if word == "" {
		return list
	}
	next := append([]string{word}, slices.DeleteFunc(slices.Clone(list), func(w string) bool { return w == word })...)
	return next[:min(len(next), recentShown)]
}
