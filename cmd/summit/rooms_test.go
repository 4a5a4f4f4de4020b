package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/summit-timeline/summit/"

// layers lists the packages of the module from the bottom up. A package may import
// packages of earlier layers, and no others. Packages of test support, whose names
// end in "test", may import anything; only tests may import them.
var layers = [][]string{
	{"events/class", "store/durable", "projections/internal/keys", "projections/internal/objects"},
	{"events/message"},
	{"events", "store/journal", "store/merkle", "store/viewdb"},
	{"store/stored"},
	{"events/naming", "store/embedded", "seeds", "store", "store/snapshot", "projections/internal/posting", "projections/internal/rules"},
	{"store/archive", "store/vault", "projections/internal/engine", "projections/internal/item"},
	{"projections/internal/fold", "projections/internal/read"},
	{"projections/internal/status"},
	{"projections"},

	{"cmd/internal/locale"},
	{
		"cmd/internal/access", "cmd/internal/atlas", "cmd/internal/cli", "cmd/internal/humanize", "cmd/internal/ingest", "cmd/internal/limits",
		"cmd/internal/manual", "cmd/internal/memory", "cmd/internal/signing", "cmd/internal/traces", "cmd/internal/when",
	},
	{
		"cmd/internal/audit", "cmd/internal/client", "cmd/internal/feeds", "cmd/internal/http/respond", "cmd/internal/http/site/pages",
		"cmd/internal/issuer", "cmd/internal/keys", "cmd/internal/live", "cmd/internal/summits",
	},
	{"cmd/internal/bench", "cmd/internal/broker", "cmd/internal/http/describe", "cmd/internal/http/middleware", "cmd/internal/intake"},
	{"cmd/internal/http/operate", "cmd/internal/http/reading"},
	{"cmd/internal/http/api", "cmd/internal/http/proof", "cmd/internal/http/site"},
	{"cmd/internal/http"},
	{"cmd/internal/server"},
	{"cmd/internal/verbs/read"},
	{"cmd/internal/verbs/operate", "cmd/internal/verbs/record"},
	{"cmd/internal/verbs/proof"},
	{"cmd/summit", "cmd/summit-bench"},
}

// alone are packages that import no other package of the module: the verifier,
// because people are to trust it without trusting the rest, and the suites.
var alone = []string{"cmd/summit-verify", "cmd/internal/e2e/browser", "cmd/internal/e2e/faults", "cmd/internal/e2e/install", "cmd/internal/e2e/stories"}

// only lists where packages of others may be imported.
var only = map[string][]string{
	"github.com/nats-io/nats.go": {"store", "store/embedded", "store/logtest", "store/stored", "store/vault", "cmd/"}, "go.etcd.io/bbolt": {"store/viewdb"}, "net/http": {"cmd/"},
}

func TestPackagesImportOnlyLowerLayers(t *testing.T) {
	out, err := command(t, "go", "list", "-json=ImportPath,Imports", module+"...").Output()
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
		layer := layerOf(room)
		if layer < 0 && !slices.Contains(alone, room) && !support(room) {
			t.Errorf("%s is in no layer: add it to the list", room)
		}
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, module); ok && !support(room) && (layerOf(ours) >= layer || support(ours)) {
				t.Errorf("%s must not import %s", room, ours)
			}
			if where, ok := only[i]; ok && !slices.ContainsFunc(where, func(w string) bool { return room == w || strings.HasSuffix(w, "/") && strings.HasPrefix(room, w) }) {
				t.Errorf("%s must not import %s", room, i)
			}
		}
	}
}

// support reports whether a package is test support.
func support(room string) bool { return strings.HasSuffix(room, "test") }

// layerOf returns the layer of a package, or -1 if it is in none. Such a package
// may import no other package of the module.
func layerOf(room string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, room) })
}
