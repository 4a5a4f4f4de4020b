package events

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	_ "time/tzdata" // zone names mean the same on every machine

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// check walks one JSON value and finds every way in which it is not of the
// shape. The error is for text that is not JSON at all (RFC 8259, with
// duplicate names and bad UTF-8 refused as RFC 7493 asks).
func (s *shape) check(d *jsontext.Decoder, at string, f *Faults) error {
	if got, want := d.PeekKind(), s.kind.token(); got != want {
		if s.kind == shapeBool && (got == 't' || got == 'f') {
			return d.SkipValue()
		}
		if err := d.SkipValue(); err != nil {
			return err
		}
		f.add(at, "must be %s, not %s", s.kind, kindName(got))
		return nil
	}
	switch s.kind {
	case shapeObject:
		return s.checkObject(d, at, f)
	case shapeArray:
		return s.checkArray(d, at, f)
	case shapePatch:
		return d.SkipValue()
	default:
		return s.checkScalar(d, at, f)
	}
}

func (s *shape) checkObject(d *jsontext.Decoder, at string, f *Faults) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	seen := make([]bool, len(s.fields))
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		i, known := s.byName[key]
		switch {
		case !known:
			f.add(child(at, clip(key)), "is not a field here; the fields are %s", s.names())
			err = d.SkipValue()
		case d.PeekKind() == 'n': // null is the same as absent
			err = d.SkipValue()
		default:
			seen[i] = true
			err = s.fields[i].shape.check(d, child(at, key), f)
		}
		if err != nil {
			return err
		}
	}
	for i, x := range s.fields {
		if x.required && !seen[i] {
			f.add(child(at, x.name), "is missing")
		}
	}
	_, err := d.ReadToken()
	return err
}

func (s *shape) checkArray(d *jsontext.Decoder, at string, f *Faults) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	n := 0
	for ; d.PeekKind() != ']'; n++ {
		var err error
		if n < s.rule.items {
			err = s.elem.check(d, child(at, itoa(n)), f)
		} else {
			err = d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	if n > s.rule.items {
		f.add(at, "has %d entries; %d are the most", n, s.rule.items)
	}
	_, err := d.ReadToken()
	return err
}

func (s *shape) checkScalar(d *jsontext.Decoder, at string, f *Faults) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	var fault error
	switch s.kind {
	case shapeString:
		fault = s.rule.checkString(token.String())
	case shapeInstant:
		_, fault = ParseInstant(token.String())
	case shapeNumber, shapeInteger:
		fault = s.rule.checkNumber(token.String(), s.kind == shapeInteger)
	}
	if fault != nil {
		f.add(at, "%s", fault)
	}
	return nil
}

func (r rule) checkString(v string) error {
	switch {
	case v == "":
		return fmt.Errorf("must not be empty: leave the field out where nothing is known")
	case utf8.RuneCountInString(v) > r.max:
		return fmt.Errorf("is longer than %d characters", r.max)
	case strings.ContainsFunc(v, forbidden):
		return fmt.Errorf("holds a control character")
	case r.enum != nil && !contains(r.enum, v):
		return fmt.Errorf("must be one of %s, not %q", strings.Join(r.enum, ", "), clip(v))
	}
	switch r.format {
	case "slug":
		if !IsSlug(v) {
			return fmt.Errorf("must be %s, not %q", slugRule, clip(v))
		}
	case "entity":
		_, err := ParseEntity(v)
		return err
	case "zone":
		return checkZone(v)
	case "url":
		return checkURL(v)
	case "icao":
		return checkICAO(v)
	case "uuid":
		if _, err := uuid.Parse(v); err != nil || len(v) != 36 {
			return fmt.Errorf("must be a UUID such as 0198a9f2-7c1e-7000-8000-000000000001, not %q", clip(v))
		}
	}
	return nil
}

func (r rule) checkNumber(text string, whole bool) error {
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return fmt.Errorf("is too large a number")
	case whole && (v != math.Trunc(v) || math.Abs(v) > 1e12 || strings.ContainsAny(text, ".eE")):
		return fmt.Errorf("must be a whole number")
	case r.min != nil && v < *r.min:
		return fmt.Errorf("must be %g or more", *r.min)
	case r.top != nil && v > *r.top:
		return fmt.Errorf("must be %g or less", *r.top)
	}
	return nil
}

// forbidden are the characters that could forge a line of a log, a table or
// hide text: controls other than a line break and a tab, and the Unicode
// bidirectional overrides (Trojan Source, CVE-2021-42574).
func forbidden(c rune) bool {
	switch {
	case c == '\n', c == '\t':
		return false
	case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
		return true
	}
	return unicode.IsControl(c)
}

func checkZone(v string) error {
	if v == "Local" || strings.ContainsAny(v, `\.`) {
		return fmt.Errorf("%q is no IANA time zone", clip(v))
	}
	if _, err := time.LoadLocation(v); err != nil {
		return fmt.Errorf("%q is no IANA time zone, such as America/Anchorage", clip(v))
	}
	return nil
}

func checkURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("must be an http or https URL")
	}
	return nil
}

func checkICAO(v string) error {
	if len(v) != 4 {
		return fmt.Errorf("must be four capital letters, such as PAED")
	}
	for i := range len(v) {
		if c := v[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return fmt.Errorf("must be four capital letters, such as PAED")
		}
	}
	return nil
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func (s *shape) names() string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
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
	return [...]string{"an object", "a list", "a text", "a time in RFC 3339", "a number", "a whole number", "true or false", "an object"}[k]
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	default:
		return "null"
	}
}
