package read

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
)

// trick is text as somebody hostile would have it shown: it clears the screen, sets the
// title, writes over the line and reverses it.
const trick = "\\u001b[2J\\u001b]0;x\\u0007\\r\\u202e"

// item is a fact in an answer.
func item(seq int, headline string) string {
	return fmt.Sprintf(`{"fact":"f%d","seq":%d,"type":"aircraft.landed","entity":"aircraft/x","headline":"%s","time":"2025-08-15T06:00:00Z",
	 "recorded":"2025-08-15T07:00:00Z","desk":"/desks/d%s","attribution":"Tower%s","sources":[{"id":"s","name":"Tower%s"}],"roots":1,"grade":"B2","standing":"corrected",
	 "amendments":[{"id":"a%d","seq":%d,"type":"fact.corrected","target":"f%d","notice":"moved%s","attribution":"Desk%s","recorded":"2025-08-15T08:00:00Z",
	  "changes":[{"path":"/data/place/name%s","was":"A%s","now":"B"}]}],"data":{}}`,
		seq, seq, headline, trick, trick, trick, seq, seq+1, seq, trick, trick, trick, trick)
}

// story are the answers of a server with one summit, whose every text is hostile.
func story() clitest.Answers {
	return clitest.Answers{
		"GET /v1/summits":        `{"summits":[{"id":"geneva","title":"Geneva` + trick + `","phase":"opened","facts":21000,"last":"2025-08-15T07:00:00Z"}],"next":"more` + trick + `"}`,
		"GET /v1/summits/geneva": `{"zone":"America/Anchorage","known":"3f9a1c20-5"}`,
		"GET /v1/summits/geneva/status": `{"summit":"geneva","known":"3f9a1c20-5` + trick + `","phase":"under_way","at":"2025-08-15T06:00:00Z",
		 "aircraft":[{"id":"x","model":"Il-96` + trick + `","state":"landed","place":{"icao":"PAED"},"since":{"best":"2025-08-15T06:00:00Z"},"aboard":["person/p"],"standing":"corrected","facts":[]}],
		 "vehicles":[{"id":"v","kind":"train","state":"expected","facts":[]}],
		 "delegations":[{"id":"ru","party":"ru","state":"arrived","place":{"name":"Base` + trick + `"},"aboard":"aircraft/x","delegates":[{"id":"p","name":"P` + trick + `","role":"Envoy","state":"arrived","facts":[]}],"facts":[]}],
		 "meetings":[{"id":"m","title":"Talks` + trick + `","state":"scheduled","participants":[],"previous":[],"facts":[]}],
		 "sites":[{"id":"s","name":"Base` + trick + `","state":"closed","aspects":{"security":{"level":"high","detail":"many` + trick + `","facts":[]},"reception":{"facts":[]}},"facts":[]}],
		 "agenda":[{"topic":"t","title":"Truce` + trick + `","expected":true,"facts":[]}],
		 "positions":[{"topic":"t","stances":[{"actor":"A` + trick + `","stance":"for","detail":"yes` + trick + `","facts":[]}],"facts":[]}],
		 "documents":[{"id":"d","title":"Letter` + trick + `","kind":"letter","state":"signed","facts":[]}],
		 "measures":[{"id":"e","title":"Ban` + trick + `","kind":"sanctions","state":"in_force","facts":[]}],
		 "incidents":[{"id":"i","title":"March` + trick + `","kind":"protest","facts":[]}],
		 "warnings":[{"rule":"impossible-speed","severity":"impossible","detail":"too fast` + trick + `","facts":[]}]}`,
		"GET /v1/summits/geneva/timeline": `{"known":"3f9a1c20-5","items":[` + item(4, "It lands"+trick) + `]}`,
		"GET /v1/summits/geneva/changes": `{"since":"3f9a1c20-1` + trick + `","until":"3f9a1c20-5","added":[` + item(4, "It lands"+trick) + `],
		 "corrected":[{"fact":"f4","headline":"It lands` + trick + `","changes":[{"path":"/data/text","was":"a` + trick + `","now":null}]}],"retracted":[],"restored":[],
		 "standing":[{"fact":"f4","headline":"It lands` + trick + `","was":"unverified","now":"corrected"},{"fact":"f5","headline":"It stays","was":"disputed","now":"disputed"}],
		 "status":[{"path":"/aircraft/x/state","was":null,"now":"landed` + trick + `"},{"path":"/aircraft/x/facts","was":[],"now":["f4"]}],"next":"c2"}`,
		"GET /v1/summits/geneva/conflicts": `{"known":"3f9a1c20-5","conflicts":[{"rule":"impossible-speed","severity":"impossible","detail":"` +
			strings.Repeat("It would have flown faster than any aircraft can. ", 5) + trick + `","facts":["f4"]}]}`,
		"GET /v1/summits/geneva/facts/f4":        strings.TrimSuffix(item(4, "It lands"+trick), "}") + `,"known":"3f9a1c20-5","history":[{},{}]}`,
		"GET /v1/summits/geneva/log?from=4&to=4": `{"id":"f4","subject":"aircraft/x"}` + "\n",
	}
}

// verbs are the verbs that read a summit, with what they are given.
var verbs = map[string]struct {
	verb cli.Verb
	args []string
	part string // of the summit that is asked for
	says []string
}{
	"list":      {List(), nil, "", []string{"geneva", "21,000", "--cursor more"}},
	"status":    {Status(), []string{"geneva"}, "/status", []string{"Il-96", "PAED", "closed", "Envoy", "Truce", "Letter", "Ban", "March", "impossible-speed", "22:00"}},
	"timeline":  {Timeline(), []string{"geneva"}, "/timeline", []string{"It lands", "CORRECTED @5", "B2", "→", "3f9a1c20-5"}},
	"changes":   {Changes(), []string{"geneva", "--since", "@1"}, "/changes", []string{"@4 It lands", "→ corrected", "It stays: disputed", "--cursor c2"}},
	"conflicts": {Conflicts(), []string{"geneva"}, "/conflicts", []string{"IMPOSSIBLE", "@4 It lands"}},
	"facts":     {Facts(), []string{"geneva", "@4"}, "/facts/f4", []string{"It lands", "fact.corrected: moved", "2"}},
}

// No text of a source, a desk or a server reaches the terminal with control characters,
// and every verb shows what it read.
func TestNothingThatIsReadCommandsTheTerminal(t *testing.T) {
	for name, v := range verbs {
		for _, columns := range []string{"", "60"} {
			t.Setenv("COLUMNS", columns)
			f := clitest.Server(t, story())
			r := clitest.Run(t, v.verb, "", append(v.args, "--server", f.URL)...)
			if r.Code != cli.Good || r.Err != "" {
				t.Errorf("%s: exit %d, %s", name, r.Code, r.Err)
			}
			if i := strings.IndexAny(r.Out, "\x1b\x07\r\u202e"); i >= 0 {
				t.Errorf("%s shows %q", name, r.Out[max(0, i-40):])
			}
			for _, want := range v.says {
				if columns == "" && !strings.Contains(r.Out, want) {
					t.Errorf("%s lacks %q:\n%s", name, want, r.Out)
				}
			}
		}
	}
}

// A contradiction is wrapped to the width of the terminal.
func TestAContradictionFitsTheTerminal(t *testing.T) {
	t.Setenv("COLUMNS", "50")
	f := clitest.Server(t, story())
	r := clitest.Run(t, Conflicts(), "", "geneva", "--server", f.URL)
	for line := range strings.Lines(r.Out) {
		if len(line) > 70 {
			t.Errorf("a line of %d: %s", len(line), line)
		}
	}
}

// With --json the answer is printed as it came, and nothing else is asked for.
func TestJSONIsPrintedAsItCame(t *testing.T) {
	for name, v := range verbs {
		f := clitest.Server(t, story())
		r := clitest.Run(t, v.verb, "", append(v.args, "--json", "--server", f.URL)...)
		want := story()["GET /v1/summits"+map[bool]string{true: "/geneva", false: ""}[len(v.args) > 0]+v.part]
		if r.Code != cli.Good || r.Out != want+"\n" {
			t.Errorf("%s: exit %d, %s", name, r.Code, r.Out)
		}
	}
}

// Each verb ends with the exit code of what is wrong: a refusal, a broken answer, or no
// server.
func TestEachVerbEndsWithTheCodeOfWhatIsWrong(t *testing.T) {
	for name, v := range verbs {
		for answer, want := range map[string]int{
			`404 {"detail":"nothing here"}`: cli.Bad, `403 {"detail":"not for you"}`: cli.Bad, "502 <html>out of order": cli.Bad, "<html>welcome": cli.Bad, `{"items":`: cli.Bad,
		} {
			answers := story()
			for path := range answers {
				if strings.HasSuffix(path, v.part) {
					answers[path] = answer
				}
			}
			f := clitest.Server(t, answers)
			if r := clitest.Run(t, v.verb, "", append(v.args, "--server", f.URL)...); r.Code != want || r.Err == "" || r.Out != "" {
				t.Errorf("%s, answered %s: exit %d, %q %q", name, answer, r.Code, r.Out, r.Err)
			}
		}
		away := clitest.Server(t, nil)
		away.Close()
		if r := clitest.Run(t, v.verb, "", append(v.args, "--server", away.URL)...); r.Code != cli.Unreachable {
			t.Errorf("%s without a server: exit %d, %s", name, r.Code, r.Err)
		}
		f := clitest.Server(t, story())
		if r := clitest.Run(t, v.verb, "", append(v.args, "--zone", "Nowhere/Land", "--server", f.URL)...); r.Code != cli.Misused || !strings.Contains(r.Err, "--zone") {
			t.Errorf("%s in no zone: exit %d, %s", name, r.Code, r.Err)
		}
	}
}

// A flag becomes the parameter of its name, and a time in words an instant in the zone
// of the summit.
func TestFlagsBecomeParameters(t *testing.T) {
	for want, args := range map[string][]string{
		"?min_grade=B2&q=two+words":                   {"--min-grade", "B2", "--q", "two words"},
		"?from=2025-08-15T10%3A00%3A00-08%3A00":       {"--from", "2025-08-15 10:00"},
		"?to=2025-08-16T00%3A00%3A00-08%3A00":         {"--to", "late 2025-08-15"},
		"?from=2025-08-15T18%3A00%3A00-08%3A00":       {"--from", "late 2025-08-15"},
		"?known=%404":                                 {"--known", "@4"},
		"?known=3f9a1c20-4":                           {"--known", "3f9a1c20-4"},
		"?from=2025-08-15T10%3A00%3A00Z&min=%401":     {"--from", "2025-08-15T10:00:00Z", "--min", "@1"},
		"?dir=desc&entity=aircraft%2Fx&standing=disp": {"--dir", "desc", "--entity", "aircraft/x", "--standing", "disp"},
		"": nil,
	} {
		f := clitest.Server(t, story())
		r := clitest.Run(t, Timeline(), "", append(append([]string{"geneva"}, args...), "--json", "--server", f.URL)...)
		if asked := f.Asked(); r.Code != cli.Good || asked[len(asked)-1] != "GET /v1/summits/geneva/timeline"+want {
			t.Errorf("%q: exit %d, %s, asked %q", args, r.Code, r.Err, asked)
		}
	}
	f := clitest.Server(t, story())
	for _, args := range [][]string{{"--from", "whenever"}, {"--to", "2025-13-45"}} {
		if r := clitest.Run(t, Timeline(), "", append(append([]string{"geneva"}, args...), "--server", f.URL)...); r.Code != cli.Misused || !strings.Contains(r.Err, args[0]) {
			t.Errorf("%q: exit %d, %s", args, r.Code, r.Err)
		}
	}
	if r := clitest.Run(t, Changes(), "", "geneva", "--server", f.URL); r.Code != cli.Misused || !strings.Contains(r.Err, "--since is missing") {
		t.Errorf("exit %d, %s", r.Code, r.Err)
	}
}

// After a page that ends before its limit, the next page is read. A server that repeats
// a page is noticed.
func TestAShortPageIsReadOn(t *testing.T) {
	answers := story()
	answers["GET /v1/summits/geneva/timeline?limit=3"] = `{"known":"3f9a1c20-5","items":[` + item(2, "first") + `],"next":"c1"}`
	answers["GET /v1/summits/geneva/timeline?cursor=c1&limit=2"] = `{"known":"3f9a1c20-5","items":[],"next":"c2"}`
	answers["GET /v1/summits/geneva/timeline?cursor=c2&limit=2"] = `{"known":"3f9a1c20-5","items":[` + item(4, "second") + `,` + item(6, "third") + `],"next":"c3"}`
	f := clitest.Server(t, answers)
	r := clitest.Run(t, Timeline(), "", "geneva", "--limit", "3", "--server", f.URL)
	if r.Code != cli.Good || !strings.Contains(r.Out, "third") || !strings.Contains(r.Out, "--cursor c3") {
		t.Errorf("exit %d, %s\n%s", r.Code, r.Err, r.Out)
	}
	answers["GET /v1/summits/geneva/timeline?cursor=c2&limit=2"] = `{"items":[],"next":"c2"}`
	if r := clitest.Run(t, Timeline(), "", "geneva", "--limit", "3", "--server", f.URL); r.Code != cli.Bad || !strings.Contains(r.Err, "the same page again") {
		t.Errorf("exit %d, %s", r.Code, r.Err)
	}
}

func TestAnEmptyServerSaysHowToBegin(t *testing.T) {
	f := clitest.Server(t, clitest.Answers{"GET /v1/summits": `{"summits":[],"next":null}`})
	if r := clitest.Run(t, List(), "", "--server", f.URL); r.Code != cli.Good || !strings.Contains(r.Out, "summit open") {
		t.Errorf("exit %d, %q", r.Code, r.Out)
	}
}

// Each type of fact has a description whose example names it, and a schema.
func TestEachTypeIsDescribed(t *testing.T) {
	for _, name := range typeNames() {
		r := clitest.Run(t, Types(), "", name)
		if r.Code != cli.Good || !strings.Contains(r.Out, "for example:\n  summit record SUMMIT --") && !strings.Contains(r.Out, "the server records it itself") {
			t.Errorf("%s: exit %d\n%s", name, r.Code, r.Out)
		}
		var schema map[string]any
		if r := clitest.Run(t, Types(), "", name, "--json"); json.Unmarshal([]byte(r.Out), &schema) != nil || schema["properties"] == nil {
			t.Errorf("%s: %s", name, r.Out)
		}
	}
	if r := clitest.Run(t, Types(), "", "aircraft.lands"); r.Code != cli.Misused || !strings.Contains(r.Err, "aircraft.landed") {
		t.Errorf("exit %d, %s", r.Code, r.Err)
	}
	var list []struct{ Type string }
	if r := clitest.Run(t, Types(), "", "--json"); json.Unmarshal([]byte(r.Out), &list) != nil || len(list) != len(typeNames()) {
		t.Errorf("%d types: %s", len(list), r.Out)
	}
}

func TestSpeedsThatCanBeWaitedFor(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "60x": 60, "1": 1, "0.5x": 0.5, "1e3x": 1000} {
		if got, err := parseSpeed(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "0", "-1x", "NaN", "inf", "1e13", "1e-300", "60xx", "fast"} {
		if got, err := parseSpeed(text); err == nil {
			t.Errorf("%s is %v", text, got)
		}
	}
	if year := 365 * 24 * time.Hour; time.Duration(float64(year)/slowest) < year {
		t.Error("a year at the slowest is no time that can be waited for")
	}
}
