package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"

	"github.com/summit-timeline/summit/events"
)

// recordFlags are the words of a fact or an amendment.
type recordFlags struct {
	typ, entity, at, source, desk, data, id, notice, reason, match string
	correct, retract, corroborate, dispute, grade                  string
	set                                                            fields
}

var recordVerb = verb{
	name: "record", args: "ID", short: "record a fact or an amendment, or the event on standard input",
	example: "  summit record alaska-2025 --type note.added --entity note/weather --source 'Weather service' --set text=Fog\n" +
		"  summit record alaska-2025 --correct @3 --set watchers=21000 --notice 'Count raised'\n" +
		"  summit record alaska-2025 --retract @4 --reason 'The outlet withdrew it'\n" +
		"  summit record alaska-2025 --dispute @4 --source 'The tower' --reason 'No such landing was seen'\n" +
		"  summit record alaska-2025 --grade @4 --data B2\n" +
		"  summit record alaska-2025 < event.json",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		var f recordFlags
		c.flags(fs)
		f.flags(fs)
		return func(ctx context.Context, std streams, args []string) error {
			event, err := f.event(ctx, std, &c, args[0])
			if err != nil {
				return err
			}
			return f.send(ctx, std, &c, args[0], event)
		}
	},
}

func (f *recordFlags) flags(fs *flag.FlagSet) {
	suggest(fs, &f.typ, "type", typeNames(), "type of fact, such as note.added")
	fs.StringVar(&f.entity, "entity", "", "KIND/ID it is about; for an amendment that of the fact where not given")
	fs.StringVar(&f.at, "at", "", "when it happened, RFC 3339 with an offset")
	fs.StringVar(&f.source, "source", "", "on whose word, the root first: 'RIA Novosti>Reuters'")
	fs.StringVar(&f.desk, "desk", "/desks/cli", "the desk that records")
	fs.StringVar(&f.data, "data", "", "the fields, as JSON; with --correct the merge patch, with --grade the grade")
	fs.Var(&f.set, "set", "FIELD=VALUE, instead of or after --data; place.name=X is a field below; may be given again")
	fs.StringVar(&f.id, "id", "", "UUID, the idempotency key")
	fs.StringVar(&f.notice, "notice", "", "what a reader is told of an amendment")
	fs.StringVar(&f.reason, "reason", "", "why it is amended")
	fs.StringVar(&f.match, "if-match", "", "amend only if its entity has not moved since this position")
	fs.StringVar(&f.correct, "correct", "", "the fact to correct: its id, or @ and its sequence")
	fs.StringVar(&f.retract, "retract", "", "the fact or amendment to retract")
	fs.StringVar(&f.corroborate, "corroborate", "", "the fact that --source confirms")
	fs.StringVar(&f.dispute, "dispute", "", "the fact that --source disputes")
	fs.StringVar(&f.grade, "grade", "", "the fact to grade")
}

// typeNames are the types of facts that are not amendments.
func typeNames() []string {
	var names []string
	for _, t := range events.Types() {
		if !t.Amendment {
			names = append(names, t.Name)
		}
	}
	return names
}

// event puts the words together, or reads standard input where there are none.
func (f *recordFlags) event(ctx context.Context, std streams, c *client, summit string) ([]byte, error) {
	typ, named, err := f.amendment()
	if err != nil {
		return nil, err
	}
	if f.typ == "" && named == "" {
		return io.ReadAll(std.in)
	}
	data, entity := map[string]any{}, f.entity
	if named == "" {
		typ = f.typ
		if err := f.fields(data); err != nil {
			return nil, err
		}
	} else {
		target, on, err := c.find(ctx, summit, named)
		if err != nil {
			return nil, err
		}
		if err := f.amend(typ, target, data); err != nil {
			return nil, err
		}
		if entity == "" {
			entity = on
		}
	}
	if sources := chain(f.source); sources != nil {
		data["sources"] = sources
	}
	event := map[string]any{"source": f.desk, "type": typ, "subject": entity, "data": data}
	for name, v := range map[string]string{"id": f.id, "time": f.at} {
		if v != "" {
			event[name] = v
		}
	}
	return json.Marshal(event)
}

func (f *recordFlags) amendment() (typ, target string, err error) {
	for t, id := range map[string]string{
		events.TypeFactCorrected: f.correct, events.TypeFactRetracted: f.retract, events.TypeFactCorroborated: f.corroborate,
		events.TypeFactDisputed: f.dispute, events.TypeFactGraded: f.grade,
	} {
		if id == "" {
			continue
		}
		if target != "" || f.typ != "" {
			return "", "", usage("one fact or one amendment at a time")
		}
		typ, target = t, id
	}
	return typ, target, nil
}

// fields puts --data, then what was set, into a JSON object.
func (f *recordFlags) fields(into map[string]any) error {
	if f.data != "" {
		if err := json.Unmarshal([]byte(f.data), &into); err != nil {
			return usage("--data is no JSON object: %v", err)
		}
	}
	return f.set.into(into)
}

func (f *recordFlags) amend(typ, target string, data map[string]any) error {
	data["target"] = target
	switch typ {
	case events.TypeFactCorrected:
		patch := map[string]any{}
		if err := f.fields(patch); err != nil {
			return err
		}
		if len(patch) == 0 || f.notice == "" {
			return usage("--correct needs what changes (--set or --data) and --notice, what a reader is told")
		}
		data["patch"], data["class"], data["notice"] = patch, events.ClassCorrected, f.notice
		f.put(data, "reason", f.reason)
	case events.TypeFactRetracted:
		if f.reason == "" {
			return usage("--retract needs --reason")
		}
		data["reason"] = f.reason
		f.put(data, "notice", f.notice)
	case events.TypeFactGraded:
		g, err := events.ParseGrade(f.data)
		if err != nil {
			return usage("--grade needs --data: %v", err)
		}
		data["grade"] = map[string]any{"source": g.Source, "info": g.Info}
	default:
		if f.source == "" {
			return usage("on whose word? --source says")
		}
		f.put(data, "detail", f.reason)
	}
	return nil
}

func (f *recordFlags) put(data map[string]any, name, value string) {
	if value != "" {
		data[name] = value
	}
}

func (f *recordFlags) send(ctx context.Context, std streams, c *client, summit string, event []byte) error {
	header := http.Header{"Content-Type": {events.ContentType}}
	if f.match != "" {
		header.Set("If-Match", `"`+f.match+`"`)
	}
	answer, err := c.send(ctx, http.MethodPost, summitPath(summit, "/facts"), header, event)
	if err != nil {
		return err
	}
	var a struct{ ID, Position, Outcome string }
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintf(std.out, "%s %s at %s\n", clean(a.Outcome), clean(a.ID), clean(a.Position))
	return c.await(ctx, summit, a.Position)
}
