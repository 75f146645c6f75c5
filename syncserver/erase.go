package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"keyturn/shared/domain"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
)

const eraseUsage = "say -project and either -find TEXT, or -by LOGIN and the ids of what is to be erased"

// erase overwrites personal data on request of the person.
func erase(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var project, find, by string
	define := func(f *flag.FlagSet) {
		f.StringVar(&project, "project", "", "project name")
		f.StringVar(&find, "find", "", "list homeowners and contractors' contacts with this in their name or phone number")
		f.StringVar(&by, "by", "", "login of the person who erases the ids that follow, of people or of attachments; needs to administer the project")
	}
	return operation(ctx, "erase", args, log, define, func(s *service.Service, ids []string) error {
		if project == "" || (find == "") == (by == "") || (find == "") == (len(ids) == 0) {
			return errors.New(eraseUsage)
		}
		listed, err := s.FindPersonal(ctx, service.ProjectID(project), find)
		if err != nil {
			return err
		}
		if find != "" {
			for _, p := range listed {
				fmt.Fprintf(out, "%s  %s  %s  %s\n", p.ID, p.Entity, p.Of, strings.Join(p.Names, ", "))
			}
			return nil
		}
		person, err := s.PersonByLogin(ctx, by)
		if err != nil {
			return fmt.Errorf("login %q: %w", by, err)
		}
		for _, text := range ids {
			id, err := domain.ParseID[any](text)
			if err != nil {
				return fmt.Errorf("%q is no id: %w", text, err)
			}
			if err := eraseOne(ctx, s, service.ProjectID(project), id, person, listed); err != nil {
				return err
			}
			fmt.Fprintf(out, "erased %s\n", id)
		}
		fmt.Fprintln(out, "Take the person out of the workbook too. Backups that were made before still hold the data until they are deleted.")
		return nil
	})
}

func eraseOne(ctx context.Context, s *service.Service, project domain.ProjectID, id domain.AnyID, by domain.PersonID, listed []service.PersonalData) error {
	for _, p := range listed {
		if p.ID == id {
			return s.Erase(ctx, project, p.Entity, id, by)
		}
	}
	err := s.Erase(ctx, project, domain.EntityAttachment, id, by)
	if errors.Is(err, intake.ErrNothingPersonal) {
		return fmt.Errorf("%s: nobody's data in this project, and no photo", id)
	}
	return err
}
