package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/projections"
)

func (x *Handler) timeline(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
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
	return x.answer(w, r, x.basis(r, s, q.Reading), func() ([]byte, error) { return x.timelineJSON(r, s, q) })
}

// answer sends JSON that was made before on the same basis, or makes it.
func (x *Handler) answer(w http.ResponseWriter, r *http.Request, basis string, makeJSON func() ([]byte, error)) error {
	b, kept := x.answers.get(basis)
	if !kept {
		var err error
		if b, err = x.made(r.Context(), makeJSON); err != nil {
			return err
		}
		x.answers.add(basis, b)
	}
	return x.send(w, jsonType, b)
}

func (x *Handler) timelineJSON(r *http.Request, s *summits.Summit, q projections.Query) ([]byte, error) {
	page, err := s.Views.Timeline(r.Context(), q, x.o.Clock())
	if err != nil {
		return nil, err
	}
	var o object
	if err := o.stamp(s.ID, page.Stamp); err != nil {
		return nil, err
	}
	o.list("items", page.Items)
	o.next(page.Next)
	o.WriteByte('}')
	return o.Bytes(), nil
}

func (x *Handler) status(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	if err := x.await(w, r, s); err != nil {
		return err
	}
	at, err := x.reading(r, s, "known")
	if err != nil {
		return err
	}
	q := projections.StatusQuery{Reading: at, Cursor: r.FormValue("cursor")}
	if q.At, err = instantParam(r, "at"); err != nil {
		return err
	}
	if q.Lists, err = listsParam(r); err != nil {
		return err
	}
	if q.Limit, err = limitOf(r, projections.DefaultStatus, projections.MaxStatus); err != nil {
		return err
	}
	if err := x.reachCursor(r, s); err != nil {
		return err
	}
	if done, err := x.fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	return x.answer(w, r, x.basis(r, s, at), func() ([]byte, error) {
		answer, err := s.Views.StatusPage(r.Context(), q)
		return answer.JSON, err
	})
}

// listsOf are the lists of a status that tell of a kind of entity, where the list
// is called otherwise.
var listsOf = map[string][]string{
	"delegation": {"delegations"}, "person": {"delegations"}, "meeting": {"meetings"}, "site": {"sites"}, "topic": {"agenda", "positions"},
	"vehicle": {"vehicles"}, "document": {"documents"}, "measure": {"measures"}, "incident": {"incidents"},
}

// listsParam reads which lists of a status are wanted: by their names, or by the
// kinds of entities that they tell of.
func listsParam(r *http.Request) ([]string, error) {
	text := r.FormValue("kind")
	if text == "" {
		return nil, nil
	}
	known := projections.StatusLists()
	var lists []string
	for name := range strings.SplitSeq(text, ",") {
		names := listsOf[name]
		if slices.Contains(known, name) {
			names = []string{name}
		}
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(known, n) })
		if len(names) == 0 {
			return nil, badParams(Fault{Pointer: "kind", Detail: fmt.Sprintf("%q is none of %s", name, strings.Join(known, ", "))})
		}
		lists = append(lists, names...)
	}
	return lists, nil
}

func (x *Handler) conflicts(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
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
	return x.reply(w, r, func() ([]byte, error) {
		list, stamp, err := s.Views.Conflicts(r.Context(), at)
		if err != nil {
			return nil, err
		}
		var o object
		if err := o.stamp(s.ID, stamp); err != nil {
			return nil, err
		}
		if err := o.member("conflicts", list); err != nil {
			return nil, err
		}
		return o.end(), nil
	})
}

func (x *Handler) fact(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
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
	var o object
	o.Write(answer.Item[:len(answer.Item)-1])
	o.raw("known", []byte(`"`+answer.Known.String()+`"`))
	o.raw("history", []byte{'['})
	return x.sendHistory(w, r, s, o.Bytes(), answer.History)
}

// historyPart is how many events of a fact are read at a time.
const historyPart = 32

// sendHistory sends a fact with its events, part by part as they are read: there
// may be many.
func (x *Handler) sendHistory(w http.ResponseWriter, r *http.Request, s *summits.Summit, begun []byte, history []uint64) error {
	out := &patient{w: w, rc: http.NewResponseController(w), now: x.o.Clock}
	for part := range slices.Chunk(history, historyPart) {
		raw, err := s.Log.Pick(r.Context(), part)
		if err != nil && !out.begun {
			return err
		}
		if err != nil {
			x.o.Logger.Error("reading the history of a fact", "summit", s.ID, "event", part[0], "error", err)
			panic(http.ErrAbortHandler) // a cut answer must not look whole
		}
		w.Header().Set("Content-Type", jsonType)
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
