package httpserver_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// BenchmarkEntityPage asks the handler alone for pages of 50 facts of one entity: the
// newest of an entity that was just asked for, the newest of one of many, and one
// as known at a random old position.
func BenchmarkEntityPage(b *testing.B) {
	const entities, length = 800, 48_000
	f := newFixture(b)
	f.Open("geneva")
	for from := range slices.Chunk(slices.Collect(numbers(length)), 1_000) {
		var list []string
		for _, n := range from {
			list = append(list, servertest.Event("note.added", fmt.Sprintf("note/n-%d", n%entities), fmt.Sprintf(
				`{"note":"number %d","when":{"best":"2027-01-%02dT%02d:%02d:%02dZ","zone":"UTC"},"sources":[{"id":"s1","name":"Source %d","kind":"agency","role":"originator"},{"id":"s2","name":"An outlet","kind":"outlet","role":"relay","via":["s1"]}],"text":%q}`,
				n, 1+n/86400, n/3600%24, n/60%60, n%60, n%7, strings.Repeat("The speaker explains what was agreed. ", 8))))
		}
		f.Post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", servertest.Batch(list...)).Want(http.StatusCreated)
	}
	f.Get("/v1/summits/geneva?min=" + f.At("geneva", length+1)).Want(http.StatusOK)
	for name, query := range map[string]func() string{
		"again":  func() string { return "entity=note/n-1" },
		"newest": func() string { return fmt.Sprintf("entity=note/n-%d", rand.IntN(entities)) },
		"old": func() string {
			return fmt.Sprintf("entity=note/n-%d&known=@%d", rand.IntN(entities), length-rand.IntN(length/6))
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &discarding{header: http.Header{}}
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost/v1/summits/geneva/timeline?dir=desc&limit=50&"+query(), http.NoBody)
				f.Must(err)
				if f.Handler.ServeHTTP(w, r); w.status > http.StatusOK || w.bytes < 40_000 {
					b.Fatal(w.status, w.bytes)
				}
			}
		})
	}
}

// discarding is an answer of which only the size is kept.
type discarding struct {
	header        http.Header
	status, bytes int
}

func (d *discarding) Header() http.Header    { return d.header }
func (d *discarding) WriteHeader(status int) { d.status = status }
func (d *discarding) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}
