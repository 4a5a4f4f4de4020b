package httpserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// BenchmarkPageInEachLanguage reads a page of fifty generated headlines from the views:
// of facts on the word of one source, of facts that each have a source of their own, and
// of facts that each have one that was relayed.
func BenchmarkPageInEachLanguage(b *testing.B) {
	f := newFixture(b)
	all, err := locale.Load()
	f.Must(err)
	for _, sources := range []string{"one", "own", "relayed"} {
		f.Open(sources)
		s, _ := f.Registry.Summit(sources)
		for i := range 200 {
			fact := arrival
			switch sources {
			case "own":
				fact = strings.Replace(fact, `"id":"s"`, fmt.Sprintf(`"id":"s%d"`, i), 1)
			case "relayed":
				fact = strings.Replace(fact, `{"id":"s"`, fmt.Sprintf(`{"id":"r","name":"R","via":["s%d"]},{"id":"s%d"`, i, i), 1)
			}
			e, err := events.Submit([]byte(fact), sources)
			f.Must(err)
			_, err = s.Record(b.Context(), []events.Event{e}, nil)
			f.Must(err)
		}
		f.Must(s.Views.Wait(b.Context(), 201))
		for _, l := range all.Languages() {
			b.Run(sources+"/"+l.Tag, func(b *testing.B) {
				q := projections.Query{Reading: projections.AsOf{Seq: 201, Pinned: true, Language: l.Messages()}, Limit: 50}
				for b.Loop() {
					if _, err := s.Views.Timeline(b.Context(), q, time.Time{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
