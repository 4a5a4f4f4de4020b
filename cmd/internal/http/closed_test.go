package httpserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/projections"
)

// closed opens a summit, records three facts, closes it, and amends what the
// summit says of itself. It returns the ids of the facts.
func (f *fixture) closed(id string) []string {
	f.Helper()
	f.Open(id)
	var facts []string
	for _, n := range []string{"a", "b", "c"} {
		facts = append(facts, f.Record(id, servertest.Note(n, "Note "+n, "time", `"2025-08-15T00:00:00Z"`)).ID)
	}
	closing := f.Record(id, servertest.Event("summit.closed", "summit/"+id, `{"reason":"It is over."}`))
	f.Record(id, servertest.Event("fact.corrected", "summit/"+id, fmt.Sprintf(`{"target":%q,"patch":{"reason":"It ended early."},"class":"corrected","notice":"A slip."}`, closing.ID)))
	f.Record(id, servertest.Event("fact.retracted", "note/b", fmt.Sprintf(`{"target":%q,"reason":"it was wrong"}`, facts[1])))
	return facts
}

func TestOnlyFactsAreItems(t *testing.T) {
	f := newFixture(t)
	facts := f.closed("geneva")
	for _, order := range []string{"occurred", "recorded"} {
		for _, dir := range []string{"asc", "desc"} {
			for _, rest := range []string{"", "&limit=1", "&limit=2", "&limit=3", "&known=@5", "&type=summit.*", "&type=summit.closed", "&entity=summit/geneva", "&q=over", "&standing=corrected"} {
				query := "?order=" + order + "&dir=" + dir + rest
				want := len(facts)
				if strings.Contains(rest, "summit") || strings.Contains(rest, "&q=") || strings.Contains(rest, "standing") {
					want = 0
				}
				if got := f.all("geneva", query); len(got) != want {
					t.Errorf("%s: %d items, want %d: %+v", query, len(got), want, got)
				}
				for _, ending := range endings() {
					if body := f.Get("/v1/summits/geneva/timeline." + ending + query).Want(http.StatusOK).Body; strings.Contains(body, "It is over") || strings.Contains(body, "It ended early") {
						t.Errorf("%s%s lists the summit itself: %s", ending, query, body)
					}
				}
			}
			page := f.page("/summits/geneva?order=" + order + "&dir=" + dir)
			if n := strings.Count(page, `<li id="f-`); n != len(facts) {
				t.Errorf("the page shows %d facts in the order %s %s, want %d", n, order, dir, len(facts))
			}
		}
	}
	var answer struct {
		Phase string
		Facts int
	}
	if f.Get("/v1/summits/geneva").Want(http.StatusOK).Into(&answer); answer.Phase != "closed" || answer.Facts != len(facts) {
		t.Errorf("the summit's own answer: %+v", answer)
	}
}

// all reads every page of a timeline.
func (f *fixture) all(summit, query string) []servertest.Item {
	f.Helper()
	var items []servertest.Item
	for next := ""; ; {
		p := f.Timeline(summit, query+next)
		items = append(items, p.Items...)
		if p.Next == nil {
			return items
		}
		if len(p.Items) == 0 {
			f.Fatalf("%s: an empty page leads on", query)
		}
		next = "&cursor=" + *p.Next
	}
}

func TestAClosingThatIsWithdrawnIsNoItemOfTheChanges(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	closing := f.Record("geneva", servertest.Event("summit.closed", "summit/geneva", `{}`))
	f.Record("geneva", servertest.Event("fact.retracted", "summit/geneva", fmt.Sprintf(`{"target":%q,"reason":"it goes on"}`, closing.ID)))
	s, _ := f.Registry.Summit("geneva")
	c, err := s.Views.Changes(context.Background(), projections.AsOf{Seq: 2}, projections.AsOf{Seq: 3}, servertest.RecordedFrom)
	f.Must(err)
	if len(c.Added)+len(c.Retracted)+len(c.Restored) != 0 || len(c.Status) != 1 || c.Status[0].Path != "/phase" {
		t.Errorf("changes %+v", c)
	}
}
