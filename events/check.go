package events

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// checker walks one JSON text, finds every way in which it is not of a shape,
// and fills in the struct that the shape was read from: it is good where no
// fault was found. The pointer is kept as bytes: it is made a text for a fault
// alone.
type checker struct {
	d      *jsontext.Decoder
	at     []byte
	text   []byte // scratch for unquoted strings
	faults *Faults
	top    *shape // of the whole text
	nulls  uint64 // the fields of top that are null
	root   int    // how much of at leads to the text
	sealed []Sealed

	extensions Extensions // the members that an open top does not know
}

// add notes a fault at the current value.
func (c *checker) add(format string, args ...any) { c.faults.add(string(c.at), format, args...) }

// below runs fn with the pointer extended by one reference token, which is already
// escaped.
func (c *checker) below(token string, fn func() error) error {
	n := len(c.at)
	c.at = append(append(c.at, '/'), token...)
	err := fn()
	c.at = c.at[:n]
	return err
}

// check walks one value. It returns an error only for text that is not JSON at all (RFC
// 8259, with duplicate names and bad UTF-8 refused as RFC 7493 asks).
func (c *checker) check(s *shape, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	got := c.d.PeekKind()
	if s.kind == shapeBool && (got == 't' || got == 'f') {
		into.SetBool(got == 't')
		return c.d.SkipValue()
	}
	if s.kind == shapeValue && (got == '"' || got == '[') {
		return c.checkValue(into)
	}
	if got == '{' && s.sealable {
		return c.checkSealed(s, into)
	}
	if got != s.kind.token() {
		if err := c.d.SkipValue(); err != nil {
			return err
		}
		c.add("must be %s, not %s", s.kind, kindName(got))
		return nil
	}
	switch s.kind {
	case shapeObject:
		return c.checkObject(s, into)
	case shapeArray:
		return c.checkArray(s, into)
	case shapePatch:
		return c.checkValue(into)
	case shapeString, shapeInstant:
		return c.checkString(s, into)
	default:
		return c.checkNumber(s, into)
	}
}

// checkValue keeps a value as it is written.
func (c *checker) checkValue(into reflect.Value) error {
	raw, err := c.d.ReadValue()
	into.SetBytes(bytes.Clone(raw))
	return err
}

func (c *checker) checkObject(s *shape, into reflect.Value) error {
	if _, err := c.d.ReadToken(); err != nil {
		return err
	}
	var seen uint64 // no shape has more than 64 fields
	for c.d.PeekKind() != '}' {
		key, err := c.readString()
		if err != nil {
			return err
		}
		i, known := s.byName[string(key)]
		switch {
		case !known:
			name := string(key)
			err = c.below(pointerEscaper.Replace(clip(name)), func() error { return c.checkUnknown(s, name) })
		case c.d.PeekKind() == 'n':
			seen |= 1 << i
			err = c.checkNull(s, i)
		default:
			seen |= 1 << i
			f := &s.fields[i]
			err = c.below(f.name, func() error { return c.check(f.shape, into.FieldByIndex(f.index)) })
		}
		if err != nil {
			return err
		}
	}
	for i, x := range s.fields {
		if x.need == required && seen&(1<<i) == 0 {
			c.faults.add(child(string(c.at), x.name), "is missing")
		}
	}
	_, err := c.d.ReadToken()
	return err
}

// checkUnknown reads a member that a shape does not know.
func (c *checker) checkUnknown(s *shape, name string) error {
	if s == c.top && s.open {
		return c.checkExtension(name)
	}
	c.add("is not a field here%s", OrOneOf(name, "fields", s.names()))
	return c.d.SkipValue()
}

// checkNull reads null as the value of field i: the same as omitted, except at
// the top level, where it may withdraw something.
func (c *checker) checkNull(s *shape, i int) error {
	switch f := &s.fields[i]; f.need {
	case required:
		c.faults.add(child(string(c.at), f.name), "must not be null: it is required")
	case owed:
		c.faults.add(child(string(c.at), f.name), "must not be null, because it cannot be withdrawn: omit it if an earlier fact supplied it")
	default:
		if s == c.top {
			c.nulls |= 1 << i
		}
	}
	return c.d.SkipValue()
}

// readString reads a string; the bytes are good until the next one.
func (c *checker) readString() ([]byte, error) {
	raw, err := c.d.ReadValue()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	c.text, err = jsontext.AppendUnquote(c.text[:0], raw)
	return c.text, err
}

func (c *checker) checkArray(s *shape, into reflect.Value) error {
	if _, err := c.d.ReadToken(); err != nil {
		return err
	}
	n := 0
	into.Set(reflect.MakeSlice(into.Type(), 0, 2))
	for ; c.d.PeekKind() != ']'; n++ {
		var err error
		if c.d.PeekKind() != 'n' && n < s.rule.items { // null is the same as left out
			into.Grow(1)
			into.SetLen(into.Len() + 1)
			err = c.below(itoa(n), func() error { return c.check(s.elem, into.Index(into.Len()-1)) })
		} else {
			err = c.d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	if n > s.rule.items {
		c.add("has %d entries; the limit is %d", n, s.rule.items)
	}
	_, err := c.d.ReadToken()
	return err
}

func (c *checker) checkString(s *shape, into reflect.Value) error {
	raw, err := c.readString()
	if err != nil {
		return err
	}
	text := string(raw)
	if s.kind == shapeString {
		into.SetString(text)
		err = s.rule.checkString(text)
	} else {
		err = into.Addr().Interface().(*Instant).UnmarshalText(raw)
	}
	if err != nil {
		c.add("%s", err)
	}
	return nil
}

func (c *checker) checkNumber(s *shape, into reflect.Value) error {
	token, err := c.d.ReadToken()
	if err != nil {
		return err
	}
	v, err := s.rule.checkNumber(token.String(), s.kind == shapeInteger)
	switch {
	case err != nil:
		c.add("%s", err)
	case s.kind == shapeInteger:
		into.SetInt(int64(v))
	default:
		into.SetFloat(v)
	}
	return nil
}

func (r rule) checkString(v string) error {
	switch {
	case v == "":
		return fmt.Errorf("must not be empty: omit the field if nothing is known")
	case len(v) > r.max && utf8.RuneCountInString(v) > r.max:
		return fmt.Errorf("is longer than %d characters", r.max)
	case holdsForbidden(v):
		return fmt.Errorf("contains a control character")
	case r.enum != nil && !contains(r.enum, v):
		return fmt.Errorf("must be one of %s, not %q%s", strings.Join(r.enum, ", "), clip(v), OrNearest(v, r.enum))
	}
	if r.format == "entity" {
		return checkEntity(r.kinds, v)
	}
	return checkFormat(r.format, v)
}

func (r rule) checkNumber(text string, whole bool) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("is too large")
	case whole && (v != math.Trunc(v) || math.Abs(v) > 1e12 || strings.ContainsAny(text, ".eE")):
		return 0, fmt.Errorf("must be a whole number")
	case r.min != nil && v < *r.min:
		return 0, fmt.Errorf("must be %g or more", *r.min)
	case r.top != nil && v > *r.top:
		return 0, fmt.Errorf("must be %g or less", *r.top)
	}
	return v, nil
}

// forbidden are the characters that could forge a line of a log, a table or
// hide text: controls other than a line break and a tab, and the Unicode
// bidirectional embeddings and overrides (Trojan Source, CVE-2021-42574). The
// isolates U+2066 to U+2069 are how a name of one direction is put into a text
// of the other, and change the order of nothing around them.
func forbidden(c rune) bool {
	switch {
	case c == '\n', c == '\t':
		return false
	case c >= 0x202a && c <= 0x202e:
		return true
	}
	return unicode.IsControl(c)
}

// holdsForbidden looks at the bytes of plain text, and at the characters where
// there are others.
func holdsForbidden(v string) bool {
	for i := range len(v) {
		switch b := v[i]; {
		case b >= utf8.RuneSelf:
			return strings.ContainsFunc(v[i:], forbidden)
		case (b < ' ' || b == 0x7f) && forbidden(rune(b)):
			return true
		}
	}
	return false
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func (s *shape) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

func (k shapeKind) token() jsontext.Kind {
	switch k {
	case shapeObject, shapePatch:
		return '{'
	case shapeArray:
		return '['
	case shapeNumber, shapeInteger:
		return '0'
	case shapeBool:
		return 't'
	default:
		return '"'
	}
}

func (k shapeKind) String() string {
	return [...]string{"an object", "a list", "a string", "an RFC 3339 time", "a number", "a whole number", "true or false", "an object", "a string or a list of strings"}[k]
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	default:
		return "null"
	}
}
