package events

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// checkSealed finds what is wrong with what data says is sealed.
func (e *entry) checkSealed(p Payload, data jsontext.Value, at string, f *Faults) {
	b := p.Base()
	list := child(at, "sealed")
	if len(b.Sealed) == 0 && !b.UnsealAt.IsZero() {
		f.add(child(at, "unseal_at"), "says when to unseal, but nothing is sealed: list it in %s", list)
	}
	for i, pointer := range b.Sealed {
		if err := e.sealable(b.Sealed[:i], pointer, data); err != nil {
			f.add(child(list, itoa(i)), "%s", err)
		}
	}
	for _, s := range b.commitments {
		if !slices.Contains(b.Sealed, s.Pointer) {
			f.add(at+s.Pointer, "is sealed, but %s does not list it", list)
		}
	}
}

// sealable reports why a value cannot be sealed beside others.
func (e *entry) sealable(others []string, pointer string, data jsontext.Value) error {
	for _, other := range others {
		if pointer == other || strings.HasPrefix(pointer, other+"/") || strings.HasPrefix(other, pointer+"/") {
			return fmt.Errorf("%s is sealed already by %s", clip(pointer), clip(other))
		}
	}
	if _, ok := At(data, pointer); !ok || pointer == "" {
		return fmt.Errorf("there is nothing at %s: it must be a JSON pointer into data, such as /quote or /sources/0/name", clip(pointer))
	}
	s := e.newest().at(pointer)
	if s == nil || !s.sealable {
		return fmt.Errorf("%s cannot be sealed: only free text, names, URLs and lists of names can, and of sources the name, the url and when it was published", clip(pointer))
	}
	return nil
}

// at returns the shape of what a pointer leads to, nil where nothing can be there.
func (s *shape) at(pointer string) *shape {
	if pointer == "" {
		return s
	}
	token, rest, more := strings.Cut(pointer[1:], "/")
	if more {
		rest = "/" + rest
	}
	switch s.kind {
	case shapeObject:
		i, known := s.byName[pointerUnescaper.Replace(token)]
		if !known {
			return nil
		}
		return s.fields[i].shape.at(rest)
	case shapeArray:
		return s.elem.at(rest)
	case shapePatch:
		return &shape{kind: shapeString, sealable: true} // it is judged once the patch is applied
	}
	return nil
}

// markSealable marks what may be sealed of a type: free text, names, URLs and lists of
// names, and of the sources some members.
func (s *shape) markSealable() {
	for i := range s.fields {
		f := &s.fields[i]
		switch {
		case f.shape.isFree(), f.shape.kind == shapeArray && f.shape.elem.isFree():
			f.shape.sealable = f.name != "sealed"
		case f.name == "sources":
			for _, name := range []string{"name", "url", "published"} {
				f.shape.elem.fields[f.shape.elem.byName[name]].shape.sealable = true
			}
		}
	}
}

// isFree reports whether a value is text that no rule binds but that of a URL.
func (s *shape) isFree() bool {
	return s.kind == shapeString && s.rule.enum == nil && (s.rule.format == "" || s.rule.format == "url")
}

// checkSealed reads what stands in the place of a sealed value. A text is held as one that
// nobody can write, and a list as one of that text alone.
func (c *checker) checkSealed(s *shape, into reflect.Value) error {
	raw, err := c.d.ReadValue()
	if err != nil {
		return err
	}
	commitment, ok := commitmentOf(raw)
	if !ok {
		c.add("must be %s, not an object", s.kind)
		return nil
	}
	c.sealed = append(c.sealed, Sealed{string(c.at[c.root:]), commitment})
	switch s.kind {
	case shapeString:
		into.SetString(sealedText(commitment))
	case shapeArray:
		into.Set(reflect.MakeSlice(into.Type(), 1, 1))
		into.Index(0).SetString(sealedText(commitment))
	default: // an instant: nothing is known of it
	}
	return nil
}
