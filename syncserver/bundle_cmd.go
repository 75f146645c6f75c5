package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"keyturn/syncserver/service"
)

// bundleFile imports what a device without a network has exported.
func bundleFile(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var check bool
	define := func(f *flag.FlagSet) {
		f.BoolVar(&check, "check", false, "only say whether the file is whole and genuine; write nothing")
	}
	return operation(ctx, "bundle", args, log, define, func(s *service.Service, files []string) error {
		if len(files) != 1 {
			return errors.New("usage: syncserver bundle [-check] FILE")
		}
		b, err := s.OpenBundle(ctx, files[0])
		if err != nil {
			return err
		}
		defer func() {
			if err := b.Close(); err != nil {
				log.Warn("close bundle", "error", err)
			}
		}()
		fmt.Fprintf(out, "bundle of device %s %q, exported %s (by its clock) by app %q\n", b.Device.ID, b.Device.Name,
			b.Header.ExportedAt.Time().Format(time.RFC3339), b.Header.AppVersion)
		fmt.Fprintf(out, "it holds %d records from op %d on and %d photos, %d bytes\n", b.Holds.Ops, b.Header.NextSeq, b.Holds.Photos, b.Holds.PhotoBytes)
		if check {
			return nil
		}
		taken, err := s.ImportBundle(ctx, b)
		printTaken(out, taken) // also what was taken before a failure
		return err
	})
}

func printTaken(out io.Writer, t service.BundleTaken) {
	fmt.Fprintf(out, "records: %d applied, %d applied with a conflict, %d here before, %d rejected, %d in review\n",
		t.Applied, t.Conflicts, t.Dup, len(t.Rejected), t.InReview)
	for _, a := range t.Rejected {
		fmt.Fprintf(out, "  op %d rejected: %s %v\n", a.Seq, a.Code, a.Details)
	}
	fmt.Fprintf(out, "photos: %d stored, %d here before, %d of no accepted record, %d to be imported again\n", t.Stored, t.Held, t.Unnamed, t.Again)
}
