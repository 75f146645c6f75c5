package backup

import (
	"testing"

	"keyturn/shared/backends"
	"keyturn/syncserver/blobs"
)

// Photos may come from a bucket and go to one.
func TestPhotosInABucket(t *testing.T) {
	server := backends.S3(t)
	t.Setenv(blobs.AccessKeyVariable, server.AccessKey)
	t.Setenv(blobs.SecretKeyVariable, server.SecretKey)
	bucket, err := blobs.OpenURL(t.Context(), server.URL())
	must(t, err)
	w := newWorld(t, sqlite)
	for _, name := range []string{"a", "b"} {
		w.attach(name)
		_, err := bucket.Put(t.Context(), []byte("photo "+name))
		must(t, err)
	}
	source := w.source()
	source.Photos = bucket
	made, err := source.Create(t.Context(), w.backups, true)
	must(t, err)
	if made.Copied != 2 || made.Linked != 0 || len(made.Absent) != 0 {
		t.Errorf("backup %+v", made)
	}
	if v, err := Verify(t.Context(), made.Path, bucket); err != nil || v.InBackup != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	s := newSite(t, sqlite)
	s.Photos = bucket
	if r, err := s.Restore(t.Context(), made.Path); err != nil || r.Held != 2 || r.Copied != 0 {
		t.Errorf("into the same bucket: %+v, %v", r, err)
	}
	fresh := backends.S3(t)
	t.Setenv(blobs.AccessKeyVariable, fresh.AccessKey)
	t.Setenv(blobs.SecretKeyVariable, fresh.SecretKey)
	other, err := blobs.OpenURL(t.Context(), fresh.URL())
	must(t, err)
	s = newSite(t, sqlite)
	s.Photos = other
	if r, err := s.Restore(t.Context(), made.Path); err != nil || r.Copied != 2 || len(r.Missing) != 0 {
		t.Errorf("into an empty bucket: %+v, %v", r, err)
	}
	for _, b := range made.Blobs {
		if _, whole, err := other.Offset(t.Context(), b.SHA256); err != nil || !whole {
			t.Errorf("photo %s: %v, %v", b.SHA256, whole, err)
		}
	}
}
