// Package wording renders texts for people from keys and arguments, per reader
// and locale. Texts live in JSON files named <part>.<locale>.json; keys are names,
// never English sentences.
package wording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"keyturn/shared/domain"
)

// Locales that every text exists in.
const (
	Chinese = "zh-Hans"
	English = "en"
)

// Locales lists them, the default first.
func Locales() []string { return []string{Chinese, English} }

// Pick chooses a locale for a system or account setting such as "zh_CN.UTF-8".
func Pick(setting string) string {
	if strings.HasPrefix(strings.ToLower(setting), "en") {
		return English
	}
	return Chinese
}

// Texts holds every text in every locale. It does not change once loaded.
type Texts struct {
	byLocale map[string]map[string]string
}

// Load reads every <part>.<locale>.json at the root of files. A key that stands
// in two parts, or a file that is no flat map of texts, is an error.
func Load(files fs.FS) (*Texts, error) {
	t := &Texts{byLocale: map[string]map[string]string{}}
	for _, l := range Locales() {
		t.byLocale[l] = map[string]string{}
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	var faults []error
	for _, name := range names {
		faults = append(faults, t.add(files, name))
	}
	return t, errors.Join(faults...)
}

func (t *Texts) add(files fs.FS, name string) error {
	parts := strings.Split(path.Base(name), ".")
	if len(parts) != 3 || t.byLocale[parts[1]] == nil {
		return fmt.Errorf("texts %s: name must be part.locale.json", name)
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	var texts map[string]string
	if err := json.Unmarshal(b, &texts); err != nil {
		return fmt.Errorf("texts %s: %w", name, err)
	}
	for key, text := range texts {
		if _, twice := t.byLocale[parts[1]][key]; twice {
			return fmt.Errorf("texts %s: key %s stands in another part too", name, key)
		}
		t.byLocale[parts[1]][key] = text
	}
	return nil
}

// Keys lists the keys of a locale, sorted.
func (t *Texts) Keys(locale string) []string {
	return slices.Sorted(maps.Keys(t.byLocale[locale]))
}

// Has reports whether a key has a text in the locale.
func (t *Texts) Has(locale, key string) bool {
	_, ok := t.byLocale[locale][key]
	return ok
}

// Text renders a key; {name} is replaced by the argument. A key without a text
// is shown as itself, so that a gap is seen and nothing is hidden.
func (t *Texts) Text(locale, key string, args map[string]string) string {
	text, ok := t.byLocale[locale][key]
	if !ok {
		text, ok = t.byLocale[Chinese][key]
	}
	if !ok {
		return key
	}
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Reader renders for one person: their locale and their project's zone.
type Reader struct {
	Texts  *Texts
	Locale string
	Zone   *time.Location
}

// Text renders a key with alternating argument names and values.
func (r Reader) Text(key string, namesAndValues ...string) string {
	return r.Reason(domain.Because(key, namesAndValues...))
}

// Reason renders a decision's reason. Arguments named *_at are instants in RFC
// 3339 and are shown in the reader's zone; values that are keys themselves
// (severity.major, trade.door) are translated.
func (r Reader) Reason(reason domain.Reason) string {
	if reason.Key == "" {
		return ""
	}
	args := make(map[string]string, len(reason.Args))
	for name, value := range reason.Args {
		args[name] = r.argument(name, value)
	}
	return r.Texts.Text(r.Locale, reason.Key, args)
}

func (r Reader) argument(name, value string) string {
	if strings.HasSuffix(name, "_at") {
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return at.In(r.zone()).Format(minute)
		}
	}
	if key := name + "." + value; r.Texts.Has(r.Locale, key) {
		return r.Texts.Text(r.Locale, key, nil)
	}
	return value
}

const minute = "2006-01-02 15:04"

func (r Reader) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// Time renders an instant to the minute, empty if it is not set.
func (r Reader) Time(i domain.Instant) string {
	if !i.Set() {
		return ""
	}
	return i.Time().In(r.zone()).Format(minute)
}

// Chinese reports whether the reader reads Chinese, for names that exist twice.
func (r Reader) Chinese() bool { return r.Locale == Chinese }
