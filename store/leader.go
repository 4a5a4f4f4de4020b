package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fromLeader reads one event from the leader of the stream. A direct get is
// answered by any replica, also by one that lags: where that one has no such
// event, the leader must say so before it counts as missing.
func (l *Log) fromLeader(ctx context.Context, seq uint64) (Record, error) {
	request, err := json.Marshal(map[string]uint64{"seq": seq})
	if err != nil {
		return Record{}, err
	}
	reply, err := l.read.Conn().RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+streamPrefix+l.summit, request)
	if err != nil {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, unavailable(err))
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Header  []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, err)
	}
	if e := answer.Error; e != nil && (e.ErrorCode == jetstream.JSErrCodeMessageNotFound || e.ErrorCode == jetstream.JSErrCodeStreamNotFound) {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, ErrNotFound)
	} else if e != nil {
		return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, unavailable(e))
	}
	m, id := answer.Message, ""
	if len(m.Header) > 0 {
		header, err := nats.DecodeHeadersMsg(m.Header)
		if err != nil {
			return Record{}, fmt.Errorf("read event %d of %s: %w", seq, l.summit, err)
		}
		id = header.Get(jetstream.MsgIDHeader)
	}
	return NewRecord(l.summit, m.Seq, m.Time, m.Data, m.Subject, id), nil
}
