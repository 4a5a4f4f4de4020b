package client

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/events"
)

// serving is a client of a server that gives one answer, whole or cut off.
func serving(t *testing.T, body string, cut bool) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(body))
		if cut {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	return &Client{Server: server.URL}
}

// A log that breaks off is never taken for a shorter one.
func TestALogIsReadWholeOrNot(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		cut   bool
		lines []string
		fails bool
	}{
		"nothing":                {"", false, nil, false},
		"lines":                  {"a\nb\n", false, []string{"a", "b"}, false},
		"an empty line":          {"a\n\nb\n", false, []string{"a", "", "b"}, false},
		"a line without its end": {"a\nb", false, []string{"a"}, true},
		"cut after a line":       {"a\n", true, []string{"a"}, true},
		"cut in a line":          {"a\nb", true, []string{"a"}, true},
		"a line beyond all":      {"a\n" + strings.Repeat("x", 2*events.MaxSize+1) + "\n", false, []string{"a"}, true},
	} {
		var got []string
		var failed error
		for line, err := range serving(t, c.body, c.cut).Log(t.Context(), "geneva", 1, 0) {
			if failed = err; err == nil {
				got = append(got, string(line))
			}
		}
		if !slices.Equal(got, c.lines) || (failed != nil) != c.fails {
			t.Errorf("%s: %q, %v", name, got, failed)
		}
		if exit := (*cli.ExitError)(nil); failed != nil && (!errors.As(failed, &exit) || exit.Code != cli.Unreachable) {
			t.Errorf("%s: %v", name, failed)
		}
	}
}

// Lines that were read do not change when further lines are read.
func TestLinesOfALogAreKept(t *testing.T) {
	var got [][]byte
	for line, err := range serving(t, "first\nother\nthird\n", false).Log(t.Context(), "geneva", 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, line); len(got) == 2 {
			break
		}
	}
	if string(bytes.Join(got, []byte(" "))) != "first other" {
		t.Errorf("%q", got)
	}
}

func TestADownloadIsWholeOrSaysHowFarItCame(t *testing.T) {
	var into, progress bytes.Buffer
	if n, err := serving(t, "archive", false).Download(t.Context(), &progress, "/x", &into); n != 7 || err != nil || into.String() != "archive" || progress.Len() > 0 {
		t.Errorf("%d %v %q, shown %q", n, err, &into, &progress)
	}
	_, err := serving(t, "arch", true).Download(t.Context(), &progress, "/x", &into)
	if exit := (*cli.ExitError)(nil); !errors.As(err, &exit) || exit.Code != cli.Unreachable || !strings.Contains(err.Error(), "after 4 bytes") {
		t.Errorf("cut off: %v", err)
	}
	if _, err := serving(t, strings.Repeat("x", 3<<20), false).Download(t.Context(), &progress, "/x", &into); err != nil || !strings.HasSuffix(progress.String(), "\r3 MB\n") {
		t.Errorf("%v, shown %q", err, &progress)
	}
}

// People name a fact as tables show it, or by its id.
func TestAFactIsFoundByItsNumberOrItsID(t *testing.T) {
	f := clitest.Server(t, clitest.Answers{
		"GET /v1/summits/geneva/log?from=4&to=4": `{"id":"0198","subject":"note/fog"}` + "\n",
		"GET /v1/summits/geneva/log?from=5&to=5": "",
		"GET /v1/summits/geneva/log?from=6&to=6": "no event\n",
		"GET /v1/summits/geneva/log?from=7&to=7": "{}\n",
		"GET /v1/summits/geneva/facts/0198":      `{"fact":"0198","entity":"note/fog"}`,
		"GET /v1/summits/geneva/facts/a%2Fb":     `{"entity":"note/slash"}`,
	})
	c := &Client{Server: f.URL}
	for name, want := range map[string]string{
		"@4": "0198 note/fog", "0198": "0198 note/fog", "a/b": "a/b note/slash",
		"@5": "there is no event @5 yet", "@6": "event @6 could not be read", "@7": "event @7 could not be read", "0199": "nothing here",
	} {
		id, entity, err := c.FindFact(t.Context(), "geneva", name)
		if got := id + " " + entity; err == nil && got != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s is %q, %v, want %s", name, got, err, want)
		}
	}
	asked := len(f.Asked())
	for _, name := range []string{"@", "@0", "@x", "@-1", "@4 ", "@99999999999999999999"} {
		_, _, err := c.FindFact(t.Context(), "geneva", name)
		if exit := (*cli.ExitError)(nil); !errors.As(err, &exit) || exit.Code != cli.Misused {
			t.Errorf("%q: %v", name, err)
		}
	}
	if len(f.Asked()) != asked {
		t.Error("the server was asked for what is no number")
	}
}
