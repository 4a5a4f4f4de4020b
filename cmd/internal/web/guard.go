package web

import (
	"net"
	"net/http"
	"strings"
)

// guard refuses what no honest client sends: another host's name while on
// loopback (DNS rebinding), and writes from pages of other origins.
func (x *Handler) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.fail(w, r, &Problem{Status: http.StatusForbidden, Detail: "a page of another origin may not write here"})
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		if x.o.Loopback && !isLoopback(r.Host) {
			x.fail(w, r, &Problem{Status: http.StatusMisdirectedRequest, Detail: "this server answers to localhost alone, not to " + r.Host})
			return
		}
		protected.ServeHTTP(w, r)
	})
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
