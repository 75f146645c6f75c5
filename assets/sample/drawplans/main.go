// Command drawplans draws the sample floor plans A to D and writes their sidecars, as a design office would supply them:
//
//	go run ./assets/sample/drawplans
//
// Each layout is one model (layout_*.go) from which both the picture and the room polygons are written.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", filepath.Join("assets", "sample", "plans"), "folder to write to")
	flag.Parse()
	if err := run(*out, layouts()...); err != nil {
		log.Fatal(err)
	}
}

func layouts() []Layout { return []Layout{layoutA(), layoutB(), layoutC(), layoutD()} }

func run(folder string, layouts ...Layout) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, l := range layouts {
		sheet, err := drawSheet(l)
		if err != nil {
			return fmt.Errorf("layout %s: %w", l.Code, err)
		}
		sidecar := newSidecar(l)
		if err := writeFile(filepath.Join(folder, sidecar.Image), sheet.encode); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(folder, l.Code+".json"), sidecar.encode); err != nil {
			return err
		}
	}
	return nil
}

// writeFile creates the file and reports also what fails at closing it.
func writeFile(name string, encode func(io.Writer) error) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	if err := encode(file); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
