package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// QueryOptions define what to measure of queries.
type QueryOptions struct {
	Programs
	Events int // of the longer story; the shorter has 1,000
	// Each is how long each figure is measured.
	Each time.Duration
	Said io.Writer
}

// connections is how many clients ask at once.
const connections = 64

// RunHello serves the raw ceiling of a query: net/http with an answer of a few
// bytes. It prints where it listens and ends with in.
func RunHello(ctx context.Context, in io.Reader, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("hello")) // the reader may be gone
	})}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(out, "HELLO http://%s\n", listener.Addr())
	_, _ = io.Copy(io.Discard, in) // it ends when the other process does
	err = server.Close()
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Query measures queries of a short and a long story, now and at an old
// position. The ceiling is net/http answering "hello" to the same clients.
func Query(ctx context.Context, o QueryOptions) (Report, error) {
	x := &query{QueryOptions: o, ctx: ctx, report: Report{Name: "query"}}
	greeted, leave, err := o.greeted(ctx)
	defer leave()
	if err != nil {
		return x.report, err
	}
	x.ceiling = greeted
	return x.report, inFolder(x.run)
}

// greeted starts the raw ceiling, and connects clients to it.
func (p Programs) greeted(ctx context.Context) (greeted measure, leave func(), err error) {
	hello, err := spawn(ctx, p.Bench, "hello")
	if err != nil {
		return nil, func() {}, err
	}
	at, err := hello.line("HELLO")
	if err != nil {
		return nil, hello.stop, err
	}
	greeted, hangUp, err := asking(ctx, at, nil, http.StatusOK)
	return greeted, func() { hangUp(); hello.stop() }, err
}

// query is a run of the benchmark.
type query struct {
	QueryOptions
	ctx     context.Context
	ceiling measure
	report  Report
}

func (x *query) run(dir string) error {
	server, base, err := x.serveIn(x.ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	for _, length := range []int{1000, x.Events} {
		if err := x.story(base, length); err != nil {
			return fmt.Errorf("%d events: %w", length, err)
		}
	}
	return nil
}

// story measures queries of a story of some length.
func (x *query) story(base string, length int) error {
	id := fmt.Sprintf("bench-%d", length)
	fmt.Fprintf(x.Said, "recording %d events\n", length)
	p, err := open(x.ctx, base, id)
	if err != nil {
		return err
	}
	if err := p.many(length); err != nil {
		return err
	}
	if err := p.served(length); err != nil {
		return err
	}
	tag, err := p.tag("/timeline?limit=50")
	if err != nil {
		return err
	}
	for _, q := range []struct {
		what, path string
		header     http.Header
		status     int
	}{
		{"page of 50", "/timeline?limit=50&dir=desc", nil, http.StatusOK},
		{"page of 50, as known halfway", fmt.Sprintf("/timeline?limit=50&known=@%d", length/2), nil, http.StatusOK},
		{"page of 50, by entity", "/timeline?limit=50&entity=note/n-1", nil, http.StatusOK},
		{"page of 50, not changed", "/timeline?limit=50", http.Header{"If-None-Match": {tag}}, http.StatusNotModified},
		{"status", "/status", nil, http.StatusOK},
		{"status, as known halfway", fmt.Sprintf("/status?known=@%d", length/2), nil, http.StatusOK},
	} {
		if err := x.add(fmt.Sprintf("%s, of %d events", q.what, length), p.url+q.path, q.header, q.status); err != nil {
			return fmt.Errorf("%s: %w", q.what, err)
		}
	}
	return nil
}

// add measures a query beside the ceiling.
func (x *query) add(what, address string, header http.Header, status int) error {
	fmt.Fprintln(x.Said, what)
	asked, leave, err := asking(x.ctx, address, header, status)
	defer leave()
	if err != nil {
		return err
	}
	got, hello, err := beside(x.Each, asked, x.ceiling)
	x.report.add(Row{What: what, Value: got, Unit: "requests/s", Ceiling: hello})
	return err
}

// asking connects clients that send one request again and again.
func asking(ctx context.Context, address string, header http.Header, status int) (asked measure, leave func(), err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, func() {}, fmt.Errorf("ask %s: %w", address, err)
	}
	return askingOf(ctx, address, [][]byte{[]byte(request(u, header))}, status)
}

// askingOf connects clients to a server that send requests in turn, each from another on.
func askingOf(ctx context.Context, address string, requests [][]byte, status int) (asked measure, leave func(), err error) {
	var clients []*wire
	leave = func() {
		for _, c := range clients {
			c.close()
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, leave, fmt.Errorf("ask %s: %w", address, err)
	}
	for range connections {
		c, err := dial(ctx, u)
		if err != nil {
			return nil, leave, err
		}
		clients = append(clients, c)
	}
	next := make([]int, connections)
	for c := range next {
		next[c] = c
	}
	return func(each time.Duration) (float64, error) {
		return rate(each, connections, func(c int) (int, error) {
			next[c]++
			got, err := clients[c].ask(requests[next[c]%len(requests)])
			if err == nil && got != status {
				err = fmt.Errorf("ask %s: status %d", address, got)
			}
			return 1, err
		})
	}, leave, nil
}

// request is the text of a request that keeps its connection.
func request(u *url.URL, header http.Header) string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), u.Host)
	_ = header.Write(&b) // a Builder takes everything
	b.WriteString("\r\n")
	return b.String()
}
