package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"keyturn/shared/domain"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// Usage of the review inbox. A REVIEW is named as list prints it.
const reviewUsage = `usage:
  syncserver review list [-project NAME] [-device ID] [-decided] [-after REVIEW] [-limit N]
  syncserver review show REVIEW
  syncserver review accept -reviewer LOGIN REVIEW...
  syncserver review discard -reviewer LOGIN -reason TEXT REVIEW...
accept and discard take -device ID [-project NAME] instead, for all that waits of a device`

// reviewPage is how many groups list prints.
const reviewPage = 50

func review(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	verb := ""
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	switch verb {
	case "list":
		return reviewList(ctx, args, out, log)
	case "show":
		return reviewShow(ctx, args, out, log)
	case "accept", "discard":
		return reviewDecide(ctx, verb, args, out, log)
	case "-h", "-help", "--help":
		fmt.Fprintln(out, reviewUsage)
		return nil
	default:
		return errors.New(reviewUsage)
	}
}

// reviewChoice is what list, accept and discard choose groups by.
type reviewChoice struct{ project, device string }

func (c *reviewChoice) define(f *flag.FlagSet) {
	f.StringVar(&c.project, "project", "", "project name")
	f.StringVar(&c.device, "device", "", "id of a device")
}

func (c *reviewChoice) filter() (f store.ReviewFilter, err error) {
	if c.project != "" {
		f.Project = service.ProjectID(c.project)
	}
	if c.device != "" {
		f.Device, err = domain.ParseID[domain.Device](c.device)
	}
	return f, err
}

func reviewList(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var c reviewChoice
	var after string
	var decided bool
	var limit int
	define := func(f *flag.FlagSet) {
		c.define(f)
		f.BoolVar(&decided, "decided", false, "also list what has been decided on")
		f.StringVar(&after, "after", "", "go on behind this one, the last of the page before")
		f.IntVar(&limit, "limit", reviewPage, "how many to list")
	}
	return operation(ctx, "review list", args, log, define, func(s *service.Service, rest []string) error {
		filter, err := c.filter()
		if err != nil || len(rest) > 0 || limit < 1 {
			return errors.Join(err, errors.New(reviewUsage))
		}
		if filter.Decided, filter.Limit = decided, limit; after != "" {
			if filter.After, err = store.ParseReviewKey(after); err != nil {
				return err
			}
		}
		list, err := s.Reviews(ctx, filter)
		for _, r := range list {
			fmt.Fprintf(out, "%s  received %s  captured %s  %q on %q  project %q  %d ops  %s%s\n", r.ReviewKey, day(r.ReceivedAt), day(r.CapturedAt),
				r.Person, r.DeviceName, r.ProjectName, r.Last-r.First+1, r.Code, outcome(r))
		}
		return err
	})
}

// outcome says how a group was decided on, nothing while it waits.
func outcome(r service.Review) string {
	switch r.Outcome {
	case store.ReviewAccepted:
		return fmt.Sprintf("  accepted %s by %q", day(r.DecidedAt), r.Reviewer)
	case store.ReviewDiscarded:
		return fmt.Sprintf("  discarded %s by %q: %q", day(r.DecidedAt), r.Reviewer, r.Reason)
	default:
		return ""
	}
}

// beside says where an op's actor or project is not that of its group.
func beside(r service.Review, op service.ReviewedOp) (text string) {
	if op.Actor != r.Actor {
		text += ", by " + op.Actor.String()
	}
	if op.Scope.Project != r.Project {
		text += ", in project " + op.Scope.Project.String()
	}
	return text
}

func reviewShow(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	return operation(ctx, "review show", args, log, func(*flag.FlagSet) {}, func(s *service.Service, keys []string) error {
		if len(keys) != 1 {
			return errors.New(reviewUsage)
		}
		key, err := store.ParseReviewKey(keys[0])
		if err != nil {
			return err
		}
		r, ops, blobs, err := s.Review(ctx, key)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "review    %s%s\nperson    %q %s\ndevice    %q\nproject   %q\nreceived  %s\nreason    %s\n",
			r.ReviewKey, outcome(r), r.Person, r.Actor, r.DeviceName, r.ProjectName, day(r.ReceivedAt), r.Code)
		for _, op := range ops {
			fmt.Fprintf(out, "op %d: %s %s, %s, captured %s%s\n", op.Seq, kinds[op.Kind], op.Entity, op.ID, day(op.CapturedAt), beside(r, op))
			for _, v := range op.Values {
				fmt.Fprintf(out, "    %s\n", v)
			}
		}
		for _, b := range blobs {
			fmt.Fprintf(out, "photo %s: %s\n", b.SHA256, map[bool]string{true: "here", false: "not here yet"}[b.Held])
		}
		return nil
	})
}
