//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before it counts as hung.
const patience = 3 * time.Minute

// process is a program that can be killed and started again.
type process struct {
	testing.TB
	name   string
	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
	said   *tail
	starts int
}

func newProcess(t testing.TB, name string) *process {
	p := &process{TB: t, name: name, said: &tail{}}
	t.Cleanup(p.kill)
	return p
}

// tail keeps the last of what a process said.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const tailSize = 512 << 10

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() > tailSize {
		l.b.Next(l.b.Len() - tailSize/2)
	}
	return l.b.Write(p)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run starts the process. What it is told beside that of this one is in env.
func (p *process) run(env []string, args ...string) {
	p.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = p.said, p.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	exited := make(chan struct{})
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by what it did
		close(exited)
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.exited = cmd, exited
	p.starts++
}

func (p *process) current() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd, p.exited
}

// await polls. It returns false if the process has ended.
func (p *process) await(what string, ask func() (bool, error)) bool {
	p.Helper()
	_, exited := p.current()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		ok, err := ask()
		if ok {
			return true
		}
		select {
		case <-exited:
			return false
		case <-late.C:
			p.Fatalf("hung: %s: %s: %v\n%s", p.name, what, err, p.said)
		case <-tick.C:
		}
	}
}

// signal sends to the process and what it runs under.
func (p *process) signal(sig syscall.Signal) {
	if cmd, _ := p.current(); cmd != nil {
		_ = syscall.Kill(-cmd.Process.Pid, sig) // it may have ended
	}
}

// kill ends the process as a loss of power would, but for the disk's cache.
func (p *process) kill() {
	cmd, exited := p.current()
	if cmd == nil {
		return
	}
	p.signal(syscall.SIGKILL)
	<-exited
}

// stop asks the process to end and waits until it has.
func (p *process) stop() {
	p.Helper()
	_, exited := p.current()
	p.signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(patience):
		p.Fatalf("hung: %s does not end on SIGTERM\n%s", p.name, p.said)
	}
}

// stacks lets the process say where each of its goroutines is, and end.
func (p *process) stacks() {
	_, exited := p.current()
	p.signal(syscall.SIGQUIT)
	select {
	case <-exited:
	case <-time.After(10 * time.Second):
	}
}

// proc is a file of the kernel's about the process.
func (p *process) proc(name string) string {
	cmd, _ := p.current()
	return fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, name)
}
