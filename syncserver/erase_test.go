package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEraseCommand(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	succeed(t, "sample", "-data", data)
	erase := func(args ...string) (code int, out, errs string) {
		return runCommand(t, append([]string{"erase", "-data", data, "-project", "样例花园一期"}, args...)...)
	}
	_, out, _ := erase("-find", "样例")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) < 2 {
		t.Fatalf("found %q", out)
	}
	id := strings.Fields(lines[0])[0]
	for name, args := range map[string][]string{
		"nothing": nil, "nobody's": {"-by", "admin1", "00000000-0000-4000-8000-000000000001"}, "not by a coordinator": {"-by", "coordinator1", id},
		"both": {"-by", "admin1", "-find", "x"}, "no id": {"-by", "admin1", "x"},
	} {
		if code, out, _ := erase(args...); code != exitFailed || strings.Contains(out, "erased") {
			t.Errorf("%s: %d, %s", name, code, out)
		}
	}
	if code, out, errs := erase("-by", "admin1", id); code != exitOK || !strings.Contains(out, "erased "+id) {
		t.Fatalf("%d, %s, %s", code, out, errs)
	}
	if _, out, _ := erase("-find", "样例"); strings.Contains(out, id) || out == "" {
		t.Errorf("found %q", out)
	}
}

func TestAccessesCommand(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	succeed(t, "sample", "-data", data)
	if out := succeed(t, "accesses", "-data", data, "-project", "样例花园一期"); out != "" {
		t.Errorf("nobody was there: %s", out)
	}
	for _, args := range [][]string{nil, {"-project", "x", "-limit", "0"}, {"-project", "x", "y"}} {
		if code, _, _ := runCommand(t, append([]string{"accesses", "-data", data}, args...)...); code != exitFailed {
			t.Errorf("%v ends with %d", args, code)
		}
	}
}
