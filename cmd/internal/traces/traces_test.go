package traces

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver takes spans as a collector does: OTLP over HTTP.
type receiver struct {
	*testing.T
	mu    sync.Mutex
	spans map[string][]*spans.Span
	about []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	x := &receiver{T: t, spans: map[string][]*spans.Span{}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err := errors.Join(err, proto.Unmarshal(body, &sent)); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		for _, of := range sent.GetResourceSpans() {
			for _, a := range of.GetResource().GetAttributes() {
				x.about = append(x.about, a.GetKey()+"="+a.GetValue().GetStringValue())
			}
			for _, scope := range of.GetScopeSpans() {
				for _, s := range scope.GetSpans() {
					x.spans[s.GetName()] = append(x.spans[s.GetName()], s)
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", s.URL)
	return x
}

// one returns the span of a name, of which there must be one.
func (x *receiver) one(name string) *spans.Span {
	x.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.spans[name]) != 1 {
		x.Fatalf("%d spans %s", len(x.spans[name]), name)
	}
	return x.spans[name][0]
}

func open(t *testing.T) *Traces {
	t.Helper()
	got, err := Open(t.Context(), Options{Version: "v1", Logger: slog.New(slog.DiscardHandler), Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// asking is the context of a request with a span of its own.
func (t *Traces) asking(ctx context.Context, name string) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, name)
}

func within(t *testing.T, child, parent *spans.Span) {
	t.Helper()
	if !bytes.Equal(child.GetTraceId(), parent.GetTraceId()) || !bytes.Equal(child.GetParentSpanId(), parent.GetSpanId()) {
		t.Errorf("%s is not within %s", child.GetName(), parent.GetName())
	}
}

func TestAFactAloneIsOneTrace(t *testing.T) {
	x := newReceiver(t)
	got := open(t)
	ctx, request := got.asking(t.Context(), "request")
	ended := got.Append("alaska", []context.Context{ctx}, [][]string{{"a"}})
	got.Commit("alaska", 7, []string{"a"})(nil) // the views may be first
	ended(nil)
	got.Frame("alaska", 3, 7)(errors.New("unreadable"))
	got.Frame("alaska", 3, 7)(nil) // another reader: told once
	request.End()
	if err := got.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, x.one("append"), x.one("request"))
	within(t, x.one("commit"), x.one("append"))
	within(t, x.one("frame"), x.one("commit"))
	if s := x.one("frame").GetStatus(); s.GetCode() != spans.Status_STATUS_CODE_ERROR || s.GetMessage() != "unreadable" {
		t.Errorf("status %v", s)
	}
	about := strings.Join(x.about, " ")
	if !strings.Contains(about, "service.name=summit") || !strings.Contains(about, "service.version=v1") {
		t.Errorf("resource %s", about)
	}
}

func TestWhatServesSeveralTracesIsLinkedToEach(t *testing.T) {
	x := newReceiver(t)
	got := open(t)
	first, a := got.asking(t.Context(), "a")
	second, b := got.asking(t.Context(), "b")
	got.Append("alaska", []context.Context{first, second, context.Background()}, [][]string{{"1", "2"}, {"3"}, {"4"}})(nil)
	got.Commit("alaska", 2, []string{"1", "2", "3", "4"})(nil)
	a.End()
	b.End()
	if err := got.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	batch := x.one("append")
	if len(batch.GetParentSpanId()) != 0 || len(batch.GetLinks()) != 2 {
		t.Fatalf("append %v", batch)
	}
	for i, name := range []string{"a", "b"} {
		if l := batch.GetLinks()[i]; !bytes.Equal(l.GetTraceId(), x.one(name).GetTraceId()) || !bytes.Equal(l.GetSpanId(), x.one(name).GetSpanId()) {
			t.Errorf("link %d is not to %s", i, name)
		}
	}
	within(t, x.one("commit"), batch)
}

func TestWhatNobodyTracesMakesNoSpan(t *testing.T) {
	x := newReceiver(t)
	got := open(t)
	got.Append("alaska", []context.Context{context.Background()}, [][]string{{"1"}})(nil)
	got.Commit("alaska", 1, []string{"1"})(nil)
	got.Frame("alaska", 0, 1)(nil)
	got.Frame("alaska", 0, 1<<60)(nil) // it looks at no more than is remembered
	if err := got.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(x.spans) != 0 {
		t.Errorf("spans %v", x.spans)
	}
}

func TestItIsOffUnlessTheEnvironmentSaysSo(t *testing.T) {
	for _, env := range []map[string]string{
		{},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
	} {
		got, err := Open(t.Context(), Options{Getenv: func(name string) string { return env[name] }})
		if got != nil || err != nil {
			t.Errorf("%v: %v, %v", env, got, err)
		}
		if err := got.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	grpc := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
	if _, err := Open(t.Context(), Options{Getenv: func(name string) string { return grpc[name] }}); err == nil || !strings.Contains(err.Error(), "http/protobuf") {
		t.Errorf("grpc: %v", err)
	}
}

func TestWhatIsLoggedWithinATraceNamesIt(t *testing.T) {
	newReceiver(t)
	got := open(t)
	ctx, span := got.asking(t.Context(), "request")
	var b bytes.Buffer
	logger := slog.New(LogHandler(slog.NewTextHandler(&b, nil))).With("k", "v").WithGroup("g")
	logger.InfoContext(ctx, "within")
	logger.Info("without")
	lines := strings.Split(b.String(), "\n")
	if !strings.Contains(lines[0], "trace="+span.SpanContext().TraceID().String()) || strings.Contains(lines[1], "trace=") {
		t.Errorf("logged %s", &b)
	}
	if err := got.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
