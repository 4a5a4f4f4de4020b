package item

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Conflict is a contradiction that a rule found between facts.
type Conflict struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"` // impossible, doubtful
	Facts    []string `json:"facts"`
	Detail   string   `json:"detail"`
}

// ConflictsAt lists the contradictions that stand at a position.
func ConflictsAt(ctx context.Context, tx *viewdb.Tx, known uint64, in *message.Language, called message.Namer) ([]Conflict, error) {
	list := []Conflict{}
	err := eachConflict(ctx, tx, known, func(row []byte) error {
		var c struct {
			Conflict
			Message string `json:"message"`
		}
		if err := json.Unmarshal(row, &c); err != nil {
			return err
		}
		if c.Message != "" { // files before version 3 keep the detail in English
			c.Detail = in.SayStored([]byte(c.Message), called)
		}
		list = append(list, c.Conflict)
		return nil
	})
	return list, err
}

// ConflictsJSON returns the list of those contradictions as JSON.
func ConflictsJSON(ctx context.Context, tx *viewdb.Tx, known uint64, in *message.Language, called message.Namer) (jsontext.Value, error) {
	list, err := ConflictsAt(ctx, tx, known, in, called)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(list, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode contradictions: %w", err)
	}
	return b, nil
}

func eachConflict(ctx context.Context, tx *viewdb.Tx, known uint64, tell func(row []byte) error) error {
	for k, v := range tx.Scan(TableConflicts, viewdb.Range{To: keys.Seq(known + 1)}) {
		if end := keys.Uint64(v); end != 0 && end <= known {
			continue
		}
		err := ctx.Err()
		if err == nil {
			err = tell(v[8:])
		}
		if err != nil {
			return fmt.Errorf("read conflict %d: %w", keys.Uint64(k), err)
		}
	}
	return nil
}
