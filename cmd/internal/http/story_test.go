package httpserver_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/storytest"
)

// TestStoriesReadAsTheContractSaysInEveryFormat records random stories over HTTP
// and holds the status and every format of the timeline, in both orders and
// directions, against the model of the contract.
func TestStoriesReadAsTheContractSaysInEveryFormat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for seed := range uint64(8) {
		story := storytest.New(1000+seed, 40)
		id := fmt.Sprintf("story-%d", seed)
		f.tell(id, story)
		for _, n := range []int{len(story), len(story) / 2} {
			f.holdStory(id, storytest.Of(story, n), n)
		}
		if t.Failed() {
			for i, e := range story {
				t.Logf("%d %s", i+1, e.JSON())
			}
			t.FailNow()
		}
	}
}

// tell records a story under an id of its own.
func (f *fixture) tell(id string, story []storytest.Event) {
	f.Helper()
	opening := story[0]
	opening.Subject = "summit/" + id
	f.Post("/v1/summits", events.ContentType, string(opening.JSON())).Want(http.StatusCreated)
	for _, e := range story[1:] {
		if strings.HasPrefix(e.Subject, "summit/") {
			e.Subject = "summit/" + id
		}
		f.Post("/v1/summits/"+id+"/facts", events.ContentType, string(e.JSON())).Want(http.StatusCreated)
	}
}

func (f *fixture) holdStory(id string, want *storytest.Model, n int) {
	f.Helper()
	known := "known=" + f.At(id, n)
	for _, at := range []time.Time{{}, storytest.Opening.Add(9 * 24 * time.Hour)} {
		path := "/v1/summits/" + id + "/status?" + known
		if !at.IsZero() {
			path += "&at=" + at.Format(time.RFC3339)
		}
		for _, fault := range want.Check([]byte(f.Get(path).Want(http.StatusOK).Body), at) {
			f.Errorf("%s: %s", path, fault)
		}
	}
	for _, order := range []string{"occurred", "recorded"} {
		for _, dir := range []string{"asc", "desc"} {
			ids := want.Occurred(dir == "desc")
			if order == "recorded" {
				ids = want.Recorded(dir == "desc")
			}
			for _, ending := range []string{"", ".ndjson", ".csv", ".atom", ".jsonld"} {
				path := fmt.Sprintf("/v1/summits/%s/timeline%s?limit=500&order=%s&dir=%s&%s", id, ending, order, dir, known)
				if got := f.idsIn(ending, f.Get(path).Want(http.StatusOK).Body); !slices.Equal(got, ids) {
					f.Errorf("%s: the items must be\n%v, are\n%v", path, ids, got)
				}
			}
		}
	}
}

// idsIn reads the ids of the facts out of a format, in its order.
func (f *fixture) idsIn(ending, body string) []string {
	f.Helper()
	ids := []string{}
	type item struct {
		Fact string `json:"fact"`
		ID   string `json:"@id"`
	}
	switch ending {
	case ".ndjson":
		for line := range strings.Lines(body) {
			var i item
			f.Must(json.Unmarshal([]byte(line), &i))
			ids = append(ids, i.Fact)
		}
	case ".csv":
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		f.Must(err)
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
	case ".atom":
		parsed, err := gofeed.NewParser().ParseString(body)
		f.Must(err)
		for _, x := range parsed.Items {
			ids = append(ids, idAtTheEnd(x.Link)) // the id of an entry that was withdrawn never comes again (RFC 6721)
		}
	case ".jsonld":
		var blog struct {
			Posts []item `json:"liveBlogUpdate"`
		}
		f.Must(json.Unmarshal([]byte(body), &blog))
		for _, p := range blog.Posts {
			ids = append(ids, idAtTheEnd(p.ID))
		}
	default:
		var page struct {
			Items []item `json:"items"`
		}
		f.Must(json.Unmarshal([]byte(body), &page))
		for _, i := range page.Items {
			ids = append(ids, i.Fact)
		}
	}
	return ids
}

// idAtTheEnd returns the UUID with which an address or a URN ends.
func idAtTheEnd(s string) string { return s[max(0, len(s)-36):] }
