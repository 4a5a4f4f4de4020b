package item

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

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
		c, err := readConflict(row, in, called)
		list = append(list, c)
		return err
	})
	return list, err
}

func readConflict(row []byte, in *message.Language, called message.Namer) (Conflict, error) {
	var c struct {
		Conflict
		Message string `json:"message"`
	}
	if err := json.Unmarshal(row, &c); err != nil {
		return Conflict{}, err
	}
	if c.Message != "" { // files before version 3 keep the detail in English
		c.Detail = in.SayStored([]byte(c.Message), called)
	}
	return c.Conflict, nil
}

// ConflictsBetween lists the contradictions that stood at one position and do not at a
// later one, and those that stand at the later one alone. all looks at every one that there
// is: files of the first version do not tell which ended.
func ConflictsBetween(ctx context.Context, tx *viewdb.Tx, was, now uint64, all bool, in *message.Language, called message.Namer) (ended, came []Conflict, err error) {
	visit := func(key, v []byte) error {
		began, end := keys.Uint64(key), keys.Uint64(v)
		standsAt := func(known uint64) bool { return began <= known && (end == 0 || end > known) }
		if err := ctx.Err(); err != nil || standsAt(was) == standsAt(now) {
			return err
		}
		c, err := readConflict(v[8:], in, called)
		if err != nil {
			return fmt.Errorf("read conflict %d: %w", began, err)
		}
		if standsAt(was) {
			ended = append(ended, c)
		} else {
			came = append(came, c)
		}
		return nil
	}
	from := keys.Seq(was + 1)
	if all {
		from = nil
	}
	for k, v := range tx.Scan(TableConflicts, viewdb.Range{From: from, To: keys.Seq(now + 1)}) {
		if err := visit(k, v); err != nil {
			return nil, nil, err
		}
	}
	if all {
		return ended, came, nil
	}
	for k := range tx.Scan(TableEnded, viewdb.Range{From: from, To: keys.Seq(now + 1)}) {
		if key := k[8:]; keys.Uint64(key) <= was { // else it was visited
			if err := visit(key, tx.Get(TableConflicts, key)); err != nil {
				return nil, nil, err
			}
		}
	}
	return ended, came, nil
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
