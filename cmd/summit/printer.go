package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

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
	return &printer{w: bufio.NewWriter(w), clock: clock, asJSON: asJSON, colour: colourful(w)}
}

// colourful says whether somebody looks at a terminal, and wants colours
// (no-color.org).
func colourful(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func (p *printer) flush() error { return p.w.Flush() }

func (p *printer) frame(f sseFrame) error {
	if p.asJSON {
		b, err := json.Marshal(struct {
			Event string          `json:"event"`
			ID    string          `json:"id"`
			Data  json.RawMessage `json:"data"`
		}{f.event, f.id, json.RawMessage(f.data)})
		if err != nil {
			return fmt.Errorf("read frame %s: %w", f.id, err)
		}
		_, err = fmt.Fprintf(p.w, "%s\n", b)
		return err
	}
	at, err := events.ParsePosition(f.id)
	if err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	line, err := p.line(at.Seq, f)
	if err != nil {
		return fmt.Errorf("read frame %s: %w", f.id, err)
	}
	_, err = fmt.Fprintf(p.w, "%s %s\n", p.paint(faint, fmt.Sprintf("@%-5d", at.Seq)), line)
	return err
}

func (p *printer) line(seq uint64, f sseFrame) (string, error) {
	switch f.event {
	case "summit":
		var s struct{ Title, Phase string }
		err := json.Unmarshal([]byte(f.data), &s)
		return p.paint(bold, "SUMMIT "+clean(s.Title)) + ": " + clean(humanize.Label(s.Phase)), err
	case "quarantined":
		var q projections.Quarantined
		err := json.Unmarshal([]byte(f.data), &q)
		return p.paint(red, "CANNOT BE READ") + ": " + clean(q.Reason), err
	}
	var i projections.Item
	if err := json.Unmarshal([]byte(f.data), &i); err != nil {
		return "", err
	}
	for _, a := range i.Amendments {
		if a.Seq == seq {
			return p.amendment(i, a), nil
		}
	}
	standing := i.Standing
	if i.Grade != nil {
		standing += " " + *i.Grade
	}
	return fmt.Sprintf("%s  %s  %s  %s", p.paint(faint, clean(p.clock.Occurrence(i.When, i.Time))), p.paint(bold, clean(i.Headline)),
		clean(i.Attribution), p.paint(shade[i.Standing], clean(standing))), nil
}

// amendment shows what was said of a fact that was told before, and how it
// changed it: was → now.
func (p *printer) amendment(i projections.Item, a projections.AmendmentOf) string {
	kind := strings.TrimPrefix(a.Type, "fact.")
	about := fmt.Sprintf("@%d", i.Seq)
	if other := deed(i, a.Target); other != "" {
		about = other + " of " + about
	}
	parts := []string{p.paint(shade[kind], strings.ToUpper(clean(kind))) + " " + about + " " + p.paint(bold, clean(i.Headline))}
	for _, d := range a.Changes {
		parts = append(parts, fmt.Sprintf("%s: %s → %s", clean(d.Path), clean(humanize.Value(d.Was)), p.paint(bold, clean(humanize.Value(d.Now)))))
	}
	if a.Notice != "" {
		parts = append(parts, clean(a.Notice))
	}
	return strings.Join(append(parts, clean(a.Attribution)), "  ")
}

// The colours.
const (
	bold, faint                = "1", "2"
	red, green, yellow, purple = "31", "32", "33", "35"
)

// shade is the colour of a standing, and of the amendment that gives it.
var shade = map[string]string{
	projections.StandingRetracted: red, projections.StandingDisputed: yellow, projections.StandingCorrected: purple,
	projections.StandingCorroborated: green, projections.StandingOverdue: yellow, projections.StandingSuperseded: faint,
}

func (p *printer) paint(colour, text string) string {
	if !p.colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
