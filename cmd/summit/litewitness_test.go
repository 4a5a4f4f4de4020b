package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
	"github.com/summit-timeline/summit/cmd/internal/verbs/proof"
	"github.com/summit-timeline/summit/events/eventstest"
)

// stockWitness is a witness that others wrote: litewitness, as it is.
type stockWitness struct {
	t             *testing.T
	url, db, vkey string
}

const tools = "-modfile=../../deploy/tools.mod"

// startStockWitness builds it and starts it with a key in an agent.
func startStockWitness(t *testing.T) *stockWitness {
	t.Helper()
	dir, err := os.MkdirTemp("", "lw") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	program := filepath.Join(dir, "litewitness")
	if out, err := command(t, "go", "build", tools, "-o", program, "filippo.io/torchwood/cmd/litewitness").CombinedOutput(); err != nil {
		t.Fatalf("build litewitness: %v\n%s", err, out)
	}
	socket := filepath.Join(dir, "agent")
	w := &stockWitness{t: t, db: filepath.Join(dir, "db"), url: fmt.Sprintf("127.0.0.1:%d", brokertest.FreePorts(t, 1)[0])}
	cmd := command(t, program, "-name", "witness.example", "-key", serveAgent(t, socket), "-ssh-agent", socket, "-db", w.db, "-listen", w.url)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	})
	w.url = "http://" + w.url
	var all bytes.Buffer
	for lines := bufio.NewScanner(io.TeeReader(said, &all)); lines.Scan(); {
		if _, key, ok := strings.Cut(lines.Text(), "vkey="); ok {
			w.vkey = strings.Trim(key, `"`)
		}
		if strings.Contains(lines.Text(), "msg=listening") {
			go io.Copy(io.Discard, said) //nolint:errcheck // it ends with the process
			return w
		}
	}
	t.Fatalf("litewitness did not come up: %s", &all)
	return nil
}

// serveAgent is an agent with a new key, and tells its fingerprint.
func serveAgent(t *testing.T, socket string) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if err := agent.ServeAgent(keys, conn); err != nil && !errors.Is(err, io.EOF) {
					t.Log(err)
				}
			}()
		}
	}()
	return ssh.FingerprintSHA256(signer.PublicKey())
}

// add sends a head, with the proof that it continues the old size.
func (w *stockWitness) add(old int64, proof []string, head string) (status int, answer string) {
	w.t.Helper()
	body := fmt.Sprintf("old %d\n%s\n%s", old, strings.Join(append(proof, ""), "\n"), head)
	post := func() (*http.Response, error) {
		return http.Post(w.url+"/add-checkpoint", "text/plain", strings.NewReader(body))
	}
	var res *http.Response
	var err error
	eventstest.Eventually(w.t, "the witness listens, as it has said", func() bool {
		res, err = post() //nolint:bodyclose // it is closed below
		return !errors.Is(err, syscall.ECONNREFUSED)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// proof asks a server for the proof that its log of one size continues another.
func (p *process) proof(t *testing.T, from, to int64) []string {
	t.Helper()
	var a struct{ Hashes []string }
	if status := p.get(t, fmt.Sprintf("%s/proof/consistency?from=%d&to=%d", alaska, from, to), &a); status != http.StatusOK {
		t.Fatal(status)
	}
	return a.Hashes
}

// A witness that others wrote cosigns what a server signs as its log grows, and
// refuses it a fork and a rollback.
func TestAStockWitnessFollowsTheHeads(t *testing.T) {
	t.Parallel()
	w, dir := startStockWitness(t), t.TempDir()
	s := start(t, filepath.Join(dir, "a"), "--name", "host.example")
	first := s.text(t, alaska+"/checkpoint")
	origin, _, _ := strings.Cut(first, "\n")
	if out, err := command(t, "go", "run", tools, "testdata/litewitness/enroll.go", w.db, origin, strings.TrimSpace(s.text(t, alaska+"/key"))).CombinedOutput(); err != nil {
		t.Fatalf("enroll the log: %v\n%s", err, out)
	}
	verifier, err := torchwood.NewCosignatureVerifier(w.vkey)
	if err != nil {
		t.Fatal(err)
	}
	good := func(old int64, hashes []string, head string) int64 {
		t.Helper()
		status, line := w.add(old, hashes, head)
		if status != http.StatusOK {
			t.Fatalf("growth from %d: %d %s", old, status, line)
		}
		if n, err := note.Open([]byte(head+line), note.VerifierList(verifier)); err != nil || len(n.Sigs) != 1 {
			t.Fatalf("its cosignature: %v", err)
		}
		size, _ := proof.ClaimedSize([]byte(head))
		return size
	}
	size := good(0, nil, first)
	for _, n := range []int{1, 20} {
		s.many(t, fmt.Sprint("grown", n), n)
		head := s.text(t, alaska+"/checkpoint")
		next, _ := proof.ClaimedSize([]byte(head))
		size = good(size, s.proof(t, size, next), head)
	}
	if status, said := w.add(size-1, s.proof(t, size-1, size), s.text(t, alaska+"/checkpoint")); status != http.StatusConflict || strings.TrimSpace(said) != fmt.Sprint(size) {
		t.Errorf("an old size that is not the last: %d %s", status, said)
	}
	// Another history, signed with the same key.
	fork := start(t, filepath.Join(dir, "b"), "--key", filepath.Join(dir, "a", "key"))
	fork.many(t, "fork", int(size))
	head := fork.text(t, alaska+"/checkpoint")
	next, _ := proof.ClaimedSize([]byte(head))
	if status, said := w.add(size, fork.proof(t, size, next), head); status != http.StatusUnprocessableEntity {
		t.Errorf("a fork: %d %s", status, said)
	}
	if status, said := w.add(size, nil, fork.text(t, fmt.Sprint(alaska, "/checkpoint?size=", size))); status != http.StatusUnprocessableEntity {
		t.Errorf("a fork of the same size: %d %s", status, said)
	}
	if status, said := w.add(size-2, fork.proof(t, size-2, size-1), fork.text(t, fmt.Sprint(alaska, "/checkpoint?size=", size-1))); status != http.StatusConflict {
		t.Errorf("a rollback: %d %s", status, said)
	}
	fork.end(t, syscall.SIGTERM)
	s.end(t, syscall.SIGTERM)
}
