package oncore

import (
	"context"
	"errors"
	"io"

	"keyturn/app/core"
	"keyturn/app/screen/field"
	"keyturn/shared/receipt"
)

type files struct{ *core.Core }

func (f files) Receipt(ctx context.Context) (field.SignedReceipt, bool, error) {
	r, ok, err := f.Receipts.Newest(ctx)
	for _, known := range disbelief {
		if errors.Is(err, known.why) {
			err = &field.Refused{Code: known.code}
		}
	}
	return field.SignedReceipt{SignedAt: r.SignedAt, From: r.From, To: r.To, Records: r.Records, Photos: r.Photos, Server: r.Server.String()}, ok, err
}

// disbelief are the reasons that people are told.
var disbelief = []struct {
	why  error
	code string
}{
	{receipt.ErrSignature, "receipt_changed"},
	{receipt.ErrFormat, "receipt_changed"},
	{receipt.ErrKeys, "receipt_changed"},
	{receipt.ErrTime, "receipt_changed"},
	{receipt.ErrUntrusted, "receipt_other_server"},
	{receipt.ErrForked, "receipt_other_server"},
	{receipt.ErrVersion, "receipt_version"},
	{core.ErrNotCentral, "receipt_not_central"},
	{core.ErrOtherDevice, "receipt_mismatch"},
	{core.ErrNotMine, "receipt_mismatch"},
}

func (f files) WantReceipt() { f.Receipts.Want() }

func (f files) ReceiptFile(ctx context.Context) ([]byte, error) { return f.Receipts.File(ctx) }

func (f files) Export(ctx context.Context, to io.Writer) (field.Export, error) {
	b, err := f.NewBundle(ctx, to)
	if errors.Is(err, core.ErrNothingToExport) {
		return nil, field.ErrNothingToExport
	}
	if err != nil {
		return nil, err
	}
	return export{b}, nil
}

type export struct{ *core.BundleExport }

func (e export) Count() (records, photos, left, missing int) {
	return e.Records, e.Photos, e.Left(), e.Missing
}
