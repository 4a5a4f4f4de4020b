package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/events/eventstest"
)

// The test binary is the program itself if it is told so.
// atATime is how many of the tests that wait for servers which they have started go
// on at a time, unless -parallel says otherwise: more than there are processors.
const atATime = "4"

func TestMain(m *testing.M) {
	if os.Getenv("SUMMIT_TEST_RUN") == "1" {
		main()
		return
	}
	if err := flag.Set("test.parallel", atATime); err != nil {
		panic(err)
	}
	http.DefaultClient.Timeout = longestLife
	testscript.Main(m, map[string]func(){"summit": main})
}

// process is a running server.
type process struct {
	cmd              *exec.Cmd
	url, nats, pprof string
	log              *eventstest.Buffer
}

// logged waits until the server has logged a text.
func (p *process) logged(t *testing.T, text string) {
	t.Helper()
	eventually(t, p.log, "the log has "+text, func() bool { return strings.Contains(p.log.String(), text) })
}

// start starts the server on a folder, with more flags if they are given,
// and waits until the demo is recorded.
func start(t *testing.T, dir string, more ...string) *process {
	t.Helper()
	return startWith(t, append([]string{"--data", dir, "--addr", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0"}, more...)...)
}

// startAt starts the server on addresses.
func startAt(t *testing.T, dir, addr, natsAddr string) *process {
	t.Helper()
	return startWith(t, "--data", dir, "--addr", addr, "--nats-listen", natsAddr)
}

// longestLife is how long a program of a test may run, and an answer take: many times what the
// longest test takes. A test that waits for what hangs then fails, rather than all of the package.
const longestLife = 10 * time.Minute

// startWith is start with other flags.
func startWith(t *testing.T, flags ...string) *process {
	t.Helper()
	p := &process{log: &eventstest.Buffer{}}
	p.cmd = exec.Command(os.Args[0], append([]string{"serve", "--demo"}, flags...)...)
	p.cmd.Env = append(os.Environ(), "SUMMIT_TEST_RUN=1")
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(longestLife, func() {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // its log then ends in what each goroutine was at
		t.Errorf("a server still ran after %v, and was told to say at what", longestLife)
	})
	t.Cleanup(func() {
		if hung.Stop(); t.Failed() {
			t.Logf("the log of the server:\n%s", p.log)
		}
		_ = p.cmd.Process.Kill()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		f := strings.Fields(lines.Text())
		switch f[0] {
		case "HTTP":
			p.url = f[1]
		case "NATS":
			p.nats = f[1]
		case "pprof":
			p.pprof = f[1]
		case "Demo":
			go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the process
			return p
		}
	}
	t.Fatalf("the server did not come up: %s", p.log)
	return nil
}

// command is a program that a test runs, for so long at most.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longestLife)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // though what it started goes on
	return cmd
}

func (p *process) end(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	err := p.cmd.Wait() // it ends: see longestLife
	if sig == syscall.SIGTERM && err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, p.log)
	}
}

func (p *process) get(t *testing.T, path string, into any) int {
	t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return res.StatusCode
}

func (p *process) post(t *testing.T, path, contentType, body string) (int, map[string]any) {
	t.Helper()
	res, err := http.Post(p.url+path, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var a map[string]any
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, a
}

type timeline struct {
	Position string
	Items    []struct {
		Fact, Headline, Standing string
		Seq                      uint64
	}
}

const eventType = "application/cloudevents+json"

func TestTheDemoSurvivesKillAndShowsEachFactOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	var first timeline
	p.get(t, "/v1/summits/alaska-2025/timeline", &first)
	if len(first.Items) != 25 {
		t.Fatalf("%d items, want 25", len(first.Items))
	}
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		status, a := p.post(t, "/v1/summits/alaska-2025/facts", eventType, noteEvent(fmt.Sprint("n-", int(sig)), "seen before "+sig.String()))
		if status != http.StatusCreated {
			t.Fatal(status, a)
		}
		p.end(t, sig)
		p = start(t, dir)
		var again timeline
		p.get(t, "/v1/summits/alaska-2025/timeline?min="+a["position"].(string), &again)
		if len(again.Items) != len(first.Items)+1 || again.Position != a["position"] {
			t.Errorf("after %s: %d items at %s", sig, len(again.Items), again.Position)
		}
		first = again
	}
}

func noteEvent(id, text string) string {
	return fmt.Sprintf(`{"source":"/desks/test","type":"note.added","subject":"note/%s","data":{"text":%q,"sources":[{"id":"s","name":"A reporter"}]}}`, id, text)
}

func TestFaultsAreNamed(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	facts := "/v1/summits/alaska-2025/facts"
	const id = "0198a9f2-7c1e-7000-8000-000000000001"
	withID := func(text string) string {
		return strings.Replace(noteEvent("x", text), `{"source"`, `{"id":"`+id+`","source"`, 1)
	}
	for _, c := range []struct {
		name, path, contentType, body string
		status                        int
	}{
		{"created", facts, eventType, withID("one"), 201},
		{"duplicate", facts, eventType, withID("one"), 200},
		{"id taken", facts, eventType, withID("two"), 409},
		{"not JSON", facts, eventType, `{`, 422},
		{"invalid", facts, eventType, `{"type":"aircraft.landed"}`, 422},
		{"amends nothing", facts, eventType, `{"source":"/d","type":"fact.retracted","subject":"note/x","data":{"target":"` + strings.Replace(id, "1", "2", 1) + `","reason":"r"}}`, 422},
		{"media type", facts, "text/plain", withID("one"), 415},
		{"too large", facts, eventType, withID(strings.Repeat("x", 70_000)), 413},
		{"unknown summit", "/v1/summits/nowhere/facts", eventType, withID("one"), 404},
		{"batch with a bad event", facts, "application/cloudevents-batch+json", "[" + noteEvent("y", "y") + `,{"type":"x"}]`, 422},
		{"another summit of that id", "/v1/summits", "application/json", `{"id":"alaska-2025","title":"T","zone":"UTC","parties":[]}`, 409},
	} {
		if status, a := p.post(t, c.path, c.contentType, c.body); status != c.status {
			t.Errorf("%s: %d %v, want %d", c.name, status, a, c.status)
		}
	}
	var a map[string]any
	for path, want := range map[string]int{
		"/v1/summits/alaska-2025/timeline?limt=1": 400, "/v1/summits/alaska-2025/timeline?known=2999-01-01T00:00:00Z": 400,
		"/v1/summits/alaska-2025/timeline?known=2025-01-01": 400, "/v1/summits/alaska-2025/timeline?cursor=x": 400,
		"/v1/summits/alaska-2025/facts/" + strings.Replace(id, "1", "3", 1): 404, "/nothing": 404, "/v1/summits/alaska-2025/timeline": 200,
	} {
		if got := p.get(t, path, &a); got != want {
			t.Errorf("%s: %d %v, want %d", path, got, a, want)
		}
	}
	var after timeline
	p.get(t, "/v1/summits/alaska-2025/timeline", &after)
	if len(after.Items) != 26 {
		t.Errorf("%d items, want 26: a refused event was taken", len(after.Items))
	}
}

func TestAClosedSummitTakesAmendmentsOnly(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	facts := "/v1/summits/geneva/facts"
	if status, a := p.post(t, "/v1/summits", "application/json", `{"id":"geneva","title":"Geneva","zone":"Europe/Zurich","parties":[]}`); status != 201 {
		t.Fatal(status, a)
	}
	_, fact := p.post(t, facts, eventType, noteEvent("a", "a"))
	if status, a := p.post(t, facts, eventType, `{"source":"/d","type":"summit.closed","subject":"summit/geneva","data":{}}`); status != 201 {
		t.Fatal(status, a)
	}
	if status, a := p.post(t, facts, eventType, noteEvent("b", "b")); status != 409 {
		t.Errorf("a fact after closing: %d %v", status, a)
	}
	retraction := fmt.Sprintf(`{"source":"/d","type":"fact.retracted","subject":"note/a","data":{"target":%q,"reason":"r"}}`, fact["id"])
	if status, a := p.post(t, facts, eventType, retraction); status != 201 {
		t.Errorf("an amendment after closing: %d %v", status, a)
	}
}

func TestANATSClientFollowsAndCannotWrite(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	denied := make(chan error, 8)
	nc, err := nats.Connect(p.nats, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	sub, err := nc.SubscribeSync("facts.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	p.post(t, "/v1/summits/alaska-2025/facts", eventType, noteEvent("live", "live"))
	m, err := sub.NextMsg(10 * time.Second)
	if err != nil || m.Subject != "facts.alaska-2025.note.live" {
		t.Fatal(m, err)
	}
	for _, subject := range []string{"facts.alaska-2025.note.x", "$JS.API.STREAM.DELETE.SUMMIT_alaska-2025", "$JS.API.STREAM.PURGE.SUMMIT_alaska-2025", "$JS.API.STREAM.UPDATE.SUMMIT_alaska-2025"} {
		if err := nc.Publish(subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := <-denied; !strings.Contains(err.Error(), "ermissions") {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"version"}, cli.Good},
		{[]string{"help"}, cli.Good},
		{[]string{"help", "record"}, cli.Good},
		{[]string{}, cli.Misused},
		{[]string{"fly"}, cli.Misused},
		{[]string{"timeline"}, cli.Misused},
		{[]string{"timeline", "x", "--nothing"}, cli.Misused},
		{[]string{"timeline", "x", "--server", "http://127.0.0.1:1"}, cli.Unreachable},
		{[]string{"serve", "--addr", "0.0.0.0:0"}, cli.Misused},
	} {
		var out, errs bytes.Buffer
		if got := run(c.args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); got != c.want {
			t.Errorf("%v: exit %d, want %d: %s", c.args, got, c.want, &errs)
		}
		if c.want != cli.Good && errs.Len() == 0 {
			t.Errorf("%v: nothing was said", c.args)
		}
	}
}

func TestALogIsImportedIntoAnotherServer(t *testing.T) {
	from, to := start(t, filepath.Join(t.TempDir(), "a")), start(t, filepath.Join(t.TempDir(), "b"))
	res, err := http.Get(from.url + "/v1/summits/alaska-2025/log")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "log.ndjson")
	moved := bytes.ReplaceAll(raw, []byte("alaska-2025"), []byte("elsewhere"))
	if err := os.WriteFile(file, moved, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var out, errs bytes.Buffer
		if code := run([]string{"import", "elsewhere", file, "--server", to.url}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
			t.Fatal(code, errs.String())
		}
	}
	var got timeline
	to.get(t, "/v1/summits/elsewhere/timeline", &got)
	if len(got.Items) != 25 {
		t.Errorf("%d items, want 25", len(got.Items))
	}
	if err := os.WriteFile(file, append(moved, "{\"type\":\"x\"}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"import", "elsewhere", file, "--server", to.url}, cli.Streams{Out: &out, Err: &errs}); code != cli.Bad || !strings.Contains(errs.String(), "line 27") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
