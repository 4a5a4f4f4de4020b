package intake

import (
	"encoding/json"
	"net/http"
)

// outcome is what comes of an event, as HTTP would tell it.
type outcome struct {
	status    int
	detail    string // why it was refused
	code      int    // JetStream's own, where it has one for that; 0 is none
	stream    string
	seq       uint64
	duplicate bool
	position  string
}

// Codes of errors in the range of JetStream's.
const (
	// codes is what is added to a status of HTTP where JetStream has no code.
	codes = 10_000
	// wrongLast is JetStream's own for a log that does not end where it was
	// expected to: clients know it.
	wrongLast = 10_071
)

func refused(status int, detail string) outcome { return outcome{status: status, detail: detail} }

type ackError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

// body is the acknowledgement of JetStream, or its error.
func (o outcome) body() []byte {
	var ack any = struct {
		Stream    string `json:"stream"`
		Seq       uint64 `json:"seq"`
		Duplicate bool   `json:"duplicate,omitempty"`
	}{o.stream, o.seq, o.duplicate}
	if o.status >= http.StatusBadRequest {
		if o.code == 0 {
			o.code = codes + o.status
		}
		ack = struct {
			Type  string   `json:"type"`
			Error ackError `json:"error"`
		}{"io.nats.jetstream.api.v1.pub_ack_response", ackError{o.status, o.code, o.detail}}
	}
	b, err := json.Marshal(ack)
	if err != nil {
		return nil // strings and numbers can be written down
	}
	return b
}
