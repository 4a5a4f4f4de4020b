package read

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// printer shows the frames of a live stream, a line each.
type printer struct {
	w      *bufio.Writer
	clock  humanize.Clock
	asJSON bool
	colour bool
}

func newPrinter(w io.Writer, clock humanize.Clock, asJSON bool) *printer {
	return &printer{w: bufio.NewWriter(w), clock: clock, asJSON: asJSON, colour: cli.Coloured(w)}
}

func (p *printer) flush() error { return p.w.Flush() }

func (p *printer) frame(f client.Frame) error {
	if p.asJSON {
		err := cli.PrintJSON(p.w, struct {
			Event string          `json:"event"`
			ID    string          `json:"id"`
			Data  json.RawMessage `json:"data"`
		}{f.Event, f.ID, json.RawMessage(f.Data)})
		if err != nil {
			return fmt.Errorf("read frame %s: %w", f.ID, err)
		}
		return nil
	}
	at, err := events.ParsePosition(f.ID)
	if err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	line, err := p.line(at.Seq, f)
	if err != nil {
		return fmt.Errorf("read frame %s: %w", f.ID, err)
	}
	_, err = fmt.Fprintf(p.w, "%s %s\n", cli.Paint(p.colour, cli.Faint, fmt.Sprintf("@%-5d", at.Seq)), line)
	return err
}

func (p *printer) line(seq uint64, f client.Frame) (string, error) {
	switch f.Event {
	case "summit":
		var s struct{ Title, Phase string }
		err := json.Unmarshal([]byte(f.Data), &s)
		return cli.Paint(p.colour, cli.Bold, say(p.clock, "head.summit")+" "+cli.Clean(s.Title)) + colon(p.clock) + cli.Clean(label(p.clock, "phase", s.Phase)), err
	case "quarantined":
		var q projections.Quarantined
		err := json.Unmarshal([]byte(f.Data), &q)
		return cli.Paint(p.colour, cli.Red, strings.ToUpper(say(p.clock, "unreadable"))) + colon(p.clock) + cli.Clean(q.Reason), err
	}
	var i projections.Item
	if err := json.Unmarshal([]byte(f.Data), &i); err != nil {
		return "", err
	}
	for _, a := range i.Amendments {
		if a.Seq == seq {
			return p.amendment(i, a), nil
		}
	}
	standing := label(p.clock, "standing", i.Standing)
	if i.Grade != nil {
		standing += " " + *i.Grade
	}
	return fmt.Sprintf("%s  %s  %s  %s", cli.Paint(p.colour, cli.Faint, cli.Clean(p.clock.Occurrence(i.When, i.Time))), cli.Paint(p.colour, cli.Bold, cli.Clean(i.Headline)),
		cli.Clean(i.Attribution), cli.Paint(p.colour, shades[i.Standing], cli.Clean(standing))), nil
}

// amendment shows what was said of a fact that was told before, and how it
// changed it: was → now.
func (p *printer) amendment(i projections.Item, a projections.AmendmentOf) string {
	kind := strings.TrimPrefix(a.Type, "fact.")
	about := at(i.Seq)
	if of := deed(p.clock, i, a.Target); of != "" {
		about = say(p.clock, "deed.of", "deed", of, "fact", about)
	}
	parts := []string{cli.Paint(p.colour, shades[kind], amended(p.clock, kind)) + " " + about + " " + cli.Paint(p.colour, cli.Bold, cli.Clean(i.Headline))}
	for _, d := range a.Changes {
		c := p.clock.Correction(i.Entity, d.Path, d.Was, d.Now)
		parts = append(parts, changed(p.clock, humanize.Change{What: cli.Clean(c.What), Was: cli.Clean(c.Was), Now: cli.Paint(p.colour, cli.Bold, cli.Clean(c.Now))}))
	}
	if a.Notice != "" {
		parts = append(parts, cli.Clean(a.Notice))
	}
	return strings.Join(append(parts, cli.Clean(a.Attribution)), "  ")
}
