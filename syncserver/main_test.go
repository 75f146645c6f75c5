package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runCommand runs the program and gives its exit code and what it printed.
func runCommand(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func succeed(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := runCommand(t, args...)
	if code != exitOK {
		t.Fatalf("%v: exit code %d: %s", args, code, errs)
	}
	return out
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"frobnicate"}, {"-h"}, {""}} {
		code, out, errs := runCommand(t, args...)
		if code != exitUsage || out != "" {
			t.Errorf("%v: exit code %d, printed %q", args, code, out)
		}
		for _, c := range commands() {
			if !strings.Contains(errs, c.name) || !strings.Contains(errs, c.summary) {
				t.Errorf("%v: the usage lacks %s", args, c.name)
			}
		}
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		if code, _, errs := runCommand(t, c.name, "-h"); code != exitOK {
			t.Errorf("%s -h ends with %d: %s", c.name, code, errs)
		}
	}
}

// What cannot be done says why on the error stream and ends with 1.
func TestFailuresSayWhy(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	succeed(t, "person", "-data", data, "-project", "样例苑", "-login", "a", "-name", "样例甲")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"serve", "-listen", "0.0.0.0:0", "-data", data}, "without TLS"},
		{[]string{"serve", "-listen", "127.0.0.1:0", "-tls-cert", "x", "-data", data}, "go together"},
		{[]string{"serve", "-listen", "127.0.0.1:0", "-tls-cert", "x", "-tls-key", "y", "-data", data}, "certificate"},
		{[]string{"serve", "-no-such-flag"}, "no-such-flag"},
		{[]string{"import", "-data", data, "-project", "样例苑"}, "usage"},
		{[]string{"import", "-data", data, "list.xlsx"}, "usage"},
		{[]string{"import", "-data", data, "-project", "样例苑", "nowhere.xlsx"}, "nowhere.xlsx"},
		{[]string{"plans", "-data", data}, "usage"},
		{[]string{"person", "-data", data, "-project", "样例苑"}, "usage"},
		{[]string{"remove", "-data", data, "-project", "样例苑"}, "usage"},
		{[]string{"remove", "-data", data, "-project", "样例苑", "-login", "nobody"}, "nobody"},
		{[]string{"enrol-code", "-data", data, "-login", "nobody"}, "nobody"},
		{[]string{"devices", "-data", data, "-revoke", "x"}, "UUID"},
	} {
		code, out, errs := runCommand(t, c.args...)
		if code != exitFailed || !strings.Contains(errs, c.says) || strings.Contains(out, "serving") {
			t.Errorf("%v: exit code %d: %s", c.args, code, errs)
		}
	}
}

func TestEnrolCode(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	t.Setenv("KEYTURN_PASSWORD", "correct horse battery")
	id := succeed(t, "person", "-data", data, "-project", "样例苑", "-login", "a", "-name", "样例甲", "-role", "manager")
	if again := succeed(t, "person", "-data", data, "-project", "样例苑", "-login", "a", "-name", "样例甲", "-role", "manager"); again != id || len(strings.TrimSpace(id)) != 36 {
		t.Errorf("%q, then %q", id, again)
	}
	code := succeed(t, "enrol-code", "-data", data, "-login", "a")
	if !regexp.MustCompile(`^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\n$`).MatchString(code) {
		t.Errorf("the code is %q", code)
	}
	succeed(t, "remove", "-data", data, "-project", "样例苑", "-login", "a")
	if got := succeed(t, "devices", "-data", data); got != "" {
		t.Errorf("devices: %q", got)
	}
}

// Looking at a list creates no project and writes nothing; a refused list ends
// with 1 and names its faults.
func TestImport(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	faulty := filepath.Join("handoverlist", "testdata", "handover-list-with-errors.xlsx")
	for _, apply := range []string{"-apply=false", "-apply"} {
		code, out, errs := runCommand(t, "import", "-data", data, "-project", "样例苑", "-locale", "zh-Hans", apply, faulty)
		if code != exitFailed || !strings.Contains(errs, errRefused.Error()) || !strings.Contains(out, "房屋清单") {
			t.Errorf("%s: exit code %d: %s%s", apply, code, out, errs)
		}
	}
	small := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(small, []byte("building,entrance,floor,unit,layout,fit-out,contract area\n1#,1,1,101,B,fitted,118.62\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first := succeed(t, "import", "-data", data, "-project", "Sample Court", "-locale", "en", "-apply", small)
	second := succeed(t, "import", "-data", data, "-project", "Sample Court", "-locale", "en", "-apply", small)
	if first == "" || first == second {
		t.Errorf("%q, then %q", first, second)
	}
}

func TestSignalEndsTheProgram(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := started(ctx, t, "-listen", "127.0.0.1:0")
	cancel()
	if code := <-s.done; code != exitOK {
		t.Errorf("exit code %d: %s", code, s.errs.String())
	}
}
