package ingest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// What a document may hold: more is an attack on whoever reads it.
const (
	maxElements = 1 << 19
	maxDepth    = 256
)

// element is an element of an XML document.
type element struct {
	name  xml.Name
	attrs []xml.Attr
	base  string // xml:base in scope; "" where there is none
	nodes []node
}

// node is an element, or text.
type node struct {
	child *element
	text  string
}

// parseXML reads the root element of a document in UTF-8. It forgives what
// feeds get wrong: entities of HTML, stray ampersands, control characters, and
// namespaces that are not declared.
func parseXML(b []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(legal(b)))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 already
	var stack []*element
	for count := 0; ; {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read its XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if count++; count > maxElements || len(stack) == maxDepth {
				return nil, fmt.Errorf("it has more than %d elements, or they are nested more than %d deep", maxElements, maxDepth)
			}
			stack = append(stack, begin(t, stack))
		case xml.EndElement:
			if len(stack) == 1 {
				return stack[0], nil
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				top.nodes = append(top.nodes, node{text: string(t)})
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("read its XML: it begins with text")
			}
		}
	}
}

// begin makes an element and puts it into the one that is open.
func begin(t xml.StartElement, stack []*element) *element {
	e := &element{name: t.Name, attrs: t.Copy().Attr}
	if len(stack) > 0 {
		parent := stack[len(stack)-1]
		parent.nodes = append(parent.nodes, node{child: e})
		e.base = parent.base
	}
	for _, a := range e.attrs {
		if a.Name.Local == "base" && (a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace") {
			e.base = resolve(a.Value, e.base)
		}
	}
	return e
}

// reference is a numeric character reference.
var reference = regexp.MustCompile(`&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));`)

// legal leaves out the characters that XML does not allow, however they are
// written.
func legal(b []byte) []byte {
	b = bytes.Map(func(c rune) rune {
		if !allowed(c) {
			return -1
		}
		return c
	}, b)
	return reference.ReplaceAllFunc(b, func(ref []byte) []byte {
		m := reference.FindSubmatch(ref)
		n, err := strconv.ParseUint(string(m[1]), 16, 32)
		if len(m[2]) > 0 {
			n, err = strconv.ParseUint(string(m[2]), 10, 32)
		}
		if err != nil || n > 0x10ffff || !allowed(rune(n)) {
			return nil
		}
		return ref
	})
}

func allowed(c rune) bool {
	return c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd || c >= 0x10000
}

// attr is an attribute without a namespace, or "" if there is none.
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && strings.EqualFold(a.Name.Local, name) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// all are the children of a name in any of some namespaces.
func (e *element) all(spaces []string, name string) []*element {
	var list []*element
	for _, n := range e.nodes {
		if n.child != nil && strings.EqualFold(n.child.name.Local, name) && isOneOf(strings.TrimSpace(n.child.name.Space), spaces) {
			list = append(list, n.child)
		}
	}
	return list
}

func isOneOf(s string, list []string) bool {
	for _, x := range list {
		if s == x {
			return true
		}
	}
	return false
}

// first is the first child of a name, or one that is empty.
func (e *element) first(spaces []string, name string) *element {
	if list := e.all(spaces, name); len(list) > 0 {
		return list[0]
	}
	return &element{}
}

// last is the last child of a name, or one that is empty: where an element
// that may stand once stands again, the later word counts.
func (e *element) last(spaces []string, name string) *element {
	if list := e.all(spaces, name); len(list) > 0 {
		return list[len(list)-1]
	}
	return &element{}
}

// text is the text of an element, without white space around it.
func (e *element) text() string {
	var b strings.Builder
	e.write(&b, func(s string) string { return s }, false)
	return strings.TrimSpace(b.String())
}

// markup is the inside of an element as HTML, for one that holds elements; of
// one that holds text alone the text is the HTML.
func (e *element) markup() string {
	for _, n := range e.nodes {
		if n.child != nil {
			var b strings.Builder
			e.write(&b, html.EscapeString, true)
			return strings.TrimSpace(b.String())
		}
	}
	return e.text()
}

func (e *element) write(b *strings.Builder, escape func(string) string, tags bool) {
	for _, n := range e.nodes {
		switch {
		case n.child == nil:
			b.WriteString(escape(n.text))
		case tags:
			b.WriteString("<" + n.child.name.Local + ">")
			n.child.write(b, escape, tags)
			b.WriteString("</" + n.child.name.Local + ">")
		default:
			n.child.write(b, escape, tags)
		}
	}
}

// resolve returns a reference as seen from a base; what cannot be resolved
// stays as it is.
func resolve(ref, base string) string {
	ref = strings.TrimSpace(ref)
	if base == "" || ref == "" {
		return ref
	}
	b, err := url.Parse(base)
	if err != nil || b.Opaque != "" {
		return ref
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}
