package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is another process, which answers each line it is sent with a line.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// stopWait is how long a process may take to end before it is killed.
const stopWait = 15 * time.Second

// spawn starts a program.
func spawn(ctx context.Context, program string, args ...string) (p *process, err error) {
	return spawnWith(ctx, nil, program, args...)
}

// spawnWith is spawn with an environment; nil is that of this process.
func spawnWith(ctx context.Context, env []string, program string, args ...string) (p *process, err error) {
	p = &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Env = env
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopWait
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	return p, nil
}

// line reads a line that begins with a word, past others, and gives what
// follows the word.
func (p *process) line(word string) (string, error) {
	for {
		text, err := p.out.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("wait for %q of %s: %w", word, p.cmd.Args[1], err)
		}
		if rest, ok := strings.CutPrefix(text, word); ok {
			return strings.TrimSpace(rest), nil
		}
	}
}

// ask sends a line and reads the answer.
func (p *process) ask(line string, into any) error {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return fmt.Errorf("ask %s: %w", line, err)
	}
	text, err := p.line(answerMark)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("ask %s: %w", line, err)
	}
	return nil
}

// answerMark begins the lines that are answers.
const answerMark = "="

// serveLines answers each line of in until it ends.
func serveLines(in io.Reader, out io.Writer, answer func(words []string) (any, error)) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		v, err := answer(strings.Fields(lines.Text()))
		if err != nil {
			return err
		}
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		if _, err := fmt.Fprintf(out, "%s%s\n", answerMark, b); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read what is asked: %w", err)
	}
	return nil
}

// stop ends the process in order.
func (p *process) stop() {
	_ = p.in.Close() // it may have ended
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	done := time.AfterFunc(stopWait, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait() // how it ended is no figure
	done.Stop()
}

const (
	kib = 1024
	mib = 1024 * kib
)

// memory is what the process holds of its own, in bytes, without the files that
// are mapped, or 0 if the system does not say.
func (p *process) memory() float64 { return held(p.cmd.Process.Pid).own }

// resident is all that lies in memory of the process, in bytes, and mapped the
// part of it that is pages of files, or 0 if the system does not say.
func (p *process) resident() float64 { return held(p.cmd.Process.Pid).now }
func (p *process) mapped() float64   { return held(p.cmd.Process.Pid).mapped }

// tick is the unit in which Linux tells the time that a processor spent.
const tick = 10 * time.Millisecond

// worked is the time that processors spent on the process, or none if there is
// no process, or the system does not say.
func (p *process) worked() time.Duration {
	if p == nil {
		return 0
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	var user, system time.Duration
	if _, err := fmt.Sscan(f[11]+" "+f[12], &user, &system); err != nil {
		return 0
	}
	return (user + system) * tick
}
