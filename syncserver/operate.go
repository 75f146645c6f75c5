package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
	"keyturn/syncserver/service"
)

// operation parses flags, opens the data directory and runs work on it.
func operation(ctx context.Context, name string, args []string, log *slog.Logger, define func(*flag.FlagSet), work func(*service.Service, []string) error) (err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	var at location
	at.define(flags)
	define(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := at.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return work(s, flags.Args())
}

var errRefused = errors.New("the file was refused; nothing was written")

func importList(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var project, zone, locale string
	var apply bool
	define := func(f *flag.FlagSet) {
		f.StringVar(&project, "project", "", "project name; created with -apply if it does not exist")
		f.StringVar(&zone, "zone", "Asia/Shanghai", "time zone of a new project")
		f.StringVar(&locale, "locale", wording.Pick(os.Getenv("LANG")), "language of the preview: zh-Hans or en")
		f.BoolVar(&apply, "apply", false, "write what the preview shows")
	}
	return operation(ctx, "import", args, log, define, func(s *service.Service, files []string) error {
		if len(files) != 1 || project == "" {
			return errors.New("usage: syncserver import -project NAME [-apply] FILE")
		}
		id := service.ProjectID(project)
		if apply {
			if _, err := s.AddProject(ctx, domain.Project{Name: project, Zone: zone}); err != nil {
				return err
			}
		}
		preview, err := s.Import(ctx, id, files[0], apply)
		if err != nil {
			return err
		}
		reader := wording.Reader{Texts: s.Texts, Locale: locale}
		text := func(key string, args map[string]string) string {
			return reader.Reason(domain.Reason{Key: key, Args: args})
		}
		if err := preview.Render(out, text); err != nil {
			return err
		}
		if preview.Refused() {
			return errRefused
		}
		return nil
	})
}

func loadPlans(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var project string
	define := func(f *flag.FlagSet) { f.StringVar(&project, "project", "", "project name") }
	return operation(ctx, "plans", args, log, define, func(s *service.Service, dirs []string) error {
		if len(dirs) != 1 || project == "" {
			return errors.New("usage: syncserver plans -project NAME DIRECTORY")
		}
		n, err := s.LoadPlans(ctx, service.ProjectID(project), os.DirFS(dirs[0]))
		if err == nil {
			fmt.Fprintf(out, "%d plans\n", n)
		}
		return err
	})
}

func loadSample(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	return operation(ctx, "sample", args, log, func(*flag.FlagSet) {}, func(s *service.Service, _ []string) error {
		project, err := s.LoadSample(ctx, sample.FS)
		if err == nil {
			fmt.Fprintf(out, "sample project %s\n", project)
		}
		return err
	})
}

func addPerson(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var project string
	var staff service.Staff
	define := func(f *flag.FlagSet) {
		f.StringVar(&project, "project", "", "project name")
		f.StringVar(&staff.Login, "login", "", "login")
		f.StringVar(&staff.Name, "name", "", "name that colleagues see")
		f.StringVar(&staff.Locale, "locale", "", "zh-Hans or en; empty follows the device")
		f.StringVar(&staff.Role, "role", "inspector", "inspector, coordinator, manager or admin")
	}
	return operation(ctx, "person", args, log, define, func(s *service.Service, _ []string) error {
		if project == "" || staff.Login == "" || staff.Name == "" {
			return errors.New("usage: syncserver person -project NAME -login LOGIN -name NAME [-role ROLE]; a password may come in KEYTURN_PASSWORD")
		}
		staff.Password = os.Getenv("KEYTURN_PASSWORD")
		id, err := s.AddStaff(ctx, service.ProjectID(project), staff)
		if err == nil {
			fmt.Fprintln(out, id)
		}
		return err
	})
}

// codeLife is how long a one-time code may lie on a desk.
const codeLife = 24 * time.Hour

func enrolCode(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var login string
	define := func(f *flag.FlagSet) { f.StringVar(&login, "login", "", "login of the person who will use the device") }
	return operation(ctx, "enrol-code", args, log, define, func(s *service.Service, _ []string) error {
		person, err := s.PersonByLogin(ctx, login)
		if err != nil {
			return fmt.Errorf("login %q: %w", login, err)
		}
		code, err := s.Accounts.NewCode(ctx, person, codeLife)
		if err == nil {
			fmt.Fprintln(out, code)
		}
		return err
	})
}
