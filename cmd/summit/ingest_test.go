package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/ingest"
)

// wire is a feed that can be changed.
type wire struct {
	*httptest.Server
	text atomic.Pointer[string]
	read atomic.Int64
}

func newWire(t *testing.T) *wire {
	w := &wire{}
	w.say("The delegation has landed.")
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w.read.Add(1)
		_, _ = rw.Write([]byte(`<rss version="2.0"><channel><title>The Wire</title><link>https://wire.example/</link>
<item><guid>two</guid><title>A second item</title><pubDate>Wed, 25 Nov 2026 10:00:00 +0000</pubDate></item>
<item><guid>one</guid><title>It lands</title><pubDate>Wed, 25 Nov 2026 09:00:00 +0000</pubDate><description>` + *w.text.Load() + `</description></item></channel></rss>`))
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *wire) say(text string) { w.text.Store(&text) }

// ingested runs ingest and gives what came of it.
func ingested(t *testing.T, wantCode int, args ...string) (ingest.Report, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(append([]string{"ingest", "feed", "alaska-2025", "--json"}, args...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if code != wantCode {
		t.Fatalf("exit %d: %s%s", code, &out, &errs)
	}
	var told ingest.Report
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
	}
	return told, errs.String()
}

func counts(t ingest.Report) [5]int {
	return [5]int{t.Items, t.Created, t.Duplicate, t.Corrected, len(t.Refused)}
}

type noted struct {
	Fact, Standing, Time string
	Revision             int
	Attribution          string
	Data                 struct{ Text string }
}

// notes are the notes of the feed, as they stand.
func (p *process) notes(t *testing.T) []noted {
	t.Helper()
	var a struct{ Items []noted }
	p.get(t, "/v1/summits/alaska-2025/timeline?source=The+Wire", &a)
	return a.Items
}

func TestAFeedIsReadOnceHoweverOftenItIsRead(t *testing.T) {
	p, w := start(t, filepath.Join(t.TempDir(), "data")), newWire(t)
	from := []string{w.URL, "--server", p.url}
	told, progress := ingested(t, cli.Good, from...)
	if counts(told) != [5]int{2, 2, 0, 0, 0} || told.Source != "The Wire" || !strings.Contains(progress, "2 of 2") {
		t.Errorf("first: %+v, %q", told, progress)
	}
	if told, _ = ingested(t, cli.Good, from...); counts(told) != [5]int{2, 0, 2, 0, 0} {
		t.Errorf("again: %+v", told)
	}
	notes := p.notes(t)
	if len(notes) != 2 || notes[0].Time != "2026-11-25T09:00:00Z" || notes[0].Data.Text != "The delegation has landed." || notes[0].Attribution != "The Wire" {
		t.Fatalf("notes %+v", notes)
	}

	// A change of the source becomes one correction, and a withdrawal one retraction.
	for i, text := range []string{"It has landed at noon.", "The delegation has landed.", "It has landed at noon."} {
		w.say(text)
		for _, want := range [][5]int{{2, 0, 1, 1, 0}, {2, 0, 2, 0, 0}} {
			if told, _ = ingested(t, cli.Good, from...); counts(told) != want {
				t.Errorf("change %d: %+v, want %v", i, told, want)
			}
		}
		if n := p.notes(t)[0]; n.Data.Text != text || n.Standing != "unverified" || n.Fact != notes[0].Fact || n.Revision != i+2 {
			t.Errorf("change %d: %+v", i, n)
		}
	}

	// An editor's correction stays until the source changes again.
	var out, errs bytes.Buffer
	edit := []string{"record", "alaska-2025", "--server", p.url, "--correct", notes[0].Fact, "--set", "text=It landed at one.", "--set", "headline=It landed at one", "--notice", "The tower says so"}
	if code := run(edit, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good {
		t.Fatal(&errs)
	}
	if told, _ = ingested(t, cli.Good, from...); counts(told) != [5]int{2, 0, 2, 0, 0} || p.notes(t)[0].Data.Text != "It landed at one." {
		t.Errorf("after an editor: %+v, %+v", told, p.notes(t)[0])
	}
	p.end(t, syscall.SIGTERM)
}

func TestWhoMayNotCorrectIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p, w := start(t, dir), newWire(t)
	var operator, secret, errs bytes.Buffer
	for name, out := range map[string]*bytes.Buffer{"operator": &operator, "recorder": &secret} {
		add := []string{"token", "add", "--data", dir, "--name", name, "--desk", "/desks/anna", "--role", name}
		if code := run(add, cli.Streams{In: strings.NewReader(""), Out: out, Err: &errs}); code != cli.Good {
			t.Fatal(&errs)
		}
	}
	from := []string{w.URL, "--server", p.url, "--token", strings.TrimSpace(secret.String()), "--desk", "/desks/anna"}
	if told, _ := ingested(t, cli.Good, from...); counts(told) != [5]int{2, 2, 0, 0, 0} {
		t.Errorf("first: %+v", told)
	}
	w.say("It has landed at noon.")
	told, text := ingested(t, cli.Bad, from...)
	if counts(told) != [5]int{2, 0, 1, 0, 1} || told.Refused[0].Key != "one" || !strings.Contains(text, "1 of 2 items were refused: one: ") || !strings.Contains(text, "may not amend") {
		t.Errorf("refused: %+v, %s", told, text)
	}
	from[len(from)-1] = "/desks/other"
	w.say("The delegation has landed.")
	from = append(from, "--identity", "https://elsewhere.example/")
	if told, text = ingested(t, cli.Bad, from...); len(told.Refused) != 2 || !strings.Contains(text, "can record for /desks/anna, not for") {
		t.Errorf("another desk: %+v, %s", told, text)
	}
	p.end(t, syscall.SIGTERM)
}

func TestASummitThatIsNotThereIsNamed(t *testing.T) {
	p, w := start(t, filepath.Join(t.TempDir(), "data")), newWire(t)
	var out, errs bytes.Buffer
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"feed nowhere " + w.URL + " --server " + p.url:                {cli.Bad, `there is no summit "nowhere"`},
		"feed alaska-2025 " + w.URL + " --server http://127.0.0.1:1":  {cli.Unreachable, "cannot reach"},
		"gossip alaska-2025 " + w.URL:                                 {cli.Misused, `there is no kind of source "gossip"; the kinds are feed`},
		"feed alaska-2025 " + w.URL + " --every -1s":                  {cli.Misused, "must not be negative"},
		"feed alaska-2025 nowhere.rss --server " + p.url:              {cli.Bad, "no such file"},
		"feed alaska-2025 http://127.0.0.1:1/x.rss --server " + p.url: {cli.Bad, "refused"},
	} {
		errs.Reset()
		if code := run(append([]string{"ingest"}, strings.Fields(args)...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != want.code || !strings.Contains(errs.String(), want.text) {
			t.Errorf("%s: exit %d: %s", args, code, &errs)
		}
	}
	p.end(t, syscall.SIGTERM)
}

func TestAFeedIsWatchedUntilItIsEnded(t *testing.T) {
	p, w := start(t, filepath.Join(t.TempDir(), "data")), newWire(t)
	cmd := command(t, os.Args[0], "ingest", "feed", "alaska-2025", w.URL, "--server", p.url, "--every", "20ms", "--json")
	cmd.Env = append(os.Environ(), "SUMMIT_TEST_RUN=1")
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(out)
	total := ingest.Report{}
	for total.Corrected < 1 {
		var told ingest.Report
		if err := lines.Decode(&told); err != nil {
			t.Fatal(err)
		}
		total.Created += told.Created
		total.Corrected += told.Corrected
		w.say("It has landed at noon.")
	}
	if total.Created != 2 || w.read.Load() < 2 {
		t.Errorf("created %d in %d readings", total.Created, w.read.Load())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.More() { // what it still says
		var told ingest.Report
		if err := lines.Decode(&told); err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	p.end(t, syscall.SIGTERM)
}
