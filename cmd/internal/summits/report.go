package summits

import (
	"context"
	"errors"
	"time"

	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// Report is how a server and its logs do: facts, which summit doctor judges.
type Report struct {
	Version    string          `json:"version"`
	Time       time.Time       `json:"time"` // by the server's clock
	Durability string          `json:"durability"`
	Broker     string          `json:"broker,omitempty"` // what is wrong with it
	Unready    []Cause         `json:"unready"`          // why /readyz is red
	Warnings   []string        `json:"warnings,omitempty"`
	Disk       *Disk           `json:"disk,omitempty"`
	Summits    []SummitReport  `json:"summits"`
	Problems   []ProblemReport `json:"problems"`
}

// Disk is the room where the log and the views are.
type Disk struct {
	Path  string `json:"path"`
	Free  uint64 `json:"free"`
	Total uint64 `json:"total"`
}

// ProblemReport is a summit that cannot be served.
type ProblemReport struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// SummitReport is how one summit does.
type SummitReport struct {
	ID          string                          `json:"id"`
	Position    string                          `json:"position"`
	Lag         uint64                          `json:"lag"`
	Quarantined int                             `json:"quarantined"`
	Rebuilding  bool                            `json:"rebuilding,omitempty"`
	Fetching    bool                            `json:"fetching,omitempty"`        // from another replica
	Progress    float64                         `json:"progress,omitempty"`        // of either
	Stalled     float64                         `json:"stalled_seconds,omitempty"` // the views stand still though the log has more
	Views       string                          `json:"views"`                     // the view file
	Failed      string                          `json:"failed,omitempty"`
	Evidence    string                          `json:"evidence,omitempty"` // a doubt of before that cannot be read
	Doubt       *projections.InconsistencyError `json:"doubt,omitempty"`
	Known       *time.Time                      `json:"known,omitempty"` // knowledge time of the last event
	Stream      StreamReport                    `json:"stream"`
	Scrub       ScrubReport                     `json:"scrub"`
}

// StreamReport is what the broker says of a log.
type StreamReport struct {
	Error    string     `json:"error,omitempty"` // why it says nothing
	First    uint64     `json:"first"`
	Last     uint64     `json:"last"`
	Messages uint64     `json:"messages"`
	Bytes    uint64     `json:"bytes"`
	Created  *time.Time `json:"created,omitempty"`
	Settings []string   `json:"settings"` // what is not as a log needs it
}

// ScrubReport is the progress of reading the whole log again.
type ScrubReport struct {
	On       bool       `json:"on"`
	Running  bool       `json:"running"`
	Checked  uint64     `json:"checked"`
	Until    uint64     `json:"until"`
	Passes   uint64     `json:"passes"`
	Finished *time.Time `json:"finished,omitempty"` // when the last pass found the log sound
}

// Report looks at every summit, and at what is beside the registry.
func (reg *Registry) Report(ctx context.Context, b Surroundings) Report {
	r := Report{Time: reg.o.Clock().UTC(), Unready: reg.Unready(b), Summits: []SummitReport{}, Problems: []ProblemReport{}}
	for _, c := range r.Unready {
		if c.Kind == BrokerDown {
			r.Broker = c.Detail
		}
	}
	for _, s := range reg.Summits() {
		r.Summits = append(r.Summits, reg.reportOn(ctx, s))
	}
	for id, err := range reg.Problems() {
		r.Problems = append(r.Problems, ProblemReport{id, err.Error()})
	}
	return r
}

func (reg *Registry) reportOn(ctx context.Context, s *Summit) SummitReport {
	stream := streamReport(s.Log.Info(ctx))
	v := s.Views.Health()
	r := SummitReport{
		ID: s.ID, Position: v.Position.String(), Lag: v.Lag, Quarantined: v.Quarantined,
		Rebuilding: v.Rebuilding, Fetching: v.Fetching, Progress: v.Progress, Stalled: s.Stalled().Seconds(),
		Views: reg.viewsPath(s.ID), Stream: stream,
		Scrub: ScrubReport{On: reg.o.Scrub.Every > 0, Running: v.Scrub.Running, Checked: v.Scrub.Checked, Until: v.Scrub.Until, Passes: v.Scrub.Passes},
	}
	if stream.Last > v.Position.Seq {
		r.Lag = max(r.Lag, stream.Last-v.Position.Seq)
	}
	if v.Failed != nil {
		r.Failed = v.Failed.Error()
	}
	if v.Evidence != nil {
		r.Evidence = v.Evidence.Error()
	}
	errors.As(v.Doubt, &r.Doubt)
	if at := s.Scrubbed(); !at.IsZero() {
		r.Scrub.Finished = &at
	}
	if at, known := s.Views.LastKnown(); at.Seq > 0 {
		r.Known = &known
	}
	return r
}

func streamReport(info store.Info, err error) StreamReport {
	if err != nil {
		return StreamReport{Error: err.Error(), Settings: []string{}}
	}
	created := info.Created.UTC()
	r := StreamReport{First: info.First, Last: info.Last, Messages: info.Messages, Bytes: info.Bytes, Created: &created, Settings: []string{}}
	var settings *store.SettingsError
	if errors.As(info.Settings, &settings) {
		r.Settings = settings.Faults
	}
	return r
}
