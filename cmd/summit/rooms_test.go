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
	"events/class":      {}, // which every room may import
	"events":            {},
	"store":             {"events"},
	"store/archive":     {"events", "store", "store/merkle"},
	"store/durable":     {},
	"store/embedded":    {"store/durable"},
	"events/eventstest": {"events"},
	"store/merkle":      {},
	"store/snapshot":    {"events", "store/merkle"},
	"store/storetest":   {"events", "store", "store/embedded"},
	"store/viewdb":      {},
	"projections": {
		"events", "store", "store/viewdb", "projections/internal/engine", "projections/internal/fold", "projections/internal/item",
		"projections/internal/keys", "projections/internal/objects", "projections/internal/posting", "projections/internal/read",
		"projections/internal/rules", "projections/internal/status",
	},
	"projections/internal/engine":  {"events", "store", "store/durable", "store/merkle", "store/viewdb", "projections/internal/keys"},
	"projections/internal/fold":    {"events", "store", "store/viewdb", "projections/internal/engine", "projections/internal/item", "projections/internal/keys", "projections/internal/objects", "projections/internal/posting", "projections/internal/rules"},
	"projections/internal/item":    {"events", "store", "store/viewdb", "projections/internal/keys", "projections/internal/objects", "projections/internal/posting", "projections/internal/rules"},
	"projections/internal/keys":    {},
	"projections/internal/objects": {},
	"projections/internal/posting": {"store/viewdb", "projections/internal/keys"},
	"projections/internal/read":    {"events", "store/viewdb", "projections/internal/engine", "projections/internal/item", "projections/internal/keys"},
	"projections/internal/rules":   {"events"},
	"projections/internal/status":  {"events", "store/viewdb", "projections/internal/item", "projections/internal/keys", "projections/internal/objects", "projections/internal/posting", "projections/internal/read", "projections/internal/rules"},
	"projections/storytest":        {},
	"seeds":                        {"events"},

	"cmd/internal/access":  {"store/durable"},
	"cmd/internal/atlas":   {},
	"cmd/internal/audit":   {"events", "store", "store/merkle", "projections"},
	"cmd/internal/bench":   {"events", "store", "store/embedded", "store/viewdb", "projections", "cmd/internal/host"},
	"cmd/internal/feeds":   {"events", "projections", "cmd/internal/words"},
	"cmd/internal/host":    {"events", "store", "projections"},
	"cmd/internal/ingest":  {"events"},
	"cmd/internal/intake":  {"events", "cmd/internal/host"},
	"cmd/internal/issuer":  {"cmd/internal/access"},
	"cmd/internal/limits":  {},
	"cmd/internal/live":    {"events", "projections"},
	"cmd/internal/manual":  {},
	"cmd/internal/notary":  {"events", "store", "store/durable", "store/merkle"},
	"cmd/internal/shelf":   {"store"},
	"cmd/internal/pages":   {"events", "projections", "cmd/internal/atlas", "cmd/internal/words"},
	"cmd/internal/traces":  {},
	"cmd/internal/witness": {"store/durable", "store/merkle"},
	"cmd/internal/words":   {"events"},
	"cmd/internal/web": {
		"events", "store", "store/archive", "store/merkle", "store/snapshot", "projections",
		"cmd/internal/access", "cmd/internal/feeds", "cmd/internal/host", "cmd/internal/limits", "cmd/internal/live", "cmd/internal/manual", "cmd/internal/notary", "cmd/internal/pages", "cmd/internal/words",
	},
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
			if ours, ok := strings.CutPrefix(i, module); ok && room != "cmd/summit" && ours != "events/class" && !slices.Contains(may[room], ours) {
				t.Errorf("%s must not import %s", room, ours)
			}
			if where, ok := only[i]; ok && !slices.ContainsFunc(where, func(w string) bool { return room == w || strings.HasSuffix(w, "/") && strings.HasPrefix(room, w) }) {
				t.Errorf("%s must not import %s", room, i)
			}
		}
	}
}
