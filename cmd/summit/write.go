package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

var openVerb = verb{
	name: "open", args: "ID", short: "open a summit",
	example: "  summit open geneva-2026 --title 'Geneva talks' --zone Europe/Zurich --party ch='Switzerland'",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		c.flags(fs)
		title := fs.String("title", "", "what the summit is called")
		zone := fs.String("zone", "", "IANA time zone of the venue")
		parties := []map[string]string{}
		fs.Func("party", "ID=NAME of a party; may be given again", func(s string) error {
			id, name, ok := strings.Cut(s, "=")
			if !ok {
				return errors.New("must be ID=NAME")
			}
			parties = append(parties, map[string]string{"id": id, "name": name})
			return nil
		})
		return func(ctx context.Context, std streams, args []string) error {
			if *title == "" || *zone == "" {
				return usage("--title and --zone are needed")
			}
			body, err := json.Marshal(map[string]any{"id": args[0], "title": *title, "zone": *zone, "parties": parties})
			if err != nil {
				return err
			}
			answer, err := c.call(ctx, http.MethodPost, "/v1/summits", "application/json", body)
			if err != nil {
				return err
			}
			var a struct{ Position string }
			if err := json.Unmarshal(answer, &a); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			fmt.Fprintf(std.out, "%s is open at %s\n", args[0], a.Position)
			return nil
		}
	},
}

// recordFlags are the words of a fact or an amendment.
type recordFlags struct {
	typ, entity, at, source, desk, data, id, notice, reason, match string
	correct, retract, corroborate, dispute, grade                  string
}

var recordVerb = verb{
	name: "record", args: "ID", short: "record a fact or an amendment, or the event on standard input",
	example: "  summit record alaska-2025 --type note.added --entity note/weather --source 'Weather service' --data '{\"text\":\"Fog\"}'\n" +
		"  summit record alaska-2025 --correct FACT --data '{\"watchers\":21000}' --notice 'Count raised'\n" +
		"  summit record alaska-2025 --retract FACT --reason 'The outlet withdrew it'\n" +
		"  summit record alaska-2025 --grade FACT --data B2",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		var f recordFlags
		c.flags(fs)
		fs.StringVar(&f.typ, "type", "", "type of fact, such as note.added")
		fs.StringVar(&f.entity, "entity", "", "KIND/ID it is about")
		fs.StringVar(&f.at, "at", "", "when it happened, RFC 3339 with an offset")
		fs.StringVar(&f.source, "source", "", "on whose word, the root first: 'RIA Novosti>Reuters'")
		fs.StringVar(&f.desk, "desk", "/desks/cli", "the desk that records")
		fs.StringVar(&f.data, "data", "", "the fields, as JSON; with --correct the merge patch, with --grade the grade")
		fs.StringVar(&f.id, "id", "", "UUID, the idempotency key")
		fs.StringVar(&f.notice, "notice", "", "what a reader is told of an amendment")
		fs.StringVar(&f.reason, "reason", "", "why it is amended")
		fs.StringVar(&f.correct, "correct", "", "id of the fact to correct")
		fs.StringVar(&f.retract, "retract", "", "id of the fact to retract")
		fs.StringVar(&f.corroborate, "corroborate", "", "id of the fact that --source confirms")
		fs.StringVar(&f.dispute, "dispute", "", "id of the fact that --source disputes")
		fs.StringVar(&f.grade, "grade", "", "id of the fact to grade")
		return func(ctx context.Context, std streams, args []string) error {
			event, err := f.event(ctx, std, &c, args[0])
			if err != nil {
				return err
			}
			answer, err := c.call(ctx, http.MethodPost, summitPath(args[0], "/facts"), events.ContentType, event)
			if err != nil {
				return err
			}
			var a struct{ ID, Position, Outcome string }
			if err := json.Unmarshal(answer, &a); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			fmt.Fprintf(std.out, "%s %s at %s\n", a.Outcome, a.ID, a.Position)
			return nil
		}
	},
}

// event puts the words together, or reads standard input where there are none.
func (f recordFlags) event(ctx context.Context, std streams, c *client, summit string) ([]byte, error) {
	typ, target, err := f.amendment()
	if err != nil {
		return nil, err
	}
	if f.typ == "" && target == "" {
		return io.ReadAll(std.in)
	}
	data := map[string]any{}
	if target == "" {
		typ = f.typ
		if err := f.object(&data); err != nil {
			return nil, err
		}
	} else if err := f.amend(typ, target, data); err != nil {
		return nil, err
	}
	if sources := chain(f.source); sources != nil {
		data["sources"] = sources
	}
	entity := f.entity
	if target != "" && entity == "" {
		var fact struct{ Entity string }
		if _, err := c.get(ctx, summitPath(summit, "/facts/"+target), nil, &fact); err != nil {
			return nil, err
		}
		entity = fact.Entity
	}
	event := map[string]any{"source": f.desk, "type": typ, "subject": entity, "data": data}
	for name, v := range map[string]string{"id": f.id, "time": f.at} {
		if v != "" {
			event[name] = v
		}
	}
	return json.Marshal(event)
}

func (f recordFlags) amendment() (typ, target string, err error) {
	for t, id := range map[string]string{
		events.TypeFactCorrected: f.correct, events.TypeFactRetracted: f.retract, events.TypeFactCorroborated: f.corroborate,
		events.TypeFactDisputed: f.dispute, events.TypeFactGraded: f.grade,
	} {
		if id == "" {
			continue
		}
		if target != "" {
			return "", "", usage("one amendment at a time")
		}
		typ, target = t, id
	}
	return typ, target, nil
}

func (f recordFlags) object(into any) error {
	if f.data == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(f.data), into); err != nil {
		return usage("--data is no JSON object: %v", err)
	}
	return nil
}

func (f recordFlags) amend(typ, target string, data map[string]any) error {
	data["target"] = target
	if f.notice != "" && typ == events.TypeFactRetracted {
		data["notice"] = f.notice
	}
	switch typ {
	case events.TypeFactCorrected:
		patch := map[string]any{}
		if err := f.object(&patch); err != nil {
			return err
		}
		data["patch"], data["class"], data["notice"] = patch, events.ClassCorrected, f.notice
		if f.reason != "" {
			data["reason"] = f.reason
		}
	case events.TypeFactRetracted:
		data["reason"] = f.reason
	case events.TypeFactGraded:
		g, err := events.ParseGrade(f.data)
		if err != nil {
			return usage("--data: %v", err)
		}
		data["grade"] = map[string]any{"source": g.Source, "info": g.Info}
	default:
		if f.reason != "" {
			data["detail"] = f.reason
		}
	}
	return nil
}

// chain reads a chain of sources, the root first.
func chain(text string) []map[string]any {
	if text == "" {
		return nil
	}
	var list []map[string]any
	for i, name := range strings.Split(text, ">") {
		s := map[string]any{"id": fmt.Sprintf("s%d", i+1), "name": strings.TrimSpace(name), "role": "originator"}
		if i > 0 {
			s["role"], s["via"] = "relay", []string{fmt.Sprintf("s%d", i)}
		}
		list = append(list, s)
	}
	return list
}

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
			defer file.Close() //nolint:errcheck // it is only read
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
	if m.last != "" { // what was imported can be read when the verb ends
		if _, err := m.call(ctx, http.MethodGet, summitPath(m.summit, "?min="+m.last), "", nil); err != nil {
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
