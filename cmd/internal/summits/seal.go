package summits

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// Vault keeps disclosures apart from the logs, by the commitments to them.
type Vault interface {
	Put(ctx context.Context, summit string, values map[string][]byte) error
	Get(ctx context.Context, summit string, keys ...string) (map[string][]byte, error)
}

// ErrNoVault is the error of a server that keeps nothing sealed.
var ErrNoVault = class.New(class.Invalid, "nothing can be sealed: this server has nowhere to keep what is not shown")

// recordSealed records events of which some ask to have values sealed. The disclosures are
// on the disk before the events are appended: a kill between leaves a disclosure of
// nothing, and never an event whose values are lost.
func (s *Summit) recordSealed(ctx context.Context, list []events.Event, match *events.Position) ([]Outcome, error) {
	there := map[string]uint64{} // events that are recorded, of which the views may not know yet
	for {
		sealed, err := s.seal(ctx, list, there)
		if err != nil {
			return nil, err
		}
		outcomes, err := s.recorder.Record(ctx, sealed, match)
		var taken *store.IDTakenError
		if !errors.As(err, &taken) || there[taken.ID] != 0 {
			return outcomes, err
		}
		there[taken.ID] = taken.Seq // it was sealed with other salts, and may be the same
	}
}

// seal returns the events with what is to be sealed sealed.
func (s *Summit) seal(ctx context.Context, list []events.Event, there map[string]uint64) ([]events.Event, error) {
	if s.o.Vault == nil {
		return nil, ErrNoVault
	}
	values := map[string][]byte{}
	sealed := append([]events.Event(nil), list...)
	for i, e := range sealed {
		if !events.AsksToSeal(e) {
			continue
		}
		stored, found, err := s.stored(ctx, e.ID, there[e.ID])
		if err != nil {
			return nil, err
		}
		if found {
			if sealed[i], err = s.sealAs(ctx, e, stored); err != nil {
				return nil, err
			}
			continue
		}
		var disclosed []events.Disclosure
		if sealed[i], disclosed, err = events.Seal(e, s.o.Salt); err != nil {
			return nil, err
		}
		for _, d := range disclosed {
			if err := addDisclosure(values, d); err != nil {
				return nil, err
			}
		}
	}
	if len(values) == 0 {
		return sealed, nil
	}
	return sealed, s.o.Vault.Put(ctx, s.ID, values)
}

func addDisclosure(values map[string][]byte, d events.Disclosure) error {
	c, err := d.Commitment()
	if err != nil {
		return err
	}
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode a disclosure: %w", err)
	}
	values[c] = b
	return nil
}

// stored returns the event with an id that the log has; seq is where it is, or 0 if nobody
// knows.
func (s *Summit) stored(ctx context.Context, id string, seq uint64) (e events.Event, found bool, err error) {
	if seq == 0 && id != "" {
		seq, _, err = s.Views.Find(id)
	}
	if err != nil || seq == 0 {
		return e, false, err
	}
	rec, err := s.Log.Get(ctx, seq)
	if err != nil || rec.Err != nil {
		return e, false, err
	}
	return rec.Event, true, nil
}

// sealAs seals an event that is there already as it was sealed then.
func (s *Summit) sealAs(ctx context.Context, e, stored events.Event) (events.Event, error) {
	was, err := events.SealedValues(stored.Data)
	if err != nil {
		return events.Event{}, err
	}
	disclosed, err := s.Disclosed(ctx, commitments(was)...)
	if err != nil {
		return events.Event{}, err
	}
	list := make([]events.Disclosure, 0, len(disclosed))
	for _, d := range disclosed {
		list = append(list, d)
	}
	return events.SealAs(e, was, list)
}

func commitments(sealed []events.Sealed) []string {
	list := make([]string, len(sealed))
	for i, x := range sealed {
		list[i] = x.Commitment
	}
	return list
}

// Disclosed returns what was sealed, by the commitments to it. What was withheld is not
// there.
func (s *Summit) Disclosed(ctx context.Context, commitments ...string) (map[string]events.Disclosure, error) {
	if s.o.Vault == nil || len(commitments) == 0 {
		return nil, nil
	}
	values, err := s.o.Vault.Get(ctx, s.ID, commitments...)
	if err != nil {
		return nil, err
	}
	list := make(map[string]events.Disclosure, len(values))
	for c, b := range values {
		var d events.Disclosure
		if err := json.Unmarshal(b, &d); err != nil {
			return nil, fmt.Errorf("read a disclosure: %w", err)
		}
		list[c] = d
	}
	return list, nil
}
