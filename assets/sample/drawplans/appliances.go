package main

// drawAppliance draws what belongs to kitchen, bathroom and balcony.
func drawAppliance(s stencil, w, d float64) {
	switch s.fixture.Kind {
	case Sink:
		s.box(-w+40, 110, -20, d-90, 50)
		s.box(20, 110, w-40, d-90, 50)
		s.circle(0, 70, 30)
	case Hob:
		s.box(-w, 60, w, d-60, 30)
		for _, u := range []float64{-w * 0.5, w * 0.5} {
			s.circle(u, d/2, 130)
			s.circle(u, d/2, 60)
		}
	case Fridge:
		s.box(-w, 0, w, d, 0)
		s.line(Point{-w, d - 70}, Point{w, d - 70})
		s.line(Point{-w, 0}, Point{w, d - 70})
		s.line(Point{w, 0}, Point{-w, d - 70})
	case Washer:
		s.box(-w, 0, w, d, 0)
		s.circle(0, d*0.55, w*0.7)
		s.line(Point{-w, 90}, Point{w, 90})
	case Toilet:
		s.box(-w, 0, w, 200, 30)
		s.ellipse(0, 200+(d-200)/2, w*0.88, (d-200)/2)
		s.ellipse(0, 215+(d-200)/2, w*0.62, (d-200)/2-80)
	case Basin:
		s.box(-w, 0, w, d, 0)
		s.ellipse(0, d*0.54, min(w*0.72, 270), d*0.34)
		s.circle(0, 60, 25)
	case Shower:
		s.line(Point{-w, d}, Point{w, d}) // the glass screen
		s.line(Point{-w, d + 20}, Point{w, d + 20})
		s.circle(w-250, 200, 110)
		s.circle(w-250, 200, 30)
	case Bathtub:
		s.box(-w, 0, w, d, 0)
		s.box(-w+70, 70, w-70, d-70, 260)
		s.circle(w-260, d/2, 30)
	case FloorDrain:
		s.circle(0, 0, w)
		s.line(Point{-w, 0}, Point{w, 0})
		s.line(Point{0, -w}, Point{0, w})
	}
}
