package httpserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

// all are the positions of Alaska's facts in the order in which they happened:
// by the middle of the interval or the end that is known, then by position;
// the note and the press conference have no time at all.
var all = []uint64{7, 8, 15, 17, 18, 2, 4, 3, 5, 6, 11, 12, 13, 14, 16, 19, 20, 21, 22, 23, 24, 25, 9, 10, 26}

func TestTheTimelineFindsWhatIsAskedFor(t *testing.T) {
	f := newFixture(t)
	story := f.Alaska()
	var asRecorded, backwards []uint64
	for n := uint64(2); n <= 26; n++ {
		asRecorded = append(asRecorded, n)
		backwards = append(backwards, 28-n)
	}
	without := func(gone ...uint64) []uint64 {
		return slices.DeleteFunc(slices.Clone(all), func(n uint64) bool { return slices.Contains(gone, n) })
	}
	timed := slices.Clone(all[:23])
	slices.Reverse(timed)
	for _, c := range []struct {
		query string
		want  []uint64
	}{
		{"", all},
		{"?order=occurred&dir=asc", all},
		{"?type=aircraft.*", []uint64{2, 4, 3, 6}},
		{"?type=aircraft.landed", []uint64{4, 6}},
		{"?type=note.added,aircraft.tracked", []uint64{3, 10}},
		{"?type=delegate.*,delegation.*", []uint64{11, 12, 13, 14}},
		{"?type=fact.*", nil},
		{"?type=summit.opened", nil},
		{"?entity=aircraft/il-96-300", []uint64{2, 4, 3}},
		{"?entity=topic/territorial-swaps", []uint64{19, 20}},
		{"?entity=topic/nothing", nil},
		{"?actor=Vladimir%20Putin", []uint64{24, 25, 9, 26}},
		{"?actor=white%20HOUSE", []uint64{21}},
		{"?actor=peskov", []uint64{23}},
		{"?actor=sergey-lavrov", []uint64{11}},
		{"?party=ru", []uint64{11, 12, 13}},
		{"?party=us", []uint64{14}},
		{"?place=PAED", []uint64{2, 4, 5, 9}},
		{"?place=anchorage", []uint64{7, 8, 6, 11, 12, 13, 14, 26}},
		{"?place=Vnukovo", []uint64{2}},
		{"?source=RIA%20Novosti", []uint64{11, 12}},
		{"?source=flightradar", []uint64{2, 3}},
		{"?source=Russian%20Telegram%20channels", []uint64{4}},
		{"?source=nobody", nil},
		{"?standing=overdue", []uint64{9}},
		{"?standing=overdue&known=@26", nil},
		{"?standing=unverified", without(9)},
		{"?standing=unverified&known=@26", all},
		{"?standing=retracted", nil},
		{"?min_grade=F6", nil},
		{"?q=runway", []uint64{5}},
		{"?q=RUNWAY", []uint64{5}},
		{"?q=predicted%20outcome", []uint64{22, 23}},
		{"?q=independently", []uint64{4}},
		{"?q=severe+consequences+moscow", []uint64{21}},
		{"?q=%3Cscript%3E", nil},
		{"?from=2025-08-15T00:00:01-08:00", []uint64{9}},
		{"?from=2025-08-15T00:00:01-08:00&to=2025-08-15T10:30:00-08:00", nil},
		{"?from=2025-08-15T10:30:00-08:00&to=2025-08-15T10:30:01-08:00", []uint64{9}},
		{"?to=2025-08-14T18:00:00-08:00", without(4, 9, 10, 26)},
		{"?to=2025-08-14T18:00:01-08:00", without(9, 10, 26)},
		{"?from=2025-08-14T18:00:01-08:00&to=2025-08-15T00:00:00-08:00", without(2, 9, 10, 26)},
		{"?from=2025-08-15T00:00:00-08:00&to=2025-08-15T00:00:01-08:00", without(2, 9, 10, 26)},
		{"?to=1900-01-01T00:00:00Z&type=site.prepared", []uint64{5}},
		{"?order=recorded", asRecorded},
		{"?order=recorded&dir=desc", backwards},
		{"?dir=desc&from=1900-01-01T00:00:00Z", timed},
		{"?limit=3", all[:3]},
		{"?limit=2&order=recorded&dir=desc", []uint64{26, 25}},
		{"?type=position.stated&actor=trump&q=land", []uint64{20}},
		{"?type=meeting.*&place=PAED&standing=overdue&source=reuters", []uint64{9}},
		{"?known=@1", nil},
		{"?known=@3", []uint64{2, 3}},
		{"?known=" + f.At("alaska-2025", 3), []uint64{2, 3}},
		{"?known=2025-08-14T20:00:02Z", []uint64{2, 3}},
		{"?known=2025-08-14T20:00:02.999Z", []uint64{2, 3}},
	} {
		p := f.Timeline("alaska-2025", c.query)
		if !slices.Equal(p.Seqs(), c.want) {
			t.Errorf("%s: %v, want %v", c.query, p.Seqs(), c.want)
		}
		for _, i := range p.Items {
			e := story[i.Seq-1]
			if i.Fact != e.ID || i.Headline != e.Data.Base().Headline || i.Type != e.Type || i.Entity != e.Subject.String() || i.Position != f.At("alaska-2025", int(i.Seq)) {
				t.Errorf("%s: item %d is %+v", c.query, i.Seq, i)
			}
		}
		if (p.Next != nil) != strings.Contains(c.query, "limit") || !p.Complete {
			t.Errorf("%s: next %v, complete %t", c.query, p.Next, p.Complete)
		}
	}
	last := f.Timeline("alaska-2025", "?dir=desc").Seqs()
	if !slices.Equal(last[:23], timed) || len(last) != 25 {
		t.Errorf("backwards: %v, want those with a time first: %v", last, timed)
	}
}

func TestAnItemTellsOnWhoseWord(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	p := f.Timeline("alaska-2025", "?type=aircraft.landed")
	got := p.Items[0]
	if got.Headline != "The Il-96-300 lands at Joint Base Elmendorf-Richardson" || got.Attribution != "Russian Telegram channels, via Reuters and Newsmax" ||
		got.Standing != "unverified" || got.Roots != 1 || got.Revision != 1 || got.Recorded != "2025-08-14T20:00:03Z" || got.Grade != nil || len(got.Amendments) != 0 {
		t.Errorf("item %+v", got)
	}
}

// amended grades, corroborates, disputes, corrects and retracts facts of
// Alaska, by position.
func (f *fixture) amended() {
	f.Helper()
	story := f.Alaska()
	amend := func(typ string, seq int, rest string) {
		e := story[seq-1]
		f.Record("alaska-2025", servertest.Event(typ, e.Subject.String(), fmt.Sprintf(`{"target":%q,%s}`, e.ID, rest)))
	}
	amend("fact.graded", 4, `"grade":{"source":"F","info":3}`)
	amend("fact.graded", 11, `"grade":{"source":"B","info":2}`)
	amend("fact.graded", 12, `"grade":{"source":"A","info":2}`)
	amend("fact.graded", 13, `"grade":{"source":"B","info":6}`)
	amend("fact.corroborated", 4, `"sources":[{"id":"s","name":"Satellite imagery"}]`)
	amend("fact.disputed", 6, `"sources":[{"id":"s","name":"Tower"}]`)
	amend("fact.corrected", 3, `"patch":{"watchers":20000,"headline":null},"class":"corrected","notice":"The count was too low."`)
	amend("fact.retracted", 21, `"reason":"It was not said."`)
	amend("fact.corrected", 8, `"patch":{"level":"high"},"class":"refile","notice":"The level is raised."`)
}

func TestTheTimelineFindsAmendedFactsByWhatTheyAreNow(t *testing.T) {
	f := newFixture(t)
	f.amended()
	for _, c := range []struct {
		query string
		want  []uint64
	}{
		{"?min_grade=B2", []uint64{11, 12}},
		{"?min_grade=A2", []uint64{12}},
		{"?min_grade=E5", []uint64{11, 12}},
		{"?min_grade=F6", []uint64{4, 11, 12, 13}},
		{"?min_grade=A1", nil},
		{"?min_grade=F3", []uint64{4, 11, 12}},
		{"?standing=corroborated", []uint64{4}},
		{"?standing=disputed", []uint64{6}},
		{"?standing=retracted", []uint64{21}},
		{"?standing=overdue", []uint64{9}},
		{"?source=satellite", []uint64{4}},
		{"?type=fact.*", nil},
		{"?standing=corroborated&known=@26", nil},
		{"?standing=corroborated&known=@31", []uint64{4}},
		{"?min_grade=B2&known=@28", []uint64{11}},
	} {
		if got := f.Timeline("alaska-2025", c.query).Seqs(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.query, got, c.want)
		}
	}
	corrected := f.Timeline("alaska-2025", "?standing=corrected")
	if !slices.Contains(corrected.Seqs(), 3) {
		t.Fatalf("corrected %v", corrected.Seqs())
	}
	i := corrected.Items[slices.Index(corrected.Seqs(), 3)]
	if i.Revision != 2 || len(i.Amendments) != 1 || i.Amendments[0].Notice != "The count was too low." || !strings.Contains(string(i.Data), `"watchers":20000`) {
		t.Errorf("item %+v", i)
	}
}

func TestAnAnswerThatStandsIsNotSentAgain(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for _, path := range []string{"/timeline", "/timeline?type=aircraft.*", "/status", "/conflicts", "/changes?since=@3", "/facts/41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c", ""} {
		path = "/v1/summits/alaska-2025" + path
		first := f.Get(path).Want(http.StatusOK)
		tag := first.Header.Get("Etag")
		if first.Header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s: ETag %s, Cache-Control %s", path, tag, first.Header.Get("Cache-Control"))
		}
		for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			if a := f.Get(path, "If-None-Match", header).Want(http.StatusNotModified); a.Body != "" || a.Header.Get("Etag") != tag {
				t.Errorf("%s: 304 with %q, ETag %s", path, a.Body, a.Header.Get("Etag"))
			}
		}
		f.Get(path, "If-None-Match", `"other"`).Want(http.StatusOK)
		f.Record("alaska-2025", servertest.Note("more", "more "+tag))
		if a := f.Get(path, "If-None-Match", tag).Want(http.StatusOK); a.Header.Get("Etag") == tag {
			t.Errorf("%s: the ETag stands after a fact was added", path)
		}
	}
}

func TestTimeAloneMakesAnAnswerAnother(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	f.Record("geneva", servertest.Event("meeting.scheduled", "meeting/m", `{"title":"M","kind":"talks","when":{"best":"2150-01-01T00:00:00Z","phase":"planned"},"sources":[{"id":"s","name":"S"}]}`))
	path := "/v1/summits/geneva/timeline"
	now, pinned := f.Get(path).Want(http.StatusOK), f.Get(path+"?known=@2").Want(http.StatusOK)
	f.Ahead.Store(int64(time.Until(time.Date(2150, 1, 2, 0, 0, 0, 0, time.UTC))))
	later := f.Get(path, "If-None-Match", now.Header.Get("Etag")).Want(http.StatusOK)
	if !strings.Contains(later.Body, `"standing":"overdue"`) || strings.Contains(now.Body, `"standing":"overdue"`) {
		t.Errorf("before %s, after %s", now.Body, later.Body)
	}
	if s := f.status("geneva", ""); s.Meetings[0].Standing != "overdue" {
		t.Errorf("status at present: %+v", s.Meetings)
	}
	if s := f.status("geneva", "?known=@2"); s.Meetings[0].Standing != "unverified" {
		t.Errorf("status as known at 2: %+v", s.Meetings)
	}
	f.Get(path+"?known=@2", "If-None-Match", pinned.Header.Get("Etag")).Want(http.StatusNotModified)
	if again := f.Get(path + "?known=@2"); again.Body != pinned.Body {
		t.Errorf("what was known at 2 was %s and is %s", pinned.Body, again.Body)
	}
}

// An answer as of a position never changes while the views have the same version: it may
// be kept for an hour, and the same request gets the same bytes.
func TestWhatWasKnownAtAPositionNeverChanges(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	was := map[string]servertest.Reply{}
	at := f.At("alaska-2025", 26)
	for _, path := range []string{
		"/timeline?known=" + at, "/timeline?limit=5&known=" + at, "/timeline?known=" + f.At("alaska-2025", 9) + "&type=meeting.*", "/status?known=" + at, "/conflicts?known=" + at,
		"/changes?since=" + f.At("alaska-2025", 3) + "&until=" + at, "/facts/41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c?known=" + at, "?known=" + at, "/timeline.atom?known=" + at, "/timeline.csv?known=" + at,
	} {
		path = "/v1/summits/alaska-2025" + path
		a := f.Get(path).Want(http.StatusOK)
		if got := a.Header.Get("Cache-Control"); got != "public, max-age=3600" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		was[path] = a
	}
	f.Record("alaska-2025", servertest.Retraction("aircraft/il-96-300", "41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c"))
	f.Ahead.Store(int64(100 * 365 * 24 * time.Hour))
	for path, was := range was {
		if a := f.Get(path).Want(http.StatusOK); a.Body != was.Body || a.Header.Get("Etag") != was.Header.Get("Etag") {
			t.Errorf("%s: was %s and is %s", path, was.Body, a.Body)
		}
		f.Get(path, "If-None-Match", was.Header.Get("Etag")).Want(http.StatusNotModified)
	}
}

// A fix of the program must reach every cache, an instant may yet lie before an
// event that is being recorded, and @n has no epoch.
func TestHowLongAnswersAreKept(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	at, three := f.At("alaska-2025", 26), f.At("alaska-2025", 3)
	const revalidated, hour, ever = "no-cache", "public, max-age=3600", "public, max-age=31536000, immutable"
	for path, want := range map[string]string{
		"/timeline": revalidated, "/timeline?known=@26": revalidated, "/timeline?known=2025-08-14T20:00:09Z": revalidated, "/timeline?min=" + at: revalidated, "/timeline?known=" + at: hour,
		"/changes?since=@3": revalidated, "/changes?since=" + three: revalidated, "/changes?since=@3&until=" + at: revalidated,
		"/changes?since=2025-08-14T20:00:09Z&until=" + at: revalidated, "/changes?since=" + three + "&until=" + at: hour,
		"/status?at=2025-08-15T00:00:00Z": revalidated, "/timeline.ndjson": revalidated, "/timeline.ndjson?known=@3": revalidated, "/timeline.ndjson?known=" + three: hour,
		"/log": revalidated, "/log?from=2": revalidated, "/log?from=2&to=26": ever, "/log?to=27": revalidated,
		"/tile/0/000.p/5": ever, "/tile/entries/000.p/5": ever, "/proof/inclusion?seq=3": revalidated, "/proof/inclusion?seq=3&size=5": ever,
		"/proof/consistency?from=3": revalidated, "/proof/consistency?from=3&to=5": ever, "/checkpoint?size=5": revalidated,
	} {
		a := f.Get("/v1/summits/alaska-2025" + path).Want(http.StatusOK)
		if got := a.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
		if want != revalidated && !strings.Contains(a.Header.Get("Vary"), "Authorization") {
			t.Errorf("%s: Vary %q", path, a.Header.Get("Vary"))
		}
		tag := a.Header.Get("Etag")
		if tag == "" {
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			again := f.Do(method, "/v1/summits/alaska-2025"+path, "", "If-None-Match", `"other", W/`+tag).Want(http.StatusNotModified)
			if again.Body != "" || again.Header.Get("Etag") != tag || again.Header.Get("Cache-Control") != want || again.Header.Get("Vary") != a.Header.Get("Vary") {
				t.Errorf("%s %s: 304 with %v", method, path, again.Header)
			}
		}
	}
	for _, path := range []string{"/summits/alaska-2025", "/summits/alaska-2025?known=" + at, "/", "/assets/page.css"} {
		a := f.Get(path)
		if a.Status == http.StatusNotFound {
			continue
		}
		if a.Header.Get("Cache-Control") != "no-cache" || a.Header.Get("Etag") == "" {
			t.Errorf("%s: %v", path, a.Header)
		}
		f.Get(path, "If-None-Match", a.Header.Get("Etag")).Want(http.StatusNotModified)
	}
}

// An answer that says it is not complete may be complete later.
func TestAnAnswerThatIsNotCompleteIsNotKept(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	f.garble("geneva", 2)
	for path, want := range map[string]string{"@1": "no-cache", f.At("geneva", 1): "public, max-age=3600", f.At("geneva", 2): "no-cache"} {
		if got := f.Get("/v1/summits/geneva/timeline?known=" + path).Want(http.StatusOK).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestPagesOfAMovingStoryNeitherSkipNorRepeat(t *testing.T) {
	f := newFixture(t)
	story := f.Alaska()
	moves := 0
	for _, query := range []struct{ limit, rest string }{
		{"7", ""},
		{"7", "&dir=desc"},
		{"9", "&dir=desc"},
		{"4", "&order=recorded"},
		{"9", "&order=recorded&dir=desc"},
		{"1", "&type=site.*"},
		{"2", "&entity=aircraft/il-96-300"},
		{"8", "&from=2025-08-14T18:00:01-08:00"},
		{"5", "&known=@20"},
	} {
		whole := f.Timeline("alaska-2025", "?limit=500"+query.rest)
		var got []uint64
		next := ""
		for i := 0; ; i++ {
			p := f.Timeline("alaska-2025", "?limit="+query.limit+query.rest+next)
			got = append(got, p.Seqs()...)
			if p.Known != whole.Known {
				t.Fatalf("%v: page %d is as known at %s, the first at %s", query, i, p.Known, whole.Known)
			}
			if p.Next == nil {
				break
			}
			next = "&cursor=" + *p.Next
			f.Record("alaska-2025", servertest.Event("site.prepared", "site/more", fmt.Sprintf(`{"name":"More","aspect":"security","when":{"best":%q},"sources":[{"id":"s","name":"S"}]}`,
				time.Date(2025, 8, 10+i, 12, 0, 0, 0, time.UTC).Format(time.RFC3339))))
			if moves++; moves < len(story) {
				f.Record("alaska-2025", servertest.Retraction(story[moves].Subject.String(), story[moves].ID))
			}
		}
		if !slices.Equal(got, whole.Seqs()) {
			t.Errorf("%v: %v in pages, %v at once", query, got, whole.Seqs())
		}
	}
}

func TestBeforeTheFirstEventNothingIsKnown(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	zero := f.At("alaska-2025", 0)
	for _, known := range []string{"2000-01-01T00:00:00Z", "@0", zero} {
		p := f.Timeline("alaska-2025", "?known="+known)
		if len(p.Items) != 0 || p.Position != zero || p.Known != zero || p.Next != nil || !p.Complete {
			t.Errorf("known=%s: %+v", known, p)
		}
		for _, path := range []string{"/status", "/conflicts", ""} {
			a := f.Get("/v1/summits/alaska-2025" + path + "?known=" + known).Want(http.StatusOK)
			if !strings.Contains(a.Body, `"position":"`+zero+`"`) || strings.Contains(a.Body, "Alaska summit") {
				t.Errorf("%s known=%s: %s", path, known, a.Body)
			}
		}
		f.Get("/v1/summits/alaska-2025/changes?since=@0&until=" + known).Want(http.StatusOK)
		f.Get("/summits/alaska-2025?known=" + known).Want(http.StatusOK)
	}
}

func TestAPositionThatIsNotServedIsWaitedFor(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	path := "/v1/summits/geneva/timeline?min=" + f.At("geneva", 2)
	over, cancel := context.WithDeadline(context.Background(), servertest.RecordedFrom) // there is no time left to wait
	defer cancel()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, http.NoBody)
	f.Handler.ServeHTTP(w, r.WithContext(over))
	f.ReplyOf(path, w).Problem(http.StatusServiceUnavailable)
	waiting := make(chan servertest.Reply)
	go func() {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, http.NoBody)
		f.Handler.ServeHTTP(w, r)
		waiting <- f.ReplyOf(path, w)
	}()
	f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note("a", "a")).Want(http.StatusCreated)
	if a := <-waiting; a.Status != http.StatusOK || a.Header.Get("Summit-Position") != f.At("geneva", 2) || !strings.Contains(a.Body, "note.added") {
		t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
	}
}
