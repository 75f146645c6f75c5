package catalog

import (
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// Part says which checklists an item belongs to.
type Part string

// Parts: show flat, handover, or both.
const (
	PartBoth     Part = "BOTH"
	PartShowflat Part = "SF"
	PartHandover Part = "HO"
)

// ItemKind is how an item is answered.
type ItemKind string

// Item kinds.
const (
	KindPassFail    ItemKind = "pass_fail"
	KindMeasurement ItemKind = "measurement"
	KindCount       ItemKind = "count"
	KindText        ItemKind = "text"
)

// Item is one checklist item.
type Item struct {
	Code           string
	Part           Part
	Area, Element  string
	NameZH, NameEN string
	Kind           ItemKind
	Unit           string
	// Tolerance is the limit in words, as the source prints it.
	Tolerance string
	Rule      policy.Rule
	Sampling  string
	// FailSeverity is the severity of the defect that a failure becomes.
	FailSeverity             domain.Severity
	PhotoAlways, PhotoOnFail bool
	// Points is how many readings are suggested: 5 for clear height, 4 for bay
	// and depth (two in each direction), else 1.
	Points int
	// Variables the rule needs, besides those that only configuration gives.
	Variables []Variable
	// Options are the answers of a choice, empty for other items.
	Options []Option
	// FitOuts in which the item can exist.
	FitOuts []domain.FitOut
	// Rooms are the room types that the area names.
	Rooms            []domain.RoomType
	Source, Evidence string

	fallback domain.RoomType
}

// Name of the item; "zh-Hans" or, for any other locale, English.
func (i Item) Name(locale string) string { return inLocale(locale, i.NameZH, i.NameEN) }

// VariableSource says where the value of a rule variable comes from.
type VariableSource string

// Sources of rule variables.
const (
	FromBaseline VariableSource = "baseline" // the frozen show flat's reading or count
	FromPlan     VariableSource = "plan"     // the room's polygon and the plan's scale
	FromInput    VariableSource = "input"    // the inspector, from the paper at hand
	FromConfig   VariableSource = "config"   // a configured limit, chosen among the choices
)

// Variable is one variable of an item's rule.
type Variable struct {
	Name   string
	Source VariableSource
	// Optional variables may stay unbound.
	Optional       bool
	NameZH, NameEN string
	// Choices are the configured limits to choose from, the first by default.
	Choices []Choice
}

// Label names the variable for the locale.
func (v Variable) Label(locale string) string { return inLocale(locale, v.NameZH, v.NameEN) }

// Choice is one configured limit of a variable.
type Choice struct {
	ConfigKey      string
	NameZH, NameEN string
}

// Name of the choice for the locale.
func (c Choice) Name(locale string) string { return inLocale(locale, c.NameZH, c.NameEN) }

// Option is one answer of a choice item and what it amounts to.
type Option struct {
	Key            string
	NameZH, NameEN string
	Answer         domain.Answer
}

// Name of the option for the locale.
func (o Option) Name(locale string) string { return inLocale(locale, o.NameZH, o.NameEN) }

// LocaleZH is the locale of Chinese names.
const LocaleZH = "zh-Hans"

func inLocale(locale, zh, en string) string {
	if locale == LocaleZH {
		return zh
	}
	return en
}
