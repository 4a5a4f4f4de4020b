package web

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

func (x *Handler) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": strings.TrimSpace(x.o.Version + " " + x.o.Revision)})
}

// lagAllowed is how many events the views may be behind and still be ready.
const lagAllowed = 10_000

func (x *Handler) readyz(w http.ResponseWriter, r *http.Request) error {
	reasons := []string{}
	if x.o.Health != nil {
		if err := x.o.Health(); err != nil {
			reasons = append(reasons, "nats: "+err.Error())
		}
	}
	for id, err := range x.host.Problems() {
		reasons = append(reasons, id+": "+err.Error())
	}
	if x.o.Notary != nil {
		for id, err := range x.o.Notary.Refused() {
			reasons = append(reasons, id+": "+err.Error())
		}
	}
	type summit struct {
		Position    string  `json:"position"`
		Lag         uint64  `json:"lag"`
		Quarantined int     `json:"quarantined"`
		Rebuilding  bool    `json:"rebuilding,omitempty"`
		Progress    float64 `json:"progress,omitempty"`
	}
	summits := map[string]summit{}
	for _, s := range x.host.Summits() {
		h := s.Views.Health()
		summits[s.ID] = summit{h.Position.String(), h.Lag, h.Quarantined, h.Rebuilding, h.Progress}
		switch {
		case h.Doubt != nil:
			reasons = append(reasons, s.ID+": "+h.Doubt.Error())
		case h.Failed != nil:
			reasons = append(reasons, s.ID+": the views stopped: "+h.Failed.Error())
		case h.Lag > lagAllowed:
			reasons = append(reasons, s.ID+": the views are behind the log")
		}
	}
	status, word := http.StatusOK, "ready"
	if len(reasons) > 0 {
		status, word = http.StatusServiceUnavailable, "not ready"
	}
	if !identity(r).May(access.Operate, "") { // what is wrong with which summit is the operator's to know
		return writeJSON(w, status, map[string]string{"status": word})
	}
	return writeJSON(w, status, map[string]any{"status": word, "reasons": reasons, "durability": x.o.Durability, "warnings": x.o.Warnings, "summits": summits})
}

func (x *Handler) metrics(w http.ResponseWriter, r *http.Request) error {
	x.figures.ServeHTTP(w, r)
	return nil
}

// collector reads the figures of every summit when it is asked for them.
type collector struct {
	x                                            *Handler
	position, lag, quarantined, inDoubt, live    *prometheus.Desc
	scrubbed, scrubUntil, scrubPasses, scrubDone *prometheus.Desc
}

func newCollector(x *Handler) *collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("summit_"+name, help, []string{"summit"}, nil)
	}
	return &collector{
		x: x, position: desc("position", "Last sequence that is served."), lag: desc("lag_events", "Events in the log and not yet in the views."),
		quarantined: desc("quarantined_events", "Stored events that could not be read."), inDoubt: desc("in_doubt", "1 while the log is in doubt or the views have stopped."),
		live: desc("live_clients", "Open live streams."), scrubbed: desc("scrub_checked_events", "Events of the log that this scrub has read again."),
		scrubUntil: desc("scrub_events", "Events that this scrub is to read."), scrubPasses: desc("scrub_passes", "Scrubs that found the whole log sound, since the start."),
		scrubDone: desc("scrub_finished_seconds", "When the last scrub found the whole log sound, as a Unix time; 0 is never."),
	}
}

// Describe sends the descriptions.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect sends the figures.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	for _, s := range c.x.host.Summits() {
		h := s.Views.Health()
		doubt, finished := 0.0, 0.0
		if h.Doubt != nil || h.Failed != nil {
			doubt = 1
		}
		if at := s.Scrubbed(); !at.IsZero() {
			finished = float64(at.Unix())
		}
		for desc, v := range map[*prometheus.Desc]float64{
			c.position: float64(h.Position.Seq), c.lag: float64(h.Lag), c.quarantined: float64(h.Quarantined),
			c.inDoubt: doubt, c.live: float64(c.x.o.Live.Readers(s.ID)),
			c.scrubbed: float64(h.Scrub.Checked), c.scrubUntil: float64(h.Scrub.Until), c.scrubPasses: float64(h.Scrub.Passes), c.scrubDone: finished,
		} {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, s.ID)
		}
	}
}
