package desk

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// writer puts records into words for one reader.
type writer struct {
	wording.Reader
	catalogue *catalog.Catalogue
}

func (w writer) in(zone *time.Location) writer {
	w.Zone = zone
	return w
}

func (w writer) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// because renders a reason. Its arguments may be names of the catalogue or of a
// state, which the texts do not know.
func (w writer) because(r domain.Reason) string {
	args := maps.Clone(r.Args)
	for name, value := range args {
		switch name {
		case "trade":
			args[name] = w.catalogue.TradeName(value, w.Locale)
		case "channel":
			args[name] = w.known("desk.channel.", value)
		}
	}
	return w.Reason(domain.Reason{Key: r.Key, Args: args})
}

// known is the text of prefix+value, or the value where there is none: a newer
// server may send values that this build has no words for.
func (w writer) known(prefix, value string) string {
	if value == "" {
		return ""
	}
	if key := prefix + value; w.Texts.Has(w.Locale, key) {
		return w.Text(key)
	}
	return value
}

// status names a state of any record that has a timeline.
func (w writer) status(s string) string {
	for _, prefix := range []string{"desk.status.", "desk.maintenance.", "desk.charge."} {
		if w.Texts.Has(w.Locale, prefix+s) {
			return w.Text(prefix + s)
		}
	}
	return s
}

// defect names a library defect, else what the inspector wrote.
func (w writer) defect(t domain.Ticket) string {
	if lib, ok := w.catalogue.Defect(t.LibraryCode); ok {
		return lib.Name(w.Locale)
	}
	if t.Description != "" {
		return t.Description
	}
	return w.Text("desk.defect.unnamed")
}

// severity names a severity with its tone.
func (w writer) severity(s domain.Severity) (string, Tone) {
	tones := map[domain.Severity]Tone{domain.Minor: ToneInfo, domain.Major: ToneWarn, domain.Critical: ToneBad}
	return w.known("severity.", s.String()), tones[s]
}

// reading renders thousandths: 3500 is "3.5".
func reading(thousandths int64) string {
	sign := ""
	if thousandths < 0 {
		sign, thousandths = "-", -thousandths
	}
	whole := strconv.FormatInt(thousandths/1000, 10)
	places := strings.TrimRight(strconv.FormatInt(1000+thousandths%1000, 10)[1:], "0")
	if places != "" {
		whole += "." + places
	}
	return sign + whole
}

// rate renders basis points: 1500 is "15 %".
func rate(r domain.BasisPoints) string { return reading(int64(r)*10) + " %" }

// unitName is "1-1-101" as people of the project write its parts.
func unitName(u domain.Unit) string {
	if u.Entrance == "" {
		return u.Building + " " + u.Number
	}
	return u.Building + " " + u.Entrance + " " + u.Number
}

func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}
