package read

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
)

func zone(t *testing.T) humanize.Clock {
	t.Helper()
	return humanize.Clock{Zone: time.UTC}
}

// stored is an event in a log.
func stored(seq int, typ, subject, recorded, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"0198a9f2-7c1e-7000-8000-00000000000%d","source":"/desks/d","type":%q,"subject":%q,"recordedtime":%q,"summit":"geneva",`+
		`"datacontenttype":"application/json","dataschema":%q,"data":%s}`, seq, typ, subject, recorded, events.SchemaPath(typ), data)
}

// retold are the answers of a server with four events, of which the third cannot be read.
func retold() clitest.Answers {
	const sources = `"sources":[{"id":"s","name":"Tower"}]`
	return clitest.Answers{
		"GET /v1/summits/geneva":                                          `{"zone":"UTC","known":"3f9a1c20-4"}`,
		"GET /v1/summits/geneva?known=%402":                               `{"known":"3f9a1c20-2"}`,
		"GET /v1/summits/geneva?known=2025-08-15T09%3A59%3A59.999999999Z": `{"known":"3f9a1c20-1"}`,
		"GET /v1/summits/geneva/log": stored(1, "summit.opened", "summit/geneva", "2025-08-15T09:00:00Z", `{"title":"Geneva","zone":"UTC","parties":[]}`) + "\n" +
			stored(2, "note.added", "note/fog", "2025-08-15T10:00:00Z", `{"text":"Fog",`+sources+`}`) + "\n" + "no event\u001b[2J\n" +
			stored(4, "fact.retracted", "note/fog", "2025-08-15T09:30:00Z", `{"target":"0198a9f2-7c1e-7000-8000-000000000002","reason":"cleared"}`) + "\n",
		"GET /v1/summits/geneva/log?from=2&to=4":                            "",
		"GET /v1/summits/geneva/changes":                                    `{"corrected":[],"status":[{"path":"/phase","was":"opened","now":"under_way"}]}`,
		"GET /v1/summits/geneva/facts/0198a9f2-7c1e-7000-8000-000000000002": `{"headline":"Fog","amendments":[]}`,
	}
}

// paces notes how long a replay waits.
func paces(waits *[]time.Duration) func(context.Context, time.Duration) error {
	return func(_ context.Context, d time.Duration) error { *waits = append(*waits, d); return nil }
}

// A story is retold in the order in which it became known, at the pace that is asked
// for; knowledge time never runs back.
func TestAStoryIsRetoldAtItsPace(t *testing.T) {
	var waits []time.Duration
	f := clitest.Server(t, retold())
	r := clitest.Run(t, ReplayWith(paces(&waits)), "", "geneva", "--speed", "60x", "--server", f.URL)
	if r.Code != cli.Good || !slices.Equal(waits, []time.Duration{time.Minute}) {
		t.Errorf("exit %d, %s: waited %v", r.Code, r.Err, waits)
	}
	at := -1
	for _, want := range []string{"@1 ", "Geneva is opened", "the desk /desks/d", "@2 ", "    Fog", "on the word of Tower", "@3 ", "could not be read: ", "@4 ", "RETRACTED  Fog", "cleared"} {
		i := strings.Index(r.Out[at+1:], want)
		if i < 0 {
			t.Fatalf("%q does not come next in\n%s", want, r.Out)
		}
		at += 1 + i
	}
	if strings.Contains(r.Out, "\x1b") {
		t.Errorf("%q", r.Out)
	}
}

// As JSON each step is one line. An event that could not be read is a string.
func TestAStoryIsRetoldAsJSON(t *testing.T) {
	var waits []time.Duration
	f := clitest.Server(t, retold())
	r := clitest.Run(t, ReplayWith(paces(&waits)), "", "geneva", "--json", "--server", f.URL)
	var known []string
	for line := range strings.Lines(r.Out) {
		var s struct {
			Seq     int
			Known   string
			Fault   string
			Event   any
			Changes map[string]any
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil || s.Changes["status"] == nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, text := s.Event.(string); text != (s.Seq == 3) || text != (s.Fault != "") {
			t.Errorf("step %d: %v %s", s.Seq, s.Event, s.Fault)
		}
		known = append(known, s.Known)
	}
	if r.Code != cli.Good || len(waits) > 0 || !slices.Equal(known, []string{"2025-08-15T09:00:00Z", "2025-08-15T10:00:00Z", "2025-08-15T10:00:00Z", "2025-08-15T10:00:00Z"}) {
		t.Errorf("exit %d, %s: known %q, waited %v", r.Code, r.Err, known, waits)
	}
}

// The ends of a replay are positions or times; a time to begin at is the first step
// that became known then.
func TestTheEndsOfAReplay(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		log  string
		code int
		says string
	}{
		"all":                  {nil, "from=1&to=4", cli.Good, ""},
		"to a position":        {[]string{"--to", "@2"}, "from=1&to=2", cli.Good, ""},
		"from an instant":      {[]string{"--from", "2025-08-15T10:00:00Z"}, "from=2&to=4", cli.Bad, "event 2 is no longer in the log"},
		"from beyond the last": {[]string{"--from", "@2", "--to", "2025-08-15T09:59:59.999999999Z"}, "", cli.Misused, "no step from @2 to"},
		"from no time":         {[]string{"--from", "whenever"}, "", cli.Misused, "--from"},
		"too slow":             {[]string{"--speed", "0"}, "", cli.Misused, "--speed"},
	} {
		f := clitest.Server(t, retold())
		r := clitest.Run(t, Replay(), "", append(append([]string{"geneva"}, c.args...), "--server", f.URL)...)
		read := slices.ContainsFunc(f.Asked(), func(line string) bool { return strings.HasPrefix(line, "GET /v1/summits/geneva/log?"+c.log) })
		if r.Code != c.code || !strings.Contains(r.Err, c.says) || read != (c.log != "") {
			t.Errorf("%s: exit %d, %s, asked %q", name, r.Code, r.Err, f.Asked())
		}
	}
}
