package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/projections"
)

// closed opens a summit, records three facts, closes it, and amends what the
// summit says of itself. It returns the ids of the facts.
func (f *fixture) closed(id string) []string {
	f.Helper()
	f.open(id)
	var facts []string
	for _, n := range []string{"a", "b", "c"} {
		facts = append(facts, f.record(id, note(n, "Note "+n, "time", `"2025-08-15T00:00:00Z"`)).ID)
	}
	closing := f.record(id, event("summit.closed", "summit/"+id, `{"reason":"It is over."}`))
	f.record(id, event("fact.corrected", "summit/"+id, fmt.Sprintf(`{"target":%q,"patch":{"reason":"It ended early."},"class":"corrected","notice":"A slip."}`, closing.ID)))
	f.record(id, event("fact.retracted", "note/b", fmt.Sprintf(`{"target":%q,"reason":"it was wrong"}`, facts[1])))
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
					if body := f.get("/v1/summits/geneva/timeline." + ending + query).want(http.StatusOK).body; strings.Contains(body, "It is over") || strings.Contains(body, "It ended early") {
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
	if f.get("/v1/summits/geneva").want(http.StatusOK).into(&answer); answer.Phase != "closed" || answer.Facts != len(facts) {
		t.Errorf("the summit's own answer: %+v", answer)
	}
}

// all reads every page of a timeline.
func (f *fixture) all(summit, query string) []item {
	f.Helper()
	var items []item
	for next := ""; ; {
		p := f.timeline(summit, query+next)
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
	f.open("geneva")
	closing := f.record("geneva", event("summit.closed", "summit/geneva", `{}`))
	f.record("geneva", event("fact.retracted", "summit/geneva", fmt.Sprintf(`{"target":%q,"reason":"it goes on"}`, closing.ID)))
	s, _ := f.host.Summit("geneva")
	c, err := s.Views.Changes(context.Background(), projections.Reading{Seq: 2}, projections.Reading{Seq: 3}, recordedFrom)
	f.must(err)
	if len(c.Added)+len(c.Retracted)+len(c.Restored) != 0 || len(c.Status) != 1 || c.Status[0].Path != "/phase" {
		t.Errorf("changes %+v", c)
	}
}
