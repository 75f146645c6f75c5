package benchtest

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildServer builds the program that is shipped.
func buildServer(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "syncserver")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "keyturn/syncserver").CombinedOutput(); err != nil {
		t.Fatalf("build the server: %v\n%s", err, out)
	}
	return path
}

// process is a server, or an app, under measurement.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	url      string
	complain bytes.Buffer
}

// launch starts a process and waits for its first line; a server's is "serving
// on ADDRESS". The test's end stops it.
func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd}
	cmd.Stderr = &p.complain
	// A server of ours ends with its standard input, so none outlives a killed run.
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("%s said %q: %v\n%s", filepath.Base(cmd.Path), line, err, p.complain.String())
	}
	p.url = "http://" + strings.TrimPrefix(strings.TrimSpace(line), "serving on ")
	t.Cleanup(p.stop)
	return p
}

// stop ends the process in order.
func (p *process) stop() {
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%s: %v\n%s", filepath.Base(p.cmd.Path), err, p.complain.String())
	}
}

// ticks a second of the times in /proc: USER_HZ is 100 on every Linux that Go
// runs on.
const ticks = 100

// pid names the process in /proc.
func (p *process) pid() string { return strconv.Itoa(p.cmd.Process.Pid) }

// cpuOf is the processor time in seconds that a process ("self" for this one)
// has used so far.
func cpuOf(t testing.TB, pid string) float64 {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	must(t, err)
	// The name in parentheses may hold blanks; utime and stime are fields 14 and 15.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var sum float64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseFloat(f, 64)
		must(t, err)
		sum += n
	}
	return sum / ticks
}

// peakOf reads the high-water mark of a process ("self" for this one) in MB.
func peakOf(t testing.TB, pid string) float64 {
	t.Helper()
	status, err := os.ReadFile("/proc/" + pid + "/status")
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			must(t, err)
			return kb * 1024 / 1e6
		}
	}
	t.Fatal("no VmHWM in /proc")
	return 0
}

// use is what a server, and its devices in this process, used between two
// moments.
type use struct{ wall, cpu, devices, wire, peak float64 }

// meter measures while work runs: wall seconds, processor seconds of the server
// and of this process, MB that crossed the wire, and the server's peak memory in
// MB so far.
func meter(p *process, w *wire, work func()) use {
	cpu, devices, bytes, began := cpuOf(p.t, p.pid()), cpuOf(p.t, "self"), w.bytes.Load(), time.Now()
	work()
	wall := time.Since(began).Seconds()
	return use{
		wall: wall, cpu: cpuOf(p.t, p.pid()) - cpu, devices: cpuOf(p.t, "self") - devices,
		wire: float64(w.bytes.Load()-bytes) / 1e6, peak: peakOf(p.t, p.pid()),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
