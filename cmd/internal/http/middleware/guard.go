package middleware

import (
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
)

// Guard wraps the whole server. It identifies the visitor, and refuses what no
// honest client sends: another host's name while on loopback (DNS rebinding),
// writes from pages of other origins, compressed bodies, and too many requests.
// The log of requests has those that it refuses too.
func (x *Stack) Guard(next http.Handler) (http.Handler, error) {
	guarded, err := x.guard(next)
	if err != nil {
		return nil, err
	}
	return x.logged(guarded), nil
}

func (x *Stack) guard(next http.Handler) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	for _, origin := range x.o.Origins {
		if origin == AnyOrigin {
			continue
		}
		if err := cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust the pages of %s: %w", origin, err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.Fail(w, r, &respond.Problem{Status: http.StatusForbidden, Detail: "pages of other origins may not write to this server"})
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		asked := r
		r, v := x.Meet(asked)
		noteCaller(r, v.Who)
		if err := x.plain(r); err != nil {
			x.Fail(w, r, err)
			return
		}
		if x.cross(w, r) {
			return
		}
		if err := x.limit(w, v); err != nil {
			x.Fail(w, r, err)
			return
		}
		protected.ServeHTTP(w, r)
		asked.Pattern = r.Pattern // for those around who tell of requests by route
	}), nil
}

// rescue answers a request whose handler panicked, and logs the stack. It cuts off
// an answer that has begun, so that no client takes it for complete.
func (x *Stack) rescue(w *answered, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http does
		panic(p)
	}
	x.o.Logger.Error("panic while serving", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
	if w.wrote {
		panic(http.ErrAbortHandler)
	}
	x.write(w, respond.Failure())
}

// plain refuses another host's name, and compressed bodies: the server unpacks
// nothing, so that nothing small becomes large.
func (x *Stack) plain(r *http.Request) error {
	if x.o.Loopback && !isLoopback(r.Host) {
		return &respond.Problem{Status: http.StatusMisdirectedRequest, Detail: "this server answers requests for localhost only, not for " + r.Host}
	}
	if packed := r.Header.Get("Content-Encoding"); packed != "" && !strings.EqualFold(packed, "identity") {
		return &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: fmt.Sprintf("the body is compressed (%.40q): send it uncompressed", packed)}
	}
	return nil
}

func isLoopback(hostport string) bool {
	name, _, err := net.SplitHostPort(hostport)
	if err != nil {
		name = hostport
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
