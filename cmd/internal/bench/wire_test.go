package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// asked returns a function that sends a request on one connection and returns the status of
// the answer.
func asked(t *testing.T, address string, header http.Header) func() (int, error) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w, err := dial(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return func() (int, error) { return w.ask([]byte(request(u, header))) }
}

// Answers of any form and length on one connection are matched to their requests.
func TestAnswersOnOneConnectionAreKeptApart(t *testing.T) {
	var status, size int
	var whole bool
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.RequestURI+" "+r.Header.Get("X-Asks"))
		if status != http.StatusNotModified && whole {
			w.Header().Set("Content-Length", fmt.Sprint(size))
		}
		w.WriteHeader(status)
		for left := size; status != http.StatusNotModified && left > 0; left -= 7_000 {
			_, _ = io.WriteString(w, strings.Repeat("\r\n", min(left, 7_000)/2)+strings.Repeat("x", min(left, 7_000)%2))
			if !whole {
				_ = http.NewResponseController(w).Flush()
			}
		}
	}))
	defer server.Close()
	ask := asked(t, server.URL+"/a?b=c%20d", http.Header{"X-Asks": {"yes"}})
	rapid.Check(t, func(t *rapid.T) {
		status = rapid.SampledFrom([]int{200, 304, 404, 503}).Draw(t, "status")
		size, whole = rapid.SampledFrom([]int{0, 1, 2, 100, 64 << 10, 200_001}).Draw(t, "size"), rapid.Bool().Draw(t, "whole")
		got, err := ask()
		if err != nil || got != status {
			t.Fatalf("%d, %v; want %d", got, err, status)
		}
	})
	for _, r := range requests {
		if r != "/a?b=c%20d yes" {
			t.Fatalf("asked for %s", r)
		}
	}
}

// Bytes that are not an answer are an error.
func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	for _, answer := range []string{
		"", "\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 1024)
			_, _ = conn.Read(b) // the request
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}()
		if status, err := asked(t, "http://"+listener.Addr().String()+"/", nil)(); err == nil {
			t.Errorf("%q is %d", answer, status)
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Each line is answered by a line. An error ends the loop.
func TestLinesAreAnswered(t *testing.T) {
	var out bytes.Buffer
	err := serveLines(strings.NewReader("add 2 3\nadd 4 5\n"), &out, func(words []string) (any, error) { return words, nil })
	if err != nil || out.String() != "=[\"add\",\"2\",\"3\"]\n=[\"add\",\"4\",\"5\"]\n" {
		t.Errorf("%q, %v", &out, err)
	}
	for name, answer := range map[string]func([]string) (any, error){
		"an error": func([]string) (any, error) { return nil, io.ErrUnexpectedEOF }, "no JSON": func([]string) (any, error) { return func() {}, nil },
	} {
		if err := serveLines(strings.NewReader(strings.Repeat("x\n", 2)), &out, answer); err == nil {
			t.Errorf("%s ended nothing", name)
		}
	}
}
