// Package traces sends the way of a fact through the server to OpenTelemetry: the request, the
// append, the commit of the views, and the live frame.
//
// [Open] configures it from the environment variables of the OpenTelemetry specification. Unless
// they name a receiver, tracing is off and costs nothing.
package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options of tracing.
type Options struct {
	Version string
	Logger  *slog.Logger
	// Getenv reads the environment, of which the exporter reads the rest itself.
	Getenv func(name string) string
}

// Traces makes spans. A nil Traces makes none.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	flow     *flow
}

// on reports whether the environment asks for traces.
func (o Options) on() bool {
	if strings.EqualFold(o.Getenv("OTEL_SDK_DISABLED"), "true") || o.Getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return o.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || o.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// Open begins to send spans where the environment says, or nil if it says
// nothing.
func Open(ctx context.Context, o Options) (*Traces, error) {
	if !o.on() {
		return nil, nil //nolint:nilnil // off is no error, and nil does nothing
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if p := o.Getenv(name); p != "" && p != "http/protobuf" {
			return nil, fmt.Errorf("%s=%s: only http/protobuf is spoken", name, p)
		}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the exporter of traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "summit"), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("read what the environment says of this service: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Logger.Warn("traces are not sent", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	tracer := provider.Tracer("github.com/summit-timeline/summit")
	flow, err := newFlow(tracer)
	return &Traces{provider: provider, tracer: tracer, flow: flow}, err
}

// Close sends what is not sent yet.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Handler makes a span of each request, within the trace of the caller where
// its traceparent (W3C) names one. Live streams, which do not end, and what
// watches the server have none.
func (t *Traces) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "HTTP", otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithFilter(func(r *http.Request) bool {
			return !strings.HasSuffix(r.URL.Path, "/live") && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && r.URL.Path != "/metrics"
		}))
}

// LogHandler adds the trace to what is logged within one.
func LogHandler(next slog.Handler) slog.Handler { return traced{next} }

type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if at := trace.SpanContextFromContext(ctx); at.IsValid() {
		r.AddAttrs(slog.String("trace", at.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r) //nolint:wrapcheck // it adds one thing, and is else the handler below
}

func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
