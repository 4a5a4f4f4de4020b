package operate

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
)

// tokenOptions are the flags of token.
type tokenOptions struct {
	data, file, name, desk, role, summits string
	expires                               time.Duration
	json                                  bool
}

// Token manages the tokens of a server.
func Token() cli.Verb {
	return cli.Verb{
		Name: "token", Args: "ACTION", Short: "add, list and revoke the tokens of a server",
		Example: "summit token add --name anna --desk /desks/anchorage --role recorder --summits alaska-2025\nsummit token list\nsummit token revoke --name anna",
		Words:   map[string][]string{"ACTION": {"add", "list", "revoke"}},
		Setup: func(f *cli.Flags) cli.Run {
			var o tokenOptions
			o.flags(f)
			return func(_ context.Context, std cli.Streams, args []string) error { return o.run(std, args[0]) }
		},
	}
}

func (o *tokenOptions) flags(f *cli.Flags) {
	f.StringVar(&o.data, "data", "summit-data", "`DIR` of the server, which may be running: changes take effect at once")
	f.StringVar(&o.file, "tokens", "", "`FILE` of the tokens, if not in DIR")
	f.StringVar(&o.name, "name", "", "`NAME` of the token, used only once: events recorded with it carry it")
	f.JSON(&o.json)
	f.Section("Adding a token")
	f.StringVar(&o.desk, "desk", "", "`DESK` that it records for, such as /desks/anchorage")
	f.Choice(&o.role, "role", roleNames(), "`ROLE` of the bearer: "+strings.Join(roleNames(), ", "))
	f.StringVar(&o.summits, "summits", "", "comma-separated `SUMMITS` that it is valid for (default: all)")
	f.DurationVar(&o.expires, "expires", 90*24*time.Hour, "how long it is valid")
}

func (o *tokenOptions) run(std cli.Streams, action string) error {
	path := o.file
	if path == "" {
		path = filepath.Join(o.data, server.TokensFile)
	}
	switch action {
	case "add":
		return addToken(std, path, o.name, *o)
	case "list":
		return listTokens(std, path, o.json)
	case "revoke":
		if err := access.Revoke(path, o.name, time.Now().UTC().Truncate(time.Second)); err != nil {
			return err
		}
		if o.json {
			return cli.PrintJSON(std.Out, map[string]any{"name": o.name, "revoked": true})
		}
		fmt.Fprintf(std.Out, "revoked %s: it is no longer accepted\n", o.name)
		return nil
	}
	return cli.Usage("there is no action %q; the actions are add, list, revoke", action)
}

func roleNames() []string {
	var names []string
	for _, r := range access.Roles {
		names = append(names, string(r))
	}
	return names
}

func addToken(std cli.Streams, path, name string, f tokenOptions) error {
	role, err := access.ParseRole(f.role)
	if err != nil {
		return cli.Usage("--role: %v", err)
	}
	if f.expires <= 0 {
		return cli.Usage("--expires %v: must be longer than 0", f.expires)
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
	if f.json {
		return cli.PrintJSON(std.Out, map[string]any{"name": name, "desk": f.desk, "role": role, "expires": t.Expires, "token": secret})
	}
	fmt.Fprintf(std.Err, "%s, %s of %s until %s. This is shown once:\n", name, role, f.desk, t.Expires.Format(time.RFC3339))
	fmt.Fprintln(std.Out, secret)
	return nil
}

func listTokens(std cli.Streams, path string, asJSON bool) error {
	list, err := access.List(path)
	if err != nil {
		return err
	}
	if asJSON {
		return cli.PrintJSON(std.Out, append([]access.Token{}, list...)) // none is [], and not null
	}
	table := cli.NewTable(std.Out, "NAME", "DESK", "ROLE", "SUMMITS", "EXPIRES", "STATE")
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
		table.Row(t.Name, t.Desk, string(t.Role), summits, t.Expires.Format(time.RFC3339), state)
	}
	return table.Flush()
}
