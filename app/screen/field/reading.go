package field

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/wording"
)

// ReadingLine is the measured side of a question.
type ReadingLine struct {
	Unit, Limit string
	// Value is the reading of a question with a single point.
	Value string
	// Points are the readings so far where several are usual; Suggested is how
	// many. A single point has none.
	Points    []string
	Suggested int
	Tone      Tone
	Verdict   string
	// Judge says what one more reading would mean; it may be called anywhere.
	Judge func(value string) (Tone, string)
}

// InputLine is a value that the limit depends on.
type InputLine struct {
	Name, Label, Value, Unit string
	// Choices are the limits to choose from, instead of a number.
	Choices []Chip
}

// inputs are what the inspector has said about a question's limit: numbers in
// thousandths by variable, and chosen configuration keys.
type inputs struct {
	Numbers map[string]int64  `json:"numbers,omitempty"`
	Chosen  map[string]string `json:"chosen,omitempty"`
}

func inputsKey(inspection domain.InspectionID, row string) string {
	return "inputs/" + inspection.String() + "/" + row
}

func (s *Session) inputs(ctx context.Context, inspection domain.InspectionID, row string) (in inputs, err error) {
	_, err = s.device.Notebook.Kept(ctx, inputsKey(inspection, row), &in)
	return in, err
}

// judgement is all that a verdict on readings depends on.
type judgement struct {
	catalog.Question
	flat   flat
	shown  domain.BaselineItem
	inputs inputs
}

// vars binds what is known of the rule's variables.
func (j judgement) vars() map[string]int64 {
	vars := map[string]int64{}
	for _, v := range j.Item.Variables {
		switch v.Source {
		case catalog.FromBaseline:
			if len(j.shown.Readings) > 0 {
				vars[v.Name] = j.shown.Readings[0]
			}
		case catalog.FromPlan:
			if length, ok := j.shortSide(); ok {
				vars[v.Name] = length
			}
		case catalog.FromConfig:
			if limit, ok := j.flat.Config.Milli(j.chosen(v)); ok {
				vars[v.Name] = limit
			}
		}
	}
	maps.Copy(vars, j.inputs.Numbers)
	return j.flat.Config.Bind(j.Item.Rule, vars)
}

func (j judgement) chosen(v catalog.Variable) string {
	if key := j.inputs.Chosen[v.Name]; key != "" {
		return key
	}
	if len(v.Choices) > 0 {
		return v.Choices[0].ConfigKey
	}
	return v.Name
}

// shortSide is the shorter side of the room in thousandths of a millimetre: of
// the two directions the one with the stricter limit.
func (j judgement) shortSide() (int64, bool) {
	if !j.flat.HasPlan || len(j.Room.Polygon) == 0 {
		return 0, false
	}
	low, high := j.Room.Polygon[0], j.Room.Polygon[0]
	for _, p := range j.Room.Polygon {
		for axis := range p {
			low[axis], high[axis] = min(low[axis], p[axis]), max(high[axis], p[axis])
		}
	}
	return int64(min(high[0]-low[0], high[1]-low[1])) * j.flat.Plan.MicrometrePerPX, true
}

// judge gives the verdict, or in words what is missing for one.
func (j judgement) judge(r wording.Reader, readings []int64) (v policy.Verdict, missing string) {
	v, err := j.Item.Rule.Judge(readings, j.vars())
	switch {
	case err == nil:
		return v, ""
	case errors.Is(err, policy.ErrUnbound):
		for _, known := range j.Item.Variables {
			if _, ok := j.vars()[known.Name]; !ok && !known.Optional {
				return v, r.Text("field.reading.needs", "what", known.Label(r.Locale))
			}
		}
		return v, r.Text("field.reading.unjudged")
	default:
		return v, r.Text("field.reading.unjudged")
	}
}

func (j judgement) line(r wording.Reader, given domain.Result) *ReadingLine {
	l := &ReadingLine{Unit: measure(r, j.Item.Unit), Limit: j.limit(r)}
	if j.Item.Points > 1 {
		l.Suggested = j.Item.Points
		for _, v := range given.Readings {
			l.Points = append(l.Points, thousandths(v))
		}
	} else if len(given.Readings) > 0 {
		l.Value = thousandths(given.Readings[0])
	}
	if len(given.Readings) > 0 {
		l.Tone, l.Verdict = j.says(r, given.Readings)
	}
	before := slices.Clone(given.Readings)
	l.Judge = func(value string) (Tone, string) {
		v, ok := parseThousandths(value)
		if !ok {
			return ToneNeutral, l.Limit
		}
		if j.Item.Points > 1 {
			return j.says(r, append(slices.Clone(before), v))
		}
		return j.says(r, []int64{v})
	}
	return l
}

// says is a verdict in words, with deviation and range of several readings.
func (j judgement) says(r wording.Reader, readings []int64) (Tone, string) {
	v, missing := j.judge(r, readings)
	if missing != "" {
		return ToneNeutral, missing
	}
	text := r.Reason(v.Reason)
	if len(readings) > 1 {
		spread := "field.reading.range"
		if j.Item.Rule.Subject() == policy.SubjectDeviation || j.Item.Rule.Subject() == policy.SubjectMagnitude {
			spread = "field.reading.deviation_range"
		}
		text += r.Text("field.reading.join") + r.Text(spread, "deviation", thousandths(v.Deviation), "range", thousandths(v.Range), "unit", measure(r, j.Item.Unit))
	}
	if v.Answer == domain.AnswerFail {
		return ToneBad, text
	}
	return ToneOK, text
}

// limit is what holds, in words; the rule itself says the numbers.
func (j judgement) limit(r wording.Reader) string {
	v, missing := j.judge(r, []int64{0})
	if missing != "" {
		return missing
	}
	low, hasLow := v.Reason.Args["low"]
	high, hasHigh := v.Reason.Args["high"]
	key := ""
	switch {
	case hasLow && hasHigh && low == high:
		key = "field.limit.eq"
	case hasLow && hasHigh:
		key = "field.limit.between"
	case hasHigh:
		key = "field.limit.le"
	case hasLow:
		key = "field.limit.ge"
	default:
		return ""
	}
	subject := r.Text("field.subject." + string(j.Item.Rule.Subject()))
	return strings.TrimSpace(subject + " " + r.Text(key, "low", low, "high", high, "unit", measure(r, j.Item.Unit)))
}

// lines are the inputs that a person can give.
func (j judgement) lines(r wording.Reader) []InputLine {
	var lines []InputLine
	for _, v := range j.Item.Variables {
		switch {
		case v.Source == catalog.FromInput:
			line := InputLine{Name: v.Name, Label: v.Label(r.Locale), Unit: measure(r, j.Item.Unit)}
			if n, ok := j.inputs.Numbers[v.Name]; ok {
				line.Value = thousandths(n)
			}
			lines = append(lines, line)
		case len(v.Choices) > 1:
			line := InputLine{Name: v.Name, Label: v.Label(r.Locale)}
			for _, c := range v.Choices {
				line.Choices = append(line.Choices, Chip{ID: c.ConfigKey, Text: c.Name(r.Locale), Chosen: c.ConfigKey == j.chosen(v)})
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// Measure takes a reading: of a single point it replaces the one before, where
// several points are usual it is one more.
func (m *Checklist) Measure(id, value string) {
	m.change(id, func(ctx context.Context, q *question) error {
		v, ok := parseThousandths(value)
		switch {
		case !ok && q.Item.Points > 1:
			return nil
		case !ok:
			q.given.Readings = nil
		case q.Item.Points > 1:
			q.given.Readings = append(slices.Clone(q.given.Readings), v)
		default:
			q.given.Readings = []int64{v}
		}
		return m.judged(ctx, q)
	})
}

// Correct replaces one reading of several; an empty value removes it.
func (m *Checklist) Correct(id string, point int, value string) {
	m.change(id, func(ctx context.Context, q *question) error {
		if point < 0 || point >= len(q.given.Readings) {
			return nil
		}
		readings := slices.Clone(q.given.Readings)
		if v, ok := parseThousandths(value); ok {
			readings[point] = v
		} else {
			readings = slices.Delete(readings, point, point+1)
		}
		q.given.Readings = readings
		return m.judged(ctx, q)
	})
}

// judged stores readings with their verdict. A failure opens the defect form
// once all usual points are read.
func (m *Checklist) judged(ctx context.Context, q *question) error {
	q.given.Answer, q.given.Verdict = "", domain.Reason{}
	if len(q.given.Readings) > 0 {
		j := judgement{Question: q.Question, flat: q.flat, shown: q.shown, inputs: q.inputs}
		v, missing := j.judge(m.read(), q.given.Readings)
		if missing == "" {
			q.given.Answer, q.given.Verdict = v.Answer, v.Reason
		}
	}
	return m.store(ctx, q, q.given.Answer == domain.AnswerFail && len(q.given.Readings) >= q.Item.Points)
}

// Input gives a number that the limit depends on; empty takes it back.
func (m *Checklist) Input(id, name, value string) {
	m.change(id, func(ctx context.Context, q *question) error {
		if q.inputs.Numbers == nil {
			q.inputs.Numbers = map[string]int64{}
		}
		if v, ok := parseThousandths(value); ok {
			q.inputs.Numbers[name] = v
		} else {
			delete(q.inputs.Numbers, name)
		}
		return m.rejudge(ctx, id, q)
	})
}

// Limit chooses among the limits that may hold.
func (m *Checklist) Limit(id, name, key string) {
	m.change(id, func(ctx context.Context, q *question) error {
		if q.inputs.Chosen == nil {
			q.inputs.Chosen = map[string]string{}
		}
		q.inputs.Chosen[name] = key
		return m.rejudge(ctx, id, q)
	})
}

func (m *Checklist) rejudge(ctx context.Context, id string, q *question) error {
	if err := m.device.Notebook.Keep(ctx, inputsKey(q.inspection, id), q.inputs); err != nil || len(q.given.Readings) == 0 {
		return err
	}
	return m.judged(ctx, q)
}
