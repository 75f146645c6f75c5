//go:build linux

package faulttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
)

// scratch holds the server's program and the data directory that worlds start
// from, once they have been made.
var scratch string

// made is what all tests share.
type made struct {
	program, data string
	// codes admit one device each to any copy of data.
	codes []string
	err   error
}

// logins are who uses the devices: inspectors follow one stream of the project,
// the coordinator more.
var logins = []string{"inspector1", "inspector2", "coordinator1"}

// prepare builds the server and sets up a data directory with its own commands.
var prepare = sync.OnceValue(func() (out made) {
	if scratch, out.err = os.MkdirTemp("", "keyturn-faults-"); out.err != nil {
		return out
	}
	out.program, out.data = filepath.Join(scratch, "syncserver"), filepath.Join(scratch, "server")
	build := []string{"build", "-o", out.program}
	if raced() {
		build = append(build, "-race") // the objects are there already, and races are found in the server too
	}
	if _, out.err = output("go", append(build, "keyturn/syncserver")...); out.err != nil {
		return out
	}
	if _, out.err = output(out.program, "sample", "-data", out.data); out.err != nil {
		return out
	}
	for _, login := range logins {
		var code string
		if code, out.err = output(out.program, "enrol-code", "-data", out.data, "-login", login); out.err != nil {
			return out
		}
		out.codes = append(out.codes, code)
	}
	return out
})

// raced reports whether this binary has the race detector in it.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if ok && s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// output runs a command to its end and gives what it printed.
func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
