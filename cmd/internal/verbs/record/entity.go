package record

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/naming"
)

// subject returns the entity that --entity means: KIND/ID as it is, and of a name, in any
// script and spelling, the entity of the summit that bears it, else a new one with an id made
// from the name. The kind may be left out where the type has only one.
func (f *options) subject(ctx context.Context, std cli.Streams, summit, typ string) (string, error) {
	kind, name, found := strings.Cut(f.entity, "/")
	if !found {
		kind, name = aboutKind(typ), f.entity
	}
	if f.entity == "" || kind == "" || events.IsSlug(name) && found || strings.TrimSpace(name) == "" {
		return f.entity, nil
	}
	if events.IsSlug(name) {
		return kind + "/" + name, nil
	}
	known, spelled, err := f.named(ctx, summit, kind, name)
	switch {
	case err != nil || known != "":
		return known, err
	case len(spelled) > 1:
		return "", cli.Usage("--entity: %q is a spelling of several names here: use one of %s", name, strings.Join(spelled, ", "))
	case len(spelled) == 1:
		fmt.Fprintf(std.Err, "summit record: %q is %s here\n", cli.Clean(name), spelled[0])
		return spelled[0], nil
	}
	id := naming.Slug(name)
	if id == "" {
		return "", cli.Usage("--entity: cannot make an id from the name %q: use %s/ID", name, kind)
	}
	fmt.Fprintf(std.Err, "summit record: %q is new here: %s/%s\n", cli.Clean(name), kind, id)
	return kind + "/" + id, nil
}

// aboutKind returns the kind of the entities that facts of a type are about, or "" if they
// may be of any.
func aboutKind(typ string) string {
	for _, t := range events.Types() {
		if t.Name == typ {
			return string(t.Kind)
		}
	}
	return ""
}

// named finds the entity of a kind that bears a name, or else those that bear another spelling
// of it.
func (f *options) named(ctx context.Context, summit, kind, name string) (same string, spelled []string, err error) {
	var a struct {
		Entities []struct {
			Entity string
			Names  []string
		}
	}
	query := url.Values{"kind": {kind}, "q": {name}, "limit": {"100"}}
	if _, err := f.Get(ctx, client.Path(summit, "/entities"), query, &a); err != nil {
		return "", nil, err
	}
	for _, e := range a.Entities {
		if slices.ContainsFunc(e.Names, func(n string) bool { return events.SameName(n, name) }) {
			return e.Entity, nil, nil
		}
		if slices.ContainsFunc(e.Names, func(n string) bool { return naming.SameSpelling(n, name) }) {
			spelled = append(spelled, e.Entity)
		}
	}
	return "", spelled, nil
}
