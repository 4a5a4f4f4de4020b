package httpserver_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
)

// BenchmarkAnswer asks the handler alone, without a network.
func BenchmarkAnswer(b *testing.B) {
	f := newFixture(b)
	f.Alaska()
	const page = "/v1/summits/alaska-2025/timeline?limit=50"
	tag := f.Get(page).Header.Get("Etag")
	for name, c := range map[string]struct {
		path, tag string
		status    int
	}{
		"page":        {page, "", http.StatusOK},
		"not changed": {page, tag, http.StatusNotModified},
		"status":      {"/v1/summits/alaska-2025/status", "", http.StatusOK},
		"health":      {"/healthz", "", http.StatusOK},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+c.path, http.NoBody)
				if c.tag != "" {
					r.Header.Set("If-None-Match", c.tag)
				}
				if f.Handler.ServeHTTP(w, r); w.Code != c.status {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// BenchmarkCurrent is what a read costs that has nothing to wait for: nothing is
// allocated, and nobody is asked.
func BenchmarkCurrent(b *testing.B) {
	f := newFixture(b)
	f.Alaska()
	s, _ := f.Registry.Summit("alaska-2025")
	x := &reading.Reader{}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := x.Current(b.Context(), httpserver.ServedBy(f.Registry, s)); err != nil {
				b.Error(err)
			}
		}
	})
}
