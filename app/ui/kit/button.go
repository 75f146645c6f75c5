package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Emphasis says how loud a button is.
type Emphasis int

// The emphases. A page has at most one Primary.
const (
	Plain   Emphasis = iota // grey: the usual button
	Primary                 // filled: what this page is for
	Quiet                   // no background: side ways and undo
	Danger                  // red: what cannot be taken back
)

var importances = map[Emphasis]widget.Importance{
	Plain:   widget.MediumImportance,
	Primary: widget.HighImportance,
	Quiet:   widget.LowImportance,
	Danger:  widget.DangerImportance,
}

// Button is Fyne's button, never smaller than the theme's touch size.
type Button struct {
	widget.Button

	memo buttonMemo
}

// buttonMemo keeps the minimum size, because Fyne asks for it in every frame and
// measuring a text is dear. It holds as long as what it was made from.
type buttonMemo struct {
	text            string
	icon            bool
	textSize, touch float32
	size            fyne.Size
}

// NewButton creates a button; icon may be nil, text may be empty, not both.
func NewButton(text string, icon fyne.Resource, emphasis Emphasis, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.Importance, b.OnTapped = text, icon, importances[emphasis], tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize is at least the touch size in both directions.
func (b *Button) MinSize() fyne.Size {
	now := buttonMemo{b.Text, b.Icon != nil, theme.Size(theme.SizeNameText), theme.Size(SizeNameTouch), b.memo.size}
	if now != b.memo {
		now.size = b.Button.MinSize().Max(fyne.NewSquareSize(now.touch))
		b.memo = now
	}
	return b.memo.size
}

// Refresh measures anew: the theme's font may be another one.
func (b *Button) Refresh() {
	b.memo = buttonMemo{}
	b.Button.Refresh()
}
