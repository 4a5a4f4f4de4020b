package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections"
)

const jsonType = "application/json"

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// object builds a JSON object out of finished parts.
type object struct{ bytes.Buffer }

func (o *object) member(name string, value any) error {
	b, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	o.raw(name, b)
	return nil
}

func (o *object) raw(name string, value []byte) {
	if o.Len() == 0 {
		o.WriteByte('{')
	} else {
		o.WriteByte(',')
	}
	o.WriteString(`"` + name + `":`)
	o.Write(value)
}

func (o *object) list(name string, values []jsontext.Value) {
	size := 0
	for _, v := range values {
		size += len(v) + 1
	}
	o.Grow(size + len(name))
	o.raw(name, []byte{'['})
	for i, v := range values {
		if i > 0 {
			o.WriteByte(',')
		}
		o.Write(v)
	}
	o.WriteByte(']')
}

func (o *object) stamp(summit string, s projections.Stamp) error {
	o.raw("summit", []byte(`"`+summit+`"`))
	o.raw("position", []byte(`"`+s.Position.String()+`"`))
	o.raw("known", []byte(`"`+s.Known.String()+`"`))
	o.raw("complete", fmt.Append(nil, s.Complete))
	if len(s.Quarantined) > 0 {
		return o.member("quarantined", s.Quarantined)
	}
	return nil
}

// next names the page that follows; null is none.
func (o *object) next(cursor string) {
	if cursor == "" {
		o.raw("next", []byte("null"))
		return
	}
	o.raw("next", []byte(`"`+cursor+`"`))
}

// end closes the object.
func (o *object) end() []byte {
	o.WriteByte('}')
	return o.Bytes()
}
