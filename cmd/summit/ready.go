package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// readyPace spaces the questions to a server that is not ready yet.
const readyPace = 100 * time.Millisecond

// ready asks only whether the server is ready, which anybody may: it is the
// health check of containers and services, which hold no token. A server that
// is not ready yet is asked again for as long as wait says.
func (c *client) ready(ctx context.Context, std streams, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(wait, readyOnce))
	defer cancel()
	for {
		_, err := c.call(ctx, http.MethodGet, "/readyz", "", nil)
		if err == nil {
			fmt.Fprintln(std.out, "ready")
			return nil
		}
		if wait == 0 {
			return notReady(c.server, err)
		}
		if pause(ctx, readyPace) != nil {
			return notReady(c.server, err)
		}
	}
}

// readyOnce is how long one answer may take.
const readyOnce = 5 * time.Second

// notReady says it of a server that answers; one that does not is out of reach.
func notReady(server string, err error) error {
	if p := (*problem)(nil); errors.As(err, &p) && p.Status == http.StatusServiceUnavailable {
		return &codeError{exitBad, fmt.Errorf("the server at %s is not ready; an operator's token tells why: summit doctor", server)}
	}
	return err
}
