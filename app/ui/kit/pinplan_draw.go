package kit

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// planCanvas holds the drawn objects of a plan: the tiles in view at the level
// that fits the scale, and the pins in view.
type planCanvas struct {
	owner   *PinPlan
	plan    *Pyramid
	images  map[tileKey]*canvas.Image // every tile drawn so far; Fyne keeps their textures for a while
	pins    []*pinMark
	content *fyne.Container // without a layout: everything is placed here
}

type tileKey struct{ level, column, row int }

func newPlanCanvas(owner *PinPlan) *planCanvas {
	return &planCanvas{owner: owner, content: container.NewWithoutLayout()}
}

func (c *planCanvas) setPlan(plan *Pyramid) {
	c.plan = plan
	c.images = make(map[tileKey]*canvas.Image)
	c.update()
}

func (c *planCanvas) setPins(pins []Pin) {
	c.pins = c.pins[:0]
	for _, pin := range pins {
		c.pins = append(c.pins, newPinMark(pin))
	}
	c.update()
}

// update places what the viewport shows now.
func (c *planCanvas) update() {
	c.content.Objects = c.content.Objects[:0]
	if c.plan != nil && c.owner.viewport.ready() {
		c.placeTiles()
		c.placePins()
	}
	canvas.Refresh(c.content)
}

// level returns the smallest level that has at least one pixel for each pixel
// of the screen.
func (c *planCanvas) level(devicePerPixel float32) int {
	if devicePerPixel <= 0 {
		return 0
	}
	level := int(math.Floor(-math.Log2(float64(devicePerPixel))))
	return min(max(level, 0), len(c.plan.levels)-1)
}

func (c *planCanvas) placeTiles() {
	v := c.owner.viewport
	device := deviceScale(c.owner)
	n := c.level(v.scale * device)
	level := c.plan.levels[n]
	// dp per pixel of this level; by width and height, since halving rounds up
	stepX := v.image.Width * v.scale / float32(level.width)
	stepY := v.image.Height * v.scale / float32(level.height)
	// Edges on whole device pixels, or hairlines show between the tiles.
	snap := func(dp float32) float32 { return float32(math.Round(float64(dp*device))) / device }

	for row := range level.rows {
		for column := range level.columns {
			area := level.bounds(column, row)
			left := snap(v.origin.X + float32(area.Min.X)*stepX)
			top := snap(v.origin.Y + float32(area.Min.Y)*stepY)
			right := snap(v.origin.X + float32(area.Max.X)*stepX)
			bottom := snap(v.origin.Y + float32(area.Max.Y)*stepY)
			if right <= 0 || bottom <= 0 || left >= v.view.Width || top >= v.view.Height {
				continue
			}
			tile := c.tile(tileKey{n, column, row})
			tile.Move(fyne.NewPos(left, top))
			tile.Resize(fyne.NewSize(right-left, bottom-top))
			c.content.Objects = append(c.content.Objects, tile)
		}
	}
}

func (c *planCanvas) tile(key tileKey) *canvas.Image {
	if tile, ok := c.images[key]; ok {
		return tile
	}
	level := c.plan.levels[key.level]
	tile := canvas.NewImageFromImage(level.tiles[key.row*level.columns+key.column])
	tile.FillMode = canvas.ImageFillStretch
	tile.ScaleMode = canvas.ImageScaleFastest
	c.images[key] = tile
	return tile
}

// labelsUpTo is the number of pins in view up to which all show their labels;
// with more of them the labels would cover the plan and each other.
const labelsUpTo = 40

func (c *planCanvas) placePins() {
	v := c.owner.viewport
	var shown, selected []*pinMark
	for _, mark := range c.pins {
		at := v.toView(mark.pin.X, mark.pin.Y)
		if at.X < -pinReach || at.Y < -pinReach || at.X > v.view.Width+pinReach || at.Y > v.view.Height+pinReach {
			continue
		}
		mark.place(at)
		if mark.pin.Selected {
			selected = append(selected, mark)
		} else {
			shown = append(shown, mark)
		}
	}
	labels := len(shown) <= labelsUpTo
	for _, mark := range shown {
		c.content.Objects = mark.appendTo(c.content.Objects, labels)
	}
	for _, mark := range selected {
		c.content.Objects = mark.appendTo(c.content.Objects, true)
	}
}

// deviceScale returns the device pixels per dp of the canvas that shows o.
func deviceScale(o fyne.CanvasObject) float32 {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.Scale() > 0 {
		return c.Scale()
	}
	return 1
}

// CreateRenderer is called by Fyne.
func (p *PinPlan) CreateRenderer() fyne.WidgetRenderer {
	r := &pinPlanRenderer{
		p:       p,
		surface: canvas.NewRectangle(color.Transparent),
		clip:    container.NewClip(p.drawn.content),
		message: NewParagraph("").Aligned(fyne.TextAlignCenter),
		plate:   canvas.NewRectangle(color.Transparent),
	}
	r.apply()
	r.Layout(p.Size())
	return r
}

type pinPlanRenderer struct {
	p       *PinPlan
	surface *canvas.Rectangle
	clip    *container.Clip
	message *Paragraph
	plate   *canvas.Rectangle // behind the zoom buttons
}

func (r *pinPlanRenderer) apply() {
	r.surface.FillColor = theme.Color(ColorPlan)
	r.message.SetText(r.p.message)
	setVisible(r.message, r.p.plan == nil)
	setVisible(r.p.zoomBar, r.p.plan != nil)
	r.plate.FillColor = theme.Color(theme.ColorNameBackground)
	r.plate.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.plate.StrokeWidth = 1
	r.plate.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	setVisible(r.plate, r.p.plan != nil)
}

func (r *pinPlanRenderer) MinSize() fyne.Size {
	return r.p.zoomBar.MinSize().AddWidthHeight(160, theme.Padding()*4)
}

func (r *pinPlanRenderer) Layout(size fyne.Size) {
	r.surface.Resize(size)
	r.clip.Resize(size)
	height := heightFor(r.message, size.Width)
	r.message.Resize(fyne.NewSize(size.Width, height))
	r.message.Move(fyne.NewPos(0, (size.Height-height)/2))
	bar := r.p.zoomBar.MinSize()
	pad := theme.Padding()
	corner := fyne.NewPos(size.Width-bar.Width-2*pad, 2*pad)
	r.p.zoomBar.Resize(bar)
	r.p.zoomBar.Move(corner)
	r.plate.Resize(bar.AddWidthHeight(2*pad, 2*pad))
	r.plate.Move(corner.SubtractXY(pad, pad))
	if size != r.p.viewport.view {
		r.p.viewport.resize(size)
	}
	r.p.drawn.update()
}

func (r *pinPlanRenderer) Refresh() {
	r.apply()
	for _, mark := range r.p.drawn.pins {
		mark.apply()
	}
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *pinPlanRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.clip, r.message, r.plate, r.p.zoomBar}
}

func (r *pinPlanRenderer) Destroy() {}
