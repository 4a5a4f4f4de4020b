package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
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

// Mark is what a server calls a version of a source. With the mark of the
// version that was told last, a server need not send it again.
type Mark struct{ ETag, Modified string }

// Page is a source as it was read.
type Page struct {
	Body      []byte
	MediaType string // as the server says; "" for a file
	Address   string // where it came from in the end; "" for a file
	Mark      Mark
}

// Fetcher fetches sources: URLs over HTTP, and files.
type Fetcher struct {
	// Agent is what the program calls itself.
	Agent string
	// Patience is how long a source may take.
	Patience time.Duration
	// Seen is the version that is known.
	Seen Mark
}

var (
	// ErrUnchanged is returned for a source that is as it was when it was seen.
	ErrUnchanged = errors.New("it has not changed")
	// ErrGone is returned for a source that no longer exists (410 Gone).
	ErrGone = errors.New("the server answered 410 Gone: the feed no longer exists and will not be read again")

	errScheme  = errors.New("only files and http or https URLs can be read")
	errInvalid = errors.New("read the address: it is an invalid URL; percent-encode special characters in user, password and query")
)

// BusyError is returned for a source that asks to be left alone for a while.
type BusyError struct {
	Status string
	// After is how long, or 0 if it does not say.
	After time.Duration
}

func (e *BusyError) Error() string {
	if e.After == 0 {
		return "it answers " + e.Status
	}
	return fmt.Sprintf("it answers %s and asks not to be read again for %v", e.Status, e.After)
}

// Fetch reads the whole of a source. Its errors show no secret of the address.
func (f Fetcher) Fetch(ctx context.Context, from string) (Page, error) {
	if !strings.Contains(from, "://") {
		return fetchFile(from)
	}
	u, err := url.Parse(from)
	if err != nil {
		return Page{}, errInvalid
	}
	switch strings.ToLower(u.Scheme) {
	case "file":
		return fetchFile(u.Path)
	case "http", "https":
		page, err := f.fetchURL(ctx, u)
		if err != nil {
			return Page{}, fmt.Errorf("read %s: %w", Shown(from), err)
		}
		return page, nil
	}
	return Page{}, fmt.Errorf("read %s: %w", Shown(from), errScheme)
}

func fetchFile(path string) (Page, error) {
	file, err := os.Open(path)
	if err != nil {
		return Page{}, fmt.Errorf("read: %w", err)
	}
	defer file.Close()
	b, err := limited(file)
	if err != nil {
		return Page{}, fmt.Errorf("read %s: %w", path, err)
	}
	return Page{Body: b}, nil
}

func (f Fetcher) fetchURL(ctx context.Context, from *url.URL) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from.String(), http.NoBody)
	if err != nil {
		return Page{}, errInvalid
	}
	f.ask(req)
	client := &http.Client{CheckRedirect: redirect}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return Page{}, discreet(err)
	}
	defer res.Body.Close()
	if err := judge(res); err != nil {
		return Page{}, err
	}
	b, err := limited(res.Body)
	if err != nil {
		return Page{}, discreet(err)
	}
	return Page{
		Body: b, MediaType: res.Header.Get("Content-Type"), Address: res.Request.URL.String(),
		Mark: Mark{res.Header.Get("ETag"), res.Header.Get("Last-Modified")},
	}, nil
}

func (f Fetcher) ask(req *http.Request) {
	req.Header.Set("User-Agent", f.Agent)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5")
	if f.Seen.ETag != "" {
		req.Header.Set("If-None-Match", f.Seen.ETag)
	}
	if f.Seen.Modified != "" {
		req.Header.Set("If-Modified-Since", f.Seen.Modified)
	}
}

// discreet is the reason of an error of a request, without the address that it
// was for: that may hold secrets.
func discreet(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if strings.Contains(err.Error(), "Location header") {
		return errors.New("it redirects to an invalid address")
	}
	return err
}

// judge returns what a status means if it is not that of an answer.
func judge(res *http.Response) error {
	switch status := res.StatusCode; {
	case status == http.StatusOK:
		return nil
	case status == http.StatusNotModified:
		return ErrUnchanged
	case status == http.StatusGone:
		return ErrGone
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return &BusyError{Status: res.Status, After: retryAfter(res.Header)}
	}
	return fmt.Errorf("the server answered %s", res.Status)
}

// maxRetryAfter is the longest that a source is left alone at its word.
const maxRetryAfter = 24 * time.Hour

// retryAfter is how long a server asks to be left alone: in seconds, or until
// a date, which is compared with its own clock.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.Atoi(value)
		if err != nil || seconds > int(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	now, nowErr := http.ParseTime(h.Get("Date"))
	if err != nil || nowErr != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), maxRetryAfter)
}

// redirect follows a few redirects, and names the address to nobody: it may
// hold secrets.
func redirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer")
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("it redirects more than %d times", maxRedirects)
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return errScheme
	case via[0].URL.Scheme == "https" && req.URL.Scheme == "http":
		return errors.New("it redirects from https to http: give the http address if you want to read it anyway")
	}
	return nil
}

// limited reads to the end, which must not be far.
func limited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err //nolint:wrapcheck // wrapped with the address by who asks
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("it is larger than %d MiB", MaxSize>>20)
	}
	return b, nil
}
