package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

var importVerb = verb{
	name: "import", args: "ID FILE", short: "append an NDJSON file of events; again is once",
	example: "  summit import geneva-2026 facts.ndjson\n  curl -s http://127.0.0.1:8080/v1/summits/alaska-2025/log > log.ndjson",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		c.flags(fs)
		return func(ctx context.Context, std streams, args []string) error {
			file, err := os.Open(args[1])
			if err != nil {
				return usage("%v", err)
			}
			defer file.Close()
			return (&importer{client: &c, std: std, summit: args[0]}).run(ctx, file)
		}
	},
}

// importer sends a file in batches.
type importer struct {
	*client
	std    streams
	summit string
	batch  []json.RawMessage
	bytes  int
	first  int // line of the first event of the batch
	taken  int
	had    int
	last   string // position of the last event sent
}

const importBytes = 8 << 20

func (m *importer) run(ctx context.Context, file io.Reader) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, events.MaxSize+1024)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.Clone(bytes.TrimSpace(lines.Bytes()))
		if len(line) == 0 {
			continue
		}
		e, err := events.Submit(line, "")
		if err != nil {
			return m.stopped(ctx, n, err)
		}
		if e.Summit != "" && e.Summit != m.summit {
			return m.stopped(ctx, n, fmt.Errorf("the event is of summit %q", e.Summit))
		}
		if e.Type == events.TypeSummitOpened {
			if _, err := m.call(ctx, http.MethodPost, "/v1/summits", events.ContentType, line); err != nil {
				return m.stopped(ctx, n, err)
			}
			m.taken++
			continue
		}
		if len(m.batch) == 0 {
			m.first = n
		}
		m.batch, m.bytes = append(m.batch, line), m.bytes+len(line)
		if len(m.batch) == store.MaxBatch || m.bytes > importBytes {
			if err := m.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return m.stopped(ctx, n+1, err)
	}
	if err := m.flush(ctx); err != nil {
		return err
	}
	if m.last != "" {
		if err := m.await(ctx, m.summit, m.last); err != nil {
			return err
		}
	}
	fmt.Fprintf(m.std.out, "%d lines: %d recorded, %d were there already\n", n, m.taken, m.had)
	return nil
}

// stopped sends what came before a bad line, and names the line.
func (m *importer) stopped(ctx context.Context, line int, err error) error {
	if sent := m.flush(ctx); sent != nil {
		return sent
	}
	return fmt.Errorf("line %d: %w (all lines before it were taken: %d recorded, %d were there already; it and those after it were not)", line, err, m.taken, m.had)
}

func (m *importer) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	body, err := json.Marshal(m.batch)
	if err != nil {
		return err
	}
	answer, err := m.call(ctx, http.MethodPost, summitPath(m.summit, "/facts"), "application/cloudevents-batch+json", body)
	if err != nil {
		return fmt.Errorf("lines from %d on were not taken: %w (%d recorded before, %d were there already)", m.first, err, m.taken, m.had)
	}
	var a struct {
		Results []struct{ Outcome, Position string }
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	for _, r := range a.Results {
		m.last = r.Position
		if r.Outcome == "created" {
			m.taken++
		} else {
			m.had++
		}
	}
	m.batch, m.bytes = nil, 0
	fmt.Fprintf(m.std.err, "\r%d recorded, %d were there already", m.taken, m.had)
	return nil
}
