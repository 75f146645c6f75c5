//go:build linux

package faulttest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a program at work, alone in its process group.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	exited chan struct{}
	err    error
}

// start runs a program. hear gets each whole line of its output, up to the last
// one before its end; what it says on stderr is appended to the file log.
func start(t *testing.T, log string, env []string, hear func(line string), command ...string) *process {
	t.Helper()
	errs, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	p := &process{t: t, cmd: exec.Command(command[0], command[1:]...), exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = errs
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	must(t, err)
	p.stdin, err = p.cmd.StdinPipe()
	must(t, err)
	must(t, p.cmd.Start())
	must(t, errs.Close())
	go func() {
		defer close(p.exited)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				break // half a line was cut off by the kill: it was not said
			}
			hear(strings.TrimSuffix(line, "\n"))
		}
		p.err = p.cmd.Wait()
	}()
	return p
}

// kill ends the whole group at once, as a power button does.
func (p *process) kill() {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		p.t.Errorf("kill: %v", err)
	}
	<-p.exited
}

// tell writes a command to the program.
func (p *process) tell(command string) {
	if _, err := io.WriteString(p.stdin, command+"\n"); err != nil {
		p.t.Logf("%s: %v", command, err) // it ended meanwhile; whoever waits for it says so
	}
}

// ends waits for the program's own end.
func (p *process) ends() error {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.err
	case <-time.After(patience):
		p.kill()
		return fmt.Errorf("%s: no end within %s", p.cmd.Path, patience)
	}
}

// running reports whether the program has not ended.
func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// sound fails the test when a program's log tells of a data race or a panic.
func sound(t *testing.T, log string) {
	t.Helper()
	b, err := os.ReadFile(log)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	must(t, err)
	for _, bad := range []string{"DATA RACE", "panic: ", "fatal error: "} {
		if at := strings.Index(string(b), bad); at >= 0 {
			t.Errorf("%s: %s", log, b[max(0, at-200):min(len(b), at+4000)])
			return
		}
	}
}
