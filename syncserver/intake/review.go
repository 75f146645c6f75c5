package intake

import (
	"context"
	"maps"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// What of one device may wait for a decision. A tablet that was away for weeks
// stays far below it; a device in wrong hands cannot fill the server. Beyond it
// pushes are answered "overloaded" until somebody decides.
const (
	maxReviewOps       = 20_000
	maxReviewBytes     = 64 << 20
	maxReviewBlobBytes = 16 << 30
)

// unknownBlobBytes counts for a blob whose size an op does not say: the largest
// that is taken.
const unknownBlobBytes = 50 << 20

// inbox is what a batch puts into the review inbox.
type inbox struct {
	// load is what waits of the device, nil until it was looked up.
	load     *store.ReviewLoad
	projects []domain.ProjectID
}

// quarantine puts a group into the review inbox; full is true when too much of
// the device waits there already.
func (b *batch) quarantine(ctx context.Context, ops []syncproto.Op, bodies [][]byte, code syncproto.Code) (full bool, err error) {
	if b.inbox.load == nil {
		load, err := b.tx.ReviewLoad(ctx, b.device.ID)
		if err != nil {
			return false, err
		}
		b.inbox.load = &load
	}
	first := ops[0]
	r := store.Review{
		ReviewKey: store.ReviewKey{Device: b.device.ID, First: first.Seq}, Last: ops[len(ops)-1].Seq,
		Project: first.Scope.Project, Actor: first.Actor, Code: code,
		CapturedAt: syncproto.ClampTime(first.CapturedAt-b.device.ClockAhead, b.now), ReceivedAt: b.now, ClockAhead: b.device.ClockAhead,
	}
	if b.counted == b.epoch {
		r.Epoch = b.epoch // of another it only matters that it is another
	}
	named := map[domain.Hash]int64{}
	for i, op := range ops {
		r.Bytes += int64(len(bodies[i]))
		for sha, size := range sizesOf(op) {
			named[sha] = max(named[sha], size)
		}
	}
	for _, size := range named {
		r.BlobBytes += size
	}
	load := b.inbox.load
	load.Ops, load.Bytes, load.BlobBytes = load.Ops+int64(len(ops)), load.Bytes+r.Bytes, load.BlobBytes+r.BlobBytes
	if load.Ops > maxReviewOps || load.Bytes > maxReviewBytes || load.BlobBytes > maxReviewBlobBytes {
		return true, nil
	}
	if err := b.tx.AddReview(ctx, r); err != nil {
		return false, err
	}
	for sha, size := range named {
		if err := b.tx.AddReviewBlob(ctx, r.ReviewKey, sha, size); err != nil {
			return false, err
		}
	}
	b.changed(ops)
	return false, nil
}

// Named lists the blobs that an op names.
func Named(op syncproto.Op) []domain.Hash { return slices.Collect(maps.Keys(sizesOf(op))) }

// sizesOf lists the blobs that an op names, with the sizes that it says. One
// that cannot be read names none: it is refused in review too.
func sizesOf(op syncproto.Op) map[domain.Hash]int64 {
	if op.Validate() != "" || op.Kind == syncproto.Commanded {
		return nil
	}
	r, _ := merge.Apply(merge.Record{}, op, 1)
	hashes, err := hashesOf(r)
	if err != nil {
		return nil
	}
	sizes := map[domain.Hash]int64{}
	for _, sha := range hashes {
		sizes[sha] = unknownBlobBytes
	}
	if a, err := merge.As[domain.Attachment](r); err == nil && op.Entity == domain.EntityAttachment {
		for sha, said := range map[domain.Hash]int64{a.SHA256: a.Bytes, a.WorkSHA256: a.WorkBytes} {
			if said > 0 && said < unknownBlobBytes {
				sizes[sha] = said
			}
		}
	}
	delete(sizes, domain.Hash{})
	return sizes
}

// changed remembers the projects whose inboxes this batch has touched.
func (b *batch) changed(ops []syncproto.Op) {
	b.inbox.projects = append(b.inbox.projects, ops[0].Scope.Project)
}

// announce brings the records that coordinators' devices hold in line with the
// inbox. A device may name a project that does not exist; there is nobody to
// tell of it.
func (b *batch) announce(ctx context.Context) error {
	told := map[domain.ProjectID]bool{}
	for _, project := range b.inbox.projects {
		p, err := b.tx.Record(ctx, domain.EntityProject, project.Any())
		if err != nil {
			return err
		}
		if told[project] || !p.Exists() {
			continue
		}
		told[project] = true
		id := ident.Derive[any]("review", project.String(), b.device.ID.String())
		before, _, err := Get[domain.Review](ctx, b.tx, domain.EntityReview, id)
		if err != nil {
			return err
		}
		after := domain.Review{ProjectID: project, State: domain.ReviewOpen, DeviceID: b.device.ID}
		if after.Waiting, after.Since, err = b.tx.WaitingReviews(ctx, project, b.device.ID); err != nil {
			return err
		}
		if after.Waiting == 0 {
			after.State = domain.ReviewDone
		}
		if err := NewWriter(b.tx, project, b.now, b.logged).Amend(ctx, domain.EntityReview, id, before, after); err != nil {
			return err
		}
	}
	return nil
}
