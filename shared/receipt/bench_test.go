package receipt

import (
	"encoding/binary"
	"testing"

	"keyturn/shared/domain"
)

// tenThousand is a season of one device: 10,000 ops and 4,000 photo files.
func tenThousand() Receipt {
	r := sampleReceipt()
	r.Awaited, r.Photos, r.Ops, r.To = nil, nil, nil, 10_000
	for i := range 10_000 {
		var sha domain.Hash
		binary.BigEndian.PutUint64(sha[:], uint64(i)+1)
		r.Ops = append(r.Ops, Op{Seq: uint64(i) + 1, SHA256: sha, Entity: domain.EntityResult, ID: domain.AnyID(sha[:16]), Status: 1, LogSeq: uint64(i) + 1, ReceivedAt: monday})
		if i < 4_000 {
			r.Photos = append(r.Photos, Photo{SHA256: sha, Bytes: 400_000, ReceivedAt: monday})
		}
	}
	return r
}

func BenchmarkSeal(b *testing.B) {
	s, r := signer(b, Central), tenThousand()
	for b.Loop() {
		b.ReportMetric(float64(len(seal(b, s, r))), "file-B")
	}
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b, Central)
	file := seal(b, s, tenThousand())
	for b.Loop() {
		_, err := Verify(file, s.Keys)
		must(b, err)
	}
}
