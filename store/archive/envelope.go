package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/summit-timeline/summit/store"
)

// envelope is what the broker had beside the bytes of an event. It is kept
// only where the bytes do not say it: of an event that cannot be read, or that
// stood under another subject or id than its own.
type envelope struct {
	Seq     uint64 `json:"seq"`
	Subject string `json:"subject"`
	MsgID   string `json:"id"`
	// Stored is when the log took it, if that is why it could not be read.
	Stored string `json:"stored,omitempty"`
}

// envelopeOf is the envelope of an event that needs one.
func envelopeOf(rec store.Record) envelope {
	e := envelope{Seq: rec.Seq, Subject: rec.Subject, MsgID: rec.MsgID}
	if store.ReasonOf(rec.Err) == store.Ahead {
		e.Stored = rec.Stored.UTC().Format(time.RFC3339Nano)
	}
	return e
}

// stored is zero where the envelope does not say.
func (e envelope) stored() (time.Time, error) {
	if e.Stored == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, e.Stored)
}

// needed reports whether the bytes alone do not tell how an event stood.
func needed(rec store.Record) bool { return rec.Err != nil || rec.MsgID == "" }

func formatEnvelopes(list []envelope) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, e := range list {
		if !utf8.ValidString(e.Subject) || !utf8.ValidString(e.MsgID) {
			return nil, fmt.Errorf("write envelopes: the subject or the message id of event %d is not UTF-8, so it cannot be archived unchanged", e.Seq)
		}
		if err := enc.Encode(e); err != nil {
			return nil, fmt.Errorf("write envelopes: %w", err)
		}
	}
	return b.Bytes(), nil
}

// parseEnvelopes accepts only what formatEnvelopes writes, of the events from one
// sequence to another.
func parseEnvelopes(b []byte, summit string, from, to uint64) (map[uint64]envelope, error) {
	out := map[uint64]envelope{}
	var list []envelope
	last := from - 1
	for text := range bytes.Lines(b) {
		var e envelope
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("an envelope cannot be read: %w", err)
		}
		if e.Seq <= last || e.Seq > to {
			return nil, fmt.Errorf("the envelope of %d is out of place", e.Seq)
		}
		if !strings.HasPrefix(e.Subject, "facts."+summit+".") {
			return nil, fmt.Errorf("the envelope of %d names the subject %.80q, which does not belong to this summit", e.Seq, e.Subject)
		}
		if _, err := e.stored(); err != nil {
			return nil, fmt.Errorf("the envelope of %d does not say when it was stored: %w", e.Seq, err)
		}
		last, list, out[e.Seq] = e.Seq, append(list, e), e
	}
	if again, err := formatEnvelopes(list); err != nil || !bytes.Equal(again, b) {
		return nil, fmt.Errorf("the envelopes are not in canonical form")
	}
	return out, nil
}

// tally is the count and the sum of all envelopes.
type tally struct {
	n   int
	sum hash.Hash
}

func newTally() *tally { return &tally{sum: sha256.New()} }

func (t *tally) add(n int, b []byte) {
	t.n += n
	t.sum.Write(b)
}

func (t *tally) total() (int, Sum) { return t.n, Sum(t.sum.Sum(nil)) }
