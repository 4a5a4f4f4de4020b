package projections

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/store/viewdb"
)

// conflictsAt lists the contradictions that stand at a position.
func conflictsAt(ctx context.Context, tx *viewdb.Tx, known uint64) ([]Conflict, error) {
	list := []Conflict{}
	err := eachConflict(ctx, tx, known, func(row []byte) error {
		var c Conflict
		err := json.Unmarshal(row, &c)
		list = append(list, c)
		return err
	})
	return list, err
}

// conflictsJSON is the list of those contradictions as JSON.
func conflictsJSON(ctx context.Context, tx *viewdb.Tx, known uint64) (jsontext.Value, error) {
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
	for k, v := range tx.Scan(tableConflicts, viewdb.Range{To: seqKey(known + 1)}) {
		if end := seqOf(v); end != 0 && end <= known {
			continue
		}
		err := ctx.Err()
		if err == nil {
			err = tell(v[8:])
		}
		if err != nil {
			return fmt.Errorf("read conflict %d: %w", seqOf(k), err)
		}
	}
	return nil
}
