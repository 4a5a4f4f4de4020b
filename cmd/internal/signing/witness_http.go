package signing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/merkle"
)

// maxRequest is the most bytes of a request, maxProof the most hashes of a proof.
const (
	maxRequest = 1 << 16
	maxProof   = 63
)

// Handler returns the HTTP interface of the witness: GET /checkpoint returns the
// last cosigned head, and POST /add-checkpoint takes heads (C2SP tlog-witness).
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /checkpoint", func(out http.ResponseWriter, _ *http.Request) {
		h, ok := w.Last()
		if !ok {
			http.Error(out, "no head was cosigned yet", http.StatusNotFound)
			return
		}
		out.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = out.Write(h.Note) // the reader may be gone
	})
	mux.HandleFunc("POST /add-checkpoint", w.add)
	return mux
}

func (w *Witness) add(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxRequest))
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	old, proof, text, err := parseRequest(body)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	if c, err := unsigned(text); err != nil || c.Origin != w.log.Name() {
		refuse(out, ErrUnknownLog)
		return
	} else if old > c.Size {
		http.Error(out, "the old size is larger than the new", http.StatusBadRequest)
		return
	}
	h, err := w.Add(old, proof, text)
	if err != nil {
		refuse(out, err)
		return
	}
	out.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = out.Write(h.Line) // the log may be gone
}

func refuse(out http.ResponseWriter, err error) {
	var size *OldSizeError
	if errors.As(err, &size) { // the protocol answers the size alone
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		fmt.Fprintf(out, "%d\n", size.Last)
		return
	}
	status, ok := witnessStatuses[class.Of(err)]
	if !ok {
		status = http.StatusForbidden
	}
	http.Error(out, err.Error(), status)
}

// witnessStatuses maps the class of an error to its status in the protocol. Every
// other error is 403.
var witnessStatuses = map[class.Class]int{
	class.Absent: http.StatusNotFound, class.Conflict: http.StatusConflict, class.Invalid: http.StatusUnprocessableEntity,
}

// same reports whether both heads have the same size.
func (e *SplitError) same() bool {
	a, errA := unsigned(e.Seen)
	b, errB := unsigned(e.Shown)
	return errA == nil && errB == nil && a.Size == b.Size
}

// unsigned reads a checkpoint without verifying its signatures.
func unsigned(text []byte) (merkle.Checkpoint, error) {
	body, _, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return merkle.Checkpoint{}, errors.New("it is not a signed note")
	}
	return merkle.ParseCheckpoint(append(bytes.Clone(body), '\n'))
}

func parseRequest(body []byte) (old int64, proof []merkle.Hash, text []byte, err error) {
	head, text, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok {
		return 0, nil, nil, errors.New("an empty line is missing before the checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	number, ok := strings.CutPrefix(lines[0], "old ")
	if old, err = strconv.ParseInt(number, 10, 64); !ok || err != nil || old < 0 || strconv.FormatInt(old, 10) != number {
		return 0, nil, nil, fmt.Errorf("%.80q is not the old size", lines[0])
	}
	if len(lines)-1 > maxProof {
		return 0, nil, nil, fmt.Errorf("the proof has %d hashes; the limit is %d", len(lines)-1, maxProof)
	}
	for _, line := range lines[1:] {
		h, err := merkle.ParseHash(line)
		if err != nil {
			return 0, nil, nil, err
		}
		proof = append(proof, h)
	}
	return old, proof, text, nil
}
