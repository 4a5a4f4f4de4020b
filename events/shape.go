package events

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A shape is the definition of a JSON value, read once from the struct that
// holds it. Validation and the served JSON Schema both come from it, so that
// they cannot disagree.
type shape struct {
	kind   shapeKind
	fields []field
	byName map[string]int
	elem   *shape
	rule   rule
	open   bool // members that it does not know may be extensions
	// sealable is whether a commitment may stand in the place of the value.
	sealable bool
}

type shapeKind int

const (
	shapeObject shapeKind = iota
	shapeArray
	shapeString
	shapeInstant
	shapeNumber
	shapeInteger
	shapeBool
	shapePatch
	shapeValue // a text or a list of texts
)

type field struct {
	name  string
	doc   string
	need  need
	shape *shape
	index []int // where the struct has it
}

// need is how far a field may be left out.
type need int

const (
	optional need = iota
	owed          // it may be left out where an earlier fact of the entity gave it
	required
)

// rule holds what a field's tag demands of it.
type rule struct {
	format   string // slug, entity, zone, url, icao, uuid, json (a media type), or none
	enum     []string
	kinds    []string // of an entity
	max      int      // characters of a string
	items    int      // entries of a list
	min, top *float64
}

// firstKinds are the kinds of entities that a field may name where its rule lists
// none: those there were when the first schemas were served, which never change.
var firstKinds = []string{"aircraft", "delegation", "meeting", "note", "person", "site", "summit", "topic"}

const (
	defaultMax   = 2000
	defaultItems = 200
)

var (
	instantType = reflect.TypeFor[Instant]()
	valueType   = reflect.TypeFor[jsontext.Value]()
)

// shapeOf reads the shape of a type. A type it does not know is a fault of
// this package's own source, found when the registry is built.
func shapeOf(t reflect.Type, r rule) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case instantType:
		return &shape{kind: shapeInstant}
	case valueType:
		if r.format == "value" {
			return &shape{kind: shapeValue}
		}
		return &shape{kind: shapePatch}
	}
	switch t.Kind() {
	case reflect.Struct:
		return shapeOfStruct(t)
	case reflect.Slice:
		return &shape{kind: shapeArray, elem: shapeOf(t.Elem(), r), rule: r}
	case reflect.String:
		return &shape{kind: shapeString, rule: r}
	case reflect.Float64:
		return &shape{kind: shapeNumber, rule: r}
	case reflect.Int:
		return &shape{kind: shapeInteger, rule: r}
	case reflect.Bool:
		return &shape{kind: shapeBool}
	default:
		panic(fmt.Sprintf("events: no shape for %s", t))
	}
}

func shapeOfStruct(t reflect.Type) *shape {
	s := &shape{kind: shapeObject, byName: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.embed(i, f)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" { // the members that are not known
			s.open = true
			continue
		}
		r, need := parseRule(f.Tag.Get("rule"))
		s.add(field{name: name, doc: f.Tag.Get("doc"), need: need, shape: shapeOf(f.Type, r), index: []int{i}})
	}
	return s
}

// embed adds the fields of an embedded struct. A tag such as "require=a|b" makes
// fields required that the struct itself lets out: an older version, or another
// type with the same fields, may be stricter.
func (s *shape) embed(i int, f reflect.StructField) {
	names, _ := strings.CutPrefix(f.Tag.Get("rule"), "require=")
	stricter := strings.Split(names, "|")
	for _, inner := range shapeOfStruct(f.Type).fields {
		inner.index = append([]int{i}, inner.index...)
		if contains(stricter, inner.name) {
			inner.need = required
		}
		s.add(inner)
	}
}

// without returns the shape without some members; one of a member is written with a
// slash.
func (s *shape) without(members []string) *shape {
	unsealed := contains(members, "sealed") // nothing could be, before that member came
	out := &shape{kind: s.kind, byName: map[string]int{}, elem: s.elem, rule: s.rule, open: s.open, sealable: s.sealable}
	for _, f := range s.fields {
		if unsealed {
			f.shape = f.shape.unsealable()
		}
		var inner []string
		for _, m := range members {
			if rest, within := strings.CutPrefix(m, f.name+"/"); within {
				inner = append(inner, rest)
			}
		}
		if inner != nil {
			f.shape = f.shape.without(inner)
		}
		if !contains(members, f.name) {
			out.add(f)
		}
	}
	return out
}

// unsealable returns the shape with nothing in it that may be sealed.
func (s *shape) unsealable() *shape {
	out := *s
	out.sealable = false
	if s.elem != nil {
		out.elem = s.elem.unsealable()
	}
	out.fields = slices.Clone(s.fields)
	for i := range out.fields {
		out.fields[i].shape = out.fields[i].shape.unsealable()
	}
	return &out
}

func (s *shape) add(f field) {
	if len(s.fields) == 64 {
		panic("events: a shape has more than 64 fields")
	}
	s.byName[f.name] = len(s.fields)
	s.fields = append(s.fields, f)
}

// parseRule reads a tag such as "required;enum=a|b" or "min=0;max=90". For
// numbers max is the largest value, for strings the most characters.
func parseRule(tag string) (r rule, n need) {
	r.max, r.items = defaultMax, defaultItems
	for part := range strings.SplitSeq(tag, ";") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "":
		case "required":
			n = required
		case "owed":
			n = owed
		case "enum":
			r.enum = strings.Split(value, "|")
		case "items":
			r.items = mustInt(value)
		case "max":
			r.max = mustInt(value)
			r.top = new(float64(r.max))
		case "entity":
			r.format, r.kinds = key, kindsOf(value)
		case "min":
			r.min = new(float64(mustInt(value)))
		default:
			r.format = key
		}
	}
	return r, n
}

// kindsOf returns the kinds of entities that a field may name: those its rule
// lists, all of them for *, and the first kinds if it lists none.
func kindsOf(list string) []string {
	switch list {
	case "":
		return firstKinds
	case "*":
		return kindNames()
	}
	return strings.Split(list, "|")
}

func mustInt(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("events: rule: " + err.Error())
	}
	return n
}

func itoa(i int) string { return strconv.Itoa(i) }
