// Package objects reads single members of JSON objects, and compares objects.
package objects

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Member returns the text of one member of a JSON object, without decoding the
// rest.
func Member(object []byte, name string) (jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(object))
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		found := key.String() == name
		v, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if found {
			return v.Clone(), nil
		}
	}
	return nil, fmt.Errorf("no member %q", name)
}

// decoders are used again: each has buffers of its own.
var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}

// ErrEnough is what a function returns that needs no more members.
var ErrEnough = errors.New("no more members are needed")

// EachMember goes through the members of an object; fn reads the value. It ends early
// where fn returns ErrEnough.
func EachMember(object []byte, fn func(name string, d *jsontext.Decoder) error) error {
	d := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(d)
	d.Reset(bytes.NewBuffer(object)) // a Buffer is read in place
	if _, err := d.ReadToken(); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		if err := fn(key.String(), d); errors.Is(err, ErrEnough) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
	}
	return nil
}
