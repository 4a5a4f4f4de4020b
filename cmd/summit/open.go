package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
)

var openVerb = verb{
	name: "open", args: "ID", short: "open a summit",
	example: "  summit open geneva-2026 --title 'Geneva talks' --zone Europe/Zurich --party ch='Switzerland'",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		c.flags(fs)
		title := fs.String("title", "", "what the summit is called")
		zone := fs.String("zone", "", "IANA time zone of the venue")
		parties := []map[string]string{}
		fs.Func("party", "ID=NAME of a party; may be given again", func(s string) error {
			id, name, ok := strings.Cut(s, "=")
			if !ok {
				return errors.New("must be ID=NAME")
			}
			parties = append(parties, map[string]string{"id": id, "name": name})
			return nil
		})
		return func(ctx context.Context, std streams, args []string) error {
			if *title == "" || *zone == "" {
				return usage("--title and --zone are needed")
			}
			body, err := json.Marshal(map[string]any{"id": args[0], "title": *title, "zone": *zone, "parties": parties})
			if err != nil {
				return err
			}
			answer, err := c.call(ctx, http.MethodPost, "/v1/summits", "application/json", body)
			if err != nil {
				return err
			}
			var a struct{ Position string }
			if err := json.Unmarshal(answer, &a); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			fmt.Fprintf(std.out, "%s is open at %s\n", args[0], clean(a.Position))
			return nil
		}
	},
}
