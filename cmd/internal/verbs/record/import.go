package record

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Import appends the events of a file.
func Import() cli.Verb {
	return cli.Verb{
		Name: "import", Args: "ID FILE", Short: "append events from an NDJSON file (safe to repeat)",
		Example: "summit import geneva-2026 facts.ndjson\n" +
			"curl -s http://127.0.0.1:8080/v1/summits/alaska-2025/log > log.ndjson\nsummit import alaska-2025 log.ndjson --server http://127.0.0.1:9000",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			m := importer{told: map[uuid.UUID]int{}}
			f.JSON(&m.asJSON)
			m.Client.Flags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				file, err := os.Open(args[1])
				if err != nil {
					return cli.Usage("%w", err)
				}
				defer file.Close()
				m.std, m.summit = std, args[0]
				return m.run(ctx, file)
			}
		},
	}
}

// importer sends a file in batches.
type importer struct {
	client.Client
	std    cli.Streams
	asJSON bool
	summit string
	batch  []importLine
	bytes  int
	taken  int
	had    int
	last   string            // position of the last event sent
	told   map[uuid.UUID]int // how often a line without an id has come, by its content
}

// importLine is an event and the number of its line.
type importLine struct {
	n   int
	raw json.RawMessage
}

const (
	importBytes = 8 << 20
	importLong  = events.MaxSize + 1024
	byteOrder   = "\ufeff" // at the beginning of what Windows writes
)

func (m *importer) run(ctx context.Context, file io.Reader) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, importLong)
	n := 0
	for lines.Scan() {
		n++
		if err := m.line(ctx, n, lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return m.stopped(ctx, n+1, fmt.Errorf("it is longer than %d bytes; an event has at most %d", importLong, events.MaxSize))
	} else if err != nil {
		return m.stopped(ctx, n+1, err)
	}
	if err := m.flush(ctx); err != nil {
		return err
	}
	if m.last != "" {
		if err := m.Await(ctx, m.summit, m.last); err != nil {
			return err
		}
	}
	if m.asJSON {
		return cli.PrintJSON(m.std.Out, map[string]any{"lines": n, "recorded": m.taken, "duplicate": m.had, "position": m.last})
	}
	fmt.Fprintf(m.std.Out, "%d lines: %s\n", n, m.count())
	return nil
}

func (m *importer) count() string {
	return fmt.Sprintf("%d recorded, %d were there already", m.taken, m.had)
}

// line takes one line, and sends the batch if it is full.
func (m *importer) line(ctx context.Context, n int, text []byte) error {
	if n == 1 {
		text = bytes.TrimPrefix(text, []byte(byteOrder))
	}
	raw := bytes.Clone(bytes.TrimSpace(text))
	if len(raw) == 0 {
		return nil
	}
	e, err := events.Submit(raw, "")
	if err == nil && e.Summit != "" && e.Summit != m.summit {
		err = fmt.Errorf("the event belongs to summit %q: import it with that id", e.Summit)
	}
	if err != nil {
		return m.stopped(ctx, n, err)
	}
	if e.Type == events.TypeSummitOpened {
		return m.openSummit(ctx, importLine{n, raw})
	}
	if e.ID == "" {
		raw = m.identified(raw)
	}
	m.batch, m.bytes = append(m.batch, importLine{n, raw}), m.bytes+len(raw)
	if len(m.batch) == store.MaxBatch || m.bytes > importBytes {
		return m.flush(ctx)
	}
	return nil
}

// identified sets the id of an event without one: it follows from its summit, its
// content and how often that has come: to import the file again changes nothing.
func (m *importer) identified(raw []byte) []byte {
	content := uuid.NewSHA1(uuid.NameSpaceURL, append([]byte("summits/"+m.summit+"\n"), raw...))
	m.told[content]++
	id := uuid.NewSHA1(content, fmt.Append(nil, m.told[content]))
	rest := bytes.TrimSpace(raw[1:])
	return append(fmt.Appendf(nil, `{"id":%q,`, id), rest...)
}

// openSummit opens the summit if it is not open yet.
func (m *importer) openSummit(ctx context.Context, x importLine) error {
	if err := m.flush(ctx); err != nil {
		return err
	}
	header := http.Header{"Content-Type": {events.ContentType}}
	res, err := m.Do(ctx, http.MethodPost, "/v1/summits", header, x.raw)
	if err != nil {
		return m.refused(x.n, err)
	}
	if res.StatusCode == http.StatusCreated {
		m.taken++
	} else {
		m.had++
	}
	return res.Body.Close()
}

// stopped sends what came before a bad line, and names the line.
func (m *importer) stopped(ctx context.Context, line int, err error) error {
	if sent := m.flush(ctx); sent != nil {
		return sent
	}
	return m.refused(line, err)
}

// refused names a line that was not taken, and says what was.
func (m *importer) refused(line int, err error) error {
	return fmt.Errorf("line %d: %w (all lines before it were recorded: %s; this one and the following ones were not)", line, err, m.count())
}

// flush sends the batch. A server takes all of one or nothing: where a line of it
// is refused they are sent one by one, so that those before the bad one are taken
// and that one is named.
func (m *importer) flush(ctx context.Context) error {
	batch := m.batch
	m.batch, m.bytes = nil, 0
	err := m.post(ctx, batch)
	if err != nil && !ofLine(err) {
		return m.broken(batch[0].n, err)
	}
	for i := 0; err != nil && i < len(batch); i++ {
		if one := m.post(ctx, batch[i:i+1]); one != nil && ofLine(one) {
			return m.refused(batch[i].n, one)
		} else if one != nil {
			return m.broken(batch[i].n, one)
		}
	}
	return nil
}

// ofLine reports whether an error is a line's fault, and not the caller's or the
// server's.
func ofLine(err error) bool {
	var p *client.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch p.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// broken reports how far it came where the server did not take a batch: without an
// answer nobody knows what came of it, and to send it again settles that.
func (m *importer) broken(line int, err error) error {
	if p := (*client.Problem)(nil); errors.As(err, &p) && p.Status == http.StatusNotFound {
		return fmt.Errorf("lines from %d on were not recorded: %w (before that: %s); open the summit with summit open %s, then import the file again", line, err, m.count(), m.summit)
	}
	return fmt.Errorf("lines from %d on may not have been recorded: %w (before that: %s); import the file again: nothing is recorded twice", line, err, m.count())
}

// post sends lines as one batch and counts what came of them.
func (m *importer) post(ctx context.Context, lines []importLine) error {
	if len(lines) == 0 {
		return nil
	}
	list := make([]json.RawMessage, len(lines))
	for i, x := range lines {
		list[i] = x.raw
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	answer, err := m.Call(ctx, http.MethodPost, client.Path(m.summit, "/facts"), "application/cloudevents-batch+json", body)
	if err != nil {
		return err
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
	fmt.Fprintf(m.std.Err, "\r%s", m.count())
	return nil
}
