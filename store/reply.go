package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// batchResults reads the acknowledgement of an atomic batch: the sequence is
// that of its last event.
func batchResults(reply []byte, n int) ([]Result, error) {
	var ack struct {
		Error *jetstream.APIError `json:"error"`
		Seq   uint64              `json:"seq"`
		Count int                 `json:"count"`
	}
	if err := json.Unmarshal(reply, &ack); err != nil {
		return nil, fmt.Errorf("read the acknowledgement: %w", err)
	}
	if ack.Error != nil {
		return nil, ack.Error
	}
	if ack.Count != n || ack.Seq < uint64(n) {
		return nil, fmt.Errorf("the broker acknowledged %d of %d events", ack.Count, n)
	}
	return created(ack.Seq, n), nil
}

// The errors of JetStream after which looking again may find another state:
// wrong last sequence on one server, on several; an id that is being stored, or
// is known, in a batch; a stream that is electing a leader.
var passing = map[jetstream.ErrorCode]bool{
	10071: true, 10164: true, duplicateInProcess: true, duplicateInBatch: true,
	10074: true, 10008: true, 10009: true, 10174: true, 10175: true, incompleteBatch: true,
}

// The broker's errors of an id that it knows.
const (
	duplicateInProcess jetstream.ErrorCode = 10158
	duplicateInBatch   jetstream.ErrorCode = 10201
)

var errRemembered = errors.New("the broker remembers the id")

// remembered reports whether the broker took nothing since it knows an id.
func remembered(err error) bool {
	api := apiError(err)
	return errors.Is(err, errRemembered) || api != nil && (api.ErrorCode == duplicateInBatch || api.ErrorCode == duplicateInProcess)
}

// noAnswer reports whether what was published may have been taken all the same.
func noAnswer(err error) bool {
	return err != nil && apiError(err) == nil && !errors.Is(err, errRemembered)
}

// storeFailed is the error of a store that cannot write: its quota or its disk
// is full.
const storeFailed jetstream.ErrorCode = 10077

// full reports whether the store refused for want of room: to go on asking would
// hold up the caller until somebody makes some.
func full(err error) bool {
	api := apiError(err)
	return api != nil && api.ErrorCode == storeFailed
}

// incompleteBatch is the error of a batch of which something is missing, be it
// since the broker could not write it.
const incompleteBatch jetstream.ErrorCode = 10176

// failure returns err if it may come of a store that cannot write, and nil where
// the broker refused for another reason.
func failure(err error) error {
	if api := apiError(err); noAnswer(err) || api != nil && (api.Code >= 500 || api.ErrorCode == incompleteBatch) {
		return err
	}
	return nil
}

// final reports whether publishing again would fail in the same way.
func final(err error) bool {
	api := apiError(err)
	return api != nil && !passing[api.ErrorCode] && api.Code < 500 && api.Code != tooMany
}

// tooMany is the code of a server that has too much to do just now.
const tooMany = 429

// apiError is the broker's own error, or nil if it did not answer.
func apiError(err error) *jetstream.APIError {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api
	}
	var js jetstream.JetStreamError
	if errors.As(err, &js) {
		return js.APIError()
	}
	return nil
}
