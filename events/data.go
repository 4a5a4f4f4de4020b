package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
)

// DecodeData reads the data of a type as of its newest version. Faults point
// below at.
func DecodeData(typ string, data []byte, at string) (Payload, error) {
	e, err := lookup(typ)
	if err != nil {
		return nil, Faults{{Pointer: "/type", Detail: err.Error()}}
	}
	return e.decode(data, e.version(), at)
}

// ReadData reads data that EncodeData wrote from a decoded payload: it was
// judged then and is not judged again.
func ReadData(typ string, data []byte) (Payload, error) {
	e, err := lookup(typ)
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	if message.HoldsSealed(data) {
		return e.readSealed(data)
	}
	return e.readPlain(data)
}

// readSealed is ReadData of data with sealed values, which no plain decoder reads.
func (e *entry) readSealed(data []byte) (Payload, error) {
	var faults Faults
	p := e.make()
	found, err := readText(e.newest(), data, "", p, &faults)
	if err == nil {
		err = faults.err()
	}
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	p.Base().Null, p.Base().commitments = e.carriedOnes(found.nulls), found.sealed
	return p, nil
}

func (e *entry) readPlain(data []byte) (Payload, error) {
	p := e.make()
	err := json.Unmarshal(data, p)
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	if bytes.Contains(data, []byte(":null")) {
		p.Base().Null, err = e.takenBack(data)
	}
	return p, err
}

// decode lifts data from its version to the newest and reads it.
func (e *entry) decode(data jsontext.Value, version int, at string) (Payload, error) {
	if version < e.version() {
		if err := e.judgeOlder(data, version, at); err != nil {
			return nil, err
		}
	}
	for _, u := range e.upcasters[version-1:] {
		lifted, err := u.lift(data)
		if err != nil {
			return nil, Faults{{Pointer: at, Detail: "cannot be upgraded to the newest version: " + err.Error()}}
		}
		data = lifted
	}
	var faults Faults
	p := e.make()
	found, err := readText(e.newest(), data, at, p, &faults)
	if err != nil {
		return nil, err
	}
	if faults != nil {
		e.judgeRemainder(data, at, &faults)
		return nil, faults
	}
	p.Base().Null, p.Base().commitments = e.carriedOnes(found.nulls), found.sealed
	e.validate(p, at, &faults)
	if p.Base().seals() {
		e.checkSealed(p, data, at, &faults)
	}
	return p, faults.err()
}

// judgeOlder compares data with the version it was written under.
func (e *entry) judgeOlder(data jsontext.Value, version int, at string) error {
	var faults Faults
	old := reflect.New(e.structs[version-1]).Interface()
	if _, err := readText(e.shapes[version-1], data, at, old, &faults); err != nil {
		return err
	}
	if faults != nil {
		e.judgeRemainder(data, at, &faults)
	}
	return faults.err()
}

// beside is what a text says beside what its struct holds.
type beside struct {
	nulls      uint64 // the fields that are null
	extensions Extensions
	sealed     []Sealed
}

// decoders are used again: each has buffers that grow with the depth of a text.
var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}

// readText reads one JSON text, which must end where its value ends, into the
// struct that into points at, as far as it is of the struct's shape. It returns
// what the struct does not hold.
func readText(s *shape, text []byte, at string, into any, f *Faults) (beside, error) {
	d := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(d)
	d.Reset(bytes.NewBuffer(text)) // a Buffer is read in place
	c := checker{d: d, at: append(make([]byte, 0, 64), at...), root: len(at), faults: f, top: s}
	err := c.check(s, reflect.ValueOf(into).Elem())
	if err == nil {
		if _, end := d.ReadToken(); end == nil {
			err = errors.New("unexpected text after the JSON value")
		} else if !errors.Is(end, io.EOF) {
			err = end
		}
	}
	if err == nil {
		return beside{c.nulls, c.extensions, c.sealed}, nil
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		pointer := at + string(syntactic.JSONPointer)
		return beside{}, Faults{{Pointer: pointer, Detail: fmt.Sprintf("is not valid JSON (at byte %d): %s", syntactic.ByteOffset, syntactic.Err)}}
	}
	return beside{}, Faults{{Pointer: at, Detail: "is not valid JSON: " + err.Error()}}
}

// EncodeData writes a payload deterministically: fixed key order, no white
// space, and null for what it takes back.
func EncodeData(p Payload) ([]byte, error) { return encodeData(p, json.Deterministic(true)) }

func encodeData(p Payload, how json.Options) ([]byte, error) {
	b, err := json.Marshal(p, how)
	if err != nil {
		return nil, fmt.Errorf("encode data: %w", err)
	}
	if names := p.Base().Null; names != nil {
		if b, err = entryOf(p).withNulls(b, names); err != nil {
			return nil, err
		}
	}
	return p.Base().withSealed(b)
}

// Patch applies a JSON merge patch (RFC 7396) to a payload of a type and reads
// what comes out, which must itself be a valid payload of that type.
func Patch(typ string, p Payload, patch []byte, at string) (Payload, error) {
	data, err := EncodeData(p)
	if err != nil {
		return nil, err
	}
	merged, err := jsonpatch.MergePatch(data, patch)
	if err != nil {
		return nil, Faults{{Pointer: at, Detail: "is not a JSON merge patch: " + err.Error()}}
	}
	// The library leaves the order of members to chance; the same patch must
	// give the same faults in the same order, wherever it is applied.
	ordered := jsontext.Value(merged)
	if err := ordered.Format(jsontext.ReorderRawObjects(true)); err != nil {
		return nil, Faults{{Pointer: at, Detail: "is not a JSON merge patch: " + err.Error()}}
	}
	if ordered, err = relist(ordered); err != nil {
		return nil, err
	}
	return DecodeData(typ, ordered, at)
}
