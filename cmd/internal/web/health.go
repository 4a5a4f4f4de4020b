package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

func (x *Handler) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": strings.TrimSpace(x.o.Version + " " + x.o.Revision)})
}

// lagAllowed is how many events the views may be behind and still be ready.
const lagAllowed = 10_000

// stallAllowed is how long the views may stand still while the log has more.
const stallAllowed = 10 * time.Second

// unready is why the server is not ready: what an operator has to know.
func (x *Handler) unready() []string {
	reasons := []string{}
	if x.o.Health != nil {
		if err := x.o.Health(); err != nil {
			reasons = append(reasons, "nats: "+err.Error())
		}
	}
	if x.o.Starting != nil {
		if yet := x.o.Starting(); yet != "" {
			reasons = append(reasons, yet)
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
	for _, s := range x.host.Summits() {
		h := s.Views.Health()
		switch {
		case h.Doubt != nil:
			reasons = append(reasons, s.ID+": "+h.Doubt.Error())
		case h.Failed != nil:
			reasons = append(reasons, s.ID+": the views stopped: "+h.Failed.Error())
		case h.Fetching:
			reasons = append(reasons, fmt.Sprintf("%s: the views of another replica are being fetched: %.0f %%", s.ID, 100*h.Progress))
		case !h.CaughtUp && !s.Late:
			reasons = append(reasons, fmt.Sprintf("%s: the views are at %d of the %d events that the log has", s.ID, h.Position.Seq, h.Last))
		case h.Lag > lagAllowed:
			reasons = append(reasons, s.ID+": the views are behind the log")
		case s.Stalled() > stallAllowed:
			reasons = append(reasons, fmt.Sprintf("%s: the views have stood at %d for %.0f s, and the log is at %d", s.ID, h.Position.Seq, s.Stalled().Seconds(), h.Last))
		}
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
	for _, s := range x.host.Summits() {
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
