package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/ingest"
)

// TestASourceIsWatchedUntilItIsGone has a source that is read, unchanged, in
// trouble and gone, in this order.
func TestASourceIsWatchedUntilItIsGone(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case asked == 1:
			w.Header().Set("ETag", `"one"`)
			_, _ = w.Write([]byte(`<rss version="2.0"><channel><title>The Wire</title><item><guid>1</guid><title>It lands</title></item></channel></rss>`))
		case r.Header.Get("If-None-Match") != `"one"`:
			t.Errorf("request %d asks for all", asked)
		case asked == 2:
			w.WriteHeader(http.StatusNotModified)
		case asked == 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer s.Close()
	var out, errs bytes.Buffer
	code := run([]string{"ingest", "feed", "alaska-2025", strings.Replace(s.URL, "//", "//me:hunter2@", 1) + "/?token=hunter2", "--server", p.url, "--every", "1ms"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if code != cli.Bad || asked != 4 {
		t.Errorf("exit %d after %d requests: %s", code, asked, &errs)
	}
	for _, want := range []string{"1 recorded", "The Wire: unchanged"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %s", &out, want)
		}
	}
	for _, want := range []string{"503 Service Unavailable; reading it again in 2ms", "410 Gone"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%q lacks %s", &errs, want)
		}
	}
	if strings.Contains(out.String()+errs.String(), "hunter2") {
		t.Errorf("a secret is shown: %s%s", &out, &errs)
	}
	p.end(t, syscall.SIGTERM)
}

// retold is a fact as both summits must tell it.
type retold struct {
	Fact, Headline, Attribution, Standing string
	Time                                  string
	When, Where, Sources                  json.RawMessage
}

func (p *process) retold(t *testing.T, summit string) []retold {
	t.Helper()
	var a struct{ Items []retold }
	p.get(t, "/v1/summits/"+summit+"/timeline?limit=500&order=recorded", &a)
	return a.Items
}

// TestAFeedOfASummitIsReadBack reads a Summit's own Atom into another summit:
// times, places and sources come through, and so does what was withdrawn.
func TestAFeedOfASummitIsReadBack(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	must := func(args ...string) string {
		var out, errs bytes.Buffer
		if code := run(append(args, "--server", p.url), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good {
			t.Fatalf("%q: %s", args, &errs)
		}
		return out.String()
	}
	must("open", "copy", "--title", "A copy", "--zone", "America/Anchorage")
	reread := func() ingest.Report {
		var told ingest.Report
		text := must("ingest", "feed", "copy", p.url+"/v1/summits/alaska-2025/timeline.atom?limit=500", "--json")
		if err := json.Unmarshal([]byte(text), &told); err != nil || len(told.Refused) > 0 {
			t.Fatalf("%s: %v", text, err)
		}
		return told
	}
	first := reread()
	of := map[string]retold{}
	for _, r := range p.retold(t, "copy") {
		of[r.Headline+r.Time+string(r.Sources)] = r
	}
	originals := p.retold(t, "alaska-2025")
	if first.Created != len(originals) || len(of) != len(originals) {
		t.Errorf("%+v of %d", first, len(originals))
	}
	for _, want := range originals {
		got, ok := of[want.Headline+want.Time+string(want.Sources)]
		if !ok || !bytes.Equal(got.When, want.When) || !bytes.Equal(got.Where, want.Where) || !strings.HasPrefix(want.Attribution, got.Attribution) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
	if again := reread(); again.Created+again.Corrected+again.Retracted != 0 {
		t.Errorf("again: %+v", again)
	}

	i := slices.IndexFunc(originals, func(r retold) bool { return r.Standing == "unverified" })
	must("record", "alaska-2025", "--retract", originals[i].Fact, "--reason", "It was another aircraft")
	if after := reread(); after.Created+after.Corrected != 0 || after.Retracted != 1 {
		t.Errorf("withdrawn: %+v", after)
	}
	gone := slices.DeleteFunc(p.retold(t, "copy"), func(r retold) bool { return r.Standing != "retracted" })
	if len(gone) != 1 || gone[0].Headline != originals[i].Headline {
		t.Errorf("withdrawn: %+v, want %s", gone, originals[i].Headline)
	}
	if again := reread(); again.Created+again.Corrected+again.Retracted != 0 {
		t.Errorf("again: %+v", again)
	}
	p.end(t, syscall.SIGTERM)
}
