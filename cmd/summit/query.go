package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
)

// query is a verb that reads a summit.
type query struct {
	client
	asJSON bool
	zone   string
	params map[string]*string
}

func (q *query) flags(fs *flag.FlagSet, params ...string) {
	q.client.flags(fs)
	fs.BoolVar(&q.asJSON, "json", false, "the answer as JSON")
	fs.StringVar(&q.zone, "zone", "", "IANA zone to show times in; the summit's own where not given")
	q.params = map[string]*string{}
	for _, p := range params {
		q.params[p] = fs.String(strings.ReplaceAll(p, "_", "-"), "", "as the query parameter "+p)
	}
}

func (q *query) values() url.Values {
	v := url.Values{}
	for name, value := range q.params {
		if *value != "" {
			v.Set(name, *value)
		}
	}
	return v
}

// read asks for part of a summit; with --json it prints the answer and is done.
func (q *query) read(ctx context.Context, std streams, path string, into any) (done bool, err error) {
	answer, err := q.get(ctx, path, q.values(), into)
	if err != nil || !q.asJSON {
		return false, err
	}
	_, err = fmt.Fprintf(std.out, "%s\n", answer)
	return true, err
}

// clock is that of the zone asked for, else of the summit.
func (q *query) clock(ctx context.Context, summit string) (humanize.Clock, error) {
	zone := q.zone
	if zone == "" {
		var s struct{ Zone string }
		if _, err := q.get(ctx, summitPath(summit, ""), nil, &s); err != nil {
			return humanize.Clock{}, err
		}
		zone = s.Zone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return humanize.Clock{}, usage("--zone %s: %v", zone, err)
	}
	return humanize.Clock{Zone: loc}, nil
}
