// Command syncserver keeps a developer's central records: devices sync with it,
// it raises and routes tickets, and its operator imports handover lists.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a project's zone must resolve on a machine without zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is a subcommand: its flags and what it does.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error
}

func commands() []command {
	return []command{
		{"serve", "serve devices until interrupted", serve},
		{"import", "preview a handover list; -apply writes it", importList},
		{"plans", "load plan images with their sidecars", loadPlans},
		{"sample", "set up the invented sample project", loadSample},
		{"person", "create an account and grant a role", addPerson},
		{"remove", "end a person's rights in a project", removePerson},
		{"devices", "list devices; -revoke ends one's access", devices},
		{"enrol-code", "issue a one-time code for a new device", enrolCode},
		{"backup", "back the server up while it serves; -verify checks a backup", makeBackup},
		{"restore", "restore a backup into a new data directory or an empty database", restoreBackup},
		{"bundle", "import the file that a device without a network has exported", bundleFile},
		{"review", "list, show, accept or discard captured work that waits for a decision", review},
		{"erase", "find and overwrite a homeowner's or contact's personal data", erase},
		{"accesses", "list who was given personal data or money of a project", accesses},
		{"receipt-key", "print the public keys of signed receipts; -rotate makes a new one", receiptKey},
		{"tls-rotate", "let the present TLS key name the next one, so that devices follow it", tlsRotate},
		{"verify-receipt", "check a signed receipt, without a database or network", verifyReceipt},
	}
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	log := slog.New(slog.NewJSONHandler(errs, nil))
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name != args[0] {
				continue
			}
			if err := c.run(ctx, args[1:], out, log); err != nil && !errors.Is(err, flag.ErrHelp) {
				fmt.Fprintf(errs, "syncserver %s: %v\n", c.name, err)
				return exitFailed
			}
			return exitOK
		}
	}
	fmt.Fprintln(errs, "usage: syncserver COMMAND [flags]; syncserver COMMAND -h shows the flags")
	for _, c := range commands() {
		fmt.Fprintf(errs, "  %-14s %s\n", c.name, c.summary)
	}
	return exitUsage
}
