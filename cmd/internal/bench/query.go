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

// QueryOptions say what to measure of queries.
type QueryOptions struct {
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
	report := Report{Name: "query"}
	hello, err := spawn(ctx, "bench", "hello")
	if err != nil {
		return report, err
	}
	defer hello.stop()
	at, err := hello.line("HELLO")
	if err != nil {
		return report, err
	}
	ceiling, err := ask(ctx, o.Each, at, nil, http.StatusOK)
	if err != nil {
		return report, err
	}
	report.add(Row{What: "net/http, hello", Value: ceiling, Unit: "requests/s"})
	err = inFolder(func(dir string) error {
		server, base, err := serveIn(ctx, dir)
		if err != nil {
			return err
		}
		defer server.stop()
		for _, length := range []int{1000, o.Events} {
			if err := queries(ctx, o, base, length, ceiling, &report); err != nil {
				return fmt.Errorf("%d events: %w", length, err)
			}
		}
		return nil
	})
	return report, err
}

func queries(ctx context.Context, o QueryOptions, base string, length int, ceiling float64, report *Report) error {
	id := fmt.Sprintf("bench-%d", length)
	fmt.Fprintf(o.Said, "recording %d events\n", length)
	p, err := open(ctx, base, id)
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
		fmt.Fprintln(o.Said, q.what)
		got, err := ask(ctx, o.Each, p.url+q.path, q.header, q.status)
		if err != nil {
			return fmt.Errorf("%s: %w", q.what, err)
		}
		report.add(Row{What: fmt.Sprintf("%s, of %d events", q.what, length), Value: got, Unit: "requests/s", Ceiling: ceiling})
	}
	return nil
}

// ask sends one request again and again over many connections.
func ask(ctx context.Context, each time.Duration, address string, header http.Header, status int) (float64, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", address, err)
	}
	clients := make([]*wire, connections)
	for i := range clients {
		if clients[i], err = dial(ctx, u, header); err != nil {
			return 0, err
		}
		defer clients[i].close()
	}
	return rate(each, connections, func(c int) (int, error) {
		got, err := clients[c].ask()
		if err == nil && got != status {
			err = fmt.Errorf("ask %s: status %d", address, got)
		}
		return 1, err
	})
}

// request is the text of a request that keeps its connection.
func request(u *url.URL, header http.Header) string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), u.Host)
	_ = header.Write(&b) // a Builder takes everything
	b.WriteString("\r\n")
	return b.String()
}
