package httpserver_test

import (
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// BenchmarkPageInEachLanguage reads a page of fifty generated headlines from the views.
func BenchmarkPageInEachLanguage(b *testing.B) {
	f := newFixture(b)
	f.Open("geneva")
	s, _ := f.Registry.Summit("geneva")
	for range 200 {
		e, err := events.Submit([]byte(arrival), "geneva")
		f.Must(err)
		_, err = s.Record(b.Context(), []events.Event{e}, nil)
		f.Must(err)
	}
	f.Must(s.Views.Wait(b.Context(), 201))
	all, err := locale.Load()
	f.Must(err)
	for _, l := range all.Languages() {
		b.Run(l.Tag, func(b *testing.B) {
			q := projections.Query{Reading: projections.AsOf{Seq: 201, Pinned: true, Language: l.Messages()}, Limit: 50}
			for b.Loop() {
				if _, err := s.Views.Timeline(b.Context(), q, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
