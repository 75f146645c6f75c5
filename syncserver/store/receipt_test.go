package store_test

import (
	"context"
	"encoding/binary"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func TestReceiptQueries(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			s, err := d.open(t.Context(), d.address(t))
			s = opened(t, s, err)
			receivedRange(t, s)
			heldBlobs(t, s)
		})
	}
}

func receivedRange(t *testing.T, s *store.Store) {
	t.Helper()
	other := ident.Derive[domain.Device]("another")
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for seq := uint64(1); seq <= 5; seq++ {
			r := store.Received{Body: []byte{byte(seq)}, Answer: syncproto.Answer{Seq: seq, Status: syncproto.Status(seq), LogSeq: 10 * seq}}
			must(t, tx.SaveReceived(ctx, tablet, r, domain.Instant(100+seq)))
			must(t, tx.SaveReceived(ctx, other, r, 1))
		}
		got, err := tx.ReceivedRange(ctx, tablet, 5, 9, 10)
		if err != nil || len(got) != 1 {
			t.Errorf("within the transaction: %+v, %v", got, err)
		}
		return nil
	})
	for _, c := range []struct {
		from, to uint64
		limit    int
		want     []uint64
	}{
		{1, 5, 10, []uint64{1, 2, 3, 4, 5}}, {2, 4, 10, []uint64{2, 3, 4}}, {2, 5, 2, []uint64{2, 3}}, {6, 9, 10, nil}, {3, 2, 10, nil},
	} {
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			got, err := tx.ReceivedRange(ctx, tablet, c.from, c.to, c.limit)
			must(t, err)
			if len(got) != len(c.want) {
				t.Errorf("%d to %d: %+v", c.from, c.to, got)
				return nil
			}
			for i, op := range got {
				seq := c.want[i]
				if op.Seq != seq || op.Body[0] != byte(seq) || op.Status != syncproto.Status(seq) || op.LogSeq != 10*seq || op.ReceivedAt != domain.Instant(100+seq) {
					t.Errorf("%+v, want op %d", op, seq)
				}
			}
			return nil
		})
	}
}

func heldBlobs(t *testing.T, s *store.Store) {
	t.Helper()
	numbered := func(n int) (sha domain.Hash) {
		binary.BigEndian.PutUint64(sha[:], uint64(n)+1)
		return sha
	}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for n := range 100 {
			must(t, tx.PutBlob(ctx, numbered(n), int64(n), domain.Instant(n)))
		}
		return nil
	})
	// More than one query's worth, with hashes in between that are not here.
	for _, asked := range []int{0, 1, 63, 64, 65, 200} {
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			var hashes []domain.Hash
			for n := range asked {
				hashes = append(hashes, numbered(n))
			}
			got, err := tx.HeldBlobs(ctx, hashes)
			must(t, err)
			seen := map[domain.Hash]bool{}
			for _, b := range got {
				if b.SHA256 != numbered(int(b.Bytes)) || b.ReceivedAt != domain.Instant(b.Bytes) || seen[b.SHA256] {
					t.Errorf("%+v", b)
				}
				seen[b.SHA256] = true
			}
			if len(got) != min(asked, 100) {
				t.Errorf("%d of %d are here", len(got), asked)
			}
			return nil
		})
	}
}
