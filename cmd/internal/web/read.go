package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/projections"
)

func (x *Handler) timeline(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	q, err := x.query(r, s)
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, q.Reading, "known"); done || err != nil {
		return err
	}
	return x.answer(w, x.basis(r, s, q.Reading), func() ([]byte, error) { return x.timelineJSON(r, s, q) })
}

// answer sends JSON that was made before on the same basis, or makes it.
func (x *Handler) answer(w http.ResponseWriter, basis string, makeJSON func() ([]byte, error)) error {
	b, kept := x.answers.get(basis)
	if !kept {
		var err error
		if b, err = makeJSON(); err != nil {
			return err
		}
		x.answers.add(basis, b)
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b))) // a long one is not sent in chunks then
	_, _ = w.Write(b)                                      // the reader may be gone
	return nil
}

func (x *Handler) timelineJSON(r *http.Request, s *host.Summit, q projections.Query) ([]byte, error) {
	page, err := s.Views.Timeline(r.Context(), q, x.o.Clock())
	if err != nil {
		return nil, err
	}
	var o object
	if err := o.stamp(s.ID, page.Stamp); err != nil {
		return nil, err
	}
	o.list("items", page.Items)
	if page.Next != "" {
		o.raw("next", []byte(`"`+page.Next+`"`))
	} else {
		o.raw("next", []byte("null"))
	}
	o.WriteByte('}')
	return o.Bytes(), nil
}

func (x *Handler) status(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	at, err := x.reading(r, s, "known")
	if err != nil {
		return err
	}
	when, err := instantParam(r, "at")
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	return x.answer(w, x.basis(r, s, at), func() ([]byte, error) {
		answer, err := s.Views.Status(r.Context(), at, when)
		return answer.JSON, err
	})
}

func (x *Handler) changes(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	since, err := x.reading(r, s, "since")
	if err != nil {
		return err
	}
	if r.FormValue("since") == "" {
		return badParams(Fault{Pointer: "since", Detail: "is missing: a position, @seq or a time"})
	}
	until, err := x.reading(r, s, "until")
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, until, "since", "until"); done || err != nil {
		return err
	}
	c, err := s.Views.Changes(r.Context(), since, until, x.o.Clock())
	if err != nil {
		return err
	}
	return writeChanges(w, s.ID, c)
}

func writeChanges(w http.ResponseWriter, summit string, c projections.Changes) error {
	var o object
	if err := o.stamp(summit, c.Stamp); err != nil {
		return err
	}
	o.raw("since", []byte(`"`+c.Since.String()+`"`))
	o.raw("until", []byte(`"`+c.Known.String()+`"`))
	o.list("added", c.Added)
	if err := o.member("corrected", c.Corrected); err != nil {
		return err
	}
	o.list("retracted", c.Retracted)
	o.list("restored", c.Restored)
	if err := o.member("standing", c.Standing); err != nil {
		return err
	}
	if err := o.member("status", c.Status); err != nil {
		return err
	}
	o.send(w)
	return nil
}

func (x *Handler) conflicts(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	at, err := x.reading(r, s, "known")
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	list, stamp, err := s.Views.Conflicts(r.Context(), at)
	if err != nil {
		return err
	}
	var o object
	if err := o.stamp(s.ID, stamp); err != nil {
		return err
	}
	if err := o.member("conflicts", list); err != nil {
		return err
	}
	o.send(w)
	return nil
}

func (x *Handler) fact(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	at, err := x.reading(r, s, "known")
	if err != nil {
		return err
	}
	answer, at, err := x.lookFor(r, s, strings.ToLower(r.PathValue("id")), at)
	if err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	raw, err := s.Log.Pick(r.Context(), answer.History)
	if err != nil {
		return err
	}
	history := make([]jsontext.Value, len(raw))
	for i := range raw {
		history[i] = raw[i]
	}
	var o object
	o.Write(answer.Item[:len(answer.Item)-1])
	o.raw("known", []byte(`"`+answer.Known.String()+`"`))
	o.list("history", history)
	o.send(w)
	return nil
}
