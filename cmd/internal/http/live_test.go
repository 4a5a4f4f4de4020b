package httpserver_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// stream is a raw reader of Server-Sent Events.
type stream struct {
	f     *fixture
	res   *http.Response
	lines *bufio.Reader
	hang  func()
}

// sse is one frame as it came.
type sse struct {
	id, event string
	data      string
}

// follow opens a live stream; header has names and values by turns.
func (f *fixture) follow(summit, query string, header ...string) *stream {
	f.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // a frame that never comes fails the test
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/v1/summits/"+summit+"/live"+query, http.NoBody)
	f.Must(err)
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	res, err := f.Client.Do(r) //nolint:bodyclose // close does
	f.Must(err)
	s := &stream{f, res, bufio.NewReader(res.Body), cancel}
	f.Cleanup(s.close)
	if res.StatusCode != http.StatusOK {
		return s
	}
	if res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store, no-transform" {
		f.Errorf("%s: header %v", query, res.Header)
	}
	return s
}

func (s *stream) close() {
	s.hang()
	_ = s.res.Body.Close() // it was cut on purpose
}

// next reads the next frame that is not a tick; false at the end of the stream.
func (s *stream) next() (sse, bool) {
	s.f.Helper()
	var x sse
	for {
		line, err := s.lines.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return sse{}, false
		}
		s.f.Must(err)
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			x.id = value
		case "event":
			x.event = value
		case "data":
			x.data += value
		case "":
			if x.event != "" && x.event != "tick" { // which comes when it will
				return x, true
			}
			x = sse{}
		case "retry":
		default:
			s.f.Fatalf("line %q", line)
		}
	}
}

// until reads frames up to the first of an event, which is the last of them.
func (s *stream) until(event string) []sse {
	s.f.Helper()
	var list []sse
	for {
		x, more := s.next()
		if !more {
			s.f.Fatalf("the stream ended before %s: %v", event, list)
		}
		if list = append(list, x); x.event == event {
			return list
		}
	}
}

func (s *stream) ended() {
	s.f.Helper()
	if x, more := s.next(); more {
		s.f.Errorf("the stream goes on with %v", x)
	}
}

// seqs are the positions of frames, without those that have none.
func (f *fixture) seqs(list []sse) []uint64 {
	f.Helper()
	seqs := []uint64{}
	for _, x := range list {
		if x.id == "" {
			continue
		}
		p, err := events.ParsePosition(x.id)
		f.Must(err)
		seqs = append(seqs, p.Seq)
	}
	return seqs
}

func upTo(from, to uint64) []uint64 {
	list := []uint64{}
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

func TestAFactIsToldAsItStands(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	s := f.follow("geneva", "")
	if got := s.until("caught-up"); len(got) != 1 || got[0] != (sse{event: "caught-up", data: `{"position":"` + f.At("geneva", 1) + `"}`}) {
		t.Errorf("at first %v", got)
	}
	told := func(want api.Recorded) servertest.Item {
		t.Helper()
		x, _ := s.next()
		var i servertest.Item
		f.Must(json.Unmarshal([]byte(x.data), &i))
		if x.event != "fact" || x.id != want.Position {
			t.Errorf("frame %+v, want %s", x, want.Position)
		}
		var whole servertest.Page // it is announced after every view can be queried for it
		f.Get("/v1/summits/geneva/timeline?known=" + x.id).Want(http.StatusOK).Into(&whole)
		if at := whole.Items[slices.IndexFunc(whole.Items, func(o servertest.Item) bool { return o.Fact == i.Fact })]; fmt.Sprintf("%+v", at) != fmt.Sprintf("%+v", i) {
			t.Errorf("frame has %+v, the timeline %+v", i, at)
		}
		return i
	}
	fact := f.Record("geneva", servertest.Note("a", "one"))
	if i := told(fact); i.Headline != "one" || i.Fact != fact.ID {
		t.Errorf("fact %+v", i)
	}
	other := f.Record("geneva", servertest.Note("b", "other"))
	told(other)
	correction := f.Record("geneva", servertest.Event("fact.corrected", "note/a", fmt.Sprintf(`{"target":%q,"patch":{"text":"two"},"class":"corrected","notice":"It is two."}`, fact.ID)))
	if i := told(correction); i.Fact != fact.ID || i.Headline != "two" || i.Standing != "corrected" || len(i.Amendments) != 1 || i.Amendments[0].ID != correction.ID {
		t.Errorf("corrected %+v", i)
	}
	back := f.Record("geneva", servertest.Retraction("note/a", correction.ID))
	if i := told(back); i.Fact != fact.ID || i.Headline != "one" {
		t.Errorf("restored %+v", i)
	}
	f.Must(f.NATS.Publish("facts.geneva.note.x", []byte(`nonsense`)))
	if x, _ := s.next(); x.event != "quarantined" || x.id != f.At("geneva", 6) || !strings.HasPrefix(x.data, `{"seq":6,"reason":"`) {
		t.Errorf("what cannot be read: %+v", x)
	}
}

func TestAStreamIsResumed(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	at := func(seq int) string { return f.At("alaska-2025", seq) }
	for _, c := range []struct {
		query  string
		header []string
		first  uint64
	}{
		{"", []string{"Last-Event-ID", at(3)}, 4},
		{"?last_event_id=" + at(20), nil, 21},
		{"?last_event_id=" + at(20), []string{"Last-Event-ID", at(24)}, 25},
		{"?last_event_id=x", []string{"Last-Event-ID", at(24)}, 25},
		{"?since=@9&last_event_id=" + at(20), nil, 21},
		{"?since=@9", nil, 10},
		{"?since=" + at(9), nil, 10},
		{"?since=2025-08-14T20:00:08Z", nil, 10},
		{"?since=2000-01-01T00:00:00Z", nil, 1},
		{"?last_event_id=" + at(0), nil, 1},
		{"?last_event_id=" + at(26), nil, 27},
		{"", nil, 27},
	} {
		got := f.follow("alaska-2025", c.query, c.header...).until("caught-up")
		if !slices.Equal(f.seqs(got), upTo(c.first, 26)) {
			t.Errorf("%s %v: %v, want from %d", c.query, c.header, f.seqs(got), c.first)
		}
		for _, x := range got[:len(got)-1] {
			want := "fact"
			if x.id == at(1) {
				want = "summit"
			}
			if x.event != want || !strings.Contains(x.data, x.id) {
				t.Errorf("%s: %+v", c.query, x)
			}
		}
		if last := got[len(got)-1]; last.data != `{"position":"`+at(26)+`"}` {
			t.Errorf("%s: %+v", c.query, last)
		}
	}
	for _, bad := range []string{"x", "26", at(1) + "x", "00000000-", "0000000-1", "00000000--1", "%00"} {
		f.Get("/v1/summits/alaska-2025/live?last_event_id=" + bad).Problem(http.StatusBadRequest)
		if p := f.Get("/v1/summits/alaska-2025/live", "Last-Event-ID", bad).Problem(http.StatusBadRequest); p.Pointers() != "last_event_id" {
			t.Errorf("%s: names %s", bad, p.Pointers())
		}
	}
}

func TestAGapIsTold(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	at := func(seq int) string { return f.At("alaska-2025", seq) }
	for _, c := range []struct {
		asked, serving string
		first          uint64
	}{{"00000000-5", at(0), 1}, {"00000000-500", at(0), 1}, {at(27), at(26), 27}} {
		got := f.follow("alaska-2025", "?last_event_id="+c.asked).until("caught-up")
		var gap struct {
			Asked       string
			ServingFrom string `json:"serving_from"`
			Reason      string
		}
		f.Must(json.Unmarshal([]byte(got[0].data), &gap))
		if got[0].event != "gap" || got[0].id != "" || gap.Asked != c.asked || gap.ServingFrom != c.serving || gap.Reason == "" {
			t.Errorf("%s: %+v", c.asked, got[0])
		}
		if !slices.Equal(f.seqs(got), upTo(c.first, 26)) {
			t.Errorf("%s: %v", c.asked, f.seqs(got))
		}
	}
}

func TestNothingIsLostOrSentTwiceAcrossReconnects(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const facts = 120
	wrote := make(chan error, 1)
	s, _ := f.Registry.Summit("geneva")
	go func() {
		for i := range facts {
			e, err := events.Submit([]byte(servertest.Note(fmt.Sprint("n", i), "n")), "geneva")
			if err == nil {
				_, err = s.Record(context.Background(), []events.Event{e}, nil)
			}
			if err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}()
	var got []uint64
	last := f.At("geneva", 0)
	for reads := 1; len(got) < facts+1; reads = reads%17 + 3 {
		live := f.follow("geneva", "", "Last-Event-ID", last)
		for range reads {
			x, more := live.next()
			if !more {
				t.Fatalf("the stream ended after %v", got)
			}
			if x.id == "" {
				continue
			}
			last = x.id
			if got = append(got, f.seqs([]sse{x})...); len(got) == facts+1 {
				break
			}
		}
		live.close()
	}
	f.Must(<-wrote)
	if !slices.Equal(got, upTo(1, facts+1)) {
		t.Errorf("positions %v", got)
	}
}

func TestAClosedSummitEndsTheStream(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	live := f.follow("geneva", "")
	live.until("caught-up")
	fact := f.Record("geneva", servertest.Note("a", "a"))
	closed := f.Record("geneva", servertest.Event("summit.closed", "summit/geneva", `{"reason":"It is over."}`))
	got := live.until("summit")
	if x := got[len(got)-1]; x.id != closed.Position || !strings.Contains(x.data, `"phase":"closed"`) || !strings.Contains(x.data, `"title":"Summit geneva"`) {
		t.Errorf("closed: %+v", x)
	}
	live.ended()
	for _, query := range []string{"?last_event_id=" + closed.Position, "?since=" + closed.Position} {
		if a := f.Get("/v1/summits/geneva/live" + query).Want(http.StatusNoContent); a.Body != "" {
			t.Errorf("%s: %s", query, a.Body)
		}
	}
	f.Get("/v1/summits/geneva/live", "Last-Event-ID", closed.Position).Want(http.StatusNoContent)
	rest := f.follow("geneva", "?last_event_id="+f.At("geneva", 1))
	if got := rest.until("caught-up"); !slices.Equal(f.seqs(got), []uint64{2, 3}) {
		t.Errorf("the rest %v", got)
	}
	rest.ended()
	amendment := f.Record("geneva", servertest.Retraction("note/a", fact.ID))
	late := f.follow("geneva", "?last_event_id="+closed.Position)
	if got := late.until("caught-up"); !slices.Equal(f.seqs(got), []uint64{amendment.Seq}) {
		t.Errorf("an amendment after closing: %v", got)
	}
	late.ended()
}

func TestAStreamIsFiltered(t *testing.T) {
	f := newFixture(t)
	story := f.Alaska()
	f.Record("alaska-2025", servertest.Retraction("aircraft/il-96-300", story[3].ID))
	for query, want := range map[string][]uint64{
		"?types=aircraft.*": {2, 3, 4, 6, 27}, "?types=aircraft.landed": {4, 6, 27}, "?types=note.added,site.prepared": {5, 7, 8, 10},
		"?entity=aircraft/il-96-300": {2, 3, 4, 27}, "?entity=aircraft/il-96-300&types=aircraft.tracked": {3}, "?entity=note/nothing": {},
	} {
		live := f.follow("alaska-2025", query+"&last_event_id="+f.At("alaska-2025", 1))
		got := live.until("caught-up")
		if !slices.Equal(f.seqs(got), want) {
			t.Errorf("%s: %v, want %v", query, f.seqs(got), want)
		}
		if data := got[len(got)-1].data; data != `{"position":"`+f.Head("alaska-2025").String()+`"}` {
			t.Errorf("%s: caught up at %s", query, data)
		}
	}
	live := f.follow("alaska-2025", "?types=aircraft.*")
	live.until("caught-up")
	f.Record("alaska-2025", servertest.Note("x", "is filtered out"))
	landing := f.Record("alaska-2025", servertest.Event("aircraft.landed", "aircraft/x", `{"place":{"name":"Somewhere"},`+word+`}`))
	if x, _ := live.next(); x.id != landing.Position {
		t.Errorf("frame %+v, want %s", x, landing.Position)
	}
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	first, second := f.follow("geneva", ""), f.follow("geneva", "?since=@0")
	first.until("caught-up")
	second.until("caught-up")
	if figures := f.Get("/metrics").Body; !strings.Contains(figures, `summit_live_clients{summit="geneva"} 2`) {
		t.Errorf("metrics: %s", figures)
	}
	f.Stop()
	first.ended()
	second.ended()
}

func TestFurtherBackThanIsKeptIsReadFromTheViews(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	first := f.follow("geneva", "") // from now on frames are kept
	first.until("caught-up")
	first.close()
	s, _ := f.Registry.Summit("geneva")
	const facts = 4396
	for from := 0; from < facts; from += store.MaxBatch {
		var list []events.Event
		for i := range min(store.MaxBatch, facts-from) {
			e, err := events.Submit([]byte(servertest.Note(fmt.Sprint("n", from+i), "n")), "geneva")
			f.Must(err)
			list = append(list, e)
		}
		_, err := s.Record(t.Context(), list, nil)
		f.Must(err)
	}
	f.Must(s.Views.Wait(t.Context(), facts+1))
	for _, from := range []int{1, 0, 200, facts - 5} {
		got := f.seqs(f.follow("geneva", "?last_event_id="+f.At("geneva", from)).until("caught-up"))
		if !slices.Equal(got, upTo(uint64(from)+1, facts+1)) {
			t.Errorf("after %d: %d frames, the first %v", from, len(got), got[:min(3, len(got))])
		}
	}
}
