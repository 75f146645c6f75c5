package kit

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestThumbLoaderIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		release := make(chan struct{})
		var loaded atomic.Int32
		l := &thumbLoader{
			load: func(string) (image.Image, error) {
				n := running.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				<-release
				running.Add(-1)
				return nil, nil
			},
			deliver: func(string, image.Image, error) { loaded.Add(1) },
		}
		for i := range 10 {
			l.request(fmt.Sprint(i))
		}
		synctest.Wait()
		if running.Load() != thumbWorkers {
			t.Errorf("%d loading at once, want %d", running.Load(), thumbWorkers)
		}
		close(release)
		synctest.Wait()
		if loaded.Load() != 10 || most.Load() > thumbWorkers {
			t.Errorf("loaded %d, at most %d at once", loaded.Load(), most.Load())
		}
		// The workers have ended; new work starts new ones.
		l.request("again")
		synctest.Wait()
		if loaded.Load() != 11 {
			t.Error("nothing was loaded after a pause")
		}
	})
}

func TestThumbLoaderStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var delivered []string
		l := &thumbLoader{
			load: func(id string) (image.Image, error) {
				if id != "new" {
					<-release
				}
				return nil, nil
			},
			deliver: func(id string, _ image.Image, _ error) { delivered = append(delivered, id) },
		}
		l.request("a", "b", "c", "d")
		synctest.Wait()
		l.stop()
		l.request("new")
		synctest.Wait()
		close(release)
		synctest.Wait()
		if !slices.Equal(delivered, []string{"new"}) {
			t.Errorf("delivered %v after stop", delivered)
		}
	})
}

// uiQueue stands in for Fyne's goroutine: what was sent runs when the test says.
type uiQueue chan func()

func (q uiQueue) do(f func()) { q <- f }

func (q uiQueue) run(n int) {
	for range n {
		(<-q)()
	}
}

func TestPhotoStrip(t *testing.T) {
	newApp(t, Tablet)
	gone := errors.New("file is gone")
	var loads atomic.Int32
	ui := make(uiQueue, 10)
	s := newPhotoStrip(func(id string) (image.Image, error) {
		loads.Add(1)
		switch id {
		case "broken":
			return nil, gone
		case "empty":
			return image.NewRGBA(image.Rectangle{}), nil
		}
		return samplePhoto(4000, 3000, color.Black), nil
	}, ui.do)
	var events []string
	s.OnTapped = func(id string) { events = append(events, id) }
	s.OnAdd = func() { events = append(events, "add") }
	w := showIn(t, s, 800, 120)

	s.SetPhotos([]Photo{{"a", PhotoWaiting}, {"broken", PhotoMissing}, {"empty", PhotoUploaded}})
	if s.thumbs[0].settled() {
		t.Error("a picture before it was loaded")
	}
	ui.run(3)
	if size := s.thumbs[0].picture.Image.Bounds().Size(); size != image.Pt(thumbPixels, thumbPixels) {
		t.Errorf("a camera original was kept at %v", size)
	}
	if !s.thumbs[1].broken || !s.thumbs[2].broken {
		t.Error("a photo that could not be loaded is not shown as broken")
	}

	for i, want := range []string{"add", "a", "broken"} {
		test.TapCanvas(w.Canvas(), fyne.NewPos(48+float32(i)*102, 48))
		if events[len(events)-1] != want {
			t.Errorf("tapped %v, want %s last", events, want)
		}
	}

	// Known pictures stay, a broken one is tried again once its state changes.
	first := s.thumbs[0]
	s.SetPhotos([]Photo{{"new", PhotoWaiting}, {"a", PhotoUploaded}, {"broken", PhotoMissing}, {"empty", PhotoMissing}})
	ui.run(2)
	if s.thumbs[1] != first || first.state.Resource != StatusOK.Glyph() {
		t.Error("a known photo was not kept, or its state not changed")
	}
	if loads.Load() != 5 {
		t.Errorf("%d loads, want 5", loads.Load())
	}

	s.OnAdd = nil
	s.Refresh()
	test.TapCanvas(w.Canvas(), fyne.NewPos(48, 48))
	if events[len(events)-1] != "new" {
		t.Errorf("tapped %v after the add button went", events)
	}
}

func TestPhotoStripStop(t *testing.T) {
	newApp(t, Tablet)
	started, release := make(chan struct{}), make(chan struct{})
	ui := make(uiQueue, 10)
	s := newPhotoStrip(func(string) (image.Image, error) {
		started <- struct{}{}
		<-release
		return samplePhoto(10, 10, color.Black), nil
	}, ui.do)
	s.SetPhotos([]Photo{{ID: "a"}})
	<-started
	s.Stop()
	s.SetPhotos([]Photo{{ID: "a"}})
	<-started
	close(release)
	ui.run(1)
	if !s.thumbs[0].settled() {
		t.Error("not loaded again after Stop")
	}
}

func TestPhotoGlyphsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, state := range []PhotoState{PhotoWaiting, PhotoUploaded, PhotoMissing} {
		seen[photoGlyph(state).Name()] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d glyphs for 3 states", len(seen))
	}
}

func TestShrink(t *testing.T) {
	small := samplePhoto(100, 50, color.Black)
	if shrink(small, 100) != small {
		t.Error("an image that fits was copied")
	}
	for _, c := range []struct{ w, h, edge, wantW, wantH int }{
		{4000, 3000, 2000, 2000, 1500}, {3000, 4000, 400, 300, 400}, {5000, 1, 100, 100, 1},
	} {
		if got := shrink(samplePhoto(c.w, c.h, color.Black), c.edge).Bounds().Size(); got != image.Pt(c.wantW, c.wantH) {
			t.Errorf("%d×%d at %d: %v", c.w, c.h, c.edge, got)
		}
	}
	thumb := squareThumb(samplePhoto(400, 200, color.Black), 100)
	if r, _, _, _ := thumb.At(10, 10).RGBA(); r != 0xFFFF {
		t.Error("the thumbnail's upper left is not the picture's")
	}
	if r, _, _, _ := thumb.At(90, 90).RGBA(); r != 0 {
		t.Error("the thumbnail's lower right is not the picture's")
	}
}
