package operate

import (
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// Healthz answers that the process runs.
func (x *Operator) Healthz(w http.ResponseWriter, _ *http.Request) error {
	return respond.JSON(w, http.StatusOK, map[string]string{"status": "ok", "version": strings.TrimSpace(x.Version + " " + x.Revision)})
}

// beside returns what the registry does not know of the server around it.
func (x *Operator) beside() summits.Surroundings {
	b := summits.Surroundings{Broker: x.Health, Starting: x.Starting}
	if x.Notary != nil {
		b.Unsigned = x.Notary.Refused
	}
	return b
}

// unready returns why the server is not ready.
func (x *Operator) unready() []string {
	reasons := []string{}
	for _, c := range x.Registry.Unready(x.beside()) {
		reasons = append(reasons, c.String())
	}
	return reasons
}

// Readyz answers whether the server can serve and record. Only an operator is told
// the reasons.
func (x *Operator) Readyz(w http.ResponseWriter, r *http.Request) error {
	type summit struct {
		Position    string  `json:"position"`
		Lag         uint64  `json:"lag"`
		Quarantined int     `json:"quarantined"`
		Rebuilding  bool    `json:"rebuilding,omitempty"`
		Fetching    bool    `json:"fetching,omitempty"`
		Progress    float64 `json:"progress,omitempty"`
		Began       uint64  `json:"began,omitempty"`
	}
	summits := map[string]summit{}
	list := x.Registry.Summits()
	for _, s := range list {
		if len(list) > FiguredAtRest && s.Views.Asleep() {
			continue
		}
		h := s.Views.Health()
		summits[s.ID] = summit{h.Position.String(), h.Lag, h.Quarantined, h.Rebuilding, h.Fetching, h.Progress, h.Began}
	}
	reasons := x.unready()
	status, word := http.StatusOK, "ready"
	if len(reasons) > 0 {
		status, word = http.StatusServiceUnavailable, "not ready"
	}
	if !middleware.Identity(r).Can(access.Operate, "") { // what is wrong with which summit is the operator's to know
		return respond.JSON(w, status, map[string]string{"status": word})
	}
	return respond.JSON(w, status, map[string]any{"status": word, "reasons": reasons, "durability": x.Durability, "warnings": x.Warnings, "summits": summits})
}
