package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

func removePerson(ctx context.Context, args []string, _ io.Writer, log *slog.Logger) error {
	var project, login string
	define := func(f *flag.FlagSet) {
		f.StringVar(&project, "project", "", "project name")
		f.StringVar(&login, "login", "", "login")
	}
	return operation(ctx, "remove", args, log, define, func(s *service.Service, _ []string) error {
		if project == "" || login == "" {
			return errors.New("usage: syncserver remove -project NAME -login LOGIN")
		}
		person, err := s.PersonByLogin(ctx, login)
		if err != nil {
			return fmt.Errorf("login %q: %w", login, err)
		}
		return s.Remove(ctx, person, service.ProjectID(project))
	})
}

func devices(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var revoke string
	define := func(f *flag.FlagSet) { f.StringVar(&revoke, "revoke", "", "id of the device whose access ends") }
	return operation(ctx, "devices", args, log, define, func(s *service.Service, _ []string) error {
		if revoke != "" {
			id, err := domain.ParseID[domain.Device](revoke)
			if err != nil {
				return err
			}
			return s.Revoke(ctx, id)
		}
		return s.Store.View(ctx, func(tx *store.Tx) error {
			list, err := tx.Devices(ctx)
			for _, d := range list {
				fmt.Fprintf(out, "%s  %-24s enrolled %s  seen %s  revoked %s\n", d.ID, d.Name, day(d.EnrolledAt), day(d.LastSeenAt), day(d.RevokedAt))
			}
			return err
		})
	})
}

func day(i domain.Instant) string {
	if !i.Set() {
		return "-"
	}
	return i.Time().Local().Format(time.DateTime)
}
