package web

import (
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

const (
	// variesBy are the headers of a request that a derived answer depends on.
	variesBy = "Accept, Accept-Language, Accept-Encoding, Authorization"
	// keptAnHour is for what is told of a position: it stands, but a newer version
	// of the views may tell it better.
	keptAnHour = "max-age=3600"
	// keptForEver is for what the log itself is.
	keptForEver = "max-age=31536000, immutable"
)

// basis is all that an answer depends on, as text: the query, the position that
// is read, the versions of the program and of the views, how many plans are past
// and whether something may be missing. Plans are past or not as of the position, where
// one is asked for.
func (x *Handler) basis(r *http.Request, s *summits.Summit, at projections.Reading) string {
	b := append(make([]byte, 0, 256), r.URL.Path...)
	b = append(append(b, '?'), r.URL.RawQuery...)
	b = append(append(b, ' '), s.Views.Head().Epoch...)
	b = strconv.AppendUint(append(b, ' '), at.Seq, 10)
	b = strconv.AppendInt(append(b, ' '), int64(s.Views.Version()), 10)
	b = append(append(b, ' '), x.o.Version...)
	b = strconv.AppendBool(append(b, ' '), s.Views.Partial())
	if !at.Pinned {
		b = strconv.AppendInt(append(b, ' '), s.Views.Overdue(x.o.Clock()), 10)
	}
	return string(b)
}

// fresh answers 304 where the reader has the answer already. It is decided before
// any work. named are the parameters that say as of when it is: where they are
// positions, and nothing is missing there, the answer may be kept for a while.
func (x *Handler) fresh(w http.ResponseWriter, r *http.Request, s *summits.Summit, at projections.Reading, named ...string) (bool, error) {
	return x.freshOn(w, r, s, at, x.basis(r, s, at), named...)
}

// freshOn is fresh for an answer that depends on more than its basis.
func (x *Handler) freshOn(w http.ResponseWriter, r *http.Request, s *summits.Summit, at projections.Reading, basis string, named ...string) (bool, error) {
	control := "no-cache"
	if allPositions(r, named) {
		complete, err := s.Views.Complete(at)
		if err != nil {
			return false, err
		}
		if complete {
			control = x.scope(r) + ", " + keptAnHour
		}
	}
	w.Header().Set("Cache-Control", control)
	w.Header().Add("Vary", variesBy)
	return unchanged(w, r, basis), nil
}

// lasting answers 304 for what the log itself is, or says that it never changes.
// A log in doubt may not be what it was.
func (x *Handler) lasting(w http.ResponseWriter, r *http.Request, s *summits.Summit) bool {
	w.Header().Add("Vary", variesBy)
	if s.Views.InDoubt() {
		w.Header().Set("Cache-Control", "no-cache")
		return false
	}
	w.Header().Set("Cache-Control", x.scope(r)+", "+keptForEver)
	return unchanged(w, r, s.Views.Head().Epoch+" "+r.URL.RequestURI())
}

// allPositions reports whether parameters are whole positions: @seq has no epoch,
// and an instant may yet lie before an event that is being recorded.
func allPositions(r *http.Request, names []string) bool {
	for _, name := range names {
		if _, err := events.ParsePosition(r.FormValue(name)); err != nil {
			return false
		}
	}
	return len(names) > 0
}

// unchanged gives the answer an entity tag, and answers 304 where the reader has
// what bears it.
func unchanged(w http.ResponseWriter, r *http.Request, basis string) bool {
	tag := fnv.New64a()
	_, _ = tag.Write([]byte(basis)) // it never fails
	etag := `"` + strconv.FormatUint(tag.Sum64(), 16) + `"`
	w.Header().Set("Etag", etag)
	if !matches(r.Header.Values("If-None-Match"), etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches compares as If-None-Match does: weakly.
func matches(headers []string, etag string) bool {
	for candidate := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}
