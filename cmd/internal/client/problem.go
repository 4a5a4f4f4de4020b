package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Fault is one thing that is wrong with a request: a query parameter, or a place
// in the body.
type Fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Problem is the answer of a server that refuses (RFC 9457).
type Problem struct {
	Status int     `json:"status"`
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Errors []Fault `json:"errors"`
	// Passes reports that asking again later is worth it (Retry-After).
	Passes bool `json:"-"`
}

// Error names flags where the server names query parameters: each has the name of
// its flag. The status is left out where the detail says as much.
func (p *Problem) Error() string {
	switch p.Status {
	case http.StatusBadRequest:
		if text := p.flags(); text != "" {
			return text
		}
		return p.Detail
	case http.StatusNotFound, http.StatusUnprocessableEntity:
		return p.Detail
	}
	if p.Detail == p.Title {
		return fmt.Sprintf("%d %s", p.Status, p.Title)
	}
	return fmt.Sprintf("%s (%d %s)", p.Detail, p.Status, p.Title)
}

// flags words the faults of query parameters, or "" if there are none.
func (p *Problem) flags() string {
	var parts []string
	for _, f := range p.Errors {
		if f.Pointer == "" || strings.HasPrefix(f.Pointer, "/") {
			return ""
		}
		parts = append(parts, FlagOf(f.Pointer)+" "+f.Detail)
	}
	return strings.Join(parts, "; ")
}

// FlagOf returns the flag of a query parameter, or of the header If-Match.
func FlagOf(param string) string { return "--" + strings.ToLower(strings.ReplaceAll(param, "_", "-")) }

// problemLimit bounds what is read of a refusal.
const problemLimit = 1 << 20

// problem reads a refusal.
func (c *Client) problem(res *http.Response) error {
	answer, err := io.ReadAll(io.LimitReader(res.Body, problemLimit))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return c.BrokeOff(err)
	}
	var p Problem
	if json.Unmarshal(answer, &p) != nil || p.Title+p.Detail == "" {
		p = Problem{Detail: firstWords(string(answer))} // of a proxy, perhaps
	}
	p.Status = res.StatusCode // what the body says of it is advisory (RFC 9457)
	p.Title = cmp.Or(p.Title, http.StatusText(p.Status))
	p.Detail = cmp.Or(p.Detail, p.Title)
	p.Passes = res.Header.Get("Retry-After") != ""
	return &p
}

// shown is how much is shown of an answer that is not a problem.
const shown = 300

// firstWords returns the beginning of a text, on one line.
func firstWords(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= shown {
		return string(line)
	}
	return string(line[:shown]) + "…"
}
