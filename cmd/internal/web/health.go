package web

import (
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

func (x *Handler) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": strings.TrimSpace(x.o.Version + " " + x.o.Revision)})
}

// beside is what the host is told of the server around it.
func (x *Handler) beside() summits.Beside {
	b := summits.Beside{Broker: x.o.Health, Starting: x.o.Starting}
	if x.o.Notary != nil {
		b.Unsigned = x.o.Notary.Refused
	}
	return b
}

// unready returns why the server is not ready: what an operator has to know.
func (x *Handler) unready() []string {
	reasons := []string{}
	for _, c := range x.host.Unready(x.beside()) {
		reasons = append(reasons, c.String())
	}
	return reasons
}

func (x *Handler) readyz(w http.ResponseWriter, r *http.Request) error {
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
	list := x.host.Summits()
	for _, s := range list {
		if len(list) > figuredAtRest && s.Views.Asleep() {
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
	if !identity(r).May(access.Operate, "") { // what is wrong with which summit is the operator's to know
		return writeJSON(w, status, map[string]string{"status": word})
	}
	return writeJSON(w, status, map[string]any{"status": word, "reasons": reasons, "durability": x.o.Durability, "warnings": x.o.Warnings, "summits": summits})
}
