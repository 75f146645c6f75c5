package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/backup"
	"keyturn/syncserver/store"
)

// restoreBackup restores a backup into a new data directory or an empty Postgres
// database.
func restoreBackup(ctx context.Context, args []string, out io.Writer, _ *slog.Logger) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	var p location
	p.define(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen := false // never the usual place by default
	flags.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "data" })
	if flags.NArg() != 1 || !chosen {
		return errors.New("usage: syncserver restore -data NEWDIRECTORY [-db ADDRESS] [-photos ADDRESS] BACKUP")
	}
	photos, err := p.photoStore(ctx)
	if err != nil {
		return err
	}
	target := backup.Target{
		Create: p.create, Open: p.existing, Photos: photos, Keys: p.data, Now: time.Now, Random: rand.Reader,
	}
	r, err := target.Restore(ctx, flags.Arg(0))
	if err != nil {
		return err
	}
	printRestored(out, r)
	return nil
}

// create opens an empty database with a version of the schema.
func (p *location) create(ctx context.Context, schema int64) (*store.Store, error) {
	if p.database != "" {
		return store.OpenPostgresToRestore(ctx, p.database, schema)
	}
	return store.OpenToRestore(ctx, p.file(), schema)
}

func printRestored(out io.Writer, r *backup.Restored) {
	printContents(out, r.Contents)
	fmt.Fprintf(out, "restored as epoch %q\n", r.Epoch)
	fmt.Fprintf(out, "photos: %d were here, %d came from the backup, %d are missing\n", r.Held, r.Copied, len(r.Missing))
	for _, m := range r.Missing {
		fmt.Fprintf(out, "  missing: %s, %d bytes", m.SHA256, m.Bytes)
		for _, ref := range m.Of {
			fmt.Fprintf(out, ", of %s %s", ref.Entity, ref.ID)
		}
		fmt.Fprintln(out)
	}
	revoked := 0
	var last domain.Instant
	for _, d := range r.Devices {
		if d.RevokedAt.Set() {
			revoked++
		}
		last = max(last, d.EnrolledAt)
	}
	fmt.Fprintf(out, "devices: %d are known and reconnect by themselves, %d of them revoked; the last was enrolled %s\n", len(r.Devices), revoked, day(last))
	at := r.CreatedAt.Time().Format(time.RFC3339)
	fmt.Fprintf(out, "\nThe backup knows nothing of what was done on the server after %s. Before the server is started, do again\n", at)
	fmt.Fprintln(out, "what was done since:")
	fmt.Fprintln(out, "  - revoked devices, rights that were taken away, accounts that were disabled (syncserver devices -revoke, remove)")
	fmt.Fprintln(out, "  - new accounts and rights (syncserver person); without them work of these people lands in review")
	fmt.Fprintln(out, "  - imports and plans (syncserver import, plans)")
	fmt.Fprintln(out, "  - erasures of personal data: copy erasures.jsonl from the old data directory or the newest backup of it")
	fmt.Fprintln(out, "Devices that were enrolled since are refused (401) and must be enrolled again: see docs/backup.md.")
	fmt.Fprintln(out, "Enrolment codes that were open are void.")
}
