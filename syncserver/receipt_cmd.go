package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"keyturn/shared/receipt"
	"keyturn/syncserver/receipts"
	"keyturn/syncserver/service"
)

// receiptKey prints the public keys, which whoever verifies receipts needs.
func receiptKey(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	var rotate, adopt bool
	define := func(f *flag.FlagSet) {
		f.BoolVar(&rotate, "rotate", false, "make a new key, signed by the present one; old receipts stay good")
		f.BoolVar(&adopt, "adopt", false, "after the key was lost: sign with this data directory's from now on; devices must enrol again to trust it")
	}
	return operation(ctx, "receipt-key", args, log, define, func(s *service.Service, rest []string) error {
		if len(rest) > 0 || rotate && adopt {
			return errors.New("usage: syncserver receipt-key [-rotate | -adopt]")
		}
		work := s.Receipts.Keys
		switch {
		case rotate:
			work = s.Receipts.Rotate
		case adopt:
			work = s.Receipts.Adopt
		}
		keys, err := work(ctx)
		if err != nil {
			return err
		}
		text, err := keys.Encode()
		if err == nil {
			_, err = out.Write(text)
		}
		return err
	})
}

// maxReceiptFile bounds what is read into memory: the receipts of five million
// ops.
const maxReceiptFile = 1 << 30

// verifyReceipt needs the receipt and the public keys, no database and no
// network.
func verifyReceipt(_ context.Context, args []string, out io.Writer, _ *slog.Logger) error {
	flags := flag.NewFlagSet("verify-receipt", flag.ContinueOnError)
	keyFile := flags.String("keys", filepath.Join(defaultData, receipts.PublicFile), "public keys, as receipt-key prints them")
	brief := flags.Bool("brief", false, "print the counts only, not every record and photo")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("usage: syncserver verify-receipt [-keys FILE] [-brief] RECEIPT")
	}
	text, err := readUpTo(*keyFile, receipt.MaxKeysBytes)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	keys, err := receipt.DecodeKeys(text)
	if err != nil {
		return fmt.Errorf("%s: %w", *keyFile, err)
	}
	file, err := readUpTo(flags.Arg(0), maxReceiptFile)
	if err != nil {
		return err
	}
	v, err := receipt.Verify(file, keys)
	if err != nil {
		return fmt.Errorf("%s is NOT valid: %w", flags.Arg(0), err)
	}
	for _, r := range v.Receipts {
		printReceipt(out, r, *brief)
	}
	return nil
}

func readUpTo(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes are more than %d", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}
