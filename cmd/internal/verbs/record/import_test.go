package record

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/events"
)

// taking is a server that takes batches as a whole or not at all, and each id once. It
// refuses a text that is "bad", and breaks off at one that is "cut".
type taking struct {
	*httptest.Server
	ids   []string
	texts []string
}

func newTaking(t *testing.T) *taking {
	s := &taking{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /v1/summits/geneva/facts":
			s.take(w, r)
		case "POST /v1/summits":
			w.WriteHeader(http.StatusCreated)
		case "GET /v1/summits/geneva":
			_, _ = io.WriteString(w, "{}")
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"detail":"no such summit"}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *taking) take(w http.ResponseWriter, r *http.Request) {
	var batch []struct {
		ID   string
		Data struct{ Text string }
	}
	b, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(b, &batch) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range batch {
		switch e.Data.Text {
		case "bad":
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"detail":"the text is bad"}`)
			return
		case "cut":
			panic(http.ErrAbortHandler)
		}
	}
	results := []map[string]string{}
	for _, e := range batch {
		outcome := "duplicate"
		if !slices.Contains(s.ids, e.ID) {
			outcome, s.ids, s.texts = "created", append(s.ids, e.ID), append(s.texts, e.Data.Text)
		}
		results = append(results, map[string]string{"outcome": outcome, "position": fmt.Sprintf("3f9a1c20-%d", len(s.ids))})
	}
	answer, _ := json.Marshal(map[string]any{"results": results}) // texts always encode
	_, _ = w.Write(answer)
}

// noteLine is a line with a note, without an id.
func noteLine(text string) string {
	return fmt.Sprintf(`{"source":"/desks/t","type":"note.added","subject":"note/n","data":{"text":%q,"sources":[{"id":"s","name":"S"}]}}`, text)
}

// imported imports a text.
func imported(t *testing.T, s *taking, text string, args ...string) clitest.Ran {
	t.Helper()
	path := filepath.Join(t.TempDir(), "facts.ndjson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return clitest.Run(t, Import(), "", append([]string{"geneva", path, "--server", s.URL}, args...)...)
}

// Importing a file again records nothing, wherever the first import was cut off. Equal
// lines are separate facts.
func TestAnImportThatIsRepeatedRecordsNothingTwice(t *testing.T) {
	texts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 8)
	rapid.Check(t, func(rt *rapid.T) {
		list := texts.Draw(rt, "texts")
		cut := rapid.IntRange(0, len(list)).Draw(rt, "cut")
		lines := make([]string, len(list))
		for i, text := range list {
			lines[i] = noteLine(text)
		}
		s := newTaking(t)
		first := slices.Clone(lines)
		if cut < len(list) {
			first[cut] = noteLine("cut")
		}
		imported(t, s, strings.Join(first, "\n"))
		for range 2 {
			if r := imported(t, s, strings.Join(lines, "\n")+"\n"); r.Code != cli.Good || !slices.Equal(s.texts, list) {
				rt.Fatalf("exit %d, %s: %q are recorded, want %q", r.Code, r.Err, s.texts, list)
			}
		}
	})
}

// A bad line is named by its number. Those before it are recorded, and no others.
func TestABadLineIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		at    int
		want  string
	}{
		"refused":               {[]string{noteLine("a"), noteLine("b"), noteLine("bad"), noteLine("c")}, 3, "the text is bad"},
		"refused, at first":     {[]string{noteLine("bad"), noteLine("a")}, 1, "the text is bad"},
		"no JSON":               {[]string{noteLine("a"), "", "nonsense"}, 3, "JSON"},
		"no event":              {[]string{noteLine("a"), `{"type":"note.added"}`}, 2, "source"},
		"of another summit":     {[]string{noteLine("a"), strings.Replace(noteLine("b"), "{", `{"summit":"oslo",`, 1)}, 2, `"oslo"`},
		"too long":              {[]string{noteLine("a"), noteLine(strings.Repeat("x", events.MaxSize+2000))}, 2, "longer than"},
		"after a mark of order": {[]string{byteOrder + noteLine("a"), noteLine("bad")}, 2, "the text is bad"},
	} {
		s := newTaking(t)
		r := imported(t, s, strings.Join(c.lines, "\r\n"))
		var before []string
		for _, l := range c.lines[:c.at-1] {
			if _, text, ok := strings.Cut(l, `"text":"`); ok {
				before = append(before, text[:1])
			}
		}
		if r.Code != cli.Bad || !strings.Contains(r.Err, fmt.Sprintf("line %d: ", c.at)) || !strings.Contains(r.Err, c.want) || !slices.Equal(s.texts, before) {
			t.Errorf("%s: exit %d, %s; %q are recorded, want %q", name, r.Code, r.Err, s.texts, before)
		}
	}
}

// An import prints its result, in words or as JSON.
func TestWhatCameOfAnImport(t *testing.T) {
	opening := `{"source":"/desks/t","type":"summit.opened","subject":"summit/geneva","data":{"title":"G","zone":"UTC","parties":[]}}`
	s := newTaking(t)
	if r := imported(t, s, opening+"\n"+noteLine("a")+"\n\n"+noteLine("b")); r.Code != cli.Good || r.Out != "4 lines: 3 recorded, 0 were there already\n" {
		t.Errorf("exit %d, %q, %s", r.Code, r.Out, r.Err)
	}
	if r := imported(t, s, noteLine("a")+"\n"+noteLine("c"), "--json"); r.Out != `{"duplicate":1,"lines":2,"position":"3f9a1c20-3","recorded":1}`+"\n" {
		t.Errorf("exit %d, %q, %s", r.Code, r.Out, r.Err)
	}
	if r := imported(t, s, ""); r.Code != cli.Good || r.Out != "0 lines: 0 recorded, 0 were there already\n" {
		t.Errorf("nothing: exit %d, %q, %s", r.Code, r.Out, r.Err)
	}
	if r := imported(t, s, noteLine("d")+"\n"+noteLine("cut")); r.Code != cli.Unreachable || !strings.Contains(r.Err, "lines from 1 on may not have been recorded") {
		t.Errorf("cut off: exit %d, %s", r.Code, r.Err)
	}
	other := clitest.Server(t, clitest.Answers{})
	path := filepath.Join(t.TempDir(), "facts.ndjson")
	if err := os.WriteFile(path, []byte(noteLine("a")), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := clitest.Run(t, Import(), "", "geneva", path, "--server", other.URL); r.Code != cli.Bad || !strings.Contains(r.Err, "open the summit with summit open geneva") {
		t.Errorf("without a summit: exit %d, %s", r.Code, r.Err)
	}
	if r := clitest.Run(t, Import(), "", "geneva", path+".away", "--server", other.URL); r.Code != cli.Misused {
		t.Errorf("without a file: exit %d, %s", r.Code, r.Err)
	}
}
