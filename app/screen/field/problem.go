package field

import (
	"errors"
	"strconv"

	"keyturn/app/conflict"
	"keyturn/shared/photo"
)

// Problem is a failure as people read it: what happened, what is safe, what to
// do next.
type Problem struct{ Happened, Safe, Next string }

// problemOf explains an error. Codes have texts of their own; what has none is
// shown as it is, so that nothing is hidden.
func (s *Session) problemOf(err error) *Problem {
	r := s.read()
	p := &Problem{Safe: r.Text("field.problem.safe"), Next: r.Text("field.problem.next")}
	var refused *Refused
	var picture *photo.Error
	var wrong *wrongText
	switch {
	case errors.As(err, &wrong):
		p.Happened = wrong.text
	case errors.As(err, &refused):
		p.Happened = s.codeText(refused.Code)
		p.Next = s.textOr("field.next."+refused.Code, "field.problem.next")
	case errors.As(err, &picture):
		args := make([]string, 0, 2*len(picture.Args))
		for name, n := range picture.Args {
			args = append(args, name, strconv.FormatInt(n, 10))
		}
		p.Happened = r.Text("field.photo."+string(picture.Code), args...)
		p.Next = s.textOr("field.next."+string(picture.Code), "field.next.photo")
	case s.device.DiskFull != nil && s.device.DiskFull(err):
		p.Happened, p.Safe, p.Next = r.Text("field.photo.disk_full"), r.Text("field.safe.disk_full"), r.Text("field.next.disk_full_record")
	case errors.Is(err, conflict.ErrChanged):
		p.Happened, p.Next = r.Text("conflict.changed"), r.Text("conflict.changed_next")
	case errors.Is(err, ErrGone):
		p.Happened, p.Next = r.Text("field.problem.gone"), r.Text("field.next.gone")
	default:
		p.Happened = r.Text("field.problem.other", "detail", err.Error())
	}
	return p
}

// codeText is a server's code in words.
func (s *Session) codeText(code string) string {
	r := s.read()
	if key := "field.code." + code; r.Texts.Has(r.Locale, key) {
		return r.Text(key)
	}
	return r.Text("field.code.other", "code", code)
}

func (s *Session) textOr(key, otherwise string) string {
	r := s.read()
	if r.Texts.Has(r.Locale, key) {
		return r.Text(key)
	}
	return r.Text(otherwise)
}
