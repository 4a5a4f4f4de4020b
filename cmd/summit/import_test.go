package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/events"
)

// imports brings a text into a server and wants an exit code, and what is said.
func imports(t *testing.T, server, summit, text string, want int, says ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"import", summit, file, "--server", server}, cli.Streams{Out: &out, Err: &errs}); code != want {
		t.Errorf("exit %d, want %d", code, want)
	}
	for _, x := range says {
		if said := out.String() + errs.String(); !strings.Contains(said, x) {
			t.Errorf("it does not say %q: %s", x, said)
		}
	}
}

func opened(summit string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"0198a9f2-7c1e-7000-8000-%012x","source":"/d","type":"summit.opened","subject":"summit/%s","summit":%q,"time":"2025-08-14T20:00:00Z","data":{"title":"T","zone":"UTC","parties":[]}}`,
		len(summit), summit, summit) + "\n"
}

func noteLine(n int) string {
	return strings.Replace(noteEvent(fmt.Sprint("n", n), "x"), "{", fmt.Sprintf(`{"id":"0198a9f2-7c1e-7000-8000-1%011x",`, n), 1) + "\n"
}

func TestAnImportSaysWhatWasTaken(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	res, err := http.Get(p.url + "/v1/summits/alaska-2025/log")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var log bytes.Buffer
	if _, err := log.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	imports(t, p.url, "alaska-2025", log.String(), cli.Good, "26 lines: 0 recorded, 26 were there already")

	x := opened("geneva")
	imports(t, p.url, "geneva", x, cli.Good, "1 lines: 1 recorded, 0 were there already")
	imports(t, p.url, "geneva", x, cli.Good, "1 lines: 0 recorded, 1 were there already")
	imports(t, p.url, "geneva", "\ufeff"+x+"\r\n\n"+noteLine(1), cli.Good, "1 recorded, 1 were there already")
	imports(t, p.url, "geneva", strings.Replace(opened("geneva"), `"T"`, `"Another"`, 1)+noteLine(9), cli.Bad, "line 1", "0 recorded, 0 were there already")
	imports(t, p.url, "nowhere", noteLine(1), cli.Bad, "lines from 1 on were not recorded", "summit open nowhere")
	imports(t, p.url, "vienna", x, cli.Bad, "line 1", `"geneva"`)

	n := 1000
	for name, c := range map[string]struct {
		bad  string // the third line, after one that is new
		says string
	}{
		"no JSON":             {"{", "line 3"},
		"no such type":        {`{"type":"x","subject":"note/x","source":"/d","data":{}}`, "line 3"},
		"amends nothing":      {`{"source":"/d","type":"fact.retracted","subject":"note/x","data":{"target":"0198a9f2-7c1e-7000-8000-000000000999","reason":"r"}}`, "line 3"},
		"an id that is taken": {strings.Replace(noteLine(1), `"x"`, `"other words"`, 1), "line 3"},
		"too long":            {noteEvent("long", strings.Repeat("x", 2*events.MaxSize)), "line 3: it is longer"},
		"another summit":      {opened("elsewhere"), "line 3"},
	} {
		t.Run(name, func(t *testing.T) {
			n += 10
			text := noteLine(n) + "\n" + strings.TrimSpace(c.bad) + "\n" + noteLine(n+1)
			imports(t, p.url, "geneva", text, cli.Bad, c.says, "1 recorded, 0 were there already", "all lines before it were recorded", "the following ones were not")
			imports(t, p.url, "geneva", noteLine(n)+noteLine(n+1), cli.Good, "1 recorded, 1 were there already")
		})
	}
}

// A line without an id is recorded once, however often its file is imported. A line
// that is in the file twice is two facts.
func TestALineWithoutAnIDIsRecordedOnce(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	text := noteEvent("a", "one") + "\n" + noteEvent("a", "two") + "\n" + noteEvent("a", "one") + "\n"
	imports(t, p.url, "alaska-2025", text, cli.Good, "3 recorded, 0 were there already")
	imports(t, p.url, "alaska-2025", text, cli.Good, "0 recorded, 3 were there already")
	imports(t, p.url, "alaska-2025", text+noteEvent("a", "one")+"\n", cli.Good, "1 recorded, 3 were there already")
}

func TestAnImportIntoAServerThatIsGoneSaysSo(t *testing.T) {
	imports(t, "http://127.0.0.1:1", "geneva", noteLine(1), cli.Unreachable, "lines from 1 on", "nothing is recorded twice")
}
