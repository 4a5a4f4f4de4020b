package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/summit-timeline/summit/"

// may says which of our own packages a package may import.
var may = map[string][]string{
	"events": {}, "store/viewdb": {}, "store/merkle": {}, "store/embedded": {}, "store": {"events"}, "seeds": {"events"},
	"projections": {"events", "store", "store/viewdb", "store/merkle"}, "cmd/internal/words": {"events"},
	"cmd/internal/atlas": {}, "cmd/internal/pages": {"events", "projections", "cmd/internal/atlas", "cmd/internal/words"},
	"store/storetest":   {"events", "store", "store/embedded"},
	"cmd/internal/host": {"events", "store", "projections"},
	"cmd/internal/web":  {"events", "store", "projections", "store/merkle", "cmd/internal/host", "cmd/internal/pages", "cmd/internal/words"},
}

// only says where a package of others may be imported.
var only = map[string][]string{
	"github.com/nats-io/nats.go": {"store", "store/embedded", "cmd/"}, "go.etcd.io/bbolt": {"store/viewdb"}, "net/http": {"cmd/"},
}

func TestEveryRoomImportsOnlyWhatLiesBelow(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(p.ImportPath, module)
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, module); ok && room != "cmd/summit" && !slices.Contains(may[room], ours) {
				t.Errorf("%s must not import %s", room, ours)
			}
			if where, ok := only[i]; ok && !slices.ContainsFunc(where, func(w string) bool { return room == w || strings.HasSuffix(w, "/") && strings.HasPrefix(room, w) }) {
				t.Errorf("%s must not import %s", room, i)
			}
		}
	}
}
