package httpserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// BenchmarkCalendar asks for a calendar in which every fact is about a meeting,
// and each meeting was planned and moved, twice.
func BenchmarkCalendar(b *testing.B) {
	for _, size := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			f := newFixture(b)
			f.Open("geneva")
			for from := range slices.Chunk(slices.Collect(numbers(size)), 250) {
				var list []string
				for _, n := range from {
					typ := []string{"meeting.scheduled", "meeting.rescheduled"}[n%2]
					list = append(list, servertest.Event(typ, fmt.Sprintf("meeting/m-%d", n/4), fmt.Sprintf(`{"title":"Talks","kind":"talks","when":{"best":"2027-01-%02dT10:00:00Z","phase":"planned"},"sources":[{"id":"s","name":"S"}]}`, 1+n%28)))
				}
				f.Post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", servertest.Batch(list...)).Want(http.StatusCreated)
			}
			f.Get("/v1/summits/geneva?min=" + f.At("geneva", size+1)).Want(http.StatusOK)
			for b.Loop() {
				w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost/v1/summits/geneva/timeline.ics", http.NoBody)
				if f.Handler.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
