package projections

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// member gives the text of one member of a JSON object, without decoding the
// rest.
func member(object []byte, name string) (jsontext.Value, error) {
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
