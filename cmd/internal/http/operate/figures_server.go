package operate

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/projections"
)

type health = projections.Health

var (
	readyDesc    = prometheus.NewDesc("summit_ready", "1 while /readyz reports ready.", nil, nil)
	brokerDesc   = prometheus.NewDesc("summit_broker_up", "1 while the broker works.", nil, nil)
	unservedDesc = prometheus.NewDesc("summit_unserved", "Summits that cannot be served.", nil, nil)
	unsignedDesc = prometheus.NewDesc("summit_unsigned", "Summits whose head cannot be signed.", nil, nil)
	durableDesc  = prometheus.NewDesc("summit_durable", "1 if acknowledged facts are on disk.", nil, nil)
	freeDesc     = prometheus.NewDesc("summit_disk_free_bytes", "Free bytes on the disk of the log and the views.", nil, nil)
	roomDesc     = prometheus.NewDesc("summit_disk_bytes", "Size of the disk of the log and the views.", nil, nil)
	buildDesc    = prometheus.NewDesc("summit_build_info", "Version and revision of the program; always 1.", []string{"version", "revision"}, nil)
)

// serverCollector reads the figures of the server itself.
type serverCollector struct{ x *Operator }

// Describe sends the descriptions.
func (c *serverCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readyDesc, brokerDesc, unservedDesc, unsignedDesc, durableDesc, freeDesc, roomDesc, buildDesc} {
		ch <- d
	}
}

// Collect sends the figures.
func (c *serverCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	o := c.x
	gauge(readyDesc, flag(len(c.x.unready()) == 0))
	gauge(brokerDesc, flag(o.Health == nil || o.Health() == nil))
	gauge(unservedDesc, float64(len(c.x.Registry.Problems())))
	if o.Notary != nil {
		gauge(unsignedDesc, float64(len(o.Notary.Refused())))
	}
	gauge(durableDesc, flag(o.Durability == "always"))
	if o.Disk != nil {
		if d, err := o.Disk(); err == nil { // where the system does not say, nothing is said
			gauge(freeDesc, float64(d.Free))
			gauge(roomDesc, float64(d.Total))
		}
	}
	gauge(buildDesc, 1, o.Version, o.Revision)
}
