package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/projections"
)

// A report begins with the findings, and contains no control characters.
func TestAReportShowsWhatIsWrongFirst(t *testing.T) {
	const trick = "\x1b[2J"
	f := clitest.Server(t, clitest.Answers{"GET /v1/summits/geneva": `{"zone":"America/Anchorage"}`})
	at := time.Date(2025, 8, 15, 6, 0, 0, 0, time.UTC)
	sound := audit.Report{
		Summit: "geneva", Sound: true, Position: "3f9a1c20-9", Events: 9, Bytes: 5400, Facts: 7, Amendments: 1, Sources: 3, Roots: 2, Seconds: 0.12,
		Known: audit.Span{First: &at, Last: &at}, Tables: []audit.Table{{Rows: 3, Same: true}, {Rows: 4, Same: true}},
		Checkpoint: &audit.Checkpoint{Origin: origin + trick, Size: 9, Verified: true},
	}
	ill := sound
	ill.Sound, ill.Checkpoint, ill.Tables, ill.Misfiled = false, nil, nil, 1
	ill.Findings = []audit.Finding{{Check: audit.CheckLog, Seq: 5, Detail: "is another" + trick, Log: "a" + trick, Server: "b" + trick}}
	ill.Quarantined, ill.QuarantinedMore = []projections.Quarantined{{Seq: 5, Reason: "is no JSON" + trick}}, 2
	ill.Since = &audit.Checkpoint{Origin: origin, Size: 4}
	for name, c := range map[string]struct {
		report audit.Report
		says   []string
	}{
		"sound":     {sound, []string{"SOUND: the log of geneva is whole", "9 events, 5400 bytes, up to 3f9a1c20-9", "22:00", "7, amendments 1", "2 of 2 tables the same, 7 rows", "9 events, signature verified"}},
		"not sound": {ill, []string{"NOT SOUND: geneva", "log at 5: is another", "from the log  a", "the server    b", "quarantined  3", "@5 is no JSON", "1 of these", "not compared", "the server signs none", "4 events, signature not verified"}},
	} {
		var out bytes.Buffer
		o := auditOptions{Client: client.Client{Server: f.URL}}
		if err := o.print(t.Context(), cli.Streams{Out: &out}, &c.report); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.says {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in\n%s", name, want, &out)
			}
		}
		if strings.Contains(out.String(), "\x1b") || !strings.HasPrefix(out.String(), c.says[0]) {
			t.Errorf("%s: %q", name, &out)
		}
	}
}

// An audit that cannot be made fails. It does not report a sound log.
func TestAnAuditThatCannotBeMadeFails(t *testing.T) {
	for name, c := range map[string]struct {
		answers clitest.Answers
		args    []string
		code    int
	}{
		"no summit":     {nil, nil, cli.Bad},
		"no digests":    {clitest.Answers{"GET /v1/summits/geneva/digests": "<html>"}, nil, cli.Bad},
		"no position":   {clitest.Answers{"GET /v1/summits/geneva/digests": `{"position":"nine"}`}, nil, cli.Bad},
		"not allowed":   {clitest.Answers{"GET /v1/summits/geneva/digests": `403 {"detail":"an auditor may"}`}, nil, cli.Bad},
		"no checkpoint": {nil, []string{"--since", "kept.away"}, cli.Misused},
		"no key":        {nil, []string{"--key", "server.pub"}, cli.Misused},
		"a bad key":     {nil, []string{"--key", "a+b+c"}, cli.Misused},
	} {
		f := clitest.Server(t, c.answers)
		for _, more := range [][]string{nil, {"--json"}} {
			if r := clitest.Run(t, Audit(), "", append(append([]string{"geneva", "--server", f.URL}, c.args...), more...)...); r.Code != c.code || strings.Contains(r.Out, "SOUND") || r.Err == "" {
				t.Errorf("%s: exit %d, %s%s", name, r.Code, r.Out, r.Err)
			}
		}
	}
	away := clitest.Server(t, nil)
	away.Close()
	if r := clitest.Run(t, Audit(), "", "geneva", "--server", away.URL); r.Code != cli.Unreachable {
		t.Errorf("away: exit %d, %s", r.Code, r.Err)
	}
}

// The checkpoint is saved as it was signed. If there is none, nothing is saved.
func TestTheCheckpointOfAnAuditIsKept(t *testing.T) {
	_, text, _ := newLog(t, 1, 3).head(3)
	path := file(t, "kept", []byte("of before"))
	var errs bytes.Buffer
	o := auditOptions{save: path}
	if err := o.keep(cli.Streams{Err: &errs}, &audit.Report{}); err == nil || !strings.Contains(err.Error(), "--save") {
		t.Errorf("without a checkpoint: %v", err)
	}
	if kept, _ := os.ReadFile(path); string(kept) != "of before" {
		t.Errorf("there is %q", kept)
	}
	if err := o.keep(cli.Streams{Err: &errs}, &audit.Report{Checkpoint: &audit.Checkpoint{Size: 3, Text: text}}); err != nil || !strings.Contains(errs.String(), "3 events") {
		t.Errorf("%v, %s", err, &errs)
	}
	if kept, _ := os.ReadFile(path); !bytes.Equal(kept, text) {
		t.Errorf("there is %q", kept)
	}
	o.save = path + "/below/a/file"
	if err := o.keep(cli.Streams{Err: &errs}, &audit.Report{Checkpoint: &audit.Checkpoint{Size: 3, Text: text}}); err == nil {
		t.Error("a checkpoint was kept nowhere")
	}
	if err := (&auditOptions{}).keep(cli.Streams{Err: &errs}, &audit.Report{}); err != nil {
		t.Error(err)
	}
}

// Rows come in pages. A page that breaks off is an error.
func TestRowsComeWholeOrNot(t *testing.T) {
	row := func(key string) string {
		b, err := json.Marshal(projections.Row{Key: []byte(key), Value: []byte("v")})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	for name, c := range map[string]struct {
		body  string
		cut   bool
		rows  int
		fails bool
	}{
		"two": {row("a") + row("b"), false, 2, false}, "none": {"", false, 0, false}, "cut off": {row("a") + `{"key":`, true, 1, true}, "no rows": {"<html>", false, 0, true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Summit-Position", "3f9a1c20-9")
			w.Header().Set("Summit-More", "true")
			fmt.Fprint(w, c.body)
			if r.FormValue("after") != "YQ" {
				t.Errorf("asked after %q", r.FormValue("after"))
			}
			if c.cut {
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
		}))
		s := auditServer{Client: &client.Client{Server: server.URL}, summit: "geneva"}
		page, err := s.Rows(t.Context(), "facts", []byte("a"))
		if (err != nil) != c.fails || len(page.Rows) != c.rows || page.Seq != 9 || !page.More {
			t.Errorf("%s: %+v, %v", name, page, err)
		}
		server.Close()
	}
}
