package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// lookFor is how long a server may take to list its summits where the list only
// helps: completion, and the suggestion after a mistake.
const lookFor = time.Second

// Summits returns the summits of the server, or nil if it does not say.
func (c *Client) Summits(ctx context.Context) []cli.Offer {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	res, err := c.do(ctx, http.MethodGet, "/v1/summits?limit=1000", nil, nil)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	var a struct{ Summits []struct{ ID, Title string } }
	if json.NewDecoder(res.Body).Decode(&a) != nil {
		return nil
	}
	list := []cli.Offer{}
	for _, s := range a.Summits {
		list = append(list, cli.Offer{Word: s.ID, Short: s.Title})
	}
	return list
}

// suggest words the answer that there is no such summit, with the one that was
// meant.
func (c *Client) suggest(ctx context.Context, path string, p *Problem) {
	rest, ok := strings.CutPrefix(path, "/v1/summits/")
	if !ok {
		return
	}
	id, err := url.PathUnescape(rest[:strings.IndexAny(rest+"/", "/?")])
	if err != nil {
		return
	}
	list := c.Summits(ctx)
	if list == nil {
		return // whether it is there is not known
	}
	var ids []string
	for _, s := range list {
		if s.Word == id {
			return
		}
		ids = append(ids, s.Word)
	}
	p.Detail = fmt.Sprintf("there is no summit %q", id)
	if near := events.Nearest(id, ids); near != "" {
		p.Detail += "; did you mean " + near + "?"
	} else {
		p.Detail += "; summit list shows those there are, summit open makes one"
	}
}

// completeSummits completes the argument that names a summit.
func completeSummits(ctx context.Context, f *cli.Flags) []cli.Offer {
	server, token := f.Lookup("server"), f.Lookup("token")
	if server == nil || token == nil {
		return nil
	}
	return (&Client{Server: server.Value.String(), Token: token.Value.String()}).Summits(ctx)
}

// ByServer completes the argument ID of a verb with the summits of the server.
func ByServer() map[string]func(context.Context, *cli.Flags) []cli.Offer {
	return map[string]func(context.Context, *cli.Flags) []cli.Offer{"ID": completeSummits}
}
