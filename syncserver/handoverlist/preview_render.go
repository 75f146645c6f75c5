package handoverlist

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// How many names and records of a kind a rendered preview shows.
const (
	shownCreates = 10
	shownRecords = 200
)

// Render writes the preview as plain text for a terminal or mail. text looks a
// key of TextKeys up and fills its arguments in.
func (p *Preview) Render(w io.Writer, text func(key string, args map[string]string) string) error {
	out := &renderer{to: bufio.NewWriter(w), text: text}
	if p.Refused() {
		out.line("", keyPreviewRefused)
	} else {
		out.counts(p)
		out.creates(p)
		out.changes(p)
		out.kept(p)
		out.missing(p)
	}
	out.faults(p)
	if out.err == nil {
		out.err = out.to.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("write preview: %w", out.err)
	}
	return nil
}

// renderer keeps the first error of writing in err.
type renderer struct {
	to   *bufio.Writer
	err  error
	text func(string, map[string]string) string
}

func (o *renderer) line(indent, key string, namesAndValues ...string) {
	if o.err == nil {
		_, o.err = fmt.Fprintln(o.to, indent+o.reason(domain.Because(key, namesAndValues...)))
	}
}

func (o *renderer) reason(r domain.Reason) string { return o.text(r.Key, r.Args) }

func (o *renderer) entity(e domain.Entity) string { return o.text(entityKey(e), nil) }

func (o *renderer) more(indent string, n int) {
	if n > 0 {
		o.line(indent, keyPreviewMore, "count", strconv.Itoa(n))
	}
}

func (o *renderer) counts(p *Preview) {
	o.line("", keyPreviewCounts)
	writes := 0
	for _, c := range p.Counts {
		writes += c.Create + c.Change
		o.line("  ", keyPreviewCount, "entity", o.entity(c.Entity), "create", strconv.Itoa(c.Create),
			"change", strconv.Itoa(c.Change), "unchanged", strconv.Itoa(c.Unchanged), "kept", strconv.Itoa(c.Kept))
	}
	if writes == 0 {
		o.line("", keyPreviewNothing)
	}
}

func (o *renderer) creates(p *Preview) {
	names := map[domain.Entity][]string{}
	for _, c := range p.Changes {
		if c.Create {
			names[c.Entity] = append(names[c.Entity], c.Name)
		}
	}
	if len(names) > 0 {
		o.line("", keyPreviewCreates)
	}
	for _, c := range p.Counts {
		list := names[c.Entity]
		if len(list) == 0 {
			continue
		}
		first := strings.Join(list[:min(len(list), shownCreates)], "、")
		o.line("  ", keyPreviewCreate, "entity", o.entity(c.Entity), "names", first)
		o.more("    ", len(list)-shownCreates)
	}
}

func (o *renderer) changes(p *Preview) {
	seen := 0
	for _, c := range p.Changes {
		if c.Create || len(c.Patch) == 0 {
			continue
		}
		if seen == 0 {
			o.line("", keyPreviewChanges)
		}
		if seen++; seen > shownRecords {
			continue
		}
		o.line("  ", keyPreviewRecord, "entity", o.entity(c.Entity), "name", c.Name)
		for _, f := range c.Fields {
			o.line("    ", keyPreviewField, "field", o.text(f.Label, nil), "old", o.reason(f.Old), "new", o.reason(f.New))
		}
	}
	o.more("  ", seen-shownRecords)
}

func (o *renderer) kept(p *Preview) {
	if len(p.Kept) > 0 {
		o.line("", keyPreviewKept)
	}
	for _, k := range p.Kept[:min(len(p.Kept), shownRecords)] {
		o.line("  ", keyPreviewRecord, "entity", o.entity(k.Entity), "name", k.Name)
		if k.Removed {
			o.line("    ", keyPreviewKeptRemoved)
		}
		for _, f := range k.Fields {
			o.line("    ", keyPreviewKeptField, "field", o.text(f.Label, nil),
				"imported", o.reason(f.Imported), "current", o.reason(f.Current), "file", o.reason(f.File))
		}
	}
	o.more("  ", len(p.Kept)-shownRecords)
}

func (o *renderer) missing(p *Preview) {
	if len(p.Missing) > 0 {
		o.line("", keyPreviewMissing)
	}
	for _, m := range p.Missing[:min(len(p.Missing), shownRecords)] {
		o.line("  ", keyPreviewRecord, "entity", o.entity(m.Entity), "name", m.Name)
	}
	o.more("  ", len(p.Missing)-shownRecords)
}

func (o *renderer) faults(p *Preview) {
	title := map[Severity]string{SeverityError: keyPreviewErrors, SeverityWarning: keyPreviewWarnings}
	var last Severity
	for _, f := range p.Faults {
		if f.Severity != last {
			o.line("", title[f.Severity])
			last = f.Severity
		}
		o.fault(f)
	}
	o.more("  ", p.MoreFaults)
}

func (o *renderer) fault(f Fault) {
	value := f.Value
	if value == "" {
		value = o.text(keyValueNone, nil)
	}
	args := []string{
		"sheet", f.Sheet, "row", strconv.Itoa(f.Row), "column", f.Column, "header", f.Header,
		"value", value, "expected", o.reason(f.Expected),
	}
	switch {
	case f.Row == 0:
		o.line("  ", keyPreviewFaultSheet, args...)
	case f.Column == "":
		o.line("  ", keyPreviewFaultRow, args...)
	case f.Header == "":
		o.line("  ", keyPreviewFaultColumn, args...)
	default:
		o.line("  ", keyPreviewFaultCell, args...)
	}
}
