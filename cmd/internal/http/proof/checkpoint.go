package proof

import (
	"net/http"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/signing"
)

// NoteType is that of signed notes and keys.
const NoteType = "text/plain; charset=utf-8"

// Checkpoint answers the signed head of the log, or that of its first events.
func (x *Proof) Checkpoint(w http.ResponseWriter, r *http.Request, s SignedLog) error {
	n, err := x.signer()
	if err != nil {
		return err
	}
	var signed signing.Signed
	if r.FormValue("size") == "" {
		signed, err = n.Head(r.Context(), source(s))
	} else {
		var size uint64
		if size, err = reading.Seq(r, "size", 0); err != nil {
			return err
		}
		if _, err := x.Reach(r.Context(), s, size); err != nil {
			return err
		}
		signed, err = n.At(r.Context(), source(s), int64(size))
	}
	if err != nil {
		return sizeFault(err, "size")
	}
	return sendText(w, signed.Note)
}

// Key answers the server's verifier key.
func (x *Proof) Key(w http.ResponseWriter, _ *http.Request) error {
	n, err := x.signer()
	if err != nil {
		return err
	}
	return sendText(w, []byte(n.Key()+"\n"))
}

// LogKey answers the verifier key of a log: the server's key under the name of the
// log.
func (x *Proof) LogKey(w http.ResponseWriter, _ *http.Request, s Named) error {
	n, err := x.signer()
	if err != nil {
		return err
	}
	key, err := n.LogKey(s.Summit())
	if err != nil {
		return err
	}
	return sendText(w, []byte(key+"\n"))
}

func sendText(w http.ResponseWriter, b []byte) error {
	w.Header().Set("Content-Type", NoteType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader may be gone
	return nil
}
