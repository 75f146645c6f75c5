package main

import (
	"fmt"
	"io"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
)

// issuers say whose word it is. A relay's must not be taken for more.
var issuers = map[receipt.Issuer]string{
	receipt.Central: "CENTRAL server",
	receipt.Relay:   "RELAY, which is NOT a confirmation by the central server;",
}

var statuses = map[syncproto.Status]string{
	syncproto.Applied: "applied", syncproto.Dup: "applied", syncproto.Conflict: "conflict",
	syncproto.Rejected: "rejected", syncproto.Quarantined: "in review",
}

// printReceipt writes a verified receipt for people. What could not be written
// is the terminal's loss.
func printReceipt(out io.Writer, r receipt.Receipt, brief bool) {
	var bytes int64
	for _, p := range r.Photos {
		bytes += p.Bytes
	}
	fmt.Fprintf(out, "VALID receipt\n")
	fmt.Fprintf(out, "issued by  %s %s\n", issuers[r.Issuer], r.Server)
	fmt.Fprintf(out, "signed at  %s\n", utc(r.SignedAt))
	fmt.Fprintf(out, "device     %s\n", r.Device)
	if r.To < r.From {
		fmt.Fprintf(out, "covers     nothing: no op from %d on; log epoch %s\n", r.From, r.Epoch)
	} else {
		fmt.Fprintf(out, "covers     ops %d to %d; log epoch %s\n", r.From, r.To, r.Epoch)
	}
	fmt.Fprintf(out, "records    %d held: %d applied, %d applied with a conflict, %d rejected, %d in review\n", len(r.Ops),
		r.Count(syncproto.Applied, syncproto.Dup), r.Count(syncproto.Conflict), r.Count(syncproto.Rejected), r.Count(syncproto.Quarantined))
	fmt.Fprintf(out, "photos     %d held, %d bytes; %d named but not yet here\n", len(r.Photos), bytes, len(r.Awaited))
	if brief {
		return
	}
	if len(r.Ops) > 0 {
		fmt.Fprintf(out, "\n%8s  %-9s  %-14s  %-36s  %-42s  %8s  %-20s  %s\n", "op", "status", "entity", "id", "scope", "log", "received", "sha256 of the op")
	}
	for _, op := range r.Ops {
		fmt.Fprintf(out, "%8d  %-9s  %-14s  %-36s  %-42s  %8s  %-20s  %s\n", op.Seq, statuses[op.Status], op.Entity, op.ID,
			r.Scopes[op.Scope], place(op.LogSeq), utc(op.ReceivedAt), op.SHA256)
	}
	if len(r.Photos)+len(r.Awaited) > 0 {
		fmt.Fprintf(out, "\n%10s  %-20s  %s\n", "bytes", "received", "sha256 of the photo")
	}
	for _, p := range r.Photos {
		fmt.Fprintf(out, "%10d  %-20s  %s\n", p.Bytes, utc(p.ReceivedAt), p.SHA256)
	}
	for _, sha := range r.Awaited {
		fmt.Fprintf(out, "%10s  %-20s  %s\n", "", "not yet here", sha)
	}
	fmt.Fprintln(out)
}

func utc(i domain.Instant) string { return i.Time().Format(time.RFC3339) }

func place(seq uint64) string {
	if seq == 0 {
		return "-"
	}
	return fmt.Sprint(seq)
}
