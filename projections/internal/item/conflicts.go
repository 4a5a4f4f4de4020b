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
	for k, v := range tx.Scan(TableConflicts, viewdb.Range{To: keys.Seq(known + 1)}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !standsAt(k, v, known) {
			continue
		}
		c, err := readConflict(v, in, called)
		if err != nil {
			return nil, fmt.Errorf("read conflict %d: %w", keys.Uint64(k), err)
		}
		list = append(list, c)
	}
	return list, ctx.Err()
}

// standsAt reports whether a contradiction, as stored, stands at a position.
func standsAt(key, v []byte, known uint64) bool {
	end := keys.Uint64(v)
	return keys.Uint64(key) <= known && (end == 0 || end > known)
}

// readConflict reads a contradiction as stored, behind the event that ended it.
func readConflict(v []byte, in *message.Language, called message.Namer) (Conflict, error) {
	var c struct {
		Conflict
		Message string `json:"message"`
	}
	if err := json.Unmarshal(v[8:], &c); err != nil {
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
		stood := standsAt(key, v, was)
		if err := ctx.Err(); err != nil || stood == standsAt(key, v, now) {
			return err
		}
		c, err := readConflict(v, in, called)
		if err != nil {
			return fmt.Errorf("read conflict %d: %w", keys.Uint64(key), err)
		}
		if stood {
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
