package events

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// members calls fn with the pointer (RFC 6901) and the value of each member of an object or
// list, in their order, and returns the text with the values that fn returns. Any other
// value has none.
func members(value jsontext.Value, at string, fn func(at string, v jsontext.Value) (jsontext.Value, error)) (jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(value))
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		return value, nil
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err //nolint:wrapcheck // the callers say what was being done
	}
	out := append(make([]byte, 0, len(value)), byte(kind))
	for n := 0; d.PeekKind() != '}' && d.PeekKind() != ']'; n++ {
		if n > 0 {
			out = append(out, ',')
		}
		name := itoa(n)
		if kind == '{' {
			key, err := d.ReadValue()
			if err != nil {
				return nil, err //nolint:wrapcheck // as above
			}
			out = append(append(out, key...), ':')
			text, err := jsontext.AppendUnquote(nil, key)
			if err != nil {
				return nil, err //nolint:wrapcheck // as above
			}
			name = string(text)
		}
		raw, err := d.ReadValue()
		if err != nil {
			return nil, err //nolint:wrapcheck // as above
		}
		raw, err = fn(child(at, name), raw.Clone())
		if err != nil {
			return nil, err
		}
		out = append(out, raw...)
	}
	return append(out, byte(kind+2)), nil // ']' follows '[' by two, and so does '}'
}

// At returns the value at a pointer below a value, false where there is none.
func At(value jsontext.Value, pointer string) (found jsontext.Value, ok bool) {
	if pointer == "" {
		return value, true
	}
	_, err := members(value, "", func(at string, v jsontext.Value) (jsontext.Value, error) {
		if at == pointer {
			found, ok = v, true
		} else if strings.HasPrefix(pointer, at+"/") {
			found, ok = At(v, pointer[len(at):])
		}
		return v, nil
	})
	return found, ok && err == nil
}

// set returns a value with others in place of what stands at some pointers. One that is
// missing is added where there is an object for it.
func set(value jsontext.Value, at string, values map[string]jsontext.Value) (jsontext.Value, error) {
	done := map[string]bool{}
	out, err := members(value, at, func(at string, v jsontext.Value) (jsontext.Value, error) {
		if other, ok := values[at]; ok {
			done[at] = true
			return other, nil
		}
		for pointer := range values {
			if strings.HasPrefix(pointer, at+"/") {
				return set(v, at, values)
			}
		}
		return v, nil
	})
	if err != nil || out.Kind() != '{' {
		return out, err
	}
	var missing []string
	for pointer := range values {
		if rest, below := strings.CutPrefix(pointer, at+"/"); below && !done[pointer] && !strings.Contains(rest, "/") {
			missing = append(missing, pointer)
		}
	}
	slices.Sort(missing)
	out = out[:len(out)-1]
	for _, pointer := range missing {
		if len(out) > 1 {
			out = append(out, ',')
		}
		name, err := jsontext.AppendQuote(nil, pointerUnescaper.Replace(pointer[len(at)+1:]))
		if err != nil {
			return nil, fmt.Errorf("add %s: %w", pointer, err)
		}
		out = append(append(append(out, name...), ':'), values[pointer]...)
	}
	return append(out, '}'), nil
}
