package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// tokensFile is where the tokens of a data folder are.
const tokensFile = "tokens.json"

// tokenFlags are what token is told.
type tokenFlags struct {
	data, file, desk, role, summits string
	expires                         time.Duration
	json                            bool
}

var tokenVerb = verb{
	name: "token", args: "ACTION", short: "make, list and revoke the tokens of a server: add, list, revoke",
	example: "  summit token add --name anna --desk /desks/anchorage --role recorder --summits alaska-2025\n" +
		"  summit token list\n  summit token revoke --name anna",
	words: map[string][]string{"ACTION": {"add", "list", "revoke"}},
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f tokenFlags
		name := fs.String("name", "", "name of the token: used once, what is recorded names it")
		fs.StringVar(&f.data, "data", "summit-data", "folder of the server; it may be running: a change holds at once")
		fs.StringVar(&f.file, "tokens", "", "file of the tokens, where the server was given one")
		fs.StringVar(&f.desk, "desk", "", "the source of all that is recorded with it, such as /desks/anchorage")
		suggest(fs, &f.role, "role", roleNames(), fmt.Sprintf("one of %v", access.Roles))
		fs.StringVar(&f.summits, "summits", "", "comma list of the summits it is for; empty is all")
		fs.DurationVar(&f.expires, "expires", 90*24*time.Hour, "how long it lasts")
		fs.BoolVar(&f.json, "json", false, "list as JSON")
		return func(_ context.Context, std streams, args []string) error {
			path := f.file
			if path == "" {
				path = filepath.Join(f.data, tokensFile)
			}
			switch args[0] {
			case "add":
				return addToken(std, path, *name, f)
			case "list":
				return listTokens(std, path, f.json)
			case "revoke":
				if err := access.Revoke(path, *name, time.Now().UTC().Truncate(time.Second)); err != nil {
					return err
				}
				fmt.Fprintf(std.out, "revoked %s: it is refused from now on\n", *name)
				return nil
			}
			return usage("there is no action %q: add, list, revoke", args[0])
		}
	},
}

func roleNames() []string {
	var names []string
	for _, r := range access.Roles {
		names = append(names, string(r))
	}
	return names
}

func addToken(std streams, path, name string, f tokenFlags) error {
	role, err := access.ParseRole(f.role)
	if err != nil {
		return usage("--role: %v", err)
	}
	if f.expires <= 0 {
		return usage("--expires %v: a token must last for a while", f.expires)
	}
	var summits []string
	for s := range strings.SplitSeq(f.summits, ",") {
		if s = strings.TrimSpace(s); s != "" {
			summits = append(summits, s)
		}
	}
	secret, err := access.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	t := access.Token{Name: name, Desk: f.desk, Role: role, Summits: summits, Created: now, Expires: now.Add(f.expires)}
	if err := access.Add(path, t, secret); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "%s, %s of %s until %s. This is shown once:\n", name, role, f.desk, t.Expires.Format(time.RFC3339))
	fmt.Fprintln(std.out, secret)
	return nil
}

func listTokens(std streams, path string, asJSON bool) error {
	list, err := access.List(path)
	if err != nil {
		return err
	}
	if asJSON {
		b, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		fmt.Fprintf(std.out, "%s\n", b)
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tDESK\tROLE\tSUMMITS\tEXPIRES\tSTATE")
	for _, t := range list {
		state, summits := "good", "all"
		switch {
		case t.Revoked != nil:
			state = "revoked " + t.Revoked.Format(time.RFC3339)
		case !time.Now().Before(t.Expires):
			state = "expired"
		}
		if t.Summits != nil {
			summits = strings.Join(t.Summits, ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, t.Desk, t.Role, summits, t.Expires.Format(time.RFC3339), state)
	}
	return w.Flush()
}
