package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// client speaks to a running server.
type client struct{ server, token string }

const (
	defaultServer = "http://127.0.0.1:8080"
	serverEnv     = "SUMMIT_SERVER"
	tokenEnv      = "SUMMIT_TOKEN"
)

func (c *client) flags(fs *flag.FlagSet) {
	fs.StringVar(&c.server, "server", cmp.Or(os.Getenv(serverEnv), defaultServer), "the server (env "+serverEnv+")")
	fs.StringVar(&c.token, "token", os.Getenv(tokenEnv), "bearer token (env "+tokenEnv+")")
	// What help and man pages say is the same for everybody, and tells no secret.
	fs.Lookup("server").DefValue, fs.Lookup("token").DefValue = defaultServer, ""
}

// problem is the answer of a server that refuses.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// Passes says that what is in the way passes by itself (Retry-After).
	Passes bool `json:"-"`
}

func (p *problem) Error() string { return fmt.Sprintf("%s (%d %s)", p.Detail, p.Status, p.Title) }

// call sends a request and reads the whole answer.
func (c *client) call(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return c.send(ctx, method, path, header, body)
}

// send is call with headers of its own.
func (c *client) send(ctx context.Context, method, path string, header http.Header, body []byte) ([]byte, error) {
	res, err := c.ask(ctx, method, path, header, body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, &codeError{exitReach, fmt.Errorf("the server at %s broke off: %w", c.server, err)}
	}
	return answer, nil
}

// open asks for what is read as it comes: the body is the caller's to read and
// close.
func (c *client) open(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	return c.ask(ctx, http.MethodGet, path, header, nil)
}

// problemLimit bounds what is read of a refusal.
const problemLimit = 1 << 20

// ask sends a request. A refusal is an error.
func (c *client) ask(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, usage("--server %s: %v", c.server, err)
	}
	if header != nil {
		req.Header = header
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, &codeError{exitReach, fmt.Errorf("the server at %s is out of reach: %w", c.server, errors.Unwrap(err))}
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, problemLimit))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, &codeError{exitReach, fmt.Errorf("the server at %s broke off: %w", c.server, err)}
	}
	p := &problem{Status: res.StatusCode, Title: http.StatusText(res.StatusCode), Detail: strings.TrimSpace(string(answer))}
	p.Passes = res.Header.Get("Retry-After") != ""
	_ = json.Unmarshal(answer, p) // what is no problem document is told as it is
	return nil, p
}

// await waits until a position is served: what was recorded can be read when
// the verb ends.
func (c *client) await(ctx context.Context, summit, position string) error {
	_, err := c.call(ctx, http.MethodGet, summitPath(summit, "?min="+url.QueryEscape(position)), "", nil)
	return err
}

func (c *client) get(ctx context.Context, path string, query url.Values, into any) ([]byte, error) {
	if encoded := query.Encode(); encoded != "" {
		path += "?" + encoded
	}
	answer, err := c.call(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return answer, nil
}

func summitPath(id, rest string) string { return "/v1/summits/" + url.PathEscape(id) + rest }
