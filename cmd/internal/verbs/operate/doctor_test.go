package operate

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

// Sizes have three digits and a unit, and are near to what they are of.
func TestSizesAreShortAndNear(t *testing.T) {
	units := map[string]float64{"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Max(900e12).Draw(t, "bytes") >> rapid.UintMax(40).Draw(t, "shift")
		var figure float64
		var unit string
		text := Size(n)
		if _, err := fmt.Sscanf(text, "%g %s", &figure, &unit); err != nil || strings.Contains(text, "e+") || len(text) > len("1.23 MB")+1 {
			t.Fatalf("%d is %q: %v", n, text, err)
		}
		if got := figure * units[unit]; got < 0.994*float64(n) || got > 1.006*float64(n) {
			t.Fatalf("%d is %q", n, text)
		}
	})
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 999_499: "999 kB", 999_600: "1 MB", 1_500_000_000: "1.5 GB"} {
		if got := Size(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// report is the answer of a server about itself.
func report(t *testing.T, ail func(r *summits.Report)) string {
	t.Helper()
	now := time.Now()
	r := summits.Report{
		Version: "1.2", Time: now, Durability: "always", Disk: &summits.Disk{Path: "/data", Free: 50 << 30, Total: 100 << 30},
		Summits: []summits.SummitReport{{ID: "geneva", Position: "3f9a1c20-9", Known: &now, Stream: summits.StreamReport{First: 1, Last: 9, Messages: 9, Bytes: 5400}}},
	}
	if ail != nil {
		ail(&r)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheDoctorEndsWithWhatItFound(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		code   int
		says   []string
	}{
		"a sound server": {report(t, nil), cli.Good, []string{"1.2", "53.7 GB free of 107 GB", "geneva", "1–9", "5.4 kB", "off", "good", "nothing is wrong"}},
		"a note":         {report(t, func(r *summits.Report) { r.Durability = "every 1s" }), cli.Good, []string{"note durability: "}},
		"a doubt": {report(t, func(r *summits.Report) {
			r.Summits[0].Doubt = &projections.InconsistencyError{Kind: projections.Altered, Seq: 5, Reason: "another\x1b[2J"}
			r.Unready = []summits.Cause{{Kind: summits.InDoubt, Summit: "geneva", Detail: "in doubt\x1b[2J"}}
		}), cli.Bad, []string{"in doubt at 5: altered", "WRONG geneva: "}},
		"scrubbed": {report(t, func(r *summits.Report) {
			r.Summits[0].Scrub = summits.ScrubReport{On: true, Running: true, Checked: 3, Until: 9}
		}), cli.Good, []string{"3 of 9"}},
		"rebuilding": {report(t, func(r *summits.Report) { r.Summits[0].Rebuilding, r.Summits[0].Progress = true, 0.42 }), cli.Good, []string{"rebuilding its views: 42 %"}},
		"no token":   {`401 {"title":"Unauthorized","detail":"a token is needed"}`, cli.Bad, []string{"a token is needed"}},
		"no doctor":  {"<html>", cli.Bad, []string{"read the answer"}},
	} {
		f := clitest.Server(t, clitest.Answers{"GET /v1/doctor": c.answer})
		r := clitest.Run(t, Doctor("1"), "", "--server", f.URL)
		if r.Code != c.code || strings.Contains(r.Out, "\x1b") {
			t.Errorf("%s: exit %d, %q %s", name, r.Code, r.Out, r.Err)
		}
		for _, want := range c.says {
			if !strings.Contains(r.Out+r.Err, want) {
				t.Errorf("%s: %q is not in\n%s%s", name, want, r.Out, r.Err)
			}
		}
		var whole struct {
			Found  []finding
			Report summits.Report
		}
		if r := clitest.Run(t, Doctor("1"), "", "--json", "--server", f.URL); r.Code != c.code || r.Code == cli.Good && (json.Unmarshal([]byte(r.Out), &whole) != nil || whole.Found == nil || whole.Report.Version != "1.2") {
			t.Errorf("%s: exit %d, %s", name, r.Code, r.Out)
		}
	}
	for _, args := range [][]string{{"--canary", "--data", "x"}, {"--key", "x"}} {
		if r := clitest.Run(t, Doctor("1"), "", args...); r.Code != cli.Misused {
			t.Errorf("%q: exit %d, %s", args, r.Code, r.Err)
		}
	}
}

// Readiness is told by the exit code, which containers and services read.
func TestReadinessIsAnExitCode(t *testing.T) {
	for answer, want := range map[string]int{"ready": cli.Good, `503 {"detail":"starting"}`: cli.Bad, "404 none": cli.Bad, "500 ill": cli.Bad} {
		f := clitest.Server(t, clitest.Answers{"GET /readyz": answer})
		if r := clitest.Run(t, Doctor("1"), "", "--ready", "--server", f.URL); r.Code != want || (r.Out == "ready\n") != (want == cli.Good) {
			t.Errorf("%s: exit %d, %q %s", answer, r.Code, r.Out, r.Err)
		}
	}
	away := clitest.Server(t, nil)
	away.Close()
	if r := clitest.Run(t, Doctor("1"), "", "--ready", "--server", away.URL); r.Code != cli.Unreachable {
		t.Errorf("away: exit %d, %s", r.Code, r.Err)
	}
	asked := 0
	later := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer later.Close()
	if r := clitest.Run(t, Doctor("1"), "", "--ready", "--wait", "1m", "--server", later.URL); r.Code != cli.Good || asked != 3 {
		t.Errorf("later: exit %d after %d, %s", r.Code, asked, r.Err)
	}
}

// path is what a fact goes through on a server: how each part of it answers.
type path struct {
	*httptest.Server
	opened   bool
	recorded chan string // id of the fact
	shows    bool        // the timeline has it
	livePos  string
	refuses  bool
}

func newPath(t *testing.T) *path {
	p := &path{recorded: make(chan string, 1), shows: true, livePos: "3f9a1c20-2"}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *path) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const at = "/v1/summits/" + summits.Canary
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/summits":
		p.opened = true
		w.WriteHeader(http.StatusCreated)
	case "GET " + at:
		if !p.opened {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"position":"3f9a1c20-1"}`)
	case "GET " + at + "/live":
		_, _ = io.WriteString(w, "event: fact\ndata: {\"fact\":\"another\"}\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case id := <-p.recorded:
			fmt.Fprintf(w, "id: %s\nevent: fact\ndata: {\"fact\":%q}\n\n", p.livePos, id)
		case <-r.Context().Done():
		}
	case "POST " + at + "/facts":
		var e struct{ ID string }
		if json.NewDecoder(r.Body).Decode(&e) != nil || p.refuses {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"detail":"no room"}`)
			return
		}
		if p.shows {
			p.recorded <- e.ID
			p.recorded <- e.ID
		} else {
			p.recorded <- e.ID
		}
		_, _ = io.WriteString(w, `{"position":"3f9a1c20-2"}`)
	case "GET " + at + "/timeline":
		id := "another"
		if p.shows {
			id = <-p.recorded
		}
		fmt.Fprintf(w, `{"items":[{"fact":%q}]}`, id)
	case "GET /v1/doctor":
		b, _ := json.Marshal(summits.Report{Time: time.Now(), Durability: "always"}) // it always encodes
		_, _ = w.Write(b)
	}
}

// The canary finds where a fact is lost on its way.
func TestTheCanaryFindsWhereAFactIsLost(t *testing.T) {
	for want, ail := range map[string]func(p *path){
		"":                            func(*path) {},
		"record a fact: no room":      func(p *path) { p.refuses = true },
		"does not show the fact":      func(p *path) { p.shows = false },
		"the live stream had it at 3": func(p *path) { p.livePos = "3f9a1c20-7" },
	} {
		p := newPath(t)
		ail(p)
		r := clitest.Run(t, Doctor("1"), "", "--canary", "--server", p.URL)
		if (r.Code == cli.Good) != (want == "") || !strings.Contains(r.Out, want) || !p.opened {
			t.Errorf("%s: exit %d, %s%s", want, r.Code, r.Out, r.Err)
		}
		if want == "" && !strings.Contains(r.Out, "at 3f9a1c20-2") {
			t.Errorf("%s", r.Out)
		}
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	for args, want := range map[string]string{"": "summit 1.2 abc\n", "--json": `{"revision":"abc","version":"1.2"}` + "\n"} {
		if r := clitest.Run(t, Version("1.2", "abc"), "", strings.Fields(args)...); r.Code != cli.Good || r.Out != want {
			t.Errorf("%s: %q", args, r.Out)
		}
	}
	if r := clitest.Run(t, Version("dev", ""), ""); r.Out != "summit dev\n" {
		t.Errorf("%q", r.Out)
	}
}
