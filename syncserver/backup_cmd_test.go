package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/backends"
)

// onlyIn gives the one backup that is in a directory.
func onlyIn(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return filepath.Join(dir, list[0].Name())
}

// The operator's way: back up beside the running server, verify, restore, look.
func TestBackupAndRestoreCommands(t *testing.T) {
	t.Parallel()
	data, backups := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backups")
	succeed(t, "sample", "-data", data)
	succeed(t, "receipt-key", "-data", data)
	ctx, cancel := context.WithCancel(t.Context())
	s := started(ctx, t, "-listen", "127.0.0.1:0", "-data", data)
	out := succeed(t, "backup", "-data", data, backups)
	cancel()
	if code := <-s.done; code != exitOK {
		t.Errorf("the server ended with %d: %s", code, s.errs.String())
	}
	made := onlyIn(t, backups)
	if !strings.HasPrefix(out, made+"\n") || !strings.Contains(out, "rows, schema") || !strings.Contains(out, "linked") {
		t.Errorf("backup says %q", out)
	}
	out = succeed(t, "backup", "-data", filepath.Join(data, "nowhere"), "-verify", made)
	if !strings.Contains(out, " 0 missing, 0 damaged") || strings.Contains(out, "photos: 0 in the backup") {
		t.Errorf("verify says %q", out)
	}
	onlyForOwner(t, made)
	for name, database := range map[string]string{"SQLite": "", "Postgres": backends.Postgres(t)} {
		fresh := filepath.Join(t.TempDir(), "fresh")
		out = succeed(t, "restore", "-data", fresh, "-db", database, made)
		for _, says := range []string{"restored as epoch", "0 are missing", "devices: 0 are known", "must be enrolled again", "are void"} {
			if !strings.Contains(out, says) {
				t.Errorf("%s: restore does not say %q: %s", name, says, out)
			}
		}
		was, err := os.ReadFile(filepath.Join(data, "receipt.key"))
		if err != nil {
			t.Fatal(err)
		}
		if is, err := os.ReadFile(filepath.Join(fresh, "receipt.key")); err != nil || string(is) != string(was) {
			t.Errorf("%s: the receipt key is another one: %v", name, err)
		}
		code, _, errs := runCommand(t, "restore", "-data", fresh, "-db", database, made)
		if code != exitFailed || !strings.Contains(errs, "holds something already") {
			t.Errorf("%s: a second restore: %d, %s", name, code, errs)
		}
	}
}

// onlyForOwner: a backup holds personal data and keys.
func onlyForOwner(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestManifestOnly(t *testing.T) {
	t.Parallel()
	data, backups := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backups")
	succeed(t, "sample", "-data", data)
	if out := succeed(t, "backup", "-data", data, "-manifest-only", backups); !strings.Contains(out, "not copied") {
		t.Errorf("%q", out)
	}
	made := onlyIn(t, backups)
	succeed(t, "backup", "-data", data, "-verify", made)
	code, out, errs := runCommand(t, "backup", "-data", t.TempDir(), "-verify", made)
	if code != exitFailed || !strings.Contains(errs, "are missing") || !strings.Contains(out, "  missing: ") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	out = succeed(t, "restore", "-data", filepath.Join(t.TempDir(), "fresh"), "-photos", filepath.Join(data, "blobs"), made)
	if !strings.Contains(out, " 0 are missing") {
		t.Errorf("with the photo store: %s", out)
	}
	out = succeed(t, "restore", "-data", filepath.Join(t.TempDir(), "fresh"), made)
	if !strings.Contains(out, "  missing: ") || !strings.Contains(out, ", of plan ") {
		t.Errorf("without: %s", out)
	}
}

func TestBackupFailuresSayWhy(t *testing.T) {
	t.Parallel()
	data, empty := filepath.Join(t.TempDir(), "data"), t.TempDir()
	succeed(t, "person", "-data", data, "-project", "样例苑", "-login", "a", "-name", "样例甲")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"backup", "-data", data}, "usage"},
		{[]string{"backup", "-data", data, "-verify", "-manifest-only", empty}, "usage"},
		{[]string{"backup", "-data", empty, filepath.Join(empty, "b")}, "no database"},
		{[]string{"backup", "-data", data, "-verify", empty}, "no whole backup"},
		{[]string{"backup", "-data", data, "-db", "postgres://127.0.0.1:1/x", empty}, "connect"},
		{[]string{"restore", empty}, "usage"},
		{[]string{"restore", "-data", filepath.Join(empty, "new")}, "usage"},
		{[]string{"restore", "-data", filepath.Join(empty, "new"), empty}, "no whole backup"},
	} {
		code, _, errs := runCommand(t, c.args...)
		if code != exitFailed || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit code %d: %s", c.args, code, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(empty, "keyturn.db")); err == nil {
		t.Error("a backup of nothing made a database")
	}
}
