package middleware

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// Visitor is the sender of a request, and where it comes from.
type Visitor struct {
	// Address is the visitor's own, behind the configured proxies.
	Address netip.Addr
	// Secure is set if the visitor speaks TLS, with this server or with a configured
	// proxy.
	Secure bool
	// secret is the token that was sent, if one was.
	secret string
	shown  bool
	Cookie bool // the token comes from the cookie of a browser
	// Who it is. Err is why the token is not accepted.
	Who access.Identity
	Err error
}

type visitorKey struct{}

// Visiting returns the sender of a request.
func Visiting(r *http.Request) *Visitor {
	if v, ok := r.Context().Value(visitorKey{}).(*Visitor); ok {
		return v
	}
	return &Visitor{} // it did not pass the guard: it may do nothing
}

// Identity returns the identity of the sender of a request that was admitted.
func Identity(r *http.Request) access.Identity { return Visiting(r).Who }

// Meet identifies the sender of a request. It believes the forwarding headers of
// the proxies that are configured, and of nobody else.
func (x *Stack) Meet(r *http.Request) (*http.Request, *Visitor) {
	v := &Visitor{Secure: r.TLS != nil}
	r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
	if r.Method == http.MethodGet || r.Method == http.MethodHead { // else a form in it would pass for parameters, and be kept on the disk
		r.Body, r.ContentLength = http.NoBody, 0
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		v.Address = at.Addr().Unmap().WithZone("")
	}
	if x.proxied(v.Address) {
		v.Address = x.origin(r.Header.Values("X-Forwarded-For"), v.Address)
		if proto := lastOf(r.Header.Values("X-Forwarded-Proto")); proto != "" {
			v.Secure = strings.EqualFold(proto, "https")
		}
		if host := lastOf(r.Header.Values("X-Forwarded-Host")); isHost(host) {
			r.Host = host
		}
	}
	v.secret, v.shown, v.Cookie, v.Err = shownSecret(r, v.Secure)
	if v.Err == nil {
		v.Who, v.Err = x.who(r.Context(), v)
	}
	return r, v
}

func (x *Stack) proxied(a netip.Addr) bool {
	return slices.ContainsFunc(x.o.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// origin returns the last address on the way that is not a configured proxy. Anybody
// can have written what stands before it.
func (x *Stack) origin(headers []string, nearest netip.Addr) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(hop), "[]"))
		if at, withPort := netip.ParseAddrPort(strings.TrimSpace(hop)); withPort == nil {
			a, err = at.Addr(), nil
		}
		if err != nil {
			break
		}
		if nearest = a.Unmap().WithZone(""); !x.proxied(nearest) {
			break
		}
	}
	return nearest
}

// lastOf returns the value that the nearest proxy wrote.
func lastOf(headers []string) string {
	if len(headers) == 0 {
		return ""
	}
	list := strings.Split(headers[len(headers)-1], ",")
	return strings.TrimSpace(list[len(list)-1])
}

const maxHost = 255

// isHost reports whether a text can be a host and a port in a link.
func isHost(s string) bool {
	return s != "" && len(s) <= maxHost && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune(".-:[]_", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// SiteOf returns the scheme and host under which the visitor reached the server.
func SiteOf(r *http.Request) string {
	if Visiting(r).Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// CookieName returns the name of the cookie that holds the token of a browser.
// Over TLS its prefix keeps neighbouring hosts from setting it.
func CookieName(secure bool) string {
	if secure {
		return "__Host-summit_token"
	}
	return "summit_token"
}
