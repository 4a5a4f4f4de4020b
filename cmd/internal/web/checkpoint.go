package web

import (
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// noteType is that of signed notes and keys.
const noteType = "text/plain; charset=utf-8"

// checkpoint answers the signed head of the log, or that of its first events.
func (x *Handler) checkpoint(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	n, err := x.notary()
	if err != nil {
		return err
	}
	var signed signing.Signed
	if r.FormValue("size") == "" {
		signed, err = n.Head(r.Context(), source(s))
	} else {
		var size uint64
		if size, err = seqParam(r, "size", 0); err != nil {
			return err
		}
		if _, err := x.reach(r.Context(), s, size); err != nil {
			return err
		}
		signed, err = n.At(r.Context(), source(s), int64(size))
	}
	if err != nil {
		return sizeFault(err, "size")
	}
	return sendText(w, signed.Note)
}

// key answers the server's verifier key; logKey that of one summit's log, which
// is the same under the name of the log's origin.
func (x *Handler) key(w http.ResponseWriter, _ *http.Request) error {
	n, err := x.notary()
	if err != nil {
		return err
	}
	return sendText(w, []byte(n.Key()+"\n"))
}

func (x *Handler) logKey(w http.ResponseWriter, _ *http.Request, s *summits.Summit) error {
	n, err := x.notary()
	if err != nil {
		return err
	}
	key, err := n.LogKey(s.ID)
	if err != nil {
		return err
	}
	return sendText(w, []byte(key+"\n"))
}

func sendText(w http.ResponseWriter, b []byte) error {
	w.Header().Set("Content-Type", noteType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

func (x *Handler) notary() (*signing.Notary, error) {
	if x.o.Notary == nil {
		return nil, &Problem{Status: http.StatusServiceUnavailable, Detail: "this server has no key to sign with"}
	}
	return x.o.Notary, nil
}

func source(s *summits.Summit) signing.Source {
	return signing.Source{Log: s.Log, Tree: s.Views.Tree, Wait: s.Views.Wait}
}
