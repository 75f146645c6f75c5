package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Level is where a value was set; contract beats project beats company.
type Level string

// Levels of configuration.
const (
	LevelCompany  Level = "company"
	LevelProject  Level = "project"
	LevelContract Level = "contract"
)

var levels = []Level{LevelCompany, LevelProject, LevelContract}

// Errors of building a configuration.
var (
	ErrUnknownKey     = errors.New("unknown configuration key")
	ErrUnknownLevel   = errors.New("unknown configuration level")
	ErrUnknownProfile = errors.New("unknown profile")
	ErrDuplicateKey   = errors.New("configuration key given twice")
)

// Setting is one default as the reference data gives it.
type Setting struct {
	Key string
	// Profile is empty for the general value, else the regional profile that the
	// value belongs to.
	Profile string
	Value   string
	// Unit decides the type: days, hours, ratio, CNY, bool, enum, mm …
	Unit string
	// Tag is the source tag of the domain specification (S1, L-V, P, D …).
	Tag string
}

// Check reports whether the value fits the unit.
func (s Setting) Check() error {
	_, err := parseValue(s.Unit, s.Value, strings.Contains(s.Value, ","))
	return err
}

type configEntry struct {
	value value
	level Level
	unit  string
	tag   string
}

// Config is an immutable set of typed values with their origin.
type Config struct {
	entries  map[string]configEntry
	profiles map[string]map[string]configEntry
	version  string
}

// NewConfig makes the company's defaults from reference data. Every faulty
// setting is reported, joined.
func NewConfig(settings []Setting) (Config, error) {
	c := Config{entries: map[string]configEntry{}, profiles: map[string]map[string]configEntry{}}
	var faults []error
	for _, s := range settings {
		v, err := parseValue(s.Unit, s.Value, strings.Contains(s.Value, ","))
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", s.Key, err))
			continue
		}
		target := c.entries
		if s.Profile != "" {
			if c.profiles[s.Profile] == nil {
				c.profiles[s.Profile] = map[string]configEntry{}
			}
			target = c.profiles[s.Profile]
		}
		if _, taken := target[s.Key]; taken {
			faults = append(faults, fmt.Errorf("%w: %s", ErrDuplicateKey, s.Key))
		}
		target[s.Key] = configEntry{v, LevelCompany, s.Unit, s.Tag}
	}
	for name, values := range c.profiles {
		for key, e := range values {
			if general, ok := c.entries[key]; !ok || general.unit != e.unit {
				faults = append(faults, fmt.Errorf("%w: %s of profile %s has no general value of unit %s", ErrUnknownKey, key, name, e.unit))
			}
		}
	}
	c.version = c.hash()
	return c, errors.Join(faults...)
}

// CheckRequired reports the keys of RequiredKeys that are missing or are no
// whole numbers.
func (c Config) CheckRequired() error {
	var faults []error
	for _, key := range RequiredKeys() {
		if e, ok := c.entries[key]; !ok || e.value.kind != kindInt || e.value.list {
			faults = append(faults, fmt.Errorf("%w: %s must be a whole number", ErrUnknownKey, key))
		}
	}
	return errors.Join(faults...)
}

// Override sets values at a level. Values already set at a higher level stay.
// Unknown keys and badly typed values are refused together and change nothing.
func (c Config) Override(level Level, values map[string]string) (Config, error) {
	rank := slices.Index(levels, level)
	if rank < 0 {
		return c, fmt.Errorf("%w: %.40q", ErrUnknownLevel, level)
	}
	entries := maps.Clone(c.entries)
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(values)) {
		old, ok := c.entries[key]
		if !ok {
			faults = append(faults, fmt.Errorf("%w: %.80q", ErrUnknownKey, key))
			continue
		}
		v, err := parseValue(old.unit, values[key], old.value.list)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", key, err))
			continue
		}
		if slices.Index(levels, old.level) <= rank {
			entries[key] = configEntry{v, level, old.unit, old.tag}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return c, err
	}
	next := Config{entries: entries, profiles: c.profiles}
	next.version = next.hash()
	return next, nil
}

// WithProfiles takes the values of the named regional profiles ("GB55038", or
// several joined by "+"; empty for none) in place of the general ones that
// nobody has overridden. A profile may hold tolerances only, so known lists
// the names that exist besides those with values here.
func (c Config) WithProfiles(names string, known ...string) (Config, error) {
	next := Config{entries: maps.Clone(c.entries), profiles: c.profiles}
	for _, name := range ProfileNames(names) {
		values, ok := c.profiles[name]
		if !ok && !slices.Contains(known, name) {
			return c, fmt.Errorf("%w: %.40q", ErrUnknownProfile, name)
		}
		for key, e := range values {
			if next.entries[key].level == LevelCompany {
				next.entries[key] = e
			}
		}
	}
	next.version = next.hash()
	return next, nil
}

// Profiles lists the regional profiles that have values of their own, sorted.
func (c Config) Profiles() []string { return slices.Sorted(maps.Keys(c.profiles)) }

// ProfileNames splits a project's tolerance profile: "XJ+GB55038".
func ProfileNames(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '+' || r == ',' || r == ' ' })
}

// Keys lists every key, sorted.
func (c Config) Keys() []string { return slices.Sorted(maps.Keys(c.entries)) }

// Source tells where a value was set and the tag of the key's default; both
// are empty for an unknown key.
func (c Config) Source(key string) (level Level, tag string) {
	e := c.entries[key]
	return e.level, e.tag
}

// Unit is the key's unit as the reference data writes it.
func (c Config) Unit(key string) string { return c.entries[key].unit }

// Version identifies the effective values: equal values, equal version.
func (c Config) Version() string { return c.version }

func (c Config) hash() string {
	h := sha256.New()
	for _, key := range c.Keys() {
		_, _ = fmt.Fprintf(h, "%q=%q\n", key, c.entries[key].value.text) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
