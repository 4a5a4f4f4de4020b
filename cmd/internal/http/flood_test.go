package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

// heap is what lives after everything that can be freed was.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A flood of bad requests, each from another address with another token, is
// refused, changes nothing and leaves nothing behind.
func TestAFloodLeavesNothingBehind(t *testing.T) {
	f, _ := guarded(t)
	f.behind("10/s", "127.0.0.0/8")
	before, head := heap(), f.Head("geneva")
	const senders, each = 8, 2500
	var all sync.WaitGroup
	var bad, other atomic.Int64
	for n := range senders {
		all.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(n)))
			for range each {
				long := strings.Repeat("x", 1+random.IntN(4000))
				paths := []string{"/v1/summits/geneva/timeline?cursor=" + long, "/v1/summits/" + long, "/v1/summits/geneva/facts/" + long, "/" + long, "/v1/summits/geneva/live?since=" + long}
				method, body := http.MethodGet, ""
				if random.IntN(3) == 0 {
					method, body = http.MethodPost, long
				}
				r := httptest.NewRequest(method, paths[random.IntN(len(paths))], strings.NewReader(body))
				r.RemoteAddr = "127.0.0.1:1"
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n, random.IntN(256), random.IntN(256)))
				if random.IntN(2) == 0 {
					r.Header.Set("Authorization", "Bearer "+long)
				}
				r.Header.Set("Content-Type", events.ContentType)
				w := httptest.NewRecorder()
				f.Handler.ServeHTTP(w, r)
				if w.Code >= 400 && w.Code < 500 {
					bad.Add(1)
				} else {
					other.Add(1)
					t.Errorf("%s %.80s: %d %s", r.Method, r.URL.Path, w.Code, w.Body)
				}
			}
		})
	}
	all.Wait()
	grown := int64(heap()) - int64(before)
	t.Logf("%d bad requests refused: %d KiB more on the heap", bad.Load(), grown>>10)
	if grown > 32<<20 {
		t.Errorf("%d KiB more on the heap", grown>>10)
	}
	if f.Head("geneva") != head {
		t.Error("something was recorded")
	}
	f.Get("/v1/summits/geneva/timeline", append(bearer("reader"), "X-Forwarded-For", "192.0.2.99")...).Want(http.StatusOK)
}

// A stream outlives what the server allows for reading a request and for
// writing an answer, over either HTTP.
func TestAStreamOutlivesTheTimeouts(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, major := range []int{1, 2} {
		t.Run(fmt.Sprint("HTTP/", major), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(f.Handler)
			server.Config.ReadTimeout, server.Config.WriteTimeout, server.EnableHTTP2 = time.Second, time.Second, major == 2
			server.StartTLS()
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/summits/geneva/live", http.NoBody)
			f.Must(err)
			res, err := server.Client().Do(r)
			f.Must(err)
			defer res.Body.Close()
			if res.ProtoMajor != major {
				t.Fatal(res.Proto)
			}
			for lines, beats := bufio.NewScanner(res.Body), 0; beats < 2; {
				if !lines.Scan() {
					t.Fatalf("it ended after %d beats: %v", beats, lines.Err())
				}
				if strings.HasPrefix(lines.Text(), ":") || lines.Text() == "event: tick" {
					beats++
				}
			}
			cancel()
			_, _ = io.Copy(io.Discard, res.Body)
		})
	}
}
