package objects

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Differences lists the values that differ between two JSON texts, by path.
// Lists whose entries have ids are matched by id; other lists are compared as
// a whole.
func Differences(at string, was, now []byte) ([]Difference, error) {
	return (&Differ{}).Differences(at, was, now)
}

// Differences does what [Differences] does, in this way.
func (d *Differ) Differences(at string, was, now []byte) ([]Difference, error) {
	if bytes.Equal(was, now) {
		return nil, nil
	}
	var a, b any
	if err := json.Unmarshal(was, &a); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if err := json.Unmarshal(now, &b); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	d.compare(at, a, b)
	return d.list, d.err
}

// Differ compares in a way of its own.
type Differ struct {
	Unnamed bool // whether one entry of a list may have an empty id
	list    []Difference
	err     error
}

func (d *Differ) compare(at string, was, now any) {
	if x, y, ok := d.asObjects(was, now); ok {
		d.compareObjects(at, x, y)
		return
	}
	a, b := d.text(was), d.text(now)
	if !bytes.Equal(a, b) {
		d.list = append(d.list, Difference{Path: at, Was: a, Now: b})
	}
}

func (d *Differ) compareObjects(at string, was, now map[string]any) {
	names := map[string]bool{}
	for n := range was {
		names[n] = true
	}
	for n := range now {
		names[n] = true
	}
	sorted := make([]string, 0, len(names))
	for n := range names {
		sorted = append(sorted, n)
	}
	sort.Strings(sorted)
	for _, n := range sorted {
		d.compare(at+"/"+pointerToken.Replace(n), was[n], now[n])
	}
}

var pointerToken = strings.NewReplacer("~", "~0", "/", "~1")

func (d *Differ) text(v any) jsontext.Value {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		d.err = err
	}
	return b
}

// asObjects returns both values as objects to go into, if that is possible.
func (d *Differ) asObjects(was, now any) (map[string]any, map[string]any, bool) {
	if a, ok := was.(map[string]any); ok {
		b, ok := now.(map[string]any)
		return a, b, ok
	}
	a, ok := d.byID(was)
	if !ok {
		return nil, nil, false
	}
	b, ok := d.byID(now)
	return a, b, ok
}

// identities are the names by which entries of a list are told apart.
var identities = []string{"id", "topic", "actor"}

// byID turns a list of objects that have identities into an object by them.
func (d *Differ) byID(v any) (map[string]any, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make(map[string]any, len(list))
	for _, entry := range list {
		o, ok := entry.(map[string]any)
		if !ok {
			return nil, false
		}
		name, named := identityOf(o)
		if _, taken := out[name]; taken || !named || name == "" && !d.Unnamed {
			return nil, false
		}
		out[name] = o
	}
	return out, true
}

func identityOf(entry map[string]any) (name string, named bool) {
	for _, key := range identities {
		if name, named = entry[key].(string); named {
			return name, true
		}
	}
	return "", false
}
