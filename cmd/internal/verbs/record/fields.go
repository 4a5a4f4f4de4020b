package record

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// fields are values that are set one by one: place.name=X sets a field below
// another. A value that is JSON is taken as such, else as text.
type fields []string

func (f *fields) String() string { return strings.Join(*f, " ") }

// Set takes one more.
func (f *fields) Set(s string) error {
	if name, _, ok := strings.Cut(s, "="); !ok || name == "" {
		return errors.New("must be FIELD=VALUE")
	}
	*f = append(*f, s)
	return nil
}

// Type names the kind of value for help.
func (f *fields) Type() string { return "FIELD=VALUE" }

// into puts the values into a JSON object.
func (f *fields) into(object map[string]any) error {
	for _, s := range *f {
		path, text, _ := strings.Cut(s, "=")
		var value any = text
		var parsed any
		if json.Unmarshal([]byte(text), &parsed) == nil {
			value = parsed
		}
		at, names := object, strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			below, ok := at[name].(map[string]any)
			if !ok {
				if at[name] != nil {
					return cli.Usage("--set %s: %s is not an object", s, name)
				}
				below = map[string]any{}
				at[name] = below
			}
			at = below
		}
		at[names[len(names)-1]] = value
	}
	return nil
}
