package photo

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestPathStaysInside(t *testing.T) {
	v := openVault(t)
	sha := hashOf([]byte("sample"))
	for r, want := range map[Rendition]string{Original: "", Work: ".work.jpg", Thumb: ".thumb.jpg"} {
		if got := v.Path(sha, r); got != filepath.Join(v.root, sha[:2], sha+want) {
			t.Errorf("%s lies at %s", r, got)
		}
	}
	for _, bad := range []string{
		"", "..", "../../../etc/passwd", "/etc/passwd", `..\..\boot.ini`, sha[:63], sha + "0",
		strings.ToUpper(sha), "../" + sha[3:], sha[:62] + "/.", sha[:32] + "\x00" + sha[33:], "g" + sha[1:],
	} {
		if got := v.Path(bad, Original); got != "" {
			t.Errorf("%q leads to %s", bad, got)
		}
		if ok, err := v.Has(bad, Original); ok || err != nil {
			t.Errorf("has %q: %v %v", bad, ok, err)
		}
		wantCode(t, v.Remove(bad, Original), CodeBadHash)
		_, err := v.Rederive(t.Context(), bad, Meta{})
		wantCode(t, err, CodeBadHash)
	}
	wantCode(t, v.Remove(sha, "../"+Work), CodeBadHash)
}

func TestRemoveAndImportAgain(t *testing.T) {
	v := openVault(t)
	data := jpegOf(t, marked(64, 48))
	p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	has := func(r Rendition) bool {
		ok, err := v.Has(p.SHA256, r)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for range 2 { // the second time it is gone already, as after a crash
		if err := v.Remove(p.SHA256, Original); err != nil {
			t.Fatal(err)
		}
	}
	if has(Original) || !has(Work) || !has(Thumb) {
		t.Error("removing the original did not remove it alone")
	}
	_, err = v.Rederive(t.Context(), p.SHA256, Meta{})
	wantCode(t, err, CodeNotStored)

	again, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil || again != p {
		t.Errorf("again: %+v %v, want %+v", again, err, p)
	}
	if !has(Original) {
		t.Error("the original is not back")
	}
}

// TestDamagedFilesAreMadeGood: files that lost their content below the vault are
// replaced, sound ones are left alone.
func TestDamagedFilesAreMadeGood(t *testing.T) {
	data := jpegOf(t, marked(64, 48))
	for _, r := range []Rendition{Original, Work, Thumb} {
		for name, rotten := range map[string][]byte{"emptied": nil, "zeroed": make([]byte, 900)} {
			t.Run(string(r)+" "+name, func(t *testing.T) {
				v := openVault(t)
				p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
				if err != nil {
					t.Fatal(err)
				}
				good := load(t, v, p.SHA256, r)
				if err := os.WriteFile(v.Path(p.SHA256, r), rotten, 0o600); err != nil {
					t.Fatal(err)
				}
				if r == Original {
					_, err := v.Rederive(t.Context(), p.SHA256, Meta{})
					wantCode(t, err, CodeDamaged)
					_, err = v.Import(t.Context(), bytes.NewReader(data), Meta{})
					if err != nil {
						t.Fatal(err)
					}
				} else if again, err := v.Rederive(t.Context(), p.SHA256, Meta{}); err != nil || again != p {
					t.Fatalf("%+v %v, want %+v", again, err, p)
				}
				if !bytes.Equal(load(t, v, p.SHA256, r), good) {
					t.Error("not made good")
				}
			})
		}
	}
}

// TestWorkingCopyKeepsItsHash: one made by an older version of the app stays,
// because the upload queue knows it by its hash.
func TestWorkingCopyKeepsItsHash(t *testing.T) {
	v := openVault(t)
	data := jpegOf(t, marked(64, 48))
	p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	older := jpegOf(t, marked(32, 24))
	if err := os.WriteFile(v.Path(p.SHA256, Work), older, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := v.Remove(p.SHA256, Thumb); err != nil {
		t.Fatal(err)
	}
	again, err := v.Rederive(t.Context(), p.SHA256, Meta{})
	if err != nil || again.WorkSHA256 != hashOf(older) || again.WorkBytes != int64(len(older)) {
		t.Errorf("%+v %v", again, err)
	}
	if ok, err := v.Has(p.SHA256, Thumb); !ok || err != nil {
		t.Errorf("thumbnail: %v %v", ok, err)
	}
}

func TestOpenNeedsAFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "photos")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path)
	wantCode(t, err, CodeDiskFailed)
	_, err = Open(filepath.Join(path, "below"))
	wantCode(t, err, CodeDiskFailed)
}

func TestSweep(t *testing.T) {
	v := openVault(t)
	if _, err := v.Import(t.Context(), bytes.NewReader(jpegOf(t, marked(64, 48))), Meta{}); err != nil {
		t.Fatal(err)
	}
	before := files(t, v)
	for _, name := range []string{tempPrefix + "1", filepath.Join(filepath.Dir(before[0]), tempPrefix+"2")} {
		if err := os.WriteFile(filepath.Join(v.root, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{2, 0} {
		if n, err := v.Sweep(t.Context()); n != want || err != nil {
			t.Errorf("swept %d %v, want %d", n, err, want)
		}
	}
	if after := files(t, v); strings.Join(after, " ") != strings.Join(before, " ") {
		t.Errorf("kept %v of %v", after, before)
	}
}

// failingFile fails at one step, as a disk does.
type failingFile struct {
	tempFile
	write, sync, close error
}

func (f failingFile) Write(p []byte) (int, error) {
	if f.write != nil {
		n, err := f.tempFile.Write(p[:len(p)/2]) // what still fitted
		return n, errors.Join(err, f.write)
	}
	return f.tempFile.Write(p)
}

func (f failingFile) Sync() error  { return errors.Join(f.tempFile.Sync(), f.sync) }
func (f failingFile) Close() error { return errors.Join(f.tempFile.Close(), f.close) }

// TestDiskFails lets each of the three files fail at each step: the vault stays
// empty, the reason is named, and the next import succeeds.
func TestDiskFails(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "sample", Err: diskFullErrno}
	broken := &fs.PathError{Op: "sync", Path: "sample", Err: syscall.EIO}
	data := jpegOf(t, marked(64, 48))
	for name, c := range map[string]struct {
		create error
		file   failingFile
		want   Code
	}{
		"no space for a name": {create: full, want: CodeDiskFull},
		"no space to write":   {file: failingFile{write: full}, want: CodeDiskFull},
		"no space at sync":    {file: failingFile{sync: full}, want: CodeDiskFull},
		"no space at close":   {file: failingFile{close: full}, want: CodeDiskFull},
		"broken at sync":      {file: failingFile{sync: broken}, want: CodeDiskFailed},
		"not allowed":         {create: fs.ErrPermission, want: CodeDiskFailed},
	} {
		for nth := 1; nth <= 3; nth++ {
			t.Run(name+" "+strconv.Itoa(nth), func(t *testing.T) {
				v := openVault(t)
				calls := 0
				v.create = func(dir, pattern string) (tempFile, error) {
					calls++
					if calls != nth {
						return createTemp(dir, pattern)
					}
					if c.create != nil {
						return nil, c.create
					}
					f, err := createTemp(dir, pattern)
					file := c.file
					file.tempFile = f
					return file, err
				}
				_, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
				wantCode(t, err, c.want)
				if left := files(t, v); len(left) != 0 {
					t.Errorf("left behind: %v", left)
				}
				if _, err := v.Import(t.Context(), bytes.NewReader(data), Meta{}); err != nil {
					t.Errorf("next import: %v", err)
				}
			})
		}
	}
}

// dyingFile kills its own process when it is about to be synced.
type dyingFile struct{ tempFile }

func (dyingFile) Sync() error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		return err
	}
	select {} // the signal is on its way
}

const (
	crashRootEnv = "PHOTO_TEST_CRASH_ROOT"
	crashNthEnv  = "PHOTO_TEST_CRASH_NTH"
)

// TestKilledWhileImporting runs this test binary as a process that is killed
// while writing the first, second or third file. What it leaves is swept, and
// the same picture then comes in whole.
func TestKilledWhileImporting(t *testing.T) {
	data := jpegOf(t, marked(64, 48))
	if root := os.Getenv(crashRootEnv); root != "" {
		importAndDie(t, root, os.Getenv(crashNthEnv), data)
		return
	}
	for nth := 1; nth <= 3; nth++ {
		root := filepath.Join(t.TempDir(), "photos")
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWhileImporting$")
		cmd.Env = append(os.Environ(), crashRootEnv+"="+root, crashNthEnv+"="+strconv.Itoa(nth))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || len(out) != 0 {
			t.Fatalf("the process was not killed: %v\n%s", err, out)
		}
		v, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(files(t, v)); n != nth {
			t.Errorf("killed at file %d: left %v", nth, files(t, v))
		}
		if ok, err := v.Has(hashOf(data), Original); ok || err != nil {
			t.Errorf("an original nobody finished: %v %v", ok, err)
		}
		if n, err := v.Sweep(t.Context()); n != nth || err != nil {
			t.Errorf("swept %d %v, want %d", n, err, nth)
		}
		p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(load(t, v, p.SHA256, Original), data) || len(files(t, v)) != 3 {
			t.Errorf("after the crash: %v", files(t, v))
		}
	}
}

func importAndDie(t *testing.T, root, nth string, data []byte) {
	v, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	v.create = func(dir, pattern string) (tempFile, error) {
		f, err := createTemp(dir, pattern)
		if calls++; strconv.Itoa(calls) == nth {
			return dyingFile{f}, err
		}
		return f, err
	}
	_, err = v.Import(t.Context(), bytes.NewReader(data), Meta{})
	t.Fatalf("survived: %v", err)
}
