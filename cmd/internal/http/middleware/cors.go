package middleware

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// AnyOrigin lets pages of every origin read. They never act for a reader who has
// signed in, and cannot write.
const AnyOrigin = "*"

// CheckOrigin returns an error unless a text is an origin.
func CheckOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin || u.User != nil {
		return fmt.Errorf("%q is not an origin: expected a scheme and a host, such as https://news.example.org", origin)
	}
	return nil
}

const (
	corsMethods = "GET, HEAD, POST"
	corsHeaders = "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, " +
		"ce-specversion, ce-id, ce-source, ce-type, ce-subject, ce-time, ce-summit, ce-dataschema"
	corsExposed = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Summit-More, Summit-Position, WWW-Authenticate"
)

// cross sets the headers that let pages of other origins read answers. It answers
// preflight requests, and returns true if it has.
func (x *Stack) cross(w http.ResponseWriter, r *http.Request) (done bool) {
	if len(x.o.Origins) == 0 {
		return false
	}
	h, origin := w.Header(), r.Header.Get("Origin")
	h.Add("Vary", "Origin")
	switch {
	case origin == "":
		return false
	case slices.Contains(x.o.Origins, origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case slices.Contains(x.o.Origins, AnyOrigin):
		h.Set("Access-Control-Allow-Origin", AnyOrigin)
	default:
		return false
	}
	h.Set("Access-Control-Expose-Headers", corsExposed)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
