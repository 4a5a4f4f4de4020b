package web

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/projections"
)

const jsonType = "application/json"

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// basis is all that an answer depends on, as text: the query, the position that
// is read, the version of the views, how many plans are past and whether the log
// is in doubt. One as known at a position never changes but with the version.
func (x *Handler) basis(r *http.Request, s *host.Summit, at projections.Reading) string {
	b := append(make([]byte, 0, 256), r.URL.Path...)
	b = append(append(b, '?'), r.URL.RawQuery...)
	b = append(append(b, ' '), s.Views.Head().Epoch...)
	b = strconv.AppendUint(append(b, ' '), at.Seq, 10)
	b = strconv.AppendInt(append(b, ' '), int64(s.Views.Version()), 10)
	if doubt := s.Views.Incomplete(); !immutable(r) || doubt {
		b = strconv.AppendInt(append(b, ' '), int64(s.Views.Overdue(x.o.Clock())), 10)
		b = strconv.AppendBool(append(b, ' '), doubt)
	}
	return string(b)
}

// fresh answers 304 where the reader has the answer already. It is decided
// before any work.
func (x *Handler) fresh(w http.ResponseWriter, r *http.Request, s *host.Summit, at projections.Reading) bool {
	tag := fnv.New64a()
	_, _ = tag.Write([]byte(x.basis(r, s, at))) // it never fails
	if immutable(r) && !s.Views.Incomplete() {
		w.Header().Set("Cache-Control", x.scope(r)+", max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	etag := `"` + strconv.FormatUint(tag.Sum64(), 16) + `"`
	w.Header().Set("Etag", etag)
	if !matches(r.Header.Get("If-None-Match"), etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// immutable says whether the answer is as known at a position: an instant may
// yet lie before an event that is being recorded, and a page without known
// moves on.
func immutable(r *http.Request) bool {
	known := r.FormValue("known")
	if known == "" {
		known = r.FormValue("until")
	}
	return known != "" && !strings.Contains(known+r.FormValue("since"), ":")
}

func matches(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}

// object builds a JSON object out of finished parts.
type object struct{ bytes.Buffer }

func (o *object) member(name string, value any) error {
	b, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	o.raw(name, b)
	return nil
}

func (o *object) raw(name string, value []byte) {
	if o.Len() == 0 {
		o.WriteByte('{')
	} else {
		o.WriteByte(',')
	}
	o.WriteString(`"` + name + `":`)
	o.Write(value)
}

func (o *object) list(name string, values []jsontext.Value) {
	o.raw(name, []byte{'['})
	for i, v := range values {
		if i > 0 {
			o.WriteByte(',')
		}
		o.Write(v)
	}
	o.WriteByte(']')
}

func (o *object) stamp(summit string, s projections.Stamp) error {
	o.raw("summit", []byte(`"`+summit+`"`))
	o.raw("position", []byte(`"`+s.Position.String()+`"`))
	o.raw("known", []byte(`"`+s.Known.String()+`"`))
	o.raw("complete", fmt.Append(nil, s.Complete))
	if len(s.Quarantined) > 0 {
		return o.member("quarantined", s.Quarantined)
	}
	return nil
}

func (o *object) send(w http.ResponseWriter) {
	o.WriteByte('}')
	w.Header().Set("Content-Type", jsonType)
	_, _ = w.Write(o.Bytes()) // the reader may be gone
}
