// Package conflict puts into words where people have written different things
// about the same: what waits for a person to choose, and what lost and can be
// taken again. The tablet's screens and the desk's show the same of it.
package conflict

import (
	"context"
	"errors"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

// ErrChanged says that the values have changed since somebody looked at them, so
// that their choice is no choice between these.
var ErrChanged = errors.New("the values have changed since they were shown")

// Record is a record with its contests, as the device shows it.
type Record = merge.Record

// Source reads the records that a contested one refers to.
type Source interface {
	Get(ctx context.Context, e domain.Entity, id domain.AnyID) (fields syncproto.Fields, ok bool, err error)
}

// Words are how values read to one person.
type Words struct {
	wording.Reader
	Catalogue *catalog.Catalogue
	// Me is the person who reads: what they wrote is theirs.
	Me       domain.PersonID
	Person   func(domain.PersonID) string
	Severity func(domain.Severity) string
	Answer   func(domain.Answer) string
	// Place names a unit and a room of it.
	Place func(ctx context.Context, unit domain.UnitID, room string) (unitName, roomName string, err error)
}

// Subject is the record that several people wrote about.
type Subject struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Title is what it is: the name of the defect, the checklist item.
	Title string
	// Where names unit and room, empty for what is nowhere.
	Where string
}

// Question asks a person to choose between values.
type Question struct {
	// Key names the question, the same until it is answered.
	Key string
	Subject
	// What names the field.
	What  string
	Sides []Side
	// Both is what the sides give together, empty where one must be chosen.
	Both string

	both Decision
}

// Side is one of the values, with who gave it and when.
type Side struct {
	Value string
	// Detail says more about the value: the reason of a verdict.
	Detail   string
	Who, At  string
	Mine     bool
	InForce  bool
	decision Decision
}

// Lost is a value that another one has replaced.
type Lost struct {
	// Key names the value, the same as long as it is listed.
	Key string
	Subject
	What, Value string
	Who, At     string
	Mine        bool
	// Now is the value in force, with who gave it and when.
	Now, NowWho, NowAt string

	decision Decision
}

// Decision is what is written when a person has chosen.
type Decision struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Values are what the fields are to hold.
	Values syncproto.Fields
	// Seen are the values that the person chose between, by field.
	Seen map[uint64][]syncproto.Value
}

// Take chooses one side.
func (q Question) Take(side int) (d Decision, ok bool) {
	if side < 0 || side >= len(q.Sides) {
		return Decision{}, false
	}
	return q.Sides[side].decision, true
}

// TakeBoth chooses all sides together.
func (q Question) TakeBoth() (d Decision, ok bool) { return q.both, q.Both != "" }

// TakeAgain puts the value back into force.
func (l Lost) TakeAgain() Decision { return l.decision }
