package stories

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

var update = flag.Bool("update", false, "write what the stories are compared with")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// told are the stories, and the contradictions that each means to have.
var told = map[string][]string{
	"reykjavik-1986": {},
	"singapore-2018": {},
	"helsinki-2018": {
		"given-times-differ: “13:15” in Europe/Moscow is 2018-07-16T10:15:00Z, but “approximately 1 pm” in Europe/Helsinki is 2018-07-16T10:00:00Z",
		"denied: Vladimir Putin denies what Indictment, US Department of Justice says of Interference in the US election of 2016",
	},
	"geneva-2021": {},
}

// story is one that a server has recorded.
type story struct {
	*servertest.Instance
	id    string
	lines []string
}

// each records every story on a server of its own.
func each(t *testing.T, then func(t *testing.T, s story)) {
	for id := range told {
		t.Run(id, func(t *testing.T) {
			s := story{servertest.Start(t), id, linesOf(t, id)}
			s.Post("/v1/summits", events.ContentType, s.lines[0]).Want(http.StatusCreated)
			for _, line := range s.lines[1:] {
				s.Record(id, line)
			}
			then(t, s)
		})
	}
}

func linesOf(t *testing.T, id string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", id+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// same compares a text with a golden file.
func (s story) same(name, got string) {
	s.Helper()
	eventstest.Golden(s, filepath.Join("testdata", s.id+"."+name), got, *update)
}

// anywhere hides what depends on when and where the story is told.
func (s story) anywhere(text string) string {
	return strings.NewReplacer(s.Head(s.id).Epoch, "EPOCH", s.URL, "http://server").Replace(text)
}

// TestTheStoriesAreToldInTypedFacts holds that nothing of a story had to be a note, and
// that together they use every type that there is.
func TestTheStoriesAreToldInTypedFacts(t *testing.T) {
	used := map[string]bool{"note.added": true, "summit.closed": true, "fact.graded": true, "fact.corroborated": true}
	for id := range told {
		for n, line := range linesOf(t, id) {
			var e struct{ Type string }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s:%d: %v", id, n+1, err)
			}
			if e.Type == "note.added" {
				t.Errorf("%s:%d is a note", id, n+1)
			}
			used[e.Type] = true
		}
	}
	for _, info := range events.Types() {
		if !used[info.Name] && !info.Server {
			t.Errorf("no story uses %s", info.Name)
		}
	}
}

func TestWhatStandsAtTheEnd(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		r := s.Get("/v1/summits/" + s.id + "/status").Want(http.StatusOK)
		var status any
		r.Into(&status)
		twice(t, "", status)
		b, err := json.MarshalIndent(status, "", " ")
		s.Must(err)
		s.same("status.json", s.anywhere(string(b))+"\n")
	})
}

// twice reports ids that stand twice in a list, wherever in an answer.
func twice(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			twice(t, path+"/"+name, x)
		}
	case []any:
		seen := map[any]bool{}
		for _, x := range v {
			key := x
			if m, ok := x.(map[string]any); ok {
				key = nil
				for _, name := range []string{"id", "topic", "actor"} {
					if m[name] != nil {
						key = m[name]
					}
				}
			}
			if key != nil && seen[key] {
				t.Errorf("%s has %v twice", path, key)
			}
			seen[key] = true
			twice(t, path, x)
		}
	}
}

func TestTheHeadlinesInThreeLanguages(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		for _, lang := range []string{"en", "ru", "ar"} {
			page := s.Timeline(s.id, "?limit=500&lang="+lang)
			var b strings.Builder
			for _, it := range page.Items {
				b.WriteString(it.Headline + "\n")
			}
			s.same("headlines."+lang+".txt", b.String())
		}
	})
}

func TestTheContradictionsAreThoseThatAreMeant(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		var a struct {
			Conflicts []struct{ Rule, Detail string }
		}
		s.Get("/v1/summits/" + s.id + "/conflicts").Want(http.StatusOK).Into(&a)
		got := []string{}
		for _, c := range a.Conflicts {
			got = append(got, c.Rule+": "+c.Detail)
		}
		if !slices.Equal(got, told[s.id]) {
			t.Errorf("%q, want %q", got, told[s.id])
		}
	})
}
