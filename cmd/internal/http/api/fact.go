package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/projections"
)

// Fact answers one fact with its history.
func (x *API) Fact(w http.ResponseWriter, r *http.Request, s HistoryViews) error {
	at, err := x.Known(w, r, s)
	if err != nil {
		return err
	}
	answer, at, err := x.Reader.Fact(r, s, strings.ToLower(r.PathValue("id")), at)
	if err != nil {
		return err
	}
	if done, err := x.Fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	var o respond.Object
	o.Write(answer.Item[:len(answer.Item)-1])
	o.Raw("known", []byte(`"`+answer.Known.String()+`"`))
	o.Raw("history", []byte{'['})
	return x.sendHistory(w, r, s, o.Bytes(), answer.History)
}

// historyPart is how many events of a fact are read at a time.
const historyPart = 32

// sendHistory sends a fact with its events, part by part as they are read: there
// may be many.
func (x *API) sendHistory(w http.ResponseWriter, r *http.Request, s HistoryViews, begun []byte, history []uint64) error {
	out := respond.NewPatient(w, x.Clock)
	for part := range slices.Chunk(history, historyPart) {
		raw, err := s.Pick(r.Context(), part)
		if err != nil && !out.Begun {
			return err
		}
		if err != nil {
			x.Logger.Error("reading the history of a fact", "summit", s.Summit(), "event", part[0], "error", err)
			panic(http.ErrAbortHandler) // a cut answer must not look whole
		}
		w.Header().Set("Content-Type", respond.JSONType)
		for _, event := range raw {
			if _, err := out.Write(append(begun, event...)); err != nil {
				return nil //nolint:nilerr // the reader is gone
			}
			begun = []byte{','}
		}
	}
	_, _ = out.Write([]byte("]}")) // the reader may be gone
	return nil
}

// Conflicts answers the contradictions found.
func (x *API) Conflicts(w http.ResponseWriter, r *http.Request, s ConflictViews) error {
	at, err := x.Known(w, r, s)
	if err != nil {
		return err
	}
	if done, err := x.Fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	return x.Room.Reply(w, r, func() ([]byte, error) {
		list, stamp, err := s.Conflicts(r.Context(), at)
		if err != nil {
			return nil, err
		}
		return stampedMember(s.Summit(), stamp, "conflicts", list)
	})
}

// stampedMember returns an answer that has one member beside its stamp.
func stampedMember(summit string, stamp projections.Stamp, name string, value any) ([]byte, error) {
	var o respond.Object
	if err := o.Stamp(summit, stamp); err != nil {
		return nil, err
	}
	if err := o.Member(name, value); err != nil {
		return nil, err
	}
	return o.End(), nil
}
