package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

var kinds = map[syncproto.Kind]string{
	syncproto.Recorded: "recorded", syncproto.Amended: "amended", syncproto.Withdrawn: "withdrawn", syncproto.Commanded: "commanded",
}

// reviewDecide carries out one decision on each group. One that cannot be
// decided on is reported and does not stop the others.
func reviewDecide(ctx context.Context, verb string, args []string, out io.Writer, log *slog.Logger) error {
	var c reviewChoice
	var reviewer, reason string
	define := func(f *flag.FlagSet) {
		c.define(f)
		f.StringVar(&reviewer, "reviewer", "", "login of the person who decides; needs to work on tickets in the project")
		if verb == "discard" {
			f.StringVar(&reason, "reason", "", "why; the device shows it")
		}
	}
	return operation(ctx, "review "+verb, args, log, define, func(s *service.Service, named []string) error {
		if reviewer == "" || verb == "discard" && reason == "" || (len(named) > 0) == (c.device != "") {
			return errors.New(reviewUsage)
		}
		person, err := s.PersonByLogin(ctx, reviewer)
		if err != nil {
			return fmt.Errorf("login %q: %w", reviewer, err)
		}
		keys, err := c.chosen(ctx, s, named)
		if err != nil {
			return err
		}
		decide, done := func(k store.ReviewKey) error { return s.Accept(ctx, k, person) }, "accepted"
		if verb == "discard" {
			decide, done = func(k store.ReviewKey) error { return s.Discard(ctx, k, person, reason) }, "discarded"
		}
		return decideEach(keys, decide, done, out)
	})
}

// chosen lists the groups that were named, or all that wait of a device.
func (c *reviewChoice) chosen(ctx context.Context, s *service.Service, named []string) (keys []store.ReviewKey, err error) {
	for _, name := range named {
		k, err := store.ParseReviewKey(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	f, err := c.filter()
	if err != nil || f.Device == (domain.DeviceID{}) {
		return keys, err
	}
	return s.WaitingOf(ctx, f.Device, f.Project)
}

func decideEach(keys []store.ReviewKey, decide func(store.ReviewKey) error, done string, out io.Writer) error {
	failed := 0
	for _, k := range keys {
		if err := decide(k); err != nil {
			fmt.Fprintf(out, "%s  not %s: %v\n", k, done, err)
			failed++
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", k, done)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d not %s", failed, len(keys), done)
	}
	return nil
}
