package walktest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

// Two server processes share one Postgres and one S3 behind a dumb round-robin.
// Tablets hop between them while they work; in the end everybody has everything
// once, and tickets are numbered without a hole.
func TestTwoServers(t *testing.T) {
	s3 := backends.S3(t)
	t.Setenv("KEYTURN_S3_ACCESS_KEY", s3.AccessKey)
	t.Setenv("KEYTURN_S3_SECRET_KEY", s3.SecretKey)
	w := newCluster(t, 2, backends.Postgres(t), s3.URL())
	desk := w.enrol("coordinator1")
	desk.allConfirmed()
	var tablets []*device
	for _, login := range []string{"inspector1", "inspector2", "inspector1"} {
		d := w.enrol(login)
		d.allConfirmed()
		tablets = append(tablets, d)
	}
	const rounds = 5
	unit := list[domain.Unit](tablets[0], domain.EntityUnit, localstore.Filter{})[0].ID
	var defects []domain.DefectID
	for round := range rounds {
		for i, d := range tablets {
			id := recordDefect(t, d, w.project, unit, fmt.Sprintf("round %d, tablet %d", round, i))
			attach(t, d, w.project, unit, id)
			defects = append(defects, id)
			if (round+i)%2 == 0 {
				d.Disconnect()
				d.Connect(context.WithoutCancel(t.Context()))
			}
		}
	}
	for _, d := range tablets {
		d.allConfirmed()
	}
	everything := func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		tickets, err := localstore.List[domain.Ticket](ctx, tx, domain.EntityTicket, localstore.Filter{})
		if err != nil || len(tickets) < len(defects) {
			return false, err
		}
		photos, err := localstore.List[domain.Attachment](ctx, tx, domain.EntityAttachment, localstore.Filter{States: []string{string(domain.AttachmentReady)}})
		return len(photos) == len(defects), err
	}
	for _, d := range append(tablets, desk) {
		d.until("everybody's tickets and photos", everything)
	}
	sameRecords(t, tablets[0], tablets[1])
	sameRecords(t, tablets[0], tablets[2])
	var numbers []string
	for _, k := range list[domain.Ticket](desk, domain.EntityTicket, localstore.Filter{}) {
		numbers = append(numbers, k.Record.Number)
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := fmt.Sprintf("WX-2026-%06d", i+1); n != want {
			t.Errorf("ticket %s at the place of %s", n, want)
		}
	}
}

// attach adds a photo of random bytes: what is tested is transfer, not decoding.
func attach(t *testing.T, d *device, project domain.ProjectID, unit domain.UnitID, defect domain.DefectID) {
	t.Helper()
	body := make([]byte, 300_000)
	_, err := rand.Read(body)
	must(t, err)
	sha := domain.Hash(sha256.Sum256(body)).String()
	path := d.Vault.Path(sha, "original")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, body, 0o600))
	id, err := ident.New[domain.Attachment](d.Field.IDs)
	must(t, err)
	must(t, d.Field.Attach(t.Context(), project, unit, defect.Any(), domain.RoleEvidence,
		fieldwork.Captured{ID: id, Photo: sha, Bytes: int64(len(body)), Format: "jpeg"}))
}
