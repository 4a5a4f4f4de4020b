// Package read has the verbs that read a summit.
package read

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/cmd/internal/when"
	"github.com/summit-timeline/summit/events"
)

// query is a verb that reads a summit.
type query struct {
	client.Client
	asJSON bool
	zone   string
	params map[string]*string
}

// instant ends the description of a flag that takes a time.
const instant = "; a `TIME` such as 'today 10:00', 'late thursday', '2h ago' or RFC 3339"

// knowledge ends the description of a flag that takes a moment of knowledge.
const knowledge = ": a `POSITION`, @ and a sequence, or a time such as '2h ago'"

// descriptions describe the flags that become query parameters.
var descriptions = map[string]string{
	"from":      "only what happened at or after this time" + instant,
	"to":        "only what happened before this time" + instant,
	"at":        "show what stood at this time" + instant,
	"known":     "as known then" + knowledge,
	"since":     "first of the two moments of knowledge" + knowledge,
	"until":     "second of the two moments of knowledge" + knowledge + " (default: now)",
	"min":       "wait until the server serves this `POSITION`",
	"type":      "only these `TYPES`, separated by commas, such as aircraft.*,note.added",
	"types":     "only these `TYPES`, separated by commas, such as aircraft.*,fact.corrected",
	"entity":    "only facts about this `ENTITY`, such as aircraft/il-96-300",
	"actor":     "only what this `ACTOR` said or holds",
	"party":     "only facts about this `PARTY`",
	"place":     "only facts at this `PLACE`",
	"source":    "only facts from this `SOURCE`",
	"standing":  "only facts of this `STANDING`: unverified, corroborated, disputed, corrected, retracted, superseded, overdue",
	"min_grade": "only facts with this `GRADE` or better, such as B2",
	"q":         "only facts that contain all these `WORDS`; \"a phrase\" in quotes",
	"order":     "`ORDER` of the facts: occurred or recorded (default occurred)",
	"dir":       "`DIRECTION` of the order: asc or desc (default asc)",
	"limit":     "greatest `NUMBER` of entries",
	"cursor":    "`CURSOR` that the previous page ended with",
	"kind":      "only these `KINDS` of entries, separated by commas, such as aircraft,meetings",
}

// choices are the values of the flags that have few.
var choices = map[string][]string{
	"standing": {"unverified", "corroborated", "disputed", "corrected", "retracted", "superseded", "overdue"},
	"order":    {"occurred", "recorded"},
	"dir":      {"asc", "desc"},
}

// flags declares the flags of a verb that shows times.
func (q *query) flags(f *cli.Flags, params ...string) {
	q.paramFlags(f, params...)
	f.StringVar(&q.zone, "zone", "", "IANA `ZONE` to show times in (default: that of the summit)")
	q.answerFlags(f)
}

// paramFlags declares flags that become query parameters.
func (q *query) paramFlags(f *cli.Flags, params ...string) {
	q.params = map[string]*string{}
	for _, p := range params {
		name := strings.TrimPrefix(client.FlagOf(p), "--")
		q.params[p] = f.String(name, "", descriptions[p])
		f.Values(name, choices[p])
		if p == "type" || p == "types" {
			f.Values(name, typeNames())
		}
	}
}

// answerFlags declares the flags that all verbs have.
func (q *query) answerFlags(f *cli.Flags) {
	f.JSON(&q.asJSON)
	q.Client.Flags(f)
}

func typeNames() []string {
	var names []string
	for _, t := range events.Types() {
		names = append(names, t.Name)
	}
	return names
}

// end reports which end of an interval a parameter takes, and whether it may lie in
// the future.
type end struct{ latest, past bool }

// moments are the parameters that take a time.
var moments = map[string]end{
	"from": {}, "to": {latest: true}, "at": {latest: true}, "known": {latest: true, past: true}, "since": {}, "until": {latest: true, past: true},
}

// values returns the query parameters. Times in words become instants of the
// summit's zone.
func (q *query) values(ctx context.Context, summit string) (url.Values, error) {
	v := url.Values{}
	for name, value := range q.params {
		if *value == "" {
			continue
		}
		text := *value
		if e, ok := moments[name]; ok && inWords(text) {
			t, err := q.moment(ctx, summit, text, e)
			if err != nil {
				return nil, cli.Usage("%s: %w", client.FlagOf(name), err)
			}
			text = t.Format(time.RFC3339Nano)
		}
		v.Set(name, text)
	}
	return v, nil
}

// position is one in full.
var position = regexp.MustCompile(`^[0-9a-f]{8}-\d+$`)

// inWords reports whether a text is neither a position nor an instant.
func inWords(text string) bool {
	if strings.HasPrefix(text, "@") || position.MatchString(text) {
		return false
	}
	_, err := events.ParseInstant(text)
	return err != nil
}

// moment reads a time in words.
func (q *query) moment(ctx context.Context, summit, text string, e end) (time.Time, error) {
	if _, err := when.Parse(text, time.Now()); err != nil { // before anything is asked
		return time.Time{}, err
	}
	clock, err := q.clock(ctx, summit)
	if err != nil {
		return time.Time{}, err
	}
	now := time.Now().In(clock.Zone)
	span, err := when.Parse(text, now)
	t := span.Earliest
	if e.latest {
		t = span.Latest
	}
	if e.past && t.After(now) && !span.Exact() {
		t = now
	}
	return t, err
}

// read asks for a part of a summit; with --json it prints the answer and is done.
func (q *query) read(ctx context.Context, std cli.Streams, summit, part string, into any) (done bool, err error) {
	values, err := q.values(ctx, summit)
	if err != nil {
		return false, err
	}
	answer, err := q.Get(ctx, client.Path(summit, part), values, into)
	if err != nil || !q.asJSON {
		return false, err
	}
	_, err = fmt.Fprintf(std.Out, "%s\n", answer)
	return true, err
}

// clock shows times in the zone asked for, else in that of the summit.
func (q *query) clock(ctx context.Context, summit string) (humanize.Clock, error) {
	return Clock(ctx, &q.Client, summit, q.zone)
}

// Clock returns the clock of a zone; of the summit's if none is given.
func Clock(ctx context.Context, c *client.Client, summit, zone string) (humanize.Clock, error) {
	if zone == "" {
		var s struct{ Zone string }
		if _, err := c.Get(ctx, client.Path(summit, ""), nil, &s); err != nil {
			return humanize.Clock{}, err
		}
		zone = s.Zone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return humanize.Clock{}, cli.Usage("--zone %s: %w", zone, err)
	}
	return humanize.Clock{Zone: loc, Language: language()}, nil
}

// language returns the language that the environment asks for, and English where the
// program does not speak it.
func language() *locale.Language {
	all, err := locale.Load()
	if err != nil {
		return locale.English() // the catalogues are in the program, and a test reads them
	}
	return all.Choose(client.Language(), "")
}

// spoken returns the language of a clock.
func spoken(clock humanize.Clock) *locale.Language {
	if clock.Language == nil {
		return locale.English()
	}
	return clock.Language
}

// say returns a text of the catalogue.
func say(clock humanize.Clock, key string, args ...any) string {
	return spoken(clock).Say("cli."+key, args...)
}

// label returns the word for a value, such as state/landed.
func label(clock humanize.Clock, of, value string) string {
	if value == "" {
		return ""
	}
	return spoken(clock).Messages().Label(of + "/" + value)
}

// colon stands between a name and what it names.
func colon(clock humanize.Clock) string { return spoken(clock).Messages().Colon }

// named returns a name with what it names, if there is anything.
func named(clock humanize.Clock, name, value string) string {
	if value == "" {
		return name
	}
	return name + colon(clock) + value
}

// comma lists what there is of parts that are in words already.
func comma(clock humanize.Clock, parts ...string) (told string) {
	for _, p := range parts {
		switch {
		case told == "":
			told = p
		case p != "":
			told = spoken(clock).Say("list.comma", "one", locale.Words(told), "other", locale.Words(p))
		}
	}
	return told
}

// required refuses a verb whose flag is missing.
func (q *query) required(param, what string) error {
	if *q.params[param] == "" {
		return cli.Usage("%s is missing: %s", client.FlagOf(param), what)
	}
	return nil
}
