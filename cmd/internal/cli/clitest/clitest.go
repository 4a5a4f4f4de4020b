// Package clitest is test support for verbs: it runs one as the program would, against a
// server that answers what a test wants.
package clitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// Ran is what came of a verb.
type Ran struct {
	Code     int
	Out, Err string
}

// Run runs a verb as the only one of a program.
func Run(t testing.TB, v cli.Verb, stdin string, args ...string) Ran {
	t.Helper()
	var out, errs bytes.Buffer
	p := &cli.Program{Name: "summit", Groups: []cli.Group{{Title: "all", Verbs: []cli.Verb{v}}}}
	code := p.RunContext(t.Context(), append([]string{v.Name}, args...), cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &errs})
	return Ran{code, out.String(), errs.String()}
}

// Answers are the bodies that a server answers with, by method and path, such as
// "GET /v1/summits", with or without the query. A body that begins with digits and a
// blank has that status.
type Answers map[string]string

// Fake is a server that gives answers, and notes what it was sent.
type Fake struct {
	*httptest.Server
	answers Answers
	mu      sync.Mutex
	sent    []Request
}

// Request is what a server was sent.
type Request struct {
	Line   string // method, path and query
	Header http.Header
	Body   string
}

// Server serves answers until the test ends.
func Server(t testing.TB, answers Answers) *Fake {
	f := &Fake{answers: answers}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// Sent returns what was sent so far.
func (f *Fake) Sent() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// Asked returns the first lines of what was sent so far.
func (f *Fake) Asked() []string {
	var list []string
	for _, r := range f.Sent() {
		list = append(list, r.Line)
	}
	return list
}

// ServeHTTP answers by the whole address, else by the path.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	line := r.Method + " " + r.URL.RequestURI()
	f.mu.Lock()
	f.sent = append(f.sent, Request{line, r.Header, string(body)})
	f.mu.Unlock()
	answer, known := f.answers[line]
	if !known {
		answer, known = f.answers[r.Method+" "+r.URL.Path]
	}
	if !known {
		answer = `404 {"title":"Not Found","detail":"nothing here"}`
	}
	write(w, answer)
}

// write writes an answer, with the status that it begins with.
func write(w http.ResponseWriter, body string) {
	status := http.StatusOK
	if len(body) >= 4 && body[3] == ' ' && body[0] >= '1' && body[0] <= '5' {
		status = int(body[0]-'0')*100 + int(body[1]-'0')*10 + int(body[2]-'0')
		body = body[4:]
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client may be gone
}
