package events

import (
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// notCarried are the members of data that speak of their own fact alone: an
// earlier fact's value never stands for a later one.
var notCarried = map[string]bool{
	"headline": true, "note": true, "lang": true, "sources": true, "grade": true, "evidence": true, "sealed": true, "unseal_at": true,
	"reason": true, "detail": true, "text": true, "quote": true, "with": true,
}

// carriedOn reports whether what a fact says in a top-level member of data
// stands for later facts of the entity that leave the member out.
func carriedOn(member string) bool { return !notCarried[member] }

// TakenBack returns the top-level members of data that a fact gives as null, in
// the order in which they are written: what earlier facts said of them stands
// no more. Null takes back optional members that are carried on, in facts that
// are neither amendments nor about the summit itself; everywhere else it is the
// same as leaving the member out.
func TakenBack(p Payload) []string { return p.Base().Null }

// takesBack reports whether null means anything in facts of the type.
func (e *entry) takesBack() bool { return e.kind != "" && e.kind != KindSummit }

// carriedOnes names those of a set of fields that null takes back.
func (e *entry) carriedOnes(nulls uint64) (names []string) {
	if nulls == 0 || !e.takesBack() {
		return nil
	}
	for i, f := range e.newest().fields {
		if nulls&(1<<i) != 0 && carriedOn(f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// takenBack finds the nulls in data that EncodeData wrote.
func (e *entry) takenBack(data []byte) ([]string, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	var nulls uint64
	for i, f := range e.newest().fields {
		if string(members[f.name]) == "null" {
			nulls |= 1 << i
		}
	}
	return e.carriedOnes(nulls), nil
}

// withNulls writes null for the named members, each in its place.
func (e *entry) withNulls(data []byte, names []string) ([]byte, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("encode data: %w", err)
	}
	out := []byte{'{'}
	for _, f := range e.newest().fields {
		value, given := members[f.name]
		if !given && !contains(names, f.name) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), f.name...), `":`...)
		if given {
			out = append(out, value...)
		} else {
			out = append(out, "null"...)
		}
	}
	return append(out, '}'), nil
}

// Owed returns the members that a payload leaves out and that an earlier fact of
// its entity must have given: title, kind, name, place. A fact that owes one
// that no earlier fact gave cannot be recorded: [OwedFaults].
func Owed(p Payload) (names []string) {
	v := reflect.ValueOf(p).Elem()
	for _, f := range entryOf(p).newest().fields {
		if f.need == owed && v.FieldByIndex(f.index).IsZero() {
			names = append(names, f.name)
		}
	}
	return names
}

// OwedFaults reports that nothing earlier gave the members that a fact owes.
func OwedFaults(entity Entity, names []string) Faults {
	var faults Faults
	for _, name := range names {
		faults.add("/data/"+name, "is missing: it can be omitted only if an earlier fact about %s supplied it", entity)
	}
	return faults
}
