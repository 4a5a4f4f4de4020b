package operate

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// Metrics returns the handler of /metrics.
func (x *Operator) Metrics() func(w http.ResponseWriter, r *http.Request) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newCollector(x), &serverCollector{x})
	registry.MustRegister(x.Figures...)
	if x.Turned != nil {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "summit_closed_connections_total", Help: "Connections closed to stay within the limit."}, func() float64 { return float64(x.Turned()) }))
	}
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return func(w http.ResponseWriter, r *http.Request) error {
		handler.ServeHTTP(w, r)
		return nil
	}
}

// figure is read from a summit when it is asked for.
type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(s *summits.Summit, h health) float64
}

// collector reads the figures of every summit when it is asked for them.
type collector struct {
	x       *Operator
	list    []figure
	summits *prometheus.Desc
}

// FiguredAtRest is up to how many summits those at rest have figures too.
const FiguredAtRest = 200

func newCollector(x *Operator) *collector {
	c := &collector{x: x, summits: prometheus.NewDesc("summit_summits", "Open summits: awake, or asleep because nobody has asked for them lately.", []string{"state"}, nil)}
	add := func(kind prometheus.ValueType, name, help string, read func(*summits.Summit, health) float64) {
		c.list = append(c.list, figure{prometheus.NewDesc("summit_"+name, help, []string{"summit"}, nil), kind, read})
	}
	gauge := func(name, help string, read func(*summits.Summit, health) float64) {
		add(prometheus.GaugeValue, name, help, read)
	}
	gauge("position", "Last sequence that is served.", func(_ *summits.Summit, h health) float64 { return float64(h.Position.Seq) })
	gauge("log_position", "Last sequence of the log.", func(_ *summits.Summit, h health) float64 { return float64(max(h.Last, h.Position.Seq)) })
	gauge("lag_events", "Events in the log that are not yet in the views.", func(_ *summits.Summit, h health) float64 { return float64(h.Lag) })
	gauge("stalled_seconds", "How long the views have made no progress although the log has more events.", func(s *summits.Summit, _ health) float64 { return s.Stalled().Seconds() })
	add(prometheus.CounterValue, "folded_events_total", "Events folded into the views since the start.", func(_ *summits.Summit, h health) float64 { return float64(h.Folded) })
	gauge("began_position", "Sequence up to which the views came from another replica; 0 if none did.", func(_ *summits.Summit, h health) float64 { return float64(h.Began) })
	gauge("rebuilding", "1 while views of a newer version are being built beside those that serve.", func(_ *summits.Summit, h health) float64 { return flag(h.Rebuilding) })
	gauge("fetching", "1 while the views of another replica are being fetched.", func(_ *summits.Summit, h health) float64 { return flag(h.Fetching) })
	gauge("rebuild_progress", "Progress of building or fetching views, 0 to 1.", func(_ *summits.Summit, h health) float64 { return h.Progress })
	gauge("quarantined_events", "Stored events that could not be read.", func(_ *summits.Summit, h health) float64 { return float64(h.Quarantined) })
	gauge("in_doubt", "1 while the log is in doubt or the views have stopped.", func(_ *summits.Summit, h health) float64 { return flag(h.Doubt != nil || h.Failed != nil) })
	gauge("live_clients", "Open live streams.", func(s *summits.Summit, _ health) float64 { return float64(x.Readers(s.ID)) })
	gauge("scrub_checked_events", "Events of the log read so far by the current scrub.", func(_ *summits.Summit, h health) float64 { return float64(h.Scrub.Checked) })
	gauge("scrub_events", "Events that the current scrub will read.", func(_ *summits.Summit, h health) float64 { return float64(h.Scrub.Until) })
	gauge("scrub_passes", "Scrubs that found the whole log sound, since the start.", func(_ *summits.Summit, h health) float64 { return float64(h.Scrub.Passes) })
	gauge("scrub_finished_seconds", "When the last scrub found the whole log sound, as Unix time; 0 if never.", func(s *summits.Summit, _ health) float64 {
		if at := s.Scrubbed(); !at.IsZero() {
			return float64(at.Unix())
		}
		return 0
	})
	return c
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// Describe sends the descriptions.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range c.list {
		ch <- f.desc
	}
	ch <- c.summits
}

// Collect sends the figures.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	asleep := 0
	list := c.x.Registry.Summits()
	for _, s := range list {
		sleeps, h := s.Views.Asleep(), s.Views.Health()
		if sleeps {
			asleep++
		}
		if sleeps && len(list) > FiguredAtRest {
			continue
		}
		for _, f := range c.list {
			ch <- prometheus.MustNewConstMetric(f.desc, f.kind, f.read(s, h), s.ID)
		}
	}
	ch <- prometheus.MustNewConstMetric(c.summits, prometheus.GaugeValue, float64(len(list)-asleep), "awake")
	ch <- prometheus.MustNewConstMetric(c.summits, prometheus.GaugeValue, float64(asleep), "asleep")
}
