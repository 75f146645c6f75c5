// Package fonts holds the typeface that Keyturn shows and prints: Noto Sans CJK SC in two weights, as CFF OpenType.
//
// The system's own fonts will not do: many machines show boxes or the Japanese forms of Chinese characters, and none has a bold that is
// certain to be there. Each weight is a subset of about 5 MB with ASCII, Latin-1, the GBK repertoire (people's names need more
// than GB2312), punctuation, arrows, circled numbers and the marks ✓ × ⚠ ● ○ ■ □ ▲ ▼ ◆; ✗ ✔ ☑ are not in Noto Sans CJK.
// subset.sh says how the files were made. They stand under the SIL Open Font License 1.1.
package fonts

import _ "embed" // the files below become part of the program

var (
	// Regular is the font for all text that is not bold, monospaced text included. Not to be modified.
	//
	//go:embed NotoSansSC-Regular.otf
	Regular []byte

	// Bold is the font for bold text. Not to be modified.
	//
	//go:embed NotoSansSC-Bold.otf
	Bold []byte

	// License is the licence text that has to accompany every copy of the fonts, for the page that names licences.
	//
	//go:embed OFL.txt
	License string
)
