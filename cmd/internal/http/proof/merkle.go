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

// inclusion is the answer of Inclusion.
type inclusion struct {
	Position string        `json:"position"`
	Index    int64         `json:"index"`
	Size     int64         `json:"size"`
	Leaf     merkle.Hash   `json:"leaf"`
	Root     merkle.Hash   `json:"root"`
	Hashes   []merkle.Hash `json:"hashes"`
}

// Inclusion proves that an event is in the log of a size.
func (x *Proof) Inclusion(w http.ResponseWriter, r *http.Request, s TreeViews) error {
	return x.prove(w, r, s, "seq", "size", func(tiles merkle.Store, at string, seq, size uint64) (_ any, err error) {
		if seq > size {
			return nil, respond.BadParams(respond.Fault{Pointer: "seq", Detail: fmt.Sprintf("is %d, but a log of that size has only %d events", seq, size)})
		}
		p := inclusion{Position: at, Index: int64(seq) - 1, Size: int64(size)}
		if p.Leaf, err = merkle.LeafAt(tiles, p.Index); err != nil {
			return nil, err
		}
		if p.Root, err = merkle.RootAt(tiles, p.Size); err != nil {
			return nil, err
		}
		p.Hashes, err = merkle.ProveInclusion(tiles, p.Index, p.Size)
		return p, err
	})
}

// consistency is the answer of Consistency.
type consistency struct {
	Position string        `json:"position"`
	From     int64         `json:"from"`
	To       int64         `json:"to"`
	RootFrom merkle.Hash   `json:"root_from"`
	RootTo   merkle.Hash   `json:"root_to"`
	Hashes   []merkle.Hash `json:"hashes"`
}

// Consistency proves that the log of one size begins with that of another.
func (x *Proof) Consistency(w http.ResponseWriter, r *http.Request, s TreeViews) error {
	return x.prove(w, r, s, "from", "to", func(tiles merkle.Store, at string, from, to uint64) (_ any, err error) {
		if from > to {
			return nil, respond.BadParams(respond.Fault{Pointer: "from", Detail: fmt.Sprintf("is %d, which is greater than to, %d", from, to)})
		}
		p := consistency{Position: at, From: int64(from), To: int64(to)}
		if p.RootFrom, err = merkle.RootAt(tiles, p.From); err != nil {
			return nil, err
		}
		if p.RootTo, err = merkle.RootAt(tiles, p.To); err != nil {
			return nil, err
		}
		p.Hashes, err = merkle.ProveConsistency(tiles, p.From, p.To)
		return p, err
	})
}

// prove answers a proof about a number of events, which the parameter few must name, in
// a log of the size that the parameter all names; without it, in the whole log. A proof
// of a given size never changes.
func (x *Proof) prove(w http.ResponseWriter, r *http.Request, s TreeViews, few, all string,
	proof func(tiles merkle.Store, at string, n, size uint64) (any, error),
) error {
	n, err := neededSeq(r, few)
	if err != nil {
		return err
	}
	size, err := reading.Seq(r, all, 0)
	if err != nil {
		return err
	}
	if _, err := x.Reach(r.Context(), s, max(n, size)); err != nil {
		return err
	}
	var answer any
	err = s.Proving(func(head events.Position, tiles merkle.Store) (err error) {
		if size, err = within(head, size, all); err != nil {
			return err
		}
		answer, err = proof(tiles, events.Position{Epoch: head.Epoch, Seq: size}.String(), n, size)
		return err
	})
	if err != nil {
		return err
	}
	if r.FormValue(all) == "" {
		w.Header().Set("Cache-Control", "no-cache")
	} else if x.Lasts(w, r, s) {
		return nil
	}
	return respond.JSON(w, http.StatusOK, answer)
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
