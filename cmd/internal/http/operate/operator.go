// Package operate serves the health of the server and its figures.
package operate

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// Registry is what an operator reads of all summits.
type Registry interface {
	Summits() []*summits.Summit
	Problems() map[string]error
	Unready(b summits.Surroundings) []summits.Cause
	Report(ctx context.Context, b summits.Surroundings) summits.Report
}

// Operator serves the health of the server and its figures.
type Operator struct {
	Clock             func() time.Time
	Registry          Registry
	Version, Revision string
	// Durability is what an acknowledgement guarantees.
	Durability string
	// Warnings are shown by the readiness check though nothing is broken.
	Warnings []string
	// Health returns an error while the broker does not work.
	Health func() error
	// Starting returns what a server that has just started has yet to do.
	Starting func() string
	// Disk returns the space on the disk of the log and the views.
	Disk func() (summits.Disk, error)
	// Notary signs heads; nil if the server has no key.
	Notary *signing.Notary
	// Readers counts the live streams of a summit.
	Readers func(summit string) int
	// Turned counts the connections that were closed for want of room.
	Turned func() uint64
	// Figures are more figures of /metrics.
	Figures []prometheus.Collector
}

// Doctor answers how the server and its logs do. summit doctor explains it.
func (x *Operator) Doctor(w http.ResponseWriter, r *http.Request) error {
	report := x.Registry.Report(r.Context(), x.beside())
	report.Version, report.Durability, report.Warnings = x.Version, x.Durability, x.Warnings
	if x.Disk != nil {
		if disk, err := x.Disk(); err == nil { // where the system does not say, nothing is said
			report.Disk = &disk
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return respond.JSON(w, http.StatusOK, report)
}
