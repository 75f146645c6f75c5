package handoverlist

import (
	"regexp"
	"strings"
)

// A prime marks a layout of its own, often the mirrored one.
var codeForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?:户型|LAYOUT|TYPE)\s*([A-Z]{1,3}\d{0,2}['′’]?)(?:\s|$)`),
	regexp.MustCompile(`^([A-Z]{1,3}\d{0,2}['′’]?)\s*(?:户型|型|LAYOUT|TYPE)`),
	regexp.MustCompile(`^([A-Z]\d{0,2}['′’]?)(?:\s|$)`),
}

// layoutCode is the letters, and a following number, that name a layout: B of
// "B户型 三室两厅两卫" and of "Layout B". It is empty for layouts without a code.
func layoutCode(name string) string {
	name = strings.ToUpper(name)
	for _, form := range codeForms {
		if m := form.FindStringSubmatch(name); m != nil {
			return m[1]
		}
	}
	return ""
}

// layoutKey knows a layout within its project.
func layoutKey(name string) string {
	if code := layoutCode(name); code != "" {
		return code
	}
	return compact(name)
}
