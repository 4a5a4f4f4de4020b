package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// FindFact returns the id and the entity of a recorded event, which people name by
// its id, or by @ and its sequence, as tables show it.
func (c *Client) FindFact(ctx context.Context, summit, name string) (id, entity string, err error) {
	seq, bySeq := strings.CutPrefix(name, "@")
	if !bySeq {
		var fact struct{ Entity string }
		_, err := c.Get(ctx, Path(summit, "/facts/"+url.PathEscape(name)), nil, &fact)
		return name, fact.Entity, err
	}
	if n, err := strconv.ParseUint(seq, 10, 64); err != nil || n == 0 {
		return "", "", cli.Usage("%q is not a fact: use its id, or @ and its number, such as @4", name)
	}
	query := url.Values{"from": {seq}, "to": {seq}}
	line, err := c.Call(ctx, http.MethodGet, Path(summit, "/log?"+query.Encode()), "", nil)
	if err != nil {
		return "", "", err
	}
	if len(line) == 0 {
		return "", "", fmt.Errorf("there is no event %s yet", name)
	}
	var e struct{ ID, Subject string }
	if err := json.Unmarshal(line, &e); err != nil || e.ID == "" {
		return "", "", fmt.Errorf("event %s could not be read", name)
	}
	return e.ID, e.Subject, nil
}
