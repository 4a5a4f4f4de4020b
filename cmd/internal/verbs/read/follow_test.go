package read

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
)

// followed follows geneva on a server whose live stream answers each connection in turn:
// frames, or a status and a body, with Retry-After where it is marked "later". It returns
// what was printed and with which ids each connection began.
func followed(t *testing.T, since string, streams ...string) (out, errs string, begun []string, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/live") {
			_, _ = io.WriteString(w, `{"zone":"UTC"}`)
			return
		}
		begun = append(begun, r.FormValue("since")+"|"+r.Header.Get("Last-Event-ID"))
		if len(begun) > len(streams) {
			w.WriteHeader(http.StatusNoContent) // the story is closed
			return
		}
		text := streams[len(begun)-1]
		var status int
		if n, _ := fmt.Sscanf(text, "%3d ", &status); n == 1 {
			if rest, later := strings.CutPrefix(text[4:], "later "); later {
				w.Header().Set("Retry-After", "1")
				text = "    " + rest
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text[4:])
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Summit-Position", "3f9a1c20-9")
		_, _ = io.WriteString(w, text)
	}))
	defer server.Close()
	var printed, told bytes.Buffer
	empty := ""
	f := follower{
		query:  query{Client: client.Client{Server: server.URL}, params: map[string]*string{"since": &since, "types": &empty, "entity": &empty}},
		summit: "geneva", std: cli.Streams{Out: &printed, Err: &told}, jitter: func() float64 { return -0.5 }, // waits for nothing
	}
	err = f.follow(t.Context())
	return printed.String(), told.String(), begun, err
}

// heard is a frame of a fact.
func heard(seq int) string {
	return fmt.Sprintf("id: 3f9a1c20-%d\nevent: fact\ndata: {\"fact\":\"f%d\",\"seq\":%d,\"headline\":\"number %d\",\"standing\":\"unverified\",\"amendments\":[]}\n\n", seq, seq, seq, seq)
}

// numbers returns the numbers of the facts that were shown.
func numbers(out string) (list []string) {
	for line := range strings.Lines(out) {
		if _, rest, ok := strings.Cut(line, "number "); ok {
			list = append(list, rest[:1])
		}
	}
	return list
}

// A follower resumes after each interruption where it was, and shows each fact once.
func TestAFollowerResumesWhereItWas(t *testing.T) {
	out, errs, begun, err := followed(t, "@1",
		heard(2)+heard(3), heard(4)+"id: 3f9a1c20-5\nevent: fact\ndata: cut off", "503 ill", "429 later slowly", ": nothing\n\n", "502 <html>", heard(5))
	want := []string{"@1|", "|3f9a1c20-3", "|3f9a1c20-4", "|3f9a1c20-4", "|3f9a1c20-4", "|3f9a1c20-4", "|3f9a1c20-4", "|3f9a1c20-5"}
	if got := numbers(out); err != nil || !slices.Equal(got, []string{"2", "3", "4", "5"}) || !slices.Equal(begun, want) {
		t.Errorf("%v: showed %q, began with %q", err, got, begun)
	}
	for _, says := range []string{"reading up to 3f9a1c20-9", "behind by 6", "reconnecting after 3f9a1c20-3", "the summit is closed"} {
		if !strings.Contains(errs, says) {
			t.Errorf("%q is not in\n%s", says, errs)
		}
	}
}

// A refusal that will not change ends the verb.
func TestAFollowerEndsWhereNothingIsToBeHadAnyMore(t *testing.T) {
	for name, c := range map[string]struct{ stream, says string }{
		"refused":        {`403 {"detail":"not for you"}`, "not for you"},
		"unknown":        {`404 {"detail":"nothing here"}`, "there is no summit"},
		"told to leave":  {"event: refused\ndata: {\"reason\":\"the token was revoked\"}\n\n", "the token was revoked"},
		"no fact":        {"id: 3f9a1c20-2\nevent: fact\ndata: no JSON\n\n", "read frame 3f9a1c20-2"},
		"no position":    {"id: two\nevent: fact\ndata: {}\n\n", "read a frame"},
		"no news of end": {"event: caught-up\ndata: ?\n\n", "read a frame"},
	} {
		out, _, begun, err := followed(t, "", heard(1), c.stream, heard(2))
		if err == nil || !strings.Contains(err.Error(), c.says) || !slices.Equal(numbers(out), []string{"1"}) || len(begun) != 2 {
			t.Errorf("%s: %v, showed %q, began %q", name, err, numbers(out), begun)
		}
	}
}

// Frames that are not facts are reported on standard error, without control characters.
func TestNewsOfTheStreamIsTold(t *testing.T) {
	out, errs, _, _ := followed(t, "", "event: gap\ndata: 3 \x1b[2Jto 5\n\nevent: lagging\ndata: slow\n\nevent: caught-up\ndata: {\"position\":\"3f9a1c20-9\"}\n\nevent: new-kind\ndata: x\n\n"+
		"id: 3f9a1c20-2\nevent: quarantined\ndata: {\"seq\":2,\"reason\":\"is \\u001b[2Jbad\"}\n\nid: 3f9a1c20-3\nevent: summit\ndata: {\"title\":\"Geneva\",\"phase\":\"opened\"}\n\n")
	for _, says := range []string{"GAP: what follows does not continue what came before: 3  [2Jto 5", "too slow", "caught up at 3f9a1c20-9"} {
		if !strings.Contains(errs, says) {
			t.Errorf("%q is not in\n%s", says, errs)
		}
	}
	if !strings.Contains(out, "Geneva") || !strings.Contains(out, "is  [2Jbad") || strings.Contains(out+errs, "\x1b") {
		t.Errorf("%q %q", out, errs)
	}
}

// A follower reconnects after a bounded wait, whatever the server asks for.
func TestTheWaitBetweenConnectionsIsBounded(t *testing.T) {
	for retry, want := range map[string]time.Duration{"250": 250 * time.Millisecond, "999999999999": longestWait, "-5": firstWait, "9223372036854775807": firstWait} {
		f := follower{print: newPrinter(io.Discard, zone(t), false), wait: firstWait, jitter: func() float64 { return 0 }}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "retry: "+retry+"\n\n") }))
		f.Server, f.std = server.URL, cli.Streams{Out: io.Discard, Err: io.Discard}
		empty := ""
		f.params = map[string]*string{"since": &empty}
		_ = f.stream(t.Context()) // it ends with the stream
		server.Close()
		if f.wait != want && (retry != "9223372036854775807" || f.wait <= 0 || f.wait > longestWait) {
			t.Errorf("retry %s: waits %v, want %v", retry, f.wait, want)
		}
	}
}
