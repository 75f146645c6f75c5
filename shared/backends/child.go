// Package backends starts the real components that tests need, Postgres and an
// S3 server, each as a child process on loopback with its data in a temporary
// folder. None of them outlives the test process, however that ends.
package backends

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// supervisor starts a program and stops it when its own standard input ends:
// the other end is held by the test process alone, so a killed test process
// stops the program too. A word read before the end is the signal to stop it
// with. $1 is a folder to remove afterwards ("" for none), the rest the program.
const supervisor = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{
	signal=INT
	while read -r word; do signal=$word; done
	kill -s "$signal" "$program"
} <&3 2>/dev/null &
watch=$!
exec 3<&-
wait "$program"; status=$?
kill "$watch" 2>/dev/null
if [ -n "$folder" ]; then rm -rf "$folder"; fi
exit "$status"
`

// child is a running program under its supervisor.
type child struct {
	lifeline io.WriteCloser
	ended    chan struct{} // closed when program and supervisor are gone
	output   *tail
}

// program says what to start: as is the user to run as (nil: ours) and folder
// what to remove once it has ended.
type program struct {
	command []string
	env     []string
	as      *syscall.Credential
	folder  string
}

func start(p program) (*child, error) {
	// The group of its own keeps a Ctrl-C at the terminal from ending the supervisor before its work is done.
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervisor, "supervisor", p.folder}, p.command...)...) //nolint:gosec,noctx // commands of this package's own; the lifeline ends it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.as}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), p.env...)
	c := &child{ended: make(chan struct{}), output: &tail{}}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.command[0], err)
	}
	// A pipe that this process reads, not its own output: go test waits for whoever holds that.
	cmd.Stdout, cmd.Stderr = c.output, c.output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.command[0], err)
	}
	c.lifeline = lifeline
	go func() {
		defer close(c.ended)
		_ = cmd.Wait() // a stopped program ends with a signal's status
	}()
	return c, nil
}

// stop ends the program with a signal (INT, QUIT, KILL, …) and waits for it.
func (c *child) stop(signal string) error {
	select {
	case <-c.ended:
		return fmt.Errorf("it had ended by itself:\n%s", c.output)
	default:
	}
	_, err := io.WriteString(c.lifeline, signal+"\n")
	if err = errors.Join(err, c.lifeline.Close()); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("it did not end within %v:\n%s", patience, c.output)
	}
}

// patience is how long a program may take to start or to stop, on a busy machine.
const patience = 60 * time.Second

// ready polls until the program answers. It fails when the program ends first.
func (c *child) ready(answers func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		select {
		case <-c.ended:
			return fmt.Errorf("it ended at once:\n%s", c.output)
		case <-late:
			return fmt.Errorf("it was not ready within %v:\n%s", patience, c.output)
		case <-tick.C:
			if answers() {
				return nil
			}
		}
	}
}

// run runs a command to its end.
func run(as *syscall.Credential, command ...string) error {
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // commands of this package's own, each short
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	cmd.Dir = "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// tail keeps the last lines that a program wrote.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytes = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	t.last = t.last[max(0, len(t.last)-tailBytes):]
	return len(b), nil
}

// String implements fmt.Stringer.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
