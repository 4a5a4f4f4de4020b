package events

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of the extension attributes of one event.
const (
	MaxExtensions    = 16
	MaxExtensionSize = 1 << 10 // bytes of one value
	maxExtensionName = 20      // CloudEvents 1.0.2, "Naming conventions"
)

// Extensions are the attributes of a CloudEvent that are not known here, such as
// partitionkey: a text, true or false, or a whole number each. They are kept as
// they came.
type Extensions map[string]jsontext.Value

// isExtensionName reports whether CloudEvents allows the name.
func isExtensionName(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && !isDigit(c) {
			return false
		}
	}
	return name != "" && len(name) <= maxExtensionName
}

// checkExtension reads one member that the envelope does not know.
func (c *checker) checkExtension(name string) error {
	kind := c.d.PeekKind()
	raw, err := c.d.ReadValue()
	switch {
	case err != nil:
		return err //nolint:wrapcheck // it says where the text is no JSON
	case kind == 'n': // null is the same as left out
		return nil
	case name == "data_base64":
		c.add("is binary data, but a fact is JSON: use data instead")
		return nil
	case !isExtensionName(name):
		c.add("is neither an attribute (%s) nor a valid extension name: 1 to %d characters of a-z and 0-9", strings.Join(c.top.names(), ", "), maxExtensionName)
		return nil
	case len(c.extensions) == MaxExtensions:
		c.add("is one extension too many: the limit is %d", MaxExtensions)
		return nil
	}
	if err := checkExtensionValue(kind, raw); err != nil {
		c.add("%s", err)
		return nil
	}
	if c.extensions == nil {
		c.extensions = Extensions{}
	}
	c.extensions[name] = raw.Clone()
	return nil
}

func checkExtensionValue(kind jsontext.Kind, raw jsontext.Value) error {
	switch kind {
	case 't', 'f':
		return nil
	case '0':
		if _, err := strconv.ParseInt(string(raw), 10, 32); err != nil {
			return fmt.Errorf("must be a whole number of at most 32 bits, or a string")
		}
		return nil
	case '"':
		return checkExtensionText(raw)
	}
	return fmt.Errorf("must be a string, true or false, or a whole number, not %s", kindName(kind))
}

func checkExtensionText(raw jsontext.Value) error {
	text, err := jsontext.AppendUnquote(nil, raw)
	switch {
	case err != nil:
		return fmt.Errorf("is not a valid string: %w", err)
	case len(text) == 0:
		return fmt.Errorf("must not be empty: omit the extension instead")
	case len(text) > MaxExtensionSize:
		return fmt.Errorf("is %d bytes long; the limit is %d", len(text), MaxExtensionSize)
	case strings.ContainsFunc(string(text), unicode.IsControl):
		return fmt.Errorf("contains a control character")
	}
	return nil
}

// transport are the extensions that tell of the way an event came, not of what
// it says.
func transport(name string) bool { return name == "traceparent" || name == "tracestate" }

// said returns the extensions that belong to the content of an event, each as
// the text by which CloudEvents carries it in a header.
func (x Extensions) said() Extensions {
	out := Extensions{}
	for name, v := range x {
		switch {
		case transport(name):
		case v.Kind() == '"':
			out[name] = v
		default:
			out[name] = jsontext.Value(strconv.Quote(string(v)))
		}
	}
	return out
}

// Said returns what of the extensions belongs to the content of an event, as JSON: nil
// where nothing does. Two events whose extensions say the same have the same.
func (x Extensions) Said() (jsontext.Value, error) {
	said := x.said()
	if len(said) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(map[string]jsontext.Value(said), json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode extensions: %w", err)
	}
	return b, nil
}

// ReadExtensions reads what Said wrote.
func ReadExtensions(said jsontext.Value) (Extensions, error) {
	if len(said) == 0 {
		return nil, nil
	}
	x := map[string]jsontext.Value{}
	if err := json.Unmarshal(said, &x); err != nil {
		return nil, fmt.Errorf("read extensions: %w", err)
	}
	return x, nil
}
