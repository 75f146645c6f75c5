package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"time"

	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/syncserver/service"
)

const defaultData = ".data/server"

// Variables that name the database and the photos where a flag would show
// secrets to everybody who lists processes.
const (
	databaseVariable = "KEYTURN_DB"
	photosVariable   = "KEYTURN_PHOTOS"
)

// location is where a server keeps what it has.
type location struct{ data, database, photos string }

func (p *location) define(f *flag.FlagSet) {
	f.StringVar(&p.data, "data", defaultData, "data directory")
	f.StringVar(&p.database, "db", os.Getenv(databaseVariable), "postgres:// address of the database; empty is SQLite in the data directory; also "+databaseVariable)
	f.StringVar(&p.photos, "photos", os.Getenv(photosVariable), "s3:// address or directory of the photos; empty is in the data directory; also "+photosVariable)
}

// open opens a location with the shipped reference data.
func (p *location) open(ctx context.Context, log *slog.Logger) (*service.Service, error) {
	return service.Open(ctx, service.Options{
		Dir: p.data, Database: p.database, Photos: p.photos, Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS, Log: log,
	})
}
