package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestASourceIsAskedForWhatIsNew(t *testing.T) {
	text := fileText(t, "testdata/desk.rss")
	etag, modified := `W/"v1"`, "Wed, 25 Nov 2026 09:00:00 GMT"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-None-Match") == etag || etag == "" && r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	defer s.Close()
	fetcher := Fetcher{Agent: "test", Patience: 10 * time.Second}
	for _, v := range []string{`W/"v1"`, `"v2"`, ""} {
		etag = v
		r, err := Feed.Read(t.Context(), fetcher, Request{From: s.URL})
		if err != nil || len(r.Facts) != 4 || r.Mark != (Mark{v, modified}) {
			t.Fatalf("version %s: %+v, %v", v, r.Mark, err)
		}
		fetcher.Seen = r.Mark
		if _, err := Feed.Read(t.Context(), fetcher, Request{From: s.URL}); !errors.Is(err, ErrUnchanged) {
			t.Errorf("version %s again: %v", v, err)
		}
		fetcher.Seen = Mark{ETag: `"another"`}
	}
}

// RFC 9110, section 10.2.3.
func TestASourceInTroubleSaysHowLong(t *testing.T) {
	const date = "Wed, 25 Nov 2026 09:00:00 GMT"
	for _, c := range []struct {
		status     int
		retryAfter string
		want       time.Duration
	}{
		{429, "120", 2 * time.Minute},
		{503, "0", 0},
		{503, "Wed, 25 Nov 2026 09:05:00 GMT", 5 * time.Minute},
		{503, "Wednesday, 25-Nov-26 09:05:00 GMT", 5 * time.Minute},
		{503, "Wed Nov 25 09:05:00 2026", 5 * time.Minute},
		{503, "Wed, 25 Nov 2026 08:00:00 GMT", 0},
		{429, "", 0},
		{502, "", 0},
		{503, "soon", 0},
		{503, "-5", 0},
		{503, "1h2", 0},
		{503, "999999999999999999999", 24 * time.Hour},
		{503, "Wed, 25 Nov 2099 09:00:00 GMT", 24 * time.Hour},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", date)
			w.Header().Set("Retry-After", c.retryAfter)
			w.WriteHeader(c.status)
		}))
		_, err := Fetcher{Patience: 10 * time.Second}.Fetch(t.Context(), s.URL)
		s.Close()
		if busy := (*BusyError)(nil); !errors.As(err, &busy) || busy.After != c.want || !strings.Contains(err.Error(), fmt.Sprint(c.status)) {
			t.Errorf("%d, %q: %v, want %v", c.status, c.retryAfter, err, c.want)
		}
	}
}

// TestNoSecretIsShown reads addresses with secrets in every place, in every way
// that reading can fail, and looks for them in all that comes of it.
func TestNoSecretIsShown(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Referer()+r.Header.Get("Authorization"), "hunter2") {
			t.Errorf("passed on: %s", r.Referer())
		}
		http.NotFound(w, r)
	}))
	defer other.Close()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := "?" + r.URL.RawQuery
		switch r.URL.Path {
		case "/feed":
			if _, password, _ := r.BasicAuth(); password != "hunter2" || r.URL.Query().Get("apikey") != "hunter2" {
				t.Errorf("lost: %s", r.URL)
			}
			_, _ = w.Write([]byte(`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="self" href="` + s.URL + "/feed" + strings.ReplaceAll(query, "&", "&amp;") + `"/>
<item><title>a</title><link>a` + strings.ReplaceAll(query, "&", "&amp;") + `</link><source url="/s` + strings.ReplaceAll(query, "&", "&amp;") + `">S</source></item><item><link>b` + strings.ReplaceAll(query, "&", "&amp;") + `</link></item></channel></rss>`))
		case "/page":
			_, _ = w.Write([]byte("<html/>"))
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/turns":
			http.Redirect(w, r, "/turns"+query, http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		case "/bad":
			w.Header().Set("Location", "http://%zz/"+query)
			w.WriteHeader(http.StatusFound)
		case "/scheme":
			http.Redirect(w, r, "ftp://user:hunter2@x.example/"+query, http.StatusFound)
		case "/short":
			w.Header().Set("Content-Length", "100")
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	var from []string
	for _, path := range []string{"feed", "page", "gone", "busy", "turns", "away", "bad", "scheme", "short", "nothing"} {
		from = append(from, "http://user:hunter2@"+host+"/"+path+"?apikey=hunter2&cat=1#hunter2")
	}
	from = append(from, "http://user:hunter2@127.0.0.1:1/?token=hunter2", "ftp://user:hunter2@x.example/?token=hunter2", "http://user:hun%zzter2hunter2@x.example/",
		"http://user:hunter2:hunter2@x.example:port/", "http://user:hunter2/x@host", "HTTP://user:hunter2@127.0.0.1:1/", "http://user:hunter2@host.invalid/?q=hunter2", "://user:hunter2@x")
	for _, address := range from {
		m := &memory{t: t}
		r, err := read(t, address, "")
		if err == nil {
			sum := m.told(r, nil)
			if sum.Created != 1 || len(sum.Skipped) != 1 {
				t.Errorf("%+v", sum)
			}
			if all := fmt.Sprintf("%+v %s %s", sum, m.raw, r.Name); strings.Contains(all, "hunter2") {
				t.Errorf("%s is told: %s", address, all)
			}
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), ":hun") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
