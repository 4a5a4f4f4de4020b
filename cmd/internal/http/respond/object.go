package respond

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections"
)

// JSONType is the media type of JSON.
const JSONType = "application/json"

// JSON sends a value as JSON.
func JSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	w.Header().Set("Content-Type", JSONType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// Object builds a JSON object from encoded parts.
type Object struct{ bytes.Buffer }

// ObjectIn returns an object that goes on where a text ends, in its room.
func ObjectIn(text []byte) *Object { return &Object{*bytes.NewBuffer(text)} }

// Member adds a member, and encodes its value.
func (o *Object) Member(name string, value any) error {
	b, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	o.Raw(name, b)
	return nil
}

// Raw adds a member whose value is encoded.
func (o *Object) Raw(name string, value []byte) {
	if o.Len() == 0 {
		o.WriteByte('{')
	} else {
		o.WriteByte(',')
	}
	o.WriteByte('"')
	o.WriteString(name)
	o.WriteString(`":`)
	o.Write(value)
}

// listSlack is room for what follows a list, such as a cursor: a buffer that is filled by
// a byte too many doubles.
const listSlack = 1 << 10

// List adds a list of encoded values.
func (o *Object) List(name string, values []jsontext.Value) {
	size := 0
	for _, v := range values {
		size += len(v) + 1
	}
	o.Grow(size + len(name) + listSlack)
	o.Raw(name, []byte{'['})
	for i, v := range values {
		if i > 0 {
			o.WriteByte(',')
		}
		o.Write(v)
	}
	o.WriteByte(']')
}

// Stamp adds the members that every answer of a summit begins with.
func (o *Object) Stamp(summit string, s projections.Stamp) error {
	o.Raw("summit", []byte(`"`+summit+`"`))
	o.Raw("position", []byte(`"`+s.Position.String()+`"`))
	o.Raw("known", []byte(`"`+s.Known.String()+`"`))
	o.Raw("complete", fmt.Append(nil, s.Complete))
	if len(s.Quarantined) > 0 {
		return o.Member("quarantined", s.Quarantined)
	}
	return nil
}

// Next adds the cursor of the next page; null if there is none.
func (o *Object) Next(cursor string) {
	if cursor == "" {
		o.Raw("next", []byte("null"))
		return
	}
	o.Raw("next", []byte(`"`+cursor+`"`))
}

// End closes the object and returns it.
func (o *Object) End() []byte {
	o.WriteByte('}')
	return o.Bytes()
}
