package syncproto_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The document's generated parts lie between these marks.
const (
	document  = "PROTOCOL.md"
	beginMark = "<!-- begin: "
	endMark   = "<!-- end -->"
	// updateVariable makes the test write what it would otherwise demand.
	updateVariable = "UPDATE_PROTOCOL"
	howToUpdate    = updateVariable + "=1 go test ./shared/syncproto"
)

// part is one piece of the document: text that people write, or a generated
// block with its name.
type part struct {
	name string // empty for written text
	text string
}

func readDocument(t testing.TB) []part {
	t.Helper()
	content, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := split(string(content))
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func split(text string) ([]part, error) {
	var parts []part
	for {
		before, rest, found := strings.Cut(text, beginMark)
		parts = append(parts, part{text: before})
		if !found {
			return parts, nil
		}
		name, rest, found := strings.Cut(rest, " -->\n")
		body, after, closed := strings.Cut(rest, endMark)
		if !found || !closed || strings.Contains(body, beginMark) {
			return nil, fmt.Errorf("block %.40q has no end", name)
		}
		parts, text = append(parts, part{name: name, text: body}), after
	}
}

func join(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.name != "" {
			b.WriteString(beginMark + p.name + " -->\n" + p.text + endMark)
			continue
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// block is one generated block of the document, or a test failure.
func block(t testing.TB, name string) string {
	t.Helper()
	parts := readDocument(t)
	i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
	if i < 0 {
		t.Fatalf("%s has no block %q", document, name)
	}
	return parts[i].text
}

// The document says what the code does: every generated block is as the code
// would write it, every row has its description, and no block is missing.
func TestProtocolDocumentIsCurrent(t *testing.T) {
	parts, generators := readDocument(t), generators(t)
	written := slices.Clone(parts)
	seen := map[string]bool{}
	for i, p := range parts {
		if p.name == "" {
			continue
		}
		generate, known := generators[p.name]
		switch {
		case !known:
			t.Errorf("%s: nothing generates the block %q", document, p.name)
			continue
		case seen[p.name]:
			t.Errorf("%s: the block %q is there twice", document, p.name)
		}
		seen[p.name] = true
		written[i].text = generate(t, p.text)
		if strings.Contains(written[i].text, undescribed) {
			t.Errorf("%s, block %q: a row has no description; write it instead of %q", document, p.name, undescribed)
		}
	}
	for name := range generators {
		if !seen[name] {
			t.Errorf("%s lacks the block %q: put %s%s --> and %s where it belongs", document, name, beginMark, name, endMark)
		}
	}
	if os.Getenv(updateVariable) != "" {
		if err := os.WriteFile(document, []byte(join(written)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for i, p := range parts {
		if written[i].text != p.text {
			t.Errorf("%s, block %q differs from the code; run %s and read the difference\n%s", document, p.name, howToUpdate, firstDifference(p.text, written[i].text))
		}
	}
}

func firstDifference(have, want string) string {
	a, b := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "(nothing)", "(nothing)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return "document: " + x + "\ncode:     " + y
		}
	}
	return ""
}

// undescribed stands where a person has to write.
const undescribed = "(describe this)"

// table is a generated Markdown table. Its last columns are written by people
// and kept, row by row, by the first cell.
type table struct {
	head  []string
	rows  [][]string
	prose int
}

func (tb table) render(old string) string {
	kept := map[string][]string{}
	for line := range strings.Lines(old) {
		if cells := cells(line); len(cells) == len(tb.head) {
			kept[cells[0]] = cells[len(cells)-tb.prose:]
		}
	}
	var b strings.Builder
	row(&b, tb.head)
	row(&b, slices.Repeat([]string{"---"}, len(tb.head)))
	for _, r := range tb.rows {
		prose := kept[r[0]]
		if prose == nil {
			prose = slices.Repeat([]string{undescribed}, tb.prose)
		}
		row(&b, slices.Concat(r, prose))
	}
	return b.String()
}

func row(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func cells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "| ") || !strings.HasSuffix(line, " |") {
		return nil
	}
	list := strings.Split(line[2:len(line)-2], " | ")
	for i, c := range list {
		list[i] = strings.TrimSpace(c)
	}
	return list
}
