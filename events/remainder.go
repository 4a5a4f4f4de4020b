package events

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// judgeRemainder finds what is wrong with data besides the faults of its
// shape, so that one answer names every fault: the members that have a fault
// are left out, and what follows from their absence is not held against it.
func (e *entry) judgeRemainder(data jsontext.Value, at string, faults *Faults) {
	var tree any
	if json.Unmarshal(data, &tree) != nil {
		return // the shape has said so
	}
	shape := *faults
	for _, f := range shape {
		if path, ok := strings.CutPrefix(f.Pointer, at+"/"); ok {
			prune(tree, strings.Split(path, "/"))
		}
	}
	rest, err := json.Marshal(tree)
	if err != nil {
		return
	}
	p := e.make()
	if json.Unmarshal(rest, p) != nil {
		return // a fault of a list's entry: the list cannot be read without it
	}
	var found Faults
	e.validate(p, at, &found)
	for _, f := range found {
		if !follows(f, shape) {
			*faults = append(*faults, f)
		}
	}
}

var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// prune takes the member at a path out of a tree. Entries of lists stay: the
// places of the others must not change.
func prune(tree any, path []string) {
	switch node := tree.(type) {
	case map[string]any:
		name := pointerUnescaper.Replace(path[0])
		if len(path) == 1 {
			delete(node, name)
			return
		}
		prune(node[name], path[1:])
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(node) && len(path) > 1 {
			prune(node[i], path[1:])
		}
	}
}

// follows reports whether a fault lies at, below or around one of others, and may
// be but its consequence.
func follows(f Fault, others Faults) bool {
	for _, o := range others {
		if f.Pointer == o.Pointer || strings.HasPrefix(f.Pointer, o.Pointer+"/") || strings.HasPrefix(o.Pointer, f.Pointer+"/") {
			return true
		}
	}
	return false
}
