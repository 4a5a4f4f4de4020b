package browser

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/summit-timeline/summit/events"
)

// program is the server as its users run it, in a process of its own.
type program struct {
	*testing.T
	binary, data, addr string
	nats               string // where NATS clients are let in; off: nowhere
	cmd                *exec.Cmd
}

// built is the program, which is built once.
var built struct {
	sync.Once
	path string
	out  []byte
	err  error
}

func build(t *testing.T) *program {
	t.Helper()
	built.Do(func() {
		built.out, built.err = exec.Command("go", "build", "-o", built.path, "github.com/summit-timeline/summit/cmd/summit").CombinedOutput()
	})
	if built.err != nil {
		t.Fatalf("build: %v\n%s", built.err, built.out)
	}
	p := &program{T: t, binary: built.path, data: filepath.Join(t.TempDir(), "data"), nats: "off"}
	p.addr = freeAddr(t)
	t.Cleanup(p.kill)
	return p
}

// stockNATS builds the client of NATS that everybody has, once.
var stockNATS = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(built.path), "nats")
	tools := filepath.Join("..", "..", "..", "..", "deploy", "tools.mod")
	if out, err := exec.Command("go", "build", "-modfile="+tools, "-o", path, "github.com/nats-io/natscli/nats").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the stock client of NATS: %w\n%s", err, out)
	}
	return path, nil
})

// freeAddr is an address to listen on, again after a kill.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// start starts it and waits until the demo is there.
func (p *program) start() {
	p.Helper()
	p.cmd = exec.Command(p.binary, "serve", "--demo", "--data", p.data, "--addr", p.addr, "--nats-listen", p.nats)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "Demo") {
			return
		}
	}
	p.Fatal("the server ended before the demo was there")
}

// kill ends it as a failing machine does: at once.
func (p *program) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

func TestAKilledServerIsFoundAgain(t *testing.T) {
	t.Parallel()
	b, p := open(t), build(t)
	p.start()
	url := "http://" + p.addr
	b.visit(url + "/summits/" + summit)
	b.says("live", "Live")
	note := func(id, text string) {
		record(t, url, events.TypeNoteAdded, "note/"+id, map[string]any{"text": text, "sources": []any{map[string]any{"id": "s", "name": "A reporter"}}})
	}
	note("before", "Recorded before the kill")
	b.says("news", "1 new: show")
	p.kill()
	b.says("live", "Reconnecting: stale since")
	p.start()
	note("after", "Recorded after the restart")
	b.says("news", "2 new: show") // neither lost nor counted twice
	b.says("live", "Live")
}
