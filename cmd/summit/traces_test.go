package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// tracedSpan is what is asked of a span.
type tracedSpan struct {
	name, trace, id, parent string
	links                   []string // ids of spans
}

// collecting takes spans as a collector does.
type collecting struct {
	url   string
	mu    sync.Mutex
	spans []tracedSpan
	more  chan struct{} // closed when there are more
}

func collect(t *testing.T) *collecting {
	t.Helper()
	c := &collecting{more: make(chan struct{})}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the server was killed
		}
		var sent collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &sent); err != nil {
			t.Errorf("what was sent is no trace: %v", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		defer func() {
			close(c.more)
			c.more = make(chan struct{})
		}()
		for _, of := range sent.GetResourceSpans() {
			for _, scope := range of.GetScopeSpans() {
				for _, s := range scope.GetSpans() {
					got := tracedSpan{name: s.GetName(), trace: hex.EncodeToString(s.GetTraceId()), id: hex.EncodeToString(s.GetSpanId()), parent: hex.EncodeToString(s.GetParentSpanId())}
					for _, l := range s.GetLinks() {
						got.links = append(got.links, hex.EncodeToString(l.GetSpanId()))
					}
					c.spans = append(c.spans, got)
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// after returns the span of a name that follows another, within it or linked to
// it, and a channel that is closed when there are more.
func (c *collecting) after(name, before string) (tracedSpan, bool, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.name == name && (s.parent == before || slices.Contains(s.links, before)) {
			return s, true, c.more
		}
	}
	return tracedSpan{}, false, c.more
}

// sent are all spans that came.
func (c *collecting) sent() []tracedSpan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// await is after, within a while.
func (c *collecting) await(t *testing.T, name, before string) tracedSpan {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		s, ok, more := c.after(name, before)
		if ok {
			return s
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no span %q after %s: %+v", name, before, c.sent())
		}
	}
}

// traced records a fact within a trace of the caller.
func (p *process) traced(t *testing.T, n int) (trace, caller string) {
	t.Helper()
	trace, caller = fmt.Sprintf("%032x", 0xabc000+n), fmt.Sprintf("%016x", 0xdef000+n)
	req, err := http.NewRequest(http.MethodPost, p.url+"/v1/summits/alaska-2025/facts", strings.NewReader(noteEvent(fmt.Sprint("traced-", n), "a fact on its way")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", eventType)
	req.Header.Set("Traceparent", "00-"+trace+"-"+caller+"-01")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("status %d", res.StatusCode)
	}
	return trace, caller
}

const recordSpan = "POST /v1/summits/{s}/facts"

func TestAFactIsTracedFromTheRequestToTheLiveFrame(t *testing.T) {
	c := collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.url)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	p := start(t, filepath.Join(t.TempDir(), "data"))
	stream, err := http.Get(p.url + "/v1/summits/alaska-2025/live")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() && lines.Text() != "event: caught-up" {
	}

	trace, caller := p.traced(t, 1)
	at := caller
	for _, name := range []string{recordSpan, "append", "commit", "frame"} {
		s := c.await(t, name, at)
		if s.trace != trace || s.parent != at {
			t.Errorf("%s is not in the trace of the caller: %+v", name, s)
		}
		at = s.id
	}

	const writers = 40 // at once: batches of several traces are linked to each
	var all sync.WaitGroup
	callers := make([]string, writers)
	for n := range writers {
		all.Go(func() { _, callers[n] = p.traced(t, 100+n) })
	}
	all.Wait()
	for _, at := range callers {
		for _, name := range []string{recordSpan, "append", "commit", "frame"} {
			at = c.await(t, name, at).id
		}
	}
	for _, s := range c.sent() {
		if strings.Contains(s.name, "live") {
			t.Errorf("a stream has a span: %+v", s)
		}
	}
	_ = stream.Body.Close()
	p.end(t, syscall.SIGTERM)
}

func TestNobodyWhoTakesTracesHoldsUpAServer(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	p := start(t, filepath.Join(t.TempDir(), "data"))
	p.traced(t, 1)
	p.end(t, syscall.SIGTERM)
	if !strings.Contains(p.log.String(), "traces are not sent") {
		t.Errorf("log: %s", p.log)
	}
}
