package record

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/verbs/read"
	"github.com/summit-timeline/summit/cmd/internal/when"
	"github.com/summit-timeline/summit/events"
)

// defaultDesk is the desk of what is recorded on the command line.
const defaultDesk = "/desks/cli"

// options are the flags of record: a fact, or an amendment.
type options struct {
	client.Client
	typ, entity, at, source, desk, data, id, notice, reason, match string
	correct, retract, corroborate, dispute, grade                  string
	set                                                            fields
	asJSON                                                         bool
}

// Record records a fact or an amendment.
func Record() cli.Verb {
	return cli.Verb{
		Name: "record", Args: "ID", Short: "record a fact or an amendment, or the event on standard input",
		Example: "summit record alaska-2025 --type note.added --entity note/weather --source 'Weather service' --set text=Fog\n" +
			"summit record alaska-2025 --type note.added --entity note/crowd --source Police --at 'late thursday' --set text='A crowd gathers'\n" +
			"summit record alaska-2025 --correct @3 --set watchers=21000 --notice 'Count raised'\n" +
			"summit record alaska-2025 --retract @4 --reason 'The outlet withdrew it'\n" +
			"summit record alaska-2025 --dispute @4 --source 'The tower' --reason 'No such landing was seen'\n" +
			"summit record alaska-2025 --grade @4 --data B2\n" +
			"summit record alaska-2025 < event.json",
		Complete: client.ByServer(),
		Setup: func(fs *cli.Flags) cli.Run {
			var f options
			f.flags(fs)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				event, err := f.event(ctx, std, args[0])
				if err != nil {
					return err
				}
				return worded(f.send(ctx, std, args[0], event), f.pointers())
			}
		},
	}
}

func (f *options) flags(fs *cli.Flags) {
	fs.Section("The fact")
	fs.Choice(&f.typ, "type", typeNames(), "`TYPE` of the fact, such as note.added (summit types lists them)")
	fs.StringVar(&f.entity, "entity", "", "`KIND/ID` that it is about, such as aircraft/il-96-300, or a name as in 'person/Мария Захарова' (default for an amendment: that of the fact)")
	fs.StringVar(&f.at, "at", "", "`TIME` when it happened: 'today 10:00', 'late thursday', '2h ago' in the zone of the summit, or RFC 3339")
	fs.StringVar(&f.source, "source", "", "`SOURCES` that say so, the original one first: 'RIA Novosti>Reuters'")
	fs.Var(&f.set, "set", "`FIELD=VALUE` to set, on top of --data; place.name=X sets a nested field; may be repeated")
	fs.StringVar(&f.data, "data", "", "all fields as `JSON`; with --correct what changes, with --grade the grade")
	fs.Section("Amending an earlier fact")
	fs.StringVar(&f.correct, "correct", "", "`FACT` to correct: its id, or @ and its sequence")
	fs.StringVar(&f.retract, "retract", "", "`FACT` or amendment to retract")
	fs.StringVar(&f.corroborate, "corroborate", "", "`FACT` that --source confirms")
	fs.StringVar(&f.dispute, "dispute", "", "`FACT` that --source disputes")
	fs.StringVar(&f.grade, "grade", "", "`FACT` to grade")
	fs.StringVar(&f.notice, "notice", "", "`TEXT` that readers see with the amendment")
	fs.StringVar(&f.reason, "reason", "", "`TEXT` that explains why")
	fs.Section("How it is recorded")
	fs.StringVar(&f.desk, "desk", defaultDesk, "`DESK` that records it")
	fs.StringVar(&f.id, "id", "", "`UUID` of the event: the same one is never recorded twice")
	fs.StringVar(&f.match, "if-match", "", "amend only if the entity has not changed since this `POSITION`")
	fs.JSON(&f.asJSON)
	f.Client.Flags(fs)
}

// pointers are the flags of what an event holds, for its faults. Those of an event
// on standard input are where its JSON has them.
func (f *options) pointers() []flagOf {
	typ, target, err := f.amendment()
	if err != nil || f.typ == "" && target == "" {
		return nil
	}
	list := []flagOf{
		{"/type", "--type"},
		{"/subject", "--entity"},
		{"/time", "--at"},
		{"/data/when", "--at"},
		{"/source", "--desk"},
		{"/id", "--id"},
		{"/data/sources", "--source"},
		{"/data/notice", "--notice"},
		{"/data/grade", "--data"},
	}
	for name, given := range map[string]string{"correct": f.correct, "retract": f.retract, "corroborate": f.corroborate, "dispute": f.dispute, "grade": f.grade} {
		if given != "" {
			list = append(list, flagOf{"/data/target", "--" + name})
		}
	}
	if typ != "" {
		list = append(list, flagOf{"/data/reason", "--reason"}, flagOf{"/data/detail", "--reason"})
	}
	return list
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

// event puts the words together, or reads standard input if there are none.
func (f *options) event(ctx context.Context, std cli.Streams, summit string) ([]byte, error) {
	typ, named, err := f.amendment()
	if err != nil {
		return nil, err
	}
	if f.typ == "" && named == "" {
		return io.ReadAll(std.In)
	}
	data, entity := map[string]any{}, f.entity
	if named == "" {
		typ = f.typ
		if entity, err = f.subject(ctx, std, summit, typ); err != nil {
			return nil, err
		}
		if err := f.fields(data); err != nil {
			return nil, err
		}
	} else {
		target, on, err := f.FindFact(ctx, summit, named)
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
	if err := f.when(ctx, std, summit, event, data); err != nil {
		return nil, err
	}
	f.put(event, "id", f.id)
	return json.Marshal(event)
}

func (f *options) amendment() (typ, target string, err error) {
	for t, id := range map[string]string{
		events.TypeFactCorrected: f.correct, events.TypeFactRetracted: f.retract, events.TypeFactCorroborated: f.corroborate,
		events.TypeFactDisputed: f.dispute, events.TypeFactGraded: f.grade,
	} {
		if id == "" {
			continue
		}
		if target != "" || f.typ != "" {
			return "", "", cli.Usage("record one fact or one amendment at a time")
		}
		typ, target = t, id
	}
	return typ, target, nil
}

// fields puts --data, then what was set, into a JSON object.
func (f *options) fields(into map[string]any) error {
	if f.data != "" {
		if err := json.Unmarshal([]byte(f.data), &into); err != nil {
			return cli.Usage("--data is not a JSON object: %v", err)
		}
		if into == nil {
			return cli.Usage("--data is not a JSON object: it is null")
		}
	}
	return f.set.into(into)
}

func (f *options) amend(typ, target string, data map[string]any) error {
	data["target"] = target
	switch typ {
	case events.TypeFactCorrected:
		patch := map[string]any{}
		if err := f.fields(patch); err != nil {
			return err
		}
		if len(patch) == 0 || f.notice == "" {
			return cli.Usage("--correct needs the change (--set or --data) and --notice, the text shown to readers")
		}
		data["patch"], data["class"], data["notice"] = patch, events.ClassCorrected, f.notice
		f.put(data, "reason", f.reason)
	case events.TypeFactRetracted:
		if f.reason == "" {
			return cli.Usage("--retract needs --reason")
		}
		data["reason"] = f.reason
		f.put(data, "notice", f.notice)
	case events.TypeFactGraded:
		g, err := events.ParseGrade(f.data)
		if err != nil {
			return cli.Usage("--grade needs --data: %v", err)
		}
		data["grade"] = map[string]any{"source": g.Source, "info": g.Info}
	default:
		if f.source == "" {
			return cli.Usage("--source is missing: who says so")
		}
		f.put(data, "detail", f.reason)
	}
	return nil
}

func (f *options) put(data map[string]any, name, value string) {
	if value != "" {
		data[name] = value
	}
}

func (f *options) send(ctx context.Context, std cli.Streams, summit string, event []byte) error {
	header := http.Header{"Content-Type": {events.ContentType}}
	if f.match != "" {
		header.Set("If-Match", `"`+f.match+`"`)
	}
	answer, err := f.Send(ctx, http.MethodPost, client.Path(summit, "/facts"), header, event)
	if err != nil {
		return err
	}
	err = printed(std, answer, f.asJSON, func(a outcome) string {
		return fmt.Sprintf("%s %s at %s", a.Outcome, a.ID, a.Position)
	})
	if err != nil {
		return err
	}
	var a outcome
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return f.Await(ctx, summit, a.Position)
}

// when puts the time into an event: an instant as its time, an interval as when,
// which is shown first. Words are read in the zone of the summit.
func (f *options) when(ctx context.Context, std cli.Streams, summit string, event, data map[string]any) error {
	if f.at == "" {
		return nil
	}
	if _, err := events.ParseInstant(f.at); err == nil {
		event["time"] = f.at
		return nil
	}
	if _, err := when.Parse(f.at, time.Now()); err != nil { // before the server is asked
		return cli.Usage("--at: %w", err)
	}
	clock, err := read.Clock(ctx, &f.Client, summit, "")
	if err != nil {
		return err
	}
	span, err := when.Parse(f.at, time.Now().In(clock.Zone))
	switch {
	case err != nil:
		return cli.Usage("--at: %w", err)
	case span.Exact():
		event["time"] = span.Earliest.Format(time.RFC3339)
		fmt.Fprintf(std.Err, "%s: %s\n", f.at, clock.Instant(span.Earliest))
		return nil
	case data["when"] != nil:
		return cli.Usage("--at %q is an interval, but --set or --data already sets when", f.at)
	}
	fmt.Fprintf(std.Err, "%s: %s\n", f.at, clock.Moment(&events.Moment{Earliest: events.Instant{Time: span.Earliest}, Latest: events.Instant{Time: span.Latest}}))
	data["when"] = map[string]any{
		"earliest": span.Earliest.Format(time.RFC3339), "latest": span.Latest.Format(time.RFC3339), "approximate": true, "zone": clock.Zone.String(), "text": f.at,
	}
	return nil
}
