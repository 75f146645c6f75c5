package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// ReceivedOp is one op of a device as it is stored.
type ReceivedOp struct {
	Seq        uint64
	Body       []byte
	Status     syncproto.Status
	LogSeq     uint64
	ReceivedAt domain.Instant
	// Original is as in Received.
	Original []byte
}

// SHA256 is the hash of the body as the device had sent it.
func (op ReceivedOp) SHA256() domain.Hash {
	if len(op.Original) == len(domain.Hash{}) {
		return domain.Hash(op.Original)
	}
	return sha256.Sum256(op.Body)
}

// ReceivedRange lists a device's ops with numbers from..to, in order, at most
// limit.
func (t *Tx) ReceivedRange(ctx context.Context, device domain.DeviceID, from, to uint64, limit int) ([]ReceivedOp, error) {
	if err := t.written(ctx, tableReceived); err != nil {
		return nil, err
	}
	return sqltx.Collect(ctx, t.tx, "received ops", func(r *sql.Rows) (op ReceivedOp, err error) {
		err = r.Scan(&op.Seq, &op.Body, &op.Status, &op.LogSeq, &op.ReceivedAt, &op.Original)
		return op, err
	}, `SELECT device_seq, body, status, log_seq, received_at, original FROM received
	    WHERE device = ? AND device_seq >= ? AND device_seq <= ? ORDER BY device_seq LIMIT ?`, device[:], from, to, limit)
}

// HeldBlob is a blob whose bytes are durable.
type HeldBlob struct {
	SHA256     domain.Hash
	Bytes      int64
	ReceivedAt domain.Instant
}

// blobsAsked is how many hashes one query asks for: always as many, so that one
// prepared statement serves all.
const blobsAsked = 64

// HeldBlobs lists those of the hashes whose bytes are durable, in no order.
func (t *Tx) HeldBlobs(ctx context.Context, hashes []domain.Hash) ([]HeldBlob, error) {
	var held []HeldBlob
	for len(hashes) > 0 {
		n := min(len(hashes), blobsAsked)
		args := make([]any, blobsAsked)
		for i := range args {
			args[i] = hashes[min(i, n-1)][:]
		}
		hashes = hashes[n:]
		some, err := sqltx.Collect(ctx, t.tx, "held blobs", func(r *sql.Rows) (b HeldBlob, err error) {
			var sha []byte
			if err = r.Scan(&sha, &b.Bytes, &b.ReceivedAt); err != nil {
				return b, err
			}
			err = b.SHA256.UnmarshalBinary(sha)
			return b, err
		}, "SELECT sha256, bytes, received_at FROM blobs WHERE sha256 IN (?"+strings.Repeat(", ?", blobsAsked-1)+")", args...)
		if err != nil {
			return nil, err
		}
		held = append(held, some...)
	}
	return held, nil
}
