package read

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// narrator prints the steps of a replay for people.
type narrator struct {
	*client.Client
	clock  humanize.Clock
	summit string
}

// told is what a step changed, as far as people are told.
type told struct {
	Corrected   []projections.CorrectedFact
	Status      []projections.Difference
	Quarantined []projections.Quarantined
}

func (n *narrator) show(ctx context.Context, std cli.Streams, s step) error {
	var c told
	if err := json.Unmarshal(s.Changes, &c); err != nil {
		return fmt.Errorf("read the changes of step %d: %w", s.Seq, err)
	}
	fmt.Fprintf(std.Out, "@%d  %s\n", s.Seq, n.clock.Instant(s.Known.Time))
	for _, q := range c.Quarantined {
		if q.Seq == s.Seq && s.Fault == "" {
			s.Fault = q.Reason
		}
	}
	if s.Fault != "" {
		_, err := fmt.Fprintf(std.Out, "    %s\n\n", say(n.clock, "fault", "reason", cli.Clean(s.Fault)))
		return err
	}
	if err := n.headline(ctx, std, s); err != nil {
		return err
	}
	for _, f := range c.Corrected {
		for _, d := range f.Changes {
			change := locale.Words(difference(n.clock, s.event.Subject.String(), d))
			fmt.Fprintf(std.Out, "      %s\n", cli.Clean(say(n.clock, "change.fact", "change", change)))
		}
	}
	for _, d := range c.Status {
		if x, tell := n.clock.Change(d.Path, d.Was, d.Now); tell {
			fmt.Fprintf(std.Out, "      %s\n", cli.Clean(changed(n.clock, x)))
		}
	}
	_, err := fmt.Fprintln(std.Out)
	return err
}

// headline returns what was said, and by whom; for an amendment also what it
// is about.
func (n *narrator) headline(ctx context.Context, std cli.Streams, s step) error {
	e := s.event
	amendment, amends := e.Amends()
	if amends {
		about, err := n.about(ctx, amendment.TargetID(), s.Seq)
		if err != nil {
			return err
		}
		kind := strings.TrimPrefix(e.Type, "fact.")
		if a, refiled := e.Data.(*events.FactCorrected); refiled && a.Class == events.ClassRefile {
			kind = "refiled"
		}
		fmt.Fprintf(std.Out, "    %s  %s\n", amended(n.clock, kind), cli.Clean(about))
	}
	in := spoken(n.clock).Messages()
	said := in.Say(events.Headline(e.Data, e.Subject), nil)
	if !amends && e.Subject.Kind != events.KindSummit { // the server knows what other facts call it
		var err error
		if said, err = n.about(ctx, e.ID, s.Seq); err != nil {
			return err
		}
	}
	fmt.Fprintf(std.Out, "    %s\n", cli.Clean(said))
	word := say(n.clock, "desk", "desk", e.Source)
	if s := e.Data.Base().Sources; len(s) > 0 {
		word = in.Sources(s.Origins())
	}
	_, err := fmt.Fprintf(std.Out, "    %s\n", cli.Clean(say(n.clock, "word", "sources", locale.Words(word))))
	return err
}

// about is the headline of the fact that an amendment is about, as it was then
// known, and which amendment of it, if it is about one.
func (n *narrator) about(ctx context.Context, target string, seq uint64) (string, error) {
	var f projections.Item
	_, err := n.Get(ctx, client.Path(n.summit, "/facts/"+url.PathEscape(target)), url.Values{"known": {fmt.Sprintf("@%d", seq)}}, &f)
	var p *client.Problem
	if errors.As(err, &p) {
		return say(n.clock, "deed.unknown", "id", target), nil
	}
	if of := deed(n.clock, f, target); of != "" {
		return say(n.clock, "deed.headline", "deed", of, "headline", locale.Words(f.Headline)), err
	}
	return f.Headline, err
}
