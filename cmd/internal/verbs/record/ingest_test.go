package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
)

// feed writes a JSON Feed to a file.
func feed(t *testing.T, items string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "feed.json")
	text := `{"version":"https://jsonfeed.org/version/1.1","title":"The wire","feed_url":"https://wire.example/feed.json","items":[` + items + `]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const soundItem = `{"id":"1","title":"Doors open","date_published":"2025-08-15T10:00:00Z"}`

// Text of a source does not reach the terminal as it came, whether its item was left out
// or refused.
func TestWhatASourceWroteCommandsNoTerminal(t *testing.T) {
	f := clitest.Server(t, clitest.Answers{
		"POST /v1/summits/geneva/facts": `422 {"detail":"refused\u001b[2J for itself"}`,
	})
	path := feed(t, soundItem+`,{"id":"2\u001b]0;title\u0007","title":"No \u001b[31mtime","date_published":"yesterday\u001b[1m"}`)
	r := clitest.Run(t, Ingest("1"), "", "feed", "geneva", path, "--server", f.URL)
	if r.Code != cli.Bad || strings.ContainsAny(strings.ReplaceAll(r.Err, "\r", ""), "\x1b\x07") || strings.ContainsAny(r.Out, "\x1b\x07") {
		t.Errorf("exit %d, %q, %q", r.Code, r.Out, r.Err)
	}
	for _, want := range []string{"2 items: 0 recorded", "2 refused", "  refused "} {
		if !strings.Contains(r.Out, want) {
			t.Errorf("%q is not in %s", want, r.Out)
		}
	}
}

// A source that is read again records nothing new.
func TestASourceIsReadAgain(t *testing.T) {
	s := newTaking(t)
	f := clitest.Server(t, clitest.Answers{
		"POST /v1/summits/geneva/facts": `201 {"position":"3f9a1c20-2","outcome":"created"}`, "GET /v1/summits/geneva": "{}",
	})
	r := clitest.Run(t, Ingest("1"), "", "feed", "geneva", feed(t, soundItem), "--server", f.URL, "--json", "--desk", "/desks/wire")
	var sum struct {
		Items, Created, Duplicate int
		Identity                  string
	}
	if err := json.Unmarshal([]byte(r.Out), &sum); r.Code != cli.Good || err != nil || sum.Items != 1 || sum.Created != 1 || sum.Identity != "https://wire.example/feed.json" {
		t.Errorf("exit %d, %v, %s, %s", r.Code, err, r.Out, r.Err)
	}
	posted := slices.IndexFunc(f.Sent(), func(r clitest.Request) bool { return strings.HasPrefix(r.Line, "POST") })
	if !strings.Contains(f.Sent()[posted].Body, `"source":"/desks/wire"`) {
		t.Errorf("sent %s", f.Sent()[posted].Body)
	}
	for _, bad := range [][]string{{"telegraph", "geneva", "x"}, {"feed", "geneva", "x", "--every", "-1s"}, {"feed", "geneva"}} {
		if r := clitest.Run(t, Ingest("1"), "", append(bad, "--server", s.URL)...); r.Code != cli.Misused {
			t.Errorf("%q: exit %d, %s", bad, r.Code, r.Err)
		}
	}
	if r := clitest.Run(t, Ingest("1"), "", "feed", "geneva", filepath.Join(t.TempDir(), "away"), "--server", s.URL); r.Code != cli.Bad {
		t.Errorf("a file that is not there: exit %d, %s", r.Code, r.Err)
	}
}
