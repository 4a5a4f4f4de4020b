package httpserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/projections"
)

// A status comes in pages: the lists that are asked for, up to the limit. All pages
// together are the whole status, whatever is recorded meanwhile.
func TestAStatusComesInParts(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	whole := f.status("alaska-2025", "")
	type part struct {
		projections.Status
		Next *string
	}
	read := func(query string) (p part) {
		f.Get("/v1/summits/alaska-2025/status" + query).Want(http.StatusOK).Into(&p)
		return p
	}
	if p := read("?kind=aircraft,meetings"); p.Next != nil || len(p.Aircraft) != len(whole.Aircraft) || len(p.Meetings) != len(whole.Meetings) || len(p.Sites)+len(p.Agenda)+len(p.Positions) != 0 {
		t.Errorf("aircraft and meetings: %+v", p)
	}
	for _, limit := range []int{1, 2, 3} {
		var got projections.Status
		for query := fmt.Sprintf("?limit=%d", limit); ; {
			p := read(query)
			if len(p.Positions) > limit || len(p.Agenda) > limit || p.Known != whole.Known {
				t.Errorf("%s: %+v", query, p)
			}
			got.Positions, got.Agenda, got.Sites = append(got.Positions, p.Positions...), append(got.Agenda, p.Agenda...), append(got.Sites, p.Sites...)
			if p.Next == nil {
				break
			}
			f.Record("alaska-2025", servertest.Event("agenda.set", fmt.Sprint("topic/new-", limit), `{"title":"New","expected":true,`+word+`}`))
			query = fmt.Sprintf("?limit=%d&cursor=%s", limit, *p.Next)
		}
		same := slices.EqualFunc(got.Positions, whole.Positions, func(a, b projections.PositionStatus) bool { return a.Topic == b.Topic }) &&
			slices.EqualFunc(got.Agenda, whole.Agenda, func(a, b projections.AgendaStatus) bool { return a.Topic == b.Topic }) &&
			slices.EqualFunc(got.Sites, whole.Sites, func(a, b projections.SiteStatus) bool { return a.ID == b.ID })
		if !same {
			t.Errorf("in parts of %d: %+v", limit, got)
		}
		whole = f.status("alaska-2025", "")
	}
}
