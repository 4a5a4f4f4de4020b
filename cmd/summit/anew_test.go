package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/store/viewdb"
)

// anewEvents is how long the log is whose views are rebuilt. At scale:
//
//	SUMMIT_REBUILD_EVENTS=1000000 go test ./cmd/summit -run TestReadsGoOnWhileTheViewsAreMadeAnew -v -timeout 30m
func anewEvents(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SUMMIT_REBUILD_EVENTS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("SUMMIT_REBUILD_EVENTS=%s is no number from 1000", text)
	}
	return n
}

// older makes the views those of an older version, in which the first two facts
// read otherwise: a page that shows one of them so and the other not would mix
// two versions.
func (s *stage) older() {
	s.Helper()
	s.update(func(tx *viewdb.Tx) error {
		for _, seq := range []int{2, 3} {
			key := pair(uint64(seq), uint64(seq))
			row := bytes.ReplaceAll(tx.Get("facts", key), fmt.Appendf(nil, "note %d", seq), fmt.Appendf(nil, "nope %d", seq)) // of one length, wherever it stands
			if !bytes.Contains(row, []byte("nope")) {
				s.Fatalf("fact %d reads %s", seq, row)
			}
			if err := tx.Put("facts", key, row); err != nil {
				return err
			}
		}
		var cursor map[string]any
		s.must(json.Unmarshal(tx.Get("meta", []byte("cursor")), &cursor))
		cursor["version"] = 0
		b, err := json.Marshal(cursor)
		s.must(err)
		return tx.Put("meta", []byte("cursor"), b)
	})
}

// reading is what readers saw.
type reading struct {
	old, anew, failed atomic.Int64
	slowest           atomic.Int64 // nanoseconds
}

// read asks for a page with both facts, as known at the end of the log.
func (r *reading) read(url string, count int) string {
	begun := time.Now()
	res, err := http.Get(fmt.Sprintf("%s/v1/summits/%s/timeline?known=@%d&limit=2&order=recorded", url, staged, count))
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Sprint(res.Status, err, string(b))
	}
	for took := int64(time.Since(begun)); ; {
		if was := r.slowest.Load(); took <= was || r.slowest.CompareAndSwap(was, took) {
			break
		}
	}
	return string(b)
}

func TestReadsGoOnWhileTheViewsAreMadeAnew(t *testing.T) {
	count := anewEvents(t)
	s := newStage(t, count, 0)
	s.older()
	var r reading
	s.serve(server.ScrubOptions{}, func(x *served) {
		begun, done := time.Now(), make(chan struct{})
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() { r.readUntil(t, x.url, count, done) })
		}
		var seen, figures int
		made := 0.0
		come := func() bool {
			var ready struct {
				Summits map[string]struct {
					Rebuilding bool
					Progress   float64
				}
			}
			x.ask(http.MethodGet, "/readyz", "", "", &ready)
			if g := ready.Summits[staged]; g.Rebuilding && g.Progress >= 0 && g.Progress <= 1 {
				seen++
			}
			if strings.Contains(text(t, x.url+"/metrics"), fmt.Sprintf("summit_rebuilding{summit=%q} 1", staged)) {
				figures++
			}
			made = max(made, ready.Summits[staged].Progress)
			return r.anew.Load() > 0
		}
		for r.anew.Load() == 0 { // very many take long: as long as more and more are made
			before := made
			x.until("more of the views made anew", func() bool { return come() || made > before+0.05 })
		}
		took := time.Since(begun)
		close(done)
		readers.Wait()
		if seen == 0 || figures == 0 || r.old.Load() == 0 {
			t.Errorf("the rebuild was seen %d times in /readyz and %d times in /metrics; %d reads were of the old views", seen, figures, r.old.Load())
		}
		if _, err := os.Stat(s.views() + ".old"); err != nil {
			t.Errorf("the old file is not kept: %v", err)
		}
		x.audit(true)
		t.Logf("%d events: made anew and swapped %.1f s after the start; %d reads of the old views and %d of the new meanwhile, %d failed, the slowest took %.0f ms",
			count, took.Seconds(), r.old.Load(), r.anew.Load(), r.failed.Load(), float64(r.slowest.Load())/1e6)
	})
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.until("the old file to go", func() bool { _, err := os.Stat(s.views() + ".old"); return os.IsNotExist(err) })
		if page := r.read(x.url, count); !shows(page, "note") {
			t.Errorf("after another start: %.300s", page)
		}
	})
}

// shows reports whether an answer has both facts, worded in one way.
func shows(page, word string) bool {
	return strings.Contains(page, fmt.Sprintf(`"%s 2"`, word)) && strings.Contains(page, fmt.Sprintf(`"%s 3"`, word))
}

// readUntil reads without a pause. Once the new views have answered, the old
// ones never do again.
func (r *reading) readUntil(t *testing.T, url string, count int, done chan struct{}) {
	swapped := false
	for {
		select {
		case <-done:
			return
		default:
		}
		page := r.read(url, count)
		switch isOld, isNew := shows(page, "nope"), shows(page, "note"); {
		case isNew && !isOld:
			swapped = true
			r.anew.Add(1)
		case isOld && !isNew && !swapped:
			r.old.Add(1)
		default:
			r.failed.Add(1)
			t.Errorf("a read failed, mixed two versions, or went back (new views seen: %t): %.300s", swapped, page)
			return
		}
	}
}
