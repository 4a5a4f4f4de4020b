// Package client is the HTTP client that the verbs of the command line use.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// Client asks one server.
type Client struct{ Server, Token string }

// The environment variables of the server and of the token.
const (
	ServerEnv = "SUMMIT_SERVER"
	TokenEnv  = "SUMMIT_TOKEN"
)

const defaultServer = "http://127.0.0.1:8080"

// Flags declares --server and --token.
func (c *Client) Flags(f *cli.Flags) {
	f.Footer("Server", func() {
		f.StringVar(&c.Server, "server", cmp.Or(os.Getenv(ServerEnv), defaultServer), "`URL` of the server (env "+ServerEnv+")")
		f.StringVar(&c.Token, "token", os.Getenv(TokenEnv), "bearer `TOKEN` (env "+TokenEnv+")")
	})
	f.Shared("server", defaultServer)
	f.Shared("token", "")
}

// Path returns the path of a part of a summit.
func Path(summit, rest string) string { return "/v1/summits/" + url.PathEscape(summit) + rest }

// Call sends a request and returns the whole answer.
func (c *Client) Call(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return c.Send(ctx, method, path, header, body)
}

// Send sends a request with headers and returns the whole answer.
func (c *Client) Send(ctx context.Context, method, path string, header http.Header, body []byte) ([]byte, error) {
	res, err := c.Do(ctx, method, path, header, body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, c.BrokeOff(err)
	}
	return answer, nil
}

// Open sends a GET request. The caller reads the body as it comes, and closes it.
func (c *Client) Open(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	return c.Do(ctx, http.MethodGet, path, header, nil)
}

// Get sends a GET request, decodes the answer into into, and returns it as it came.
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) ([]byte, error) {
	if encoded := query.Encode(); encoded != "" {
		path += "?" + encoded
	}
	answer, err := c.Call(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return answer, nil
}

// Do sends a request. It returns a [Problem] where the server refuses.
func (c *Client) Do(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	res, err := c.do(ctx, method, path, header, body)
	if p := (*Problem)(nil); errors.As(err, &p) && p.Status == http.StatusNotFound {
		c.suggest(ctx, path, p)
	}
	return res, err
}

func (c *Client) do(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	if u, err := url.Parse(c.Server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, cli.Usage("--server %q must be a URL such as %s", c.Server, defaultServer)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, cli.Usage("--server %q: %v", c.Server, err)
	}
	if header != nil {
		req.Header = header
	}
	if tag := Language(); tag != "" && req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", tag)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, cli.Exit(cli.Unreachable, fmt.Errorf("cannot reach the server at %s: %w", c.Server, errors.Unwrap(err)))
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	return nil, c.problem(res)
}

// BrokeOff returns the error of an answer that ended before its end.
func (c *Client) BrokeOff(err error) error {
	return cli.Exit(cli.Unreachable, fmt.Errorf("the server at %s closed the connection: %w", c.Server, err))
}

// Await waits until the server serves a position, so that what was recorded can
// be read when the verb ends.
func (c *Client) Await(ctx context.Context, summit, position string) error {
	_, err := c.Call(ctx, http.MethodGet, Path(summit, "?min="+url.QueryEscape(position)), "", nil)
	return err
}
