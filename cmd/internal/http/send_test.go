package httpserver_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

// heavy is a summit of facts of about 52 KiB each, in batches.
func (f *fixture) heavy(summit string, facts int) {
	f.Helper()
	f.Open(summit)
	var sources []string
	for i := range 27 {
		sources = append(sources, fmt.Sprintf(`{"id":"s%d","name":"S%d","url":"https://example.org/%s"}`, i, i, strings.Repeat("x", 1900)))
	}
	data := `{"text":"heavy","sources":[` + strings.Join(sources, ",") + `]}`
	s, _ := f.Registry.Summit(summit)
	for n := range facts {
		e, err := events.Submit([]byte(servertest.Event("note.added", fmt.Sprint("note/n", n), data)), summit)
		f.Must(err)
		_, err = s.Record(context.Background(), []events.Event{e}, nil)
		f.Must(err)
	}
	f.Must(s.Views.Wait(context.Background(), uint64(facts+1)))
}

// A page ends where its bytes do, and the next continues: nothing is left out.
func TestAPageIsBoundedByItsBytes(t *testing.T) {
	f := newFixture(t)
	f.heavy("geneva", 200)
	seen, pages := map[uint64]bool{}, 0
	for query := "?limit=500"; query != ""; pages++ {
		r := f.Get("/v1/summits/geneva/timeline" + query).Want(http.StatusOK)
		if len(r.Body) > 5<<20 {
			t.Errorf("a page of %d bytes", len(r.Body))
		}
		var p servertest.Page
		r.Into(&p)
		for _, seq := range p.Seqs() {
			if seen[seq] {
				t.Errorf("%d comes twice", seq)
			}
			seen[seq] = true
		}
		query = ""
		if p.Next != nil {
			query = "?limit=500&cursor=" + *p.Next
		}
	}
	if len(seen) != 200 || pages < 2 {
		t.Errorf("%d facts on %d pages", len(seen), pages)
	}
	if got := strings.Count(f.Get("/v1/summits/geneva/timeline.ndjson").Want(http.StatusOK).Body, "\n"); got != 200 {
		t.Errorf("the feed has %d lines", got)
	}
}

// A hundred readers that ask for the largest page, as JSON or HTML, and read nothing
// take no more memory than there is room for, and others are answered meanwhile.
func TestReadersThatDoNotReadFillNoMemory(t *testing.T) {
	// A page of HTML shortens what is long: its readers may take theirs at once.
	for path, least := range map[string]uint64{"/v1/summits/geneva/timeline": 4 << 20, "/summits/geneva": 0} {
		t.Run(path, func(t *testing.T) {
			f := newFixture(t)
			f.heavy("geneva", 500)
			before := live()
			for n := range 100 {
				c, err := net.Dial("tcp", strings.TrimPrefix(f.URL, "http://"))
				f.Must(err)
				t.Cleanup(func() { _ = c.Close() })
				_, err = fmt.Fprintf(c, "GET %s?limit=%d HTTP/1.1\r\nHost: localhost\r\n\r\n", path, 400+n)
				f.Must(err)
			}
			var most uint64
			held := make([]uint64, 3) // what is made and dropped is not held
			for n := range 30 {
				f.Get("/v1/summits/geneva").Want(http.StatusOK)
				f.Get("/v1/summits/geneva/timeline?limit=1").Want(http.StatusOK)
				now := live()
				held[n%len(held)] = now - min(before, now)
				most = max(most, slices.Min(held))
			}
			t.Logf("100 readers that do not read hold up to %d MiB", most>>20)
			if most > 200<<20 || most < least {
				t.Errorf("100 readers that do not read hold up to %d MiB", most>>20)
			}
		})
	}
}

// live returns how many bytes are held: what is made and dropped while the collector runs
// is not counted.
func live() uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
