package main

import (
	"fmt"
	"strings"
)

const (
	projectName = "样例花园一期"
	designer    = "样例建筑设计院"
	drawnOn     = "2026.03.16"
	revision    = 1
)

// strip is the column along the sheet's east edge, filled from the top and from the bottom.
type strip struct {
	canvas     *Canvas
	west, east float64
}

// drawTitleStrip draws the frame, north arrow, legend, room schedule, notes and title block.
func (c *Canvas) drawTitleStrip(l Layout) error {
	frame := rect(frameMargin, frameMargin, sheetWidth-frameMargin, sheetHeight-frameMargin)
	s := strip{canvas: c, west: frame.Max.X - stripWidth, east: frame.Max.X}
	c.outline(penThick, frame.polygon())
	c.line(penMedium, black, Point{s.west, frame.Min.Y}, Point{s.west, frame.Max.Y})

	steps := []func() error{
		func() error {
			return c.drawCaption(l, Point{(frame.Min.X + s.west) / 2, frame.Max.Y - captionHeight/2})
		},
		func() error { return s.drawNorthArrow(frame.Min.Y) },
		func() error { return s.drawLegend(frame.Min.Y + 2600) },
		func() error { return s.drawSchedule(l, frame.Min.Y+4900) },
		func() error { return s.drawNotes(frame.Max.Y - 4900) },
		func() error { return s.drawTitle(l, frame.Max.Y-3600) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// drawCaption writes the drawing's name and scale on a double line below the plan.
func (c *Canvas) drawCaption(l Layout, at Point) error {
	if err := c.write(l.Code+"户型平面图", at.plus(Point{-250, -60}), lettering{height: 7, bold: true, tone: black, anchor: 0.5}); err != nil {
		return err
	}
	c.line(penThick, black, at.plus(Point{-1350, 170}), at.plus(Point{850, 170}))
	c.line(penThin, black, at.plus(Point{-1350, 215}), at.plus(Point{850, 215}))
	return c.write(fmt.Sprintf("1:%d", scale), at.plus(Point{1000, 20}), lettering{height: 5, tone: black, anchor: 0})
}

// drawNorthArrow draws a needle in a circle, and a scale bar.
func (s strip) drawNorthArrow(top float64) error {
	c, centre := s.canvas, Point{(s.west + s.east) / 2, top + 1150}
	const radius = 550.0
	c.line(penThin, black, arc(centre, radius, 0, 360)...)
	tip := centre.plus(Point{0, -radius})
	c.fill(black, Polygon{tip, centre.plus(Point{130, radius * 0.82}), centre.plus(Point{0, radius * 0.62})})
	c.outline(penThin, Polygon{tip, centre.plus(Point{-130, radius * 0.82}), centre.plus(Point{0, radius * 0.62})})
	if err := c.write("北", tip.plus(Point{0, -220}), lettering{height: 5, bold: true, tone: black, anchor: 0.5}); err != nil {
		return err
	}

	const step, thickness = 500.0, 70.0
	left, y := centre.X-1.5*step, top+2250
	for i := range 4 {
		x := left + float64(i)*step
		if i < 3 {
			bar := rect(x, y, x+step, y+thickness).polygon()
			if i%2 == 0 {
				c.fill(black, bar)
			}
			c.outline(penThin, bar)
		}
		figure := fmt.Sprintf("%.1f", float64(i)*step/1000)
		if i == 3 {
			figure += "m"
		}
		if err := c.write(figure, Point{x, y - 120}, lettering{height: 2.5, tone: black, anchor: 0.5}); err != nil {
			return err
		}
	}
	return nil
}

// heading writes the title of a part of the strip, with a line above it, and returns where its content begins.
func (s strip) heading(words string, top float64) (float64, error) {
	s.canvas.line(penThin, black, Point{s.west, top}, Point{s.east, top})
	err := s.canvas.write(words, Point{s.west + 120, top + 200}, lettering{height: 3.5, bold: true, tone: black})
	return top + 380, err
}

// drawLegend explains the marks of the plan.
func (s strip) drawLegend(top float64) error {
	y, err := s.heading("图例", top)
	if err != nil {
		return err
	}
	c := s.canvas
	entries := []struct {
		words string
		draw  func(sample Rect)
	}{
		{"承重墙", func(r Rect) { c.fill(black, r.polygon()) }},
		{"填充墙、隔墙", func(r Rect) { c.fill(grey, r.polygon()) }},
		{"外窗", func(r Rect) { c.drawWindow(r, true) }},
		{"推拉门", func(r Rect) { c.drawSlidingDoor(r, true) }},
		{"地漏", func(r Rect) {
			c.drawFixture(Fixture{Kind: FloorDrain, Back: r.centre(), Facing: South, Width: 150, Depth: 150}, Point{})
		}},
	}
	for _, entry := range entries {
		middle := y + 130
		entry.draw(rect(s.west+150, middle-80, s.west+950, middle+80))
		if err := c.write(entry.words, Point{s.west + 1120, middle}, lettering{height: 3, tone: black}); err != nil {
			return err
		}
		y += 350
	}
	return nil
}

// drawSchedule lists the rooms with their codes and clear areas; the codes are those of the sidecar.
func (s strip) drawSchedule(l Layout, top float64) error {
	y, err := s.heading("房间面积表", top)
	if err != nil {
		return err
	}
	rows := [][3]string{{"编号", "房间", "净面积(㎡)"}}
	for _, r := range l.Rooms {
		rows = append(rows, [3]string{r.Code, r.NameZH, fmt.Sprintf("%.2f", r.Outline.areaM2())})
	}
	rows = append(rows, [3]string{"", "合计", fmt.Sprintf("%.2f", l.netAreaM2())})
	const rowHeight = 290.0
	for i, row := range rows {
		s.canvas.line(penHair, grey, Point{s.west + 120, y}, Point{s.east - 120, y})
		as := lettering{height: 3, tone: black, bold: i == 0 || i == len(rows)-1}
		for column, x := range []float64{s.west + 150, s.west + 850, s.east - 150} {
			if column == 2 {
				as.anchor = 1
			}
			if row[column] == "" {
				continue
			}
			if err := s.canvas.write(row[column], Point{x, y + rowHeight/2}, as); err != nil {
				return err
			}
		}
		y += rowHeight
	}
	s.canvas.line(penHair, grey, Point{s.west + 120, y}, Point{s.east - 120, y})
	return nil
}

// drawNotes says how to read the figures.
func (s strip) drawNotes(top float64) error {
	y, err := s.heading("说明", top)
	if err != nil {
		return err
	}
	for _, line := range []string{"1. 图中尺寸单位为毫米。", "2. 面积为墙面装修前的净面积。", "3. 家具、洁具仅为示意。", "4. 样例图纸,不作施工依据。"} {
		if err := s.canvas.write(line, Point{s.west + 120, y + 80}, lettering{height: 2.5, tone: black}); err != nil {
			return err
		}
		y += 215
	}
	return nil
}

// drawTitle draws the table of designer, project, drawing, area, scale and revision.
func (s strip) drawTitle(l Layout, top float64) error {
	_, description, _ := strings.Cut(l.NameZH, " ")
	rows := [][2]string{
		{"设计单位", designer},
		{"工程名称", projectName},
		{"图名", l.Code + "户型平面图"},
		{"户型", description},
		{"建筑面积", fmt.Sprintf("%.2f㎡", l.StatedAreaM2)},
		{"比例", fmt.Sprintf("1:%d", scale)},
		{"图号", "建施-" + l.Code + "-01"},
		{"版次 / 日期", fmt.Sprintf("第%d版 / %s", revision, drawnOn)},
	}
	const rowHeight = 450.0
	const labels = 820.0
	for i, row := range rows {
		y := top + rowHeight*float64(i)
		s.canvas.line(penThin, black, Point{s.west, y}, Point{s.east, y})
		if err := s.canvas.write(row[0], Point{s.west + 80, y + rowHeight/2}, lettering{height: 2.5, tone: dark}); err != nil {
			return err
		}
		as := lettering{height: 3.2, tone: black, bold: row[0] == "图名"}
		if err := s.canvas.write(row[1], Point{s.west + labels + 90, y + rowHeight/2}, as); err != nil {
			return err
		}
	}
	s.canvas.line(penThin, black, Point{s.west + labels, top}, Point{s.west + labels, top + rowHeight*float64(len(rows))})
	return nil
}
