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

// accesses lists who was given personal data or money of a project.
func accesses(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var project string
	var limit int
	define := func(f *flag.FlagSet) {
		f.StringVar(&project, "project", "", "project name")
		f.IntVar(&limit, "limit", 100, "how many lines of each audience, newest first")
	}
	return operation(ctx, "accesses", args, log, define, func(s *service.Service, rest []string) error {
		if project == "" || len(rest) > 0 || limit < 1 {
			return errors.New("say -project NAME")
		}
		list, err := s.Accesses(ctx, service.ProjectID(project), limit)
		for _, a := range list {
			fmt.Fprintf(out, "%s  %-6s  %q on %q\n", a.At.Time().Format(time.RFC3339), a.Scope.Audience, a.PersonName, a.DeviceName)
		}
		return err
	})
}
