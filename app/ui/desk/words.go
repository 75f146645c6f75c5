package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// labelWidth is the width of the labels of facts, enough for "Re-inspection".
const labelWidth = 112

// caption is small text in the colour of what is less important.
func caption(text string) *kit.Paragraph {
	return kit.NewParagraph(text).Sized(theme.SizeNameCaptionText).Colored(theme.ColorNamePlaceHolder)
}

// toned is small text in the colour of a tone, with its silhouette.
func toned(tone desk.Tone, text string) fyne.CanvasObject {
	words := kit.NewParagraph(text).Sized(theme.SizeNameCaptionText).Colored(statuses[tone].Color())
	if tone == desk.ToneNeutral {
		return words.Colored(theme.ColorNamePlaceHolder)
	}
	return kit.NewRow(words, glyph(tone), words)
}

// glyph is the silhouette of a tone at the size of text.
func glyph(tone desk.Tone) fyne.CanvasObject {
	image := canvas.NewImageFromResource(statuses[tone].Glyph())
	image.FillMode = canvas.ImageFillContain
	image.SetMinSize(fyne.NewSquareSize(theme.Size(theme.SizeNameInlineIcon)))
	return image
}

// fact is a labelled value with its reason below.
func fact(f desk.Fact) fyne.CanvasObject {
	value := kit.NewParagraph(f.Value)
	parts := []fyne.CanvasObject{value}
	switch {
	case f.Reason != "":
		parts = append(parts, toned(f.Tone, f.Reason))
	case f.Tone != desk.ToneNeutral:
		parts = []fyne.CanvasObject{kit.NewRow(value, glyph(f.Tone), value)}
	}
	return newLabelled(labelWidth, caption(f.Label), kit.NewColumn(parts...))
}

// facts are several of them under a heading; nothing without any.
func facts(heading string, list []desk.Fact) []fyne.CanvasObject {
	if len(list) == 0 {
		return nil
	}
	objects := []fyne.CanvasObject{kit.NewHeading(heading)}
	for _, f := range list {
		objects = append(objects, fact(f))
	}
	return append(objects, newGap(theme.Padding()))
}
