//go:build linux

package faulttest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// photos: every photo that was shown as saved is named by a ready attachment of
// its defect, and the server's bytes have its hash.
func (a *account) photos() {
	a.t.Helper()
	disk, err := blobs.OpenDisk(filepath.Join(a.server, service.BlobDir))
	must(a.t, err)
	named := map[domain.DefectID]map[domain.Hash]bool{}
	a.view(func(ctx context.Context, tx *store.Tx) {
		list, err := intake.List[domain.Attachment](ctx, tx, domain.EntityAttachment, store.Filter{})
		must(a.t, err)
		for _, f := range list {
			if f.Record.State != domain.AttachmentReady {
				a.wrong("attachment %s is %s", f.ID, f.Record.State)
			}
			for _, sha := range []domain.Hash{f.Record.SHA256, f.Record.WorkSHA256} {
				a.bytes(ctx, disk, sha)
			}
			defect := domain.DefectID(f.Record.ParentID)
			if named[defect] == nil {
				named[defect] = map[domain.Hash]bool{}
			}
			named[defect][f.Record.SHA256] = true
		}
	})
	for _, d := range a.devices {
		for _, s := range d.acknowledged() {
			for _, sha := range s.photos {
				if !named[s.defect][sha] {
					a.wrong("%s showed photo %s of defect %s as saved; no attachment names it", d.plan.Name, sha, s.defect)
				}
			}
		}
	}
	left, err := os.ReadDir(filepath.Join(a.server, service.BlobDir, "partial"))
	must(a.t, err)
	for _, f := range left {
		if _, err := domain.ParseHash(f.Name()); err == nil {
			a.wrong("the beginning of photo %s is left behind", f.Name())
		} else { // what a kill left of a photo that came in one piece; it costs space only
			a.t.Logf("left behind: %s", f.Name())
		}
	}
}

func (a *account) bytes(ctx context.Context, disk *blobs.Disk, sha domain.Hash) {
	a.t.Helper()
	f, _, err := disk.Open(ctx, sha)
	if err != nil {
		a.wrong("photo %s: %v", sha, err)
		return
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil || domain.Hash(h.Sum(nil)) != sha {
		a.wrong("photo %s has other bytes: %v", sha, err)
	}
	a.checked++
}
