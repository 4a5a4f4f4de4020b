package traces

import (
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// remembered is of how many events on their way the trace is known. Events that
// others append, and those of a rebuild, have none: they make no spans.
const remembered = 1 << 14

// flow follows events from the append, by their ids, to the commit of the
// views, and from there by their sequences to the live frames. What serves one
// trace is a span within it. What serves several at once is in none of them: it
// is a trace of its own, with a link to each.
type flow struct {
	tracer    trace.Tracer
	appended  *lru.Cache[string, trace.SpanContext]
	committed *lru.Cache[place, trace.SpanContext]
}

// place is where an event stands.
type place struct {
	summit string
	seq    uint64
}

func newFlow(tracer trace.Tracer) (*flow, error) {
	appended, err := lru.New[string, trace.SpanContext](remembered)
	if err != nil {
		return nil, fmt.Errorf("remember traces: %w", err)
	}
	committed, err := lru.New[place, trace.SpanContext](remembered)
	if err != nil {
		return nil, fmt.Errorf("remember traces: %w", err)
	}
	return &flow{tracer, appended, committed}, nil
}

// Append begins an append for those who ask for it, each with its context; ids
// are those of the events of each. What it gives is called when it has ended.
func (t *Traces) Append(summit string, asked []context.Context, ids [][]string) (ended func(error)) {
	var from []trace.SpanContext
	n := 0
	for i, ctx := range asked {
		from = append(from, trace.SpanContextFromContext(ctx))
		n += len(ids[i])
	}
	span := t.flow.start("append", from, attribute.String("summit.id", summit), attribute.Int("summit.events", n))
	if span == nil {
		return func(error) {}
	}
	for i := range asked {
		if !from[i].IsSampled() {
			continue
		}
		for _, id := range ids[i] {
			t.flow.appended.Add(id, span.SpanContext())
		}
	}
	return end(span)
}

// Commit begins a transaction of the views that folds events.
func (t *Traces) Commit(summit string, first uint64, ids []string) (ended func(error)) {
	from := make([]trace.SpanContext, len(ids))
	for i, id := range ids {
		if at, ok := t.flow.appended.Get(id); ok {
			from[i] = at
			t.flow.appended.Remove(id)
		}
	}
	span := t.flow.start("commit", from, attribute.String("summit.id", summit), attribute.Int("summit.events", len(ids)),
		attribute.Int64("summit.seq", int64(first))) //nolint:gosec // a sequence is far from that large
	if span == nil {
		return func(error) {}
	}
	for i := range from {
		if from[i].IsValid() {
			t.flow.committed.Add(place{summit, first + uint64(i)}, span.SpanContext()) //nolint:gosec // an index
		}
	}
	return end(span)
}

// Frame begins to encode the live frames after a position, up to another.
func (t *Traces) Frame(summit string, after, to uint64) (ended func(error)) {
	var from []trace.SpanContext
	for seq := max(after, to-min(to, remembered)) + 1; seq <= to; seq++ {
		if at, ok := t.flow.committed.Get(place{summit, seq}); ok {
			from = append(from, at)
			t.flow.committed.Remove(place{summit, seq})
		}
	}
	span := t.flow.start("frame", from, attribute.String("summit.id", summit), attribute.Int("summit.events", len(from)),
		attribute.Int64("summit.seq", int64(to))) //nolint:gosec // as above
	if span == nil {
		return func(error) {}
	}
	return end(span)
}

// start begins a span out of what came before, or nil if nothing did that is
// traced.
func (f *flow) start(name string, from []trace.SpanContext, about ...attribute.KeyValue) trace.Span {
	var distinct []trace.Link
	seen := map[trace.SpanID]bool{}
	for _, at := range from {
		if at.IsValid() && at.IsSampled() && !seen[at.SpanID()] {
			seen[at.SpanID()] = true
			distinct = append(distinct, trace.Link{SpanContext: at})
		}
	}
	ctx := context.Background()
	options := []trace.SpanStartOption{trace.WithAttributes(about...)}
	switch len(distinct) {
	case 0:
		return nil
	case 1:
		ctx = trace.ContextWithSpanContext(ctx, distinct[0].SpanContext)
	default:
		options = append(options, trace.WithNewRoot(), trace.WithLinks(distinct...))
	}
	_, span := f.tracer.Start(ctx, name, options...)
	return span
}

func end(span trace.Span) func(error) {
	return func(err error) {
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}
