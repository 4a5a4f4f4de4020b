package main

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events/eventstest"
)

// desk is where the commands of a topic are run: a folder of their own beside the
// data of a server of their own.
type desk struct {
	*testing.T
	dir   string
	env   []string
	ports map[string]string // those of the manual, and what they are here
}

// toolbox builds the programs that the manual's commands are made of.
func toolbox(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"bash", "curl", "jq", "openssl", "node"} {
		need(t, name)
	}
	bin := t.TempDir()
	goRun(t, "build", "-o", filepath.Join(bin, "summit"), "./cmd/summit")
	goRun(t, "build", "-modfile=deploy/tools.mod", "-o", filepath.Join(bin, "nats"), "github.com/nats-io/natscli/nats")
	return bin
}

func newDesk(t *testing.T, bin string) *desk {
	t.Helper()
	d := &desk{T: t, dir: t.TempDir()}
	p := start(t, filepath.Join(d.dir, "summit-data"))
	t.Cleanup(func() { p.end(t, syscall.SIGTERM) })
	d.env = append(os.Environ(), "SUMMIT_SERVER="+p.url, "NATS_URL="+p.nats, "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CONFIG_HOME="+t.TempDir())
	d.ports = map[string]string{"8080": portOf(p.url), "4222": portOf(p.nats)}
	return d
}

func portOf(url string) string { return url[strings.LastIndexByte(url, ':')+1:] }

var portShown = regexp.MustCompile(`\b(127\.0\.0\.1|0\.0\.0\.0):(\d{4})\b`)

// local puts ports that are free here in the place of those of the manual.
func (d *desk) local(code string) string {
	return portShown.ReplaceAllStringFunc(code, func(at string) string {
		host, port, _ := strings.Cut(at, ":")
		if d.ports[port] == "" {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				d.Fatal(err)
			}
			d.ports[port] = portOf(l.Addr().String())
			if err := l.Close(); err != nil {
				d.Fatal(err)
			}
		}
		return host + ":" + d.ports[port]
	})
}

func (d *desk) bash(code string) *exec.Cmd {
	cmd := command(d.T, "bash", "-euo", "pipefail", "-c", d.local(code))
	cmd.Dir, cmd.Env = d.dir, d.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that all that it starts is ended with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// runs carries commands out to their end and returns what they print.
func (d *desk) runs(code string) string {
	d.Helper()
	var out, errs bytes.Buffer
	cmd := d.bash(code)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		d.Errorf("%v\n%s\n%s%s", err, code, &out, &errs)
	}
	return out.String()
}

// patience is how long a command that continues may take until it prints something.
const patience = time.Minute

// stays runs commands until they have printed a line, and ends them.
func (d *desk) stays(code string) {
	d.Helper()
	var errs eventstest.Buffer
	cmd := d.bash(code)
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.Fatal(err)
	}
	end := func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) } // it may have ended
	overdue := time.AfterFunc(patience, end)
	defer d.tell()()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) == "" {
		d.Errorf("it printed %q and nothing more (%v)\n%s\n%s", line, err, code, &errs)
	}
	overdue.Stop()
	end()
	_ = cmd.Wait() // it was ended
}

// tell records a note again and again, so that who follows has something to
// print, until what it returns is called.
func (d *desk) tell() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for pace := time.NewTicker(500 * time.Millisecond); ; {
			select {
			case <-done:
				pace.Stop()
				return
			case <-pace.C:
				d.runs("summit record alaska-2025 --type note.added --entity note/live --source 'A reporter' --set text='As it comes'")
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// console runs each command and compares what it prints. How many spaces stand
// between two words does not count.
func (d *desk) console(code string) {
	d.Helper()
	for _, part := range strings.Split("\n"+strings.TrimRight(code, "\n"), "\n$ ")[1:] {
		command, want := part, ""
		for n := 0; ; { // a command may take several lines: it is whole where the shell takes it
			i := strings.IndexByte(part[n:], '\n')
			if i < 0 {
				break
			}
			if n += i; exec.CommandContext(d.Context(), "bash", "-nc", part[:n]).Run() == nil && !strings.HasSuffix(part[:n], `\`) {
				command, want = part[:n], part[n+1:]
				break
			}
			n++
		}
		got := d.runs(command)
		if !regexp.MustCompile(patternOf(want)).MatchString(squeezed(got)) {
			d.Errorf("$ %s\nsays\n%s\nand the manual says\n%s", command, got, want)
		}
	}
}

// squeezed puts one space for several, and none at the ends of lines.
func squeezed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// patternOf is what output must fit: a line of … stands for any lines, another …
// for anything within a line.
func patternOf(want string) string {
	var lines []string
	for line := range strings.SplitSeq(squeezed(want), "\n") {
		if line == "…" {
			lines = append(lines, `[\s\S]*`)
			continue
		}
		lines = append(lines, strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	return "^" + strings.Join(lines, "\n") + "$"
}

// named holds that each command is one that elsewhere names.
func (d *desk) named(code string) {
	d.Helper()
	for line := range strings.Lines(code) {
		command, _, _ := strings.Cut(line, "  #")
		if command = strings.TrimSpace(command); command != "" && elsewhere[command] == "" {
			d.Errorf("it is not run here, and nobody says what runs it: %s", command)
		}
	}
}
