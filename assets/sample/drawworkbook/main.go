// Command drawworkbook writes the sample handover list, a workbook of the kind that a developer's customer-service department keeps:
//
//	go run ./assets/sample/drawworkbook
//
// Everything in it is invented, and the same every time. It has the habits of typed lists on purpose: a title above the headers, merged
// building cells, a totals row, numbers typed as text, full-width digits, dates written in three ways, two owners in one cell.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"
)

const (
	flatSheet        = "房屋清单"
	contractSheet    = "承包范围"
	appointmentSheet = "交付预约"

	seed = 20260918 // the list's date; any fixed number would do
)

func main() {
	out := flag.String("out", filepath.Join("assets", "sample", "handover-list.xlsx"), "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		log.Fatal(err)
	}
}

func run(name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	return write(file)
}

// write builds the workbook and writes it; two calls write the same bytes.
func write(w io.Writer) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closing := book.Close(); err == nil {
			err = closing
		}
	}()
	if err := book.SetDocProps(&excelize.DocProperties{
		Title: "样例花园一期 交付房屋清单", Creator: "Keyturn sample", Created: "2026-09-18T09:00:00Z", Modified: "2026-09-18T09:00:00Z",
	}); err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	if err := book.SetSheetName("Sheet1", flatSheet); err != nil {
		return err
	}
	for _, name := range []string{contractSheet, appointmentSheet} {
		if _, err := book.NewSheet(name); err != nil {
			return err
		}
	}
	s, err := newStyles(book)
	if err != nil {
		return err
	}
	flats := inventFlats(rand.New(rand.NewPCG(seed, seed)))
	if err := writeFlats(book, s, flats); err != nil {
		return fmt.Errorf("%s: %w", flatSheet, err)
	}
	if err := writeContracts(book, s); err != nil {
		return fmt.Errorf("%s: %w", contractSheet, err)
	}
	if err := writeAppointments(book, s, flats); err != nil {
		return fmt.Errorf("%s: %w", appointmentSheet, err)
	}
	_, err = book.WriteTo(w)
	return err
}
