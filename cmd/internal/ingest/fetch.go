package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	// MaxSize is the most bytes that are read of a source, once unpacked.
	MaxSize = 16 << 20
	// Patience is how long a source may take for all of it.
	Patience     = 30 * time.Second
	maxRedirects = 5
)

// Fetcher fetches sources: URLs over HTTP, and files.
type Fetcher struct {
	// Agent is what the program calls itself.
	Agent string
	// Patience is how long a source may take.
	Patience time.Duration
}

// errScheme is the error of what is neither.
var errScheme = errors.New("only http and https URLs and files are read")

// Fetch reads the whole of a source.
func (f Fetcher) Fetch(ctx context.Context, from string) ([]byte, error) {
	if !strings.Contains(from, "://") {
		return fetchFile(from)
	}
	u, err := url.Parse(from)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", from, err)
	}
	switch u.Scheme {
	case "file":
		return fetchFile(u.Path)
	case "http", "https":
		return f.fetchURL(ctx, from)
	}
	return nil, fmt.Errorf("read %s: %w", from, errScheme)
}

func fetchFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	defer file.Close()
	return limited(path, file)
}

func (f Fetcher) fetchURL(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from, err)
	}
	req.Header.Set("User-Agent", f.Agent)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5")
	client := &http.Client{CheckRedirect: redirect}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read %s: it answers %s", from, res.Status)
	}
	return limited(from, res.Body)
}

func redirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("it redirects more than %d times", maxRedirects)
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return errScheme
	case via[0].URL.Scheme == "https" && req.URL.Scheme == "http":
		return errors.New("it redirects from https to http: give the address it means, if it is to be read so")
	}
	return nil
}

// limited reads to the end, which must not be far.
func limited(name string, r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("read %s: it is larger than %d MiB", name, MaxSize>>20)
	}
	return b, nil
}
