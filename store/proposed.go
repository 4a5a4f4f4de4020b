package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Proposed returns the sequence at which the log ends once all is kept that its
// leader has taken in: an event that the leader has proposed, and that no majority
// has yet, may stand in the log later, with the time at which it was proposed. It
// returns 0 where one server has the log, which takes in nothing that it does not
// keep.
//
// The leader says so where it refuses a message that must follow a sequence which
// no log has; it compares before it proposes.
func (l *Log) Proposed(ctx context.Context) (uint64, error) {
	if l.servers < 2 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	m := nats.NewMsg(subjectPrefix + l.summit + ".summit." + l.summit)
	m.Header.Set(jetstream.ExpectedLastSeqHeader, strconv.FormatInt(math.MaxInt64, 10))
	reply, err := l.write.Conn().RequestMsgWithContext(ctx, m)
	if err != nil {
		return 0, fmt.Errorf("ask the broker for the last sequence of the log of %s: %w", l.summit, unavailable(err))
	}
	var refusal struct {
		Error *jetstream.APIError `json:"error"`
	}
	var last uint64
	if err := json.Unmarshal(reply.Data, &refusal); err == nil && refusal.Error != nil && refusal.Error.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		if _, err := fmt.Sscanf(refusal.Error.Description, "wrong last sequence: %d", &last); err == nil {
			return last, nil
		}
	}
	return 0, fmt.Errorf("ask the broker for the last sequence of the log of %s: it answers %q: %w", l.summit, reply.Data, ErrUnavailable)
}
