package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"keyturn/syncserver/api"
	"keyturn/syncserver/backup"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/receipts"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

func (p *location) file() string { return filepath.Join(p.data, service.DatabaseFile) }

func (p *location) photoStore(ctx context.Context) (blobs.Store, error) {
	return blobs.OpenURL(ctx, cmp.Or(p.photos, filepath.Join(p.data, service.BlobDir)))
}

// existing opens the database of a server; unlike a server it makes none.
func (p *location) existing(ctx context.Context) (*store.Store, error) {
	if p.database != "" {
		return store.OpenPostgres(ctx, p.database)
	}
	if _, err := os.Stat(p.file()); err != nil {
		return nil, fmt.Errorf("no database in the data directory: %w", err)
	}
	return store.Open(ctx, p.file())
}

// keyFiles are what else a server cannot do without.
func (p *location) keyFiles() []string {
	return []string{
		filepath.Join(p.data, receipts.SecretFile), filepath.Join(p.data, receipts.PublicFile), filepath.Join(p.data, api.RotationsFile),
		filepath.Join(p.data, service.ErasuresFile),
	}
}

const backupUsage = "usage: syncserver backup [-manifest-only] DIRECTORY, or syncserver backup -verify DIRECTORY/TIME"

// makeBackup backs a server up while it serves, or verifies a backup.
func makeBackup(ctx context.Context, args []string, out io.Writer, _ *slog.Logger) (err error) {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	var p location
	p.define(flags)
	manifest := flags.Bool("manifest-only", false, "list the photos without copying them; their store is backed up in another way")
	verify := flags.Bool("verify", false, "read a backup and say whether it can be restored; write nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || *verify && *manifest {
		return errors.New(backupUsage)
	}
	if *verify {
		return verifyBackup(ctx, &p, flags.Arg(0), out)
	}
	s, err := p.existing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	photos, err := p.photoStore(ctx)
	if err != nil {
		return err
	}
	source := backup.Source{Store: s, Photos: photos, Keys: p.keyFiles(), Now: time.Now, Version: buildVersion()}
	made, err := source.Create(ctx, flags.Arg(0), !*manifest)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n", made.Path)
	printContents(out, made.Contents)
	if *manifest {
		fmt.Fprintln(out, "photos: listed, not copied")
		return nil
	}
	fmt.Fprintf(out, "photos: %d linked, %d copied, %d bytes\n", made.Linked, made.Copied, made.CopiedBytes)
	return reportPhotos(out, "not in the photo store", made.Absent)
}

func verifyBackup(ctx context.Context, p *location, path string, out io.Writer) error {
	var photos blobs.Store
	_, noData := os.Stat(filepath.Join(p.data, service.BlobDir))
	if p.photos != "" || noData == nil {
		var err error
		if photos, err = p.photoStore(ctx); err != nil {
			return err
		}
	}
	v, err := backup.Verify(ctx, path, photos)
	if err != nil {
		return err
	}
	printContents(out, v.Contents)
	fmt.Fprintf(out, "photos: %d in the backup, %d in the photo store only, %d missing, %d damaged in the backup\n",
		v.InBackup, v.InStore, len(v.Missing), len(v.Damaged))
	return errors.Join(reportPhotos(out, "missing", v.Missing), reportPhotos(out, "damaged in the backup", v.Damaged))
}

func printContents(out io.Writer, c *backup.Contents) {
	rows := uint64(0)
	for _, n := range c.Counts {
		rows += n
	}
	fmt.Fprintf(out, "database of %s: %d rows, schema %d, epoch %.32q, written by server %.40q\n",
		c.CreatedAt.Time().Format(time.RFC3339), rows, c.Schema, c.Epoch, c.Server)
}

// reportPhotos lists photos that are not as they should be; some are an error.
func reportPhotos(out io.Writer, what string, photos []blobs.Blob) error {
	for _, b := range photos {
		fmt.Fprintf(out, "  %s: %s, %d bytes\n", what, b.SHA256, b.Bytes)
	}
	if len(photos) > 0 {
		return fmt.Errorf("%d photos are %s; everything else is well", len(photos), what)
	}
	return nil
}

// buildVersion says which build this is, as far as it was told.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version
}
