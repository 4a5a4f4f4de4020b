package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// inclusion proves that an event is in the log of a size.
func (x *Handler) inclusion(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	seq, err := neededSeq(r, "seq")
	if err != nil {
		return err
	}
	size, err := seqParam(r, "size", 0)
	if err != nil {
		return err
	}
	if _, err := x.reach(r.Context(), s, max(seq, size)); err != nil {
		return err
	}
	var answer struct {
		Position string        `json:"position"`
		Index    int64         `json:"index"`
		Size     int64         `json:"size"`
		Leaf     merkle.Hash   `json:"leaf"`
		Root     merkle.Hash   `json:"root"`
		Hashes   []merkle.Hash `json:"hashes"`
	}
	err = s.Views.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		if size, err = within(head, size, "size"); err != nil {
			return err
		}
		if seq > size {
			return badParams(Fault{Pointer: "seq", Detail: fmt.Sprintf("is %d, and the log of that size has %d events", seq, size)})
		}
		answer.Position, answer.Index, answer.Size = events.Position{Epoch: head.Epoch, Seq: size}.String(), int64(seq)-1, int64(size)
		if answer.Leaf, err = merkle.LeafAt(tiles, answer.Index); err != nil {
			return err
		}
		if answer.Root, err = merkle.RootAt(tiles, answer.Size); err != nil {
			return err
		}
		answer.Hashes, err = merkle.ProveInclusion(tiles, answer.Index, answer.Size)
		return err
	})
	if err != nil {
		return err
	}
	return x.sendProof(w, r, s, "size", answer)
}

// sendProof answers a proof. One of a size never changes; one of all that is
// served does.
func (x *Handler) sendProof(w http.ResponseWriter, r *http.Request, s *summits.Summit, size string, answer any) error {
	if r.FormValue(size) == "" {
		w.Header().Set("Cache-Control", "no-cache")
	} else if x.lasting(w, r, s) {
		return nil
	}
	return writeJSON(w, http.StatusOK, answer)
}

// consistency proves that the log of one size begins with that of another.
func (x *Handler) consistency(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	from, err := neededSeq(r, "from")
	if err != nil {
		return err
	}
	to, err := seqParam(r, "to", 0)
	if err != nil {
		return err
	}
	if _, err := x.reach(r.Context(), s, max(from, to)); err != nil {
		return err
	}
	var answer struct {
		Position string        `json:"position"`
		From     int64         `json:"from"`
		To       int64         `json:"to"`
		RootFrom merkle.Hash   `json:"root_from"`
		RootTo   merkle.Hash   `json:"root_to"`
		Hashes   []merkle.Hash `json:"hashes"`
	}
	err = s.Views.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		if to, err = within(head, to, "to"); err != nil {
			return err
		}
		if from > to {
			return badParams(Fault{Pointer: "from", Detail: fmt.Sprintf("is %d, after to, which is %d", from, to)})
		}
		answer.Position, answer.From, answer.To = events.Position{Epoch: head.Epoch, Seq: to}.String(), int64(from), int64(to)
		if answer.RootFrom, err = merkle.RootAt(tiles, answer.From); err != nil {
			return err
		}
		if answer.RootTo, err = merkle.RootAt(tiles, answer.To); err != nil {
			return err
		}
		answer.Hashes, err = merkle.ProveConsistency(tiles, answer.From, answer.To)
		return err
	})
	if err != nil {
		return err
	}
	return x.sendProof(w, r, s, "to", answer)
}

func neededSeq(r *http.Request, name string) (uint64, error) {
	if r.FormValue(name) == "" {
		return 0, badParams(Fault{Pointer: name, Detail: "is missing: a number of events from 1"})
	}
	return seqParam(r, name, 0)
}

// within gives the size that was asked for, or the whole where none was.
func within(head events.Position, size uint64, name string) (uint64, error) {
	if size == 0 {
		size = head.Seq
	}
	if size > head.Seq {
		return 0, badParams(Fault{Pointer: name, Detail: fmt.Sprintf("is %d, and %d events are served", size, head.Seq)})
	}
	return size, nil
}

// sizeFault names the parameter that asked for more than there is.
func sizeFault(err error, name string) error {
	var size *signing.SizeError
	if errors.As(err, &size) {
		return badParams(Fault{Pointer: name, Detail: fmt.Sprintf("is %d, and %d events are served", size.Size, size.Have)})
	}
	return err
}
