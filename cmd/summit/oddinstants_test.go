package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/ingest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

// oddWalk hands in every odd instant at every member of every type that holds
// one, and remembers what must be in the log.
type oddWalk struct {
	*testing.T
	p      *process
	summit string

	mu   sync.Mutex
	want map[string]string // id → what its line of the log holds
}

// newOddWalk opens a summit.
func newOddWalk(t *testing.T, p *process, summit string) *oddWalk {
	t.Helper()
	if status, a := p.post(t, "/v1/summits", events.ContentType, opened(summit)); status != http.StatusCreated {
		t.Fatalf("%d %v", status, a)
	}
	return &oddWalk{T: t, p: p, summit: summit, want: map[string]string{}}
}

// oddEvent is an event with an odd instant, and what must be recorded before it.
type oddEvent struct {
	id, subject string
	raw, target string // target is "" where it amends nothing
}

func (w *oddWalk) event(m eventstest.Member, odd eventstest.OddInstant) oddEvent {
	e := oddEvent{id: uuid.NewString()}
	settled := eventstest.Settled{Summit: w.summit, ID: e.id}
	if strings.HasPrefix(m.Type, "fact.") {
		settled.Target = uuid.NewString()
		e.target = strings.Replace(noteEvent("odd", "a fact"), "{", fmt.Sprintf(`{"id":%q,`, settled.Target), 1)
	}
	e.raw = string(m.Event(settled, odd.Text))
	var said struct{ Subject string }
	if err := json.Unmarshal([]byte(e.raw), &said); err != nil {
		w.Fatal(err)
	}
	e.subject = said.Subject
	return e
}

// taken notes that an event was acknowledged.
func (w *oddWalk) taken(e oddEvent, m eventstest.Member, odd eventstest.OddInstant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, _ := json.Marshal(odd.Text) //nolint:errchkjson // a string
	if m.Pointer == "/recordedtime" { // it is the server's
		text = nil
	}
	w.want[e.id] = string(text)
}

// oddInstants are those that are taken, or those that are not.
func oddInstants(taken bool) (list []eventstest.OddInstant) {
	for _, odd := range eventstest.OddInstants() {
		if odd.Taken() == taken {
			list = append(list, odd)
		}
	}
	return list
}

// served holds that all that was acknowledged is in the log as it was given, and
// that the views have read all of it.
func (w *oddWalk) served(least int) {
	w.Helper()
	if len(w.want) < least {
		w.Errorf("only %d events were taken, want %d", len(w.want), least)
	}
	lines := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(w.p.text(w.T, "/v1/summits/"+w.summit+"/log")), "\n") {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			w.Fatal(err)
		}
		lines[e.ID] = line
	}
	for id, text := range w.want {
		if line, there := lines[id]; !there || !strings.Contains(line, text) {
			w.Errorf("%s with %s is in the log as %q", id, text, line)
		}
	}
	at := fmt.Sprintf("%s-%d", w.p.epoch(w.T, w.summit), len(lines))
	for _, path := range []string{"?min=" + at, "/timeline?limit=500&min=" + at, "/status?min=" + at, "/changes?since=@1&min=" + at} {
		var a struct{ Complete bool }
		if status := w.p.get(w.T, "/v1/summits/"+w.summit+path, &a); status != http.StatusOK || !a.Complete {
			w.Errorf("%s: %d, complete: %t", path, status, a.Complete)
		}
	}
}

// Every odd instant at every member of every type is taken over NATS and served
// as it was given, or refused with its place, and stops nothing.
func TestOddInstantsOverNATS(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	p := start(t, dir)
	w, nc := newOddWalk(t, p, "odd"), p.recorder(t, dir)
	subject := func(entity string) string { return "record.odd." + strings.ReplaceAll(entity, "/", ".") }
	var all sync.WaitGroup
	slots := make(chan struct{}, 128)
	each := func(m eventstest.Member, odd eventstest.OddInstant, do func(e oddEvent)) {
		e := w.event(m, odd)
		slots <- struct{}{}
		all.Go(func() { defer func() { <-slots }(); do(e) })
	}
	for _, m := range eventstest.TimeMembers() {
		for _, odd := range oddInstants(false) {
			each(m, odd, func(e oddEvent) {
				if a := publish(t, nc, subject(e.subject), e.raw); a.Error == nil || a.Error.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Error.Description, m.Pointer) {
					t.Errorf("%s: %q (%s): %+v %+v, want a fault there", m, odd.Text, odd.Name, a, a.Error)
				}
			})
		}
		if strings.HasPrefix(m.Type, "summit.") {
			continue // an opening is no event of an open summit, and a closing is the last
		}
		for _, odd := range oddInstants(true) {
			each(m, odd, func(e oddEvent) {
				for _, raw := range []string{e.target, e.raw} {
					if raw == "" {
						continue
					}
					to := subject(e.subject)
					if raw == e.target {
						to = subject("note/odd")
					}
					if a := publish(t, nc, to, raw); a.Error != nil {
						t.Errorf("%s: %q (%s): %+v", m, odd.Text, odd.Name, a.Error)
						return
					}
				}
				w.taken(e, m, odd)
			})
		}
	}
	all.Wait()
	closing := eventstest.TimeMember(events.TypeSummitClosed, "/time")
	odd := oddInstants(true)[0]
	last := w.event(closing, odd)
	if a := publish(t, nc, subject(last.subject), last.raw); a.Error != nil {
		t.Errorf("%+v", a.Error)
	}
	w.taken(last, closing, odd)
	w.served(len(oddInstants(true)) * len(events.Types()))
}

// Every odd instant at every member of every type is imported and served as it
// was given; a line with one that is refused is named with its place, and the
// lines before it are taken.
func TestOddInstantsInAnImport(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "data"))
	w := newOddWalk(t, p, "odd")
	const parts = 4 // each imports many files, one after the other
	for i, members := range slices.Collect(slices.Chunk(eventstest.TimeMembers(), len(eventstest.TimeMembers())/parts+1)) {
		t.Run(fmt.Sprintf("part %d", i+1), func(t *testing.T) {
			t.Parallel()
			in := newOddImport(t, w)
			for _, m := range members {
				in.member(m)
			}
		})
	}
	t.Cleanup(func() { w.served(len(oddInstants(true)) * (len(events.Types()) - 2)) }) // all parts have ended
}

// oddImport imports events by a file of its own.
type oddImport struct {
	*testing.T
	w    *oddWalk
	file *os.File
}

func newOddImport(t *testing.T, w *oddWalk) *oddImport {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return &oddImport{t, w, file}
}

func (in *oddImport) imported(text string) (code int, said string) {
	in.Helper()
	_, err := in.file.WriteAt([]byte(text), 0) // a file system waits for the disk where a file is emptied first
	if err := errors.Join(err, in.file.Truncate(int64(len(text)))); err != nil {
		in.Fatal(err)
	}
	var out, errs bytes.Buffer
	code = run([]string{"import", in.w.summit, in.file.Name(), "--server", in.w.p.url}, cli.Streams{Out: &out, Err: &errs})
	return code, out.String() + errs.String()
}

// member imports every odd instant at a member.
func (in *oddImport) member(m eventstest.Member) {
	in.Helper()
	lines := 0
	var text strings.Builder
	for _, odd := range oddInstants(true) {
		if strings.HasPrefix(m.Type, "summit.") {
			continue
		}
		e := in.w.event(m, odd)
		for _, raw := range []string{e.target, e.raw} {
			if raw != "" {
				text.WriteString(raw + "\n")
				lines++
			}
		}
		in.w.taken(e, m, odd)
	}
	refused := oddInstants(false)
	whole := text.String() + in.w.event(m, refused[0]).raw + "\n"
	if code, said := in.imported(whole); code != cli.Bad || !strings.Contains(said, fmt.Sprintf("line %d", lines+1)) || !strings.Contains(said, m.Pointer) ||
		!strings.Contains(said, fmt.Sprintf("%d recorded", lines)) {
		in.Errorf("%s: exit %d: %s", m, code, said)
	}
	for _, odd := range refused[1:] {
		if code, said := in.imported(in.w.event(m, odd).raw + "\n"); code != cli.Bad || !strings.Contains(said, "line 1") || !strings.Contains(said, m.Pointer) {
			in.Errorf("%s: %q (%s): exit %d: %s", m, odd.Text, odd.Name, code, said)
		}
	}
}

// An item of a feed whose date is odd is recorded all the same: with the instant
// that its date names, or without one and with the reason.
func TestOddInstantsInAFeed(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "data"))
	list := eventstest.OddInstants()
	for name, feed := range map[string]func(int, string) string{
		"RSS": func(i int, date string) string {
			return fmt.Sprintf(`<item><guid>%d</guid><title>Item %d</title><pubDate>%s</pubDate></item>`, i, i, html.EscapeString(date))
		},
		"Atom": func(i int, date string) string {
			return fmt.Sprintf(`<entry><id>urn:x:%d</id><title>Item %d</title><published>%s</published><updated>%[3]s</updated></entry>`, i, i, html.EscapeString(date))
		},
		"JSON": func(i int, date string) string {
			b, _ := json.Marshal(map[string]any{"id": fmt.Sprint(i), "title": fmt.Sprint("Item ", i), "content_text": fmt.Sprint("Item ", i), "date_published": date, "date_modified": date}) //nolint:errchkjson // strings
			return string(b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			summit := "odd-" + strings.ToLower(name)
			newOddWalk(t, p, summit)
			items := make([]string, len(list))
			for i, odd := range list {
				items[i] = feed(i, odd.Text)
			}
			told := readFeed(t, p, summit, feedOf(name, items))
			if told.Items != len(list) || told.Created != len(list) || len(told.Refused) != 0 {
				t.Fatalf("%+v, want %d items recorded", told, len(list))
			}
			for i, item := range feedItems(t, p, summit, len(list)) {
				itemAsDated(t, i, list[i], item)
			}
		})
	}
}

func feedOf(name string, items []string) string {
	switch name {
	case "RSS":
		return `<rss version="2.0"><channel><title>W</title>` + strings.Join(items, "\n") + `</channel></rss>`
	case "Atom":
		return `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:w</id><title>W</title>` + strings.Join(items, "\n") + `</feed>`
	}
	return `{"version":"https://jsonfeed.org/version/1.1","title":"W","items":[` + strings.Join(items, ",") + `]}`
}

// readFeed ingests a feed, as it is served.
func readFeed(t *testing.T, p *process, summit, text string) (told ingest.Report) {
	t.Helper()
	wire := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte(text)) }))
	t.Cleanup(wire.Close)
	var out, errs bytes.Buffer
	if code := run([]string{"ingest", "feed", summit, wire.URL, "--json", "--server", p.url}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good {
		t.Fatalf("exit %d: %s%s", code, &out, &errs)
	}
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	return told
}

type feedItem struct {
	Time string
	Data struct{ Text, Note string }
}

// feedItems returns the items of a feed in its order, with views that are complete.
func feedItems(t *testing.T, p *process, summit string, n int) []feedItem {
	t.Helper()
	var a struct {
		Complete bool
		Items    []feedItem
	}
	if status := p.get(t, "/v1/summits/"+summit+"/timeline?limit=500", &a); status != http.StatusOK || !a.Complete || len(a.Items) != n {
		t.Fatalf("%d, complete %t, %d items", status, a.Complete, len(a.Items))
	}
	list := make([]feedItem, n)
	for _, item := range a.Items {
		var i int
		said, _, _ := strings.Cut(item.Data.Text, "\n")
		if _, err := fmt.Sscanf(said, "Item %d", &i); err != nil {
			t.Fatalf("%q: %v", item.Data.Text, err)
		}
		list[i] = item
	}
	return list
}

func itemAsDated(t *testing.T, i int, odd eventstest.OddInstant, item feedItem) {
	t.Helper()
	if item.Time == "" {
		if odd.Taken() || strings.TrimSpace(odd.Text) != "" && item.Data.Note == "" {
			t.Errorf("item %d, %q (%s): it has no time: %+v", i, odd.Text, odd.Name, item)
		}
		return
	}
	at, err := events.ParseInstant(item.Time)
	if err != nil {
		t.Errorf("item %d, %q (%s): %v", i, odd.Text, odd.Name, err)
	}
	if want, err := time.Parse(time.RFC3339Nano, odd.Instant); odd.Taken() && (err != nil || !at.Equal(want)) {
		t.Errorf("item %d, %q (%s): it is dated %s, want %s", i, odd.Text, odd.Name, item.Time, odd.Instant)
	}
}
