package camera_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/camera"
)

func write(t *testing.T, f *os.File, text string) {
	t.Helper()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestFolderDeliversWholePicturesOnce(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.jpg")
	if err := os.WriteFile(old, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	taken, ended := make(chan string, 8), make(chan error, 1)
	started := filepath.Join(dir, "started.jpg")
	go func() { ended <- camera.Folder{Dir: dir}.Watch(ctx, func(path string) { taken <- path }) }()

	// The watch has begun once a file written again and again is delivered.
	begin := time.NewTicker(time.Second)
	defer begin.Stop()
	for began := false; !began; {
		if err := os.WriteFile(started, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		select {
		case path := <-taken:
			if began = path == started; !began {
				t.Fatalf("%s was delivered", path)
			}
		case <-begin.C:
		}
	}

	slow := filepath.Join(dir, "slow.jpg")
	f, err := os.Create(slow)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "half")
	if err := os.WriteFile(filepath.Join(dir, ".hidden.jpg"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, f, " and half")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case path := <-taken:
		if got, err := os.ReadFile(path); path != slow || err != nil || string(got) != "half and half" {
			t.Fatalf("%s: %q, %v", path, got, err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the picture was not delivered")
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if len(taken) != 0 {
		t.Fatalf("delivered too much: %s", <-taken)
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (camera.Folder{Dir: filepath.Join(file, "sub")}).Watch(t.Context(), func(string) {}); err == nil {
		t.Fatal("no error")
	}
}
