package proof

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Inclusion proves that an event is in the log of a size.
func (x *Proof) Inclusion(w http.ResponseWriter, r *http.Request, s TreeViews) error {
	seq, err := neededSeq(r, "seq")
	if err != nil {
		return err
	}
	size, err := reading.Seq(r, "size", 0)
	if err != nil {
		return err
	}
	if _, err := x.Reach(r.Context(), s, max(seq, size)); err != nil {
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
	err = s.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		if size, err = within(head, size, "size"); err != nil {
			return err
		}
		if seq > size {
			return respond.BadParams(respond.Fault{Pointer: "seq", Detail: fmt.Sprintf("is %d, but a log of that size has only %d events", seq, size)})
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

// sendProof answers a proof. One of a given size never changes.
func (x *Proof) sendProof(w http.ResponseWriter, r *http.Request, s TreeViews, size string, answer any) error {
	if r.FormValue(size) == "" {
		w.Header().Set("Cache-Control", "no-cache")
	} else if x.Lasts(w, r, s) {
		return nil
	}
	return respond.JSON(w, http.StatusOK, answer)
}

// Consistency proves that the log of one size begins with that of another.
func (x *Proof) Consistency(w http.ResponseWriter, r *http.Request, s TreeViews) error {
	from, err := neededSeq(r, "from")
	if err != nil {
		return err
	}
	to, err := reading.Seq(r, "to", 0)
	if err != nil {
		return err
	}
	if _, err := x.Reach(r.Context(), s, max(from, to)); err != nil {
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
	err = s.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		if to, err = within(head, to, "to"); err != nil {
			return err
		}
		if from > to {
			return respond.BadParams(respond.Fault{Pointer: "from", Detail: fmt.Sprintf("is %d, which is greater than to, %d", from, to)})
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
		return 0, respond.BadParams(respond.Fault{Pointer: name, Detail: "is missing: expected a number of events, 1 or more"})
	}
	return reading.Seq(r, name, 0)
}

// within returns the size that was asked for, or that of the whole log.
func within(head events.Position, size uint64, name string) (uint64, error) {
	if size == 0 {
		size = head.Seq
	}
	if size > head.Seq {
		return 0, respond.BadParams(respond.Fault{Pointer: name, Detail: fmt.Sprintf("is %d, but only %d events are served", size, head.Seq)})
	}
	return size, nil
}

// sizeFault names the parameter that asked for more events than there are.
func sizeFault(err error, name string) error {
	var size *signing.SizeError
	if errors.As(err, &size) {
		return respond.BadParams(respond.Fault{Pointer: name, Detail: fmt.Sprintf("is %d, but only %d events are served", size.Size, size.Have)})
	}
	return err
}
