package item

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/rules"
	"github.com/summit-timeline/summit/store/viewdb"
)

// ConflictsAt lists the contradictions that stand at a position.
func ConflictsAt(ctx context.Context, tx *viewdb.Tx, known uint64) ([]rules.Conflict, error) {
	list := []rules.Conflict{}
	err := eachConflict(ctx, tx, known, func(row []byte) error {
		var c rules.Conflict
		err := json.Unmarshal(row, &c)
		list = append(list, c)
		return err
	})
	return list, err
}

// ConflictsJSON returns the list of those contradictions as JSON.
func ConflictsJSON(ctx context.Context, tx *viewdb.Tx, known uint64) (jsontext.Value, error) {
	list := jsontext.Value{'['}
	err := eachConflict(ctx, tx, known, func(row []byte) error {
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = append(list, row...)
		return nil
	})
	return append(list, ']'), err
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
