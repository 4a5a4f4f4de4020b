package reading

import (
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

const (
	// keptAnHour is for answers as of a position. They stand, but a newer version of
	// the views may improve them.
	keptAnHour = "max-age=3600"
	// keptForEver is for parts of the log itself.
	keptForEver = "max-age=31536000, immutable"
)

// Basis returns everything that an answer depends on, as text: the query, the
// position, the versions of the program and of the views, the language, whether something may
// be missing, and how many plans are past unless the position is pinned.
func (x *Reader) Basis(r *http.Request, s Views, at projections.AsOf) string {
	b := append(make([]byte, 0, 256), r.URL.Path...)
	b = append(append(b, '?'), r.URL.RawQuery...)
	b = append(append(b, ' '), s.Head().Epoch...)
	b = strconv.AppendUint(append(b, ' '), at.Seq, 10)
	b = strconv.AppendInt(append(b, ' '), int64(s.Version()), 10)
	b = append(append(b, ' '), x.Version...)
	b = append(append(b, ' '), x.languageAt(r, at)...)
	b = strconv.AppendBool(append(b, ' '), s.Partial())
	if !at.Pinned {
		b = strconv.AppendInt(append(b, ' '), s.Overdue(x.Clock()), 10)
	}
	return string(b)
}

// Fresh answers 304 and returns true if the client has the answer already. named
// are the parameters of knowledge time: if they are positions, and nothing is
// missing there, the answer may be cached for a while.
func (x *Reader) Fresh(w http.ResponseWriter, r *http.Request, s Views, at projections.AsOf, named ...string) (bool, error) {
	return x.FreshOn(w, r, s, at, x.Basis(r, s, at), named...)
}

// FreshOn is Fresh for an answer that depends on more than its basis.
func (x *Reader) FreshOn(w http.ResponseWriter, r *http.Request, s Views, at projections.AsOf, basis string, named ...string) (bool, error) {
	control := "no-cache"
	if allPositions(r, named) {
		complete, err := s.Complete(at)
		if err != nil {
			return false, err
		}
		if complete {
			control = x.Scope(r) + ", " + keptAnHour
		}
	}
	w.Header().Set("Cache-Control", control)
	w.Header().Add("Vary", respond.VariesBy)
	w.Header().Set("Content-Language", x.languageAt(r, at))
	return respond.Unchanged(w, r, basis), nil
}

// languageAt returns the tag of the language of an answer.
func (x *Reader) languageAt(r *http.Request, at projections.AsOf) string {
	if at.Language != nil {
		return at.Language.Tag
	}
	return x.LanguageOf(r).Tag
}

// Lasting are views that know whether their log is what it was.
type Lasting interface {
	Head() events.Position
	InDoubt() bool
}

// Lasts answers 304 and returns true if the client has an answer that never
// changes. It lets the answer be cached, unless the log is in doubt.
func (x *Reader) Lasts(w http.ResponseWriter, r *http.Request, s Lasting) bool {
	w.Header().Add("Vary", respond.VariesBy)
	if s.InDoubt() {
		w.Header().Set("Cache-Control", "no-cache")
		return false
	}
	w.Header().Set("Cache-Control", x.Scope(r)+", "+keptForEver)
	return respond.Unchanged(w, r, s.Head().Epoch+" "+r.URL.RequestURI())
}

// allPositions reports whether parameters are full positions: @seq has no epoch,
// and an instant may lie before an event that is being recorded.
func allPositions(r *http.Request, names []string) bool {
	for _, name := range names {
		if _, err := events.ParsePosition(r.FormValue(name)); err != nil {
			return false
		}
	}
	return len(names) > 0
}
