package httpserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

type changesPage struct {
	Since, Until                                            string
	Added, Corrected, Retracted, Restored, Standing, Status []json.RawMessage
	Next                                                    *string
}

func (c changesPage) counted() int {
	return len(c.Added) + len(c.Corrected) + len(c.Retracted) + len(c.Status)
}

// Pages of changes come to what one page says, in the order added, corrected,
// retracted, status, whatever their size and whatever is recorded meanwhile.
func TestChangesComeInPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	story := f.Alaska()
	f.Record("alaska-2025", servertest.Event("fact.corrected", "aircraft/il-96-300", fmt.Sprintf(`{"target":%q,"patch":{"headline":null,"place":{"name":"Elsewhere","icao":null,"lat":null,"lon":null}},"class":"corrected","notice":"It landed elsewhere."}`, story[3].ID)))
	for i := range 7 {
		f.Record("alaska-2025", servertest.Note(fmt.Sprint("n", i), "something new"))
	}
	f.Record("alaska-2025", servertest.Retraction("topic/consequences", story[20].ID))
	read := func(query string) (c changesPage) {
		f.Get("/v1/summits/alaska-2025/changes" + query).Want(http.StatusOK).Into(&c)
		return c
	}
	for _, since := range []string{"?since=@26", "?since=" + f.At("alaska-2025", 3), "?since=@0&until=" + f.At("alaska-2025", 35)} {
		whole := read(since + "&limit=1000")
		if whole.Next != nil || whole.counted() == 0 {
			t.Fatalf("%s: %+v", since, whole)
		}
		for _, limit := range []int{1, 2, 3, 7, 500} {
			var sum changesPage
			last := 0
			for query := fmt.Sprintf("%s&limit=%d", since, limit); ; {
				c := read(query)
				if c.Since != whole.Since || c.Until != whole.Until || c.counted() > limit || c.Next != nil && c.counted() == 0 {
					t.Fatalf("%s: %d of %d, since %s until %s", query, c.counted(), limit, c.Since, c.Until)
				}
				for part, n := range []int{len(c.Added), len(c.Corrected), len(c.Retracted), len(c.Status)} {
					if n > 0 && part < last {
						t.Errorf("%s: part %d comes after part %d", query, part, last)
					} else if n > 0 {
						last = part
					}
				}
				sum.Added, sum.Corrected, sum.Retracted = append(sum.Added, c.Added...), append(sum.Corrected, c.Corrected...), append(sum.Retracted, c.Retracted...)
				sum.Restored, sum.Standing, sum.Status = append(sum.Restored, c.Restored...), append(sum.Standing, c.Standing...), append(sum.Status, c.Status...)
				if c.Next == nil {
					break
				}
				f.Record("alaska-2025", servertest.Note("meanwhile", "recorded between two pages"))
				query = fmt.Sprintf("%s&limit=%d&cursor=%s", since, limit, *c.Next)
			}
			for name, parts := range map[string][2][]json.RawMessage{
				"added": {sum.Added, whole.Added}, "corrected": {sum.Corrected, whole.Corrected}, "retracted": {sum.Retracted, whole.Retracted},
				"restored": {sum.Restored, whole.Restored}, "standing": {sum.Standing, whole.Standing}, "status": {sum.Status, whole.Status},
			} {
				if !slices.EqualFunc(parts[0], parts[1], func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
					t.Errorf("%s in pages of %d: %s are %d, and were %d at once", since, limit, name, len(parts[0]), len(parts[1]))
				}
			}
			whole = read(since + "&limit=1000")
		}
	}
	for _, bad := range []string{"&limit=0", "&limit=1001", "&limit=x", "&cursor=x", "&cursor=e30"} {
		f.Get("/v1/summits/alaska-2025/changes?since=@1" + bad).Problem(http.StatusBadRequest)
	}
	first := read("?since=@1&limit=1")
	f.Get("/v1/summits/alaska-2025/changes?since=@2&limit=1&cursor=" + *first.Next).Problem(http.StatusBadRequest)
}
