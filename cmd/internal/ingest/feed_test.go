package ingest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

func read(t *testing.T, from, identity string) (Reading, error) {
	t.Helper()
	return Feed.Read(t.Context(), Fetcher{Agent: "test", Patience: 10 * time.Second}, Request{From: from, Identity: identity})
}

func mustRead(t *testing.T, from string) Reading {
	t.Helper()
	r, err := read(t, from, "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// written is a fact as an event of a summit takes it, or the reason why not.
func written(t *testing.T, f Fact) string {
	t.Helper()
	data, err := events.EncodeData(f.Data)
	if err != nil {
		t.Fatal(err)
	}
	raw := fmt.Sprintf(`{"source":"/desks/test","type":%q,"subject":%q,"data":%s}`, f.Type, f.Subject, data)
	if _, err := events.Submit([]byte(raw), "geneva"); err != nil {
		t.Errorf("%s is refused: %v", f.Key, err)
	}
	return string(data)
}

func TestAnItemOfRSSIsANote(t *testing.T) {
	r := mustRead(t, "testdata/desk.rss")
	if r.Name != "The Harbour Desk" || r.Identity != "https://desk.example/news.rss" || len(r.Facts) != 4 {
		t.Fatalf("%s, %s: %d facts", r.Name, r.Identity, len(r.Facts))
	}
	moved := r.Facts[3] // the newest is last
	want := `{"headline":"Talks & dinner moved to the harbour","note":"By Ada Finch.","sources":[{"id":"feed","name":"The Harbour Desk","kind":"outlet","role":"originator",` +
		`"url":"https://desk.example/2026/11/talks-moved","published":"2026-11-25T18:30:00-09:00"}],"text":"The second round is moved to the harbour.\nDinner at eight\nNo press"}`
	if got := written(t, moved); got != want {
		t.Errorf("data\n%s\nwant\n%s", got, want)
	}
	if s := moved.Subject.String(); !strings.HasPrefix(s, "note/talks-moved-") || moved.Time.String() != "2026-11-25T18:30:00-09:00" {
		t.Errorf("subject %s, time %s", s, moved.Time)
	}
	lands := r.Facts[2]
	want = `"sources":[{"id":"origin","name":"The Wire","kind":"outlet","role":"originator","url":"https://wire.example/rss"},` +
		`{"id":"feed","name":"The Harbour Desk","kind":"outlet","role":"relay","via":["origin"],"published":"2026-11-25T09:05:00-05:00"}]`
	if got := written(t, lands); !strings.Contains(got, want) {
		t.Errorf("data\n%s\nwants\n%s", got, want)
	}
}

func TestNoTimeIsMadeUp(t *testing.T) {
	r := mustRead(t, "testdata/desk.rss")
	for _, f := range r.Facts[:2] {
		if !f.Time.IsZero() || !strings.Contains(written(t, f), "has an unclear time zone") || strings.Contains(written(t, f), `"published"`) {
			t.Errorf("%s: time %s, %s", f.Key, f.Time, written(t, f))
		}
	}
	for given, want := range map[string]string{
		"Wed, 25 Nov 2026 09:05:00 GMT": "2026-11-25T09:05:00Z", "25 Nov 26 09:05 PDT": "2026-11-25T09:05:00-07:00",
		"2026-11-25T09:05:00Z": "2026-11-25T09:05:00Z", "Wed,  25 Nov 2026 09:05:00 +0530": "2026-11-25T09:05:00+05:30",
		"2026-11-25T09:05:00": "", "2026-11-25": "", "yesterday": "", "Wed, 25 Nov 0026 09:05:00 GMT": "", "": "",
	} {
		if got, _ := date(given); got.String() != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
}

func TestWhatIsNoFactIsNamed(t *testing.T) {
	var got []string
	for _, s := range mustRead(t, "testdata/desk.rss").Skipped {
		got = append(got, s.Key+": "+s.Reason)
	}
	want := []string{"item 5: has neither a guid nor a link", "empty: is empty", "zone: stands in the feed again"}
	for i, w := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], w) {
			t.Fatalf("left out %q, want %s", got, want)
		}
	}
}

func TestAtomAndJSONFeedAreRead(t *testing.T) {
	r := mustRead(t, "testdata/planet.atom")
	f := r.Facts[0]
	want := `{"headline":"Who sits where","note":"By Grace Wren.","sources":[{"id":"origin","name":"A blog of protocol","kind":"outlet","role":"originator","url":"https://blog.example/"},` +
		`{"id":"feed","name":"Planet Summit","kind":"outlet","role":"relay","via":["origin"],"url":"https://blog.example/seats","published":"2026-11-25T11:59:58.5+05:30"}],"text":"A plan of the table."}`
	if got := written(t, f); got != want || f.Changed.String() != "2026-11-25T12:30:00+05:30" {
		t.Errorf("data\n%s\nwant\n%s\nchanged %s", got, want, f.Changed)
	}
	r = mustRead(t, "testdata/notes.json")
	if got := written(t, r.Facts[0]); r.Identity != "https://press.example/feed.json" || !strings.Contains(got, `"text":"Doors open at seven."`) {
		t.Errorf("%s: %s", r.Identity, got)
	}
}

// The ids are part of what is promised: another reading, years later, by
// another version, must make the same.
func TestIDsAreOfTheFeedAndTheItem(t *testing.T) {
	for key, want := range map[string]string{
		"https://desk.example/2026/11/talks-moved": "dce1568d-dd4e-55bb-96e5-5f52160e2fb7", "tag:desk.example,2026:lands": "f69bf71d-191a-5eb5-9886-1d0f2e26ea62",
	} {
		if got := identify("https://desk.example/news.rss", key).String(); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	r, err := read(t, "testdata/desk.rss", "https://elsewhere.example/")
	if err != nil || r.Identity != "https://elsewhere.example/" || r.Facts[3].Subject == mustRead(t, "testdata/desk.rss").Facts[3].Subject {
		t.Errorf("%+v: %v", r.Facts[3].Subject, err)
	}
}

func TestALongTextIsCutWithAMark(t *testing.T) {
	long := strings.Repeat("wörter ", 1000)
	path := filepath.Join(t.TempDir(), "long.rss")
	feed := `<rss version="2.0"><channel><title>` + long + `</title><link>https://long.example/</link><item><guid>` + strings.Repeat("k", 400) +
		`</guid><title>` + long + `</title><description>` + long + "\u202e\x7f" + `</description></item></channel></rss>`
	if err := os.WriteFile(path, []byte(feed), 0o600); err != nil {
		t.Fatal(err)
	}
	got := written(t, mustRead(t, path).Facts[0])
	if !strings.Contains(got, `wörter […]","`) || !strings.Contains(got, "The text is cut: the item has 6999 characters.") {
		t.Errorf("data %s", got)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	var hops int
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			for range MaxSize>>10 + 1 {
				_, _ = w.Write(make([]byte, 1<<10))
			}
		case "/turns":
			hops++
			http.Redirect(w, r, "/turns", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "ftp://desk.example/", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		case "/page":
			_, _ = w.Write([]byte("<!doctype html><title>No feed</title>"))
		case "/moved":
			http.Redirect(w, r, "/feed", http.StatusMovedPermanently)
		case "/feed":
			if r.UserAgent() != "test" {
				t.Errorf("agent %s", r.UserAgent())
			}
			http.ServeFile(w, r, "testdata/desk.rss")
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	homeless := filepath.Join(t.TempDir(), "homeless.rss")
	if err := os.WriteFile(homeless, []byte(`<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>x</title></item></channel></rss>`), 0o600); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		s.URL + "/nothing": "404 Not Found", s.URL + "/large": "larger than 16 MiB", s.URL + "/turns": "redirects more than 5 times",
		s.URL + "/away": "only files and http or https", s.URL + "/page": "is not a feed", "ftp://desk.example/": "only files and http or https",
		"testdata/nowhere.rss": "no such file", homeless: "--identity", "http://127.0.0.1:1/": "refused", "http://%zz/": "invalid URL",
	} {
		if _, err := read(t, from, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", from, err, want)
		}
	}
	if hops != maxRedirects+1 {
		t.Errorf("%d redirects were followed", hops)
	}
	if _, err := Feed.Read(t.Context(), Fetcher{Patience: 50 * time.Millisecond}, Request{From: s.URL + "/slow"}); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("slow: %v", err)
	}
	if r := mustRead(t, s.URL+"/moved"); len(r.Facts) != 4 {
		t.Errorf("%d facts", len(r.Facts))
	}
}
