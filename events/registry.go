package events

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// An upcaster lifts data written under one version of a type to the next.
type upcaster struct {
	// old is the struct of the version it lifts from: its schema stays served.
	// nil where that version is the next one without the members in added.
	old   reflect.Type
	added []string
	// lift rewrites the data. It must take whatever the old version took.
	lift func(jsontext.Value) (jsontext.Value, error)
}

// relaxed is an upcaster from a version that is as it is now, but required more.
func relaxed[T any]() upcaster {
	return upcaster{old: typed[T](), lift: func(data jsontext.Value) (jsontext.Value, error) { return data, nil }}
}

// added is an upcaster from a version that did not have some members. A member of a
// member is written with a slash.
func added(members ...string) upcaster {
	return upcaster{added: members, lift: func(data jsontext.Value) (jsontext.Value, error) { return data, nil }}
}

// entry is one registered type. Its version is 1 + the number of upcasters:
// nobody types it.
type entry struct {
	name      string
	kind      Kind // "" where any entity may be the subject
	or        Kind // another kind that may be; "" where none
	doc       string
	make      func() Payload
	upcasters []upcaster
	shapes    []*shape       // one a version, oldest first
	structs   []reflect.Type // what each is read into
	values    []value        // what is validated besides
}

func (e *entry) version() int { return len(e.upcasters) + 1 }

// newest returns the shape of the current version.
func (e *entry) newest() *shape { return e.shapes[len(e.shapes)-1] }

// registry and entries, the same by the payload's type, are written while the
// package is initialised and only read after.
var (
	registry = map[string]*entry{}
	entries  = map[reflect.Type]*entry{}
)

// entryOf finds the entry of a payload: every payload is of a registered type.
func entryOf(p Payload) *entry { return entries[reflect.TypeOf(p)] }

// register adds a type under its written name; one call for each, in the file
// of the type. T is the payload's struct.
func register[T any, P interface {
	*T
	Payload
}](name string, kind Kind, doc string, upcasters ...upcaster) struct{} {
	if registry[name] != nil {
		panic("events: " + name + " is registered twice")
	}
	e := &entry{name: name, kind: kind, doc: doc, upcasters: upcasters, make: func() Payload { return P(new(T)) }}
	e.addVersions(reflect.TypeFor[T]())
	e.values = valuesOf(reflect.TypeFor[T](), e.newest())
	registry[name] = e
	entries[reflect.TypeFor[P]()] = e
	return struct{}{}
}

// addVersions adds the shapes of all versions, oldest first, of which the newest is
// that of a struct. A member that came with a later version is in none before.
func (e *entry) addVersions(newest reflect.Type) {
	last := len(e.upcasters)
	e.shapes, e.structs = make([]*shape, last+1), make([]reflect.Type, last+1)
	e.shapes[last], e.structs[last] = shapeOf(newest, rule{}), newest
	if !e.seals() {
		e.shapes[last] = e.shapes[last].without([]string{"sealed", "unseal_at"})
	} else {
		e.shapes[last].markSealable()
	}
	var later []string
	for i := last - 1; i >= 0; i-- {
		u := e.upcasters[i]
		later = append(later, u.added...)
		if u.old == nil {
			e.shapes[i], e.structs[i] = e.shapes[i+1].without(u.added), e.structs[i+1]
		} else {
			e.shapes[i], e.structs[i] = shapeOf(u.old, rule{}).without(later), u.old
		}
	}
}

// seals reports whether something of the type may be sealed: of the summit itself, and of
// what was done with sealed values, everybody is to know.
func (e *entry) seals() bool {
	return e.kind != KindSummit && !serverMakes(e.name)
}

// serverMakes reports whether servers alone make events of a type.
func serverMakes(typ string) bool { return typ == TypeFactUnsealed || typ == TypeFactWithheld }

// alsoOf lets a type be about entities of another kind as well. It returns the name.
func alsoOf(name string, kind Kind) string {
	registry[name].or = kind
	return name
}

// about reports whether the type may be about entities of a kind.
func (e *entry) about(kind Kind) bool { return e.kind == "" || kind == e.kind || kind == e.or }

// lookup returns a type. Its error offers the nearest name and lists all types.
func lookup(name string) (*entry, error) {
	if e := registry[name]; e != nil {
		return e, nil
	}
	names := typeNames()
	return nil, fmt.Errorf("unknown type %q%s", clip(name), OrOneOf(name, "types", names))
}

func typeNames() []string {
	names := make([]string, 0, len(registry))
	for n := range registry {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// TypeInfo describes a registered type.
type TypeInfo struct {
	Name      string
	Version   int
	Kind      Kind // "" where any entity may be the subject
	Or        Kind // another kind that may be; "" where none
	Doc       string
	Amendment bool
	Server    bool // servers make it, and take it from nobody but with its recorded time
}

// Types lists the registered types by name.
func Types() []TypeInfo {
	var list []TypeInfo
	for _, n := range typeNames() {
		e := registry[n]
		_, amends := e.make().(Amendment)
		list = append(list, TypeInfo{Name: n, Version: e.version(), Kind: e.kind, Or: e.or, Doc: e.doc, Amendment: amends, Server: serverMakes(n)})
	}
	return list
}

const schemaRoot = "/schemas/"

// SchemaPath is the dataschema of the current version of a type.
func SchemaPath(name string) string {
	version := 1
	if e := registry[name]; e != nil {
		version = e.version()
	}
	return schemaRoot + name + "/" + itoa(version)
}

// schemaVersion reads the version out of a dataschema.
func (e *entry) schemaVersion(dataschema string) (int, error) {
	rest, ok := strings.CutPrefix(dataschema, schemaRoot+e.name+"/")
	v, err := strconv.Atoi(rest)
	if !ok || err != nil || itoa(v) != rest || v < 1 {
		return 0, fmt.Errorf("must be %s%s/VERSION, not %q", schemaRoot, e.name, clip(dataschema))
	}
	if v > e.version() {
		return 0, fmt.Errorf("version %d of %s is not supported: the newest known here is %d", v, e.name, e.version())
	}
	return v, nil
}
