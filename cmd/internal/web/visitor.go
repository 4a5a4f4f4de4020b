package web

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// visitor is the sender of a request, and where it comes from.
type visitor struct {
	// address is the visitor's own, behind the proxies that are named.
	address netip.Addr
	// secure says that the visitor speaks TLS, with this server or with a proxy
	// that is named.
	secure bool
	// secret is the token that was shown, where one was.
	secret string
	shown  bool
	cookie bool // it was shown by a browser that has signed in
	// who it is; err says why the token is not taken.
	who access.Identity
	err error
}

type visitorKey struct{}

// visiting returns the sender of a request.
func visiting(r *http.Request) *visitor {
	if v, ok := r.Context().Value(visitorKey{}).(*visitor); ok {
		return v
	}
	return &visitor{} // it came past the guard: it may do nothing
}

// identity returns the identity of the sender of a request that was admitted.
func identity(r *http.Request) access.Identity { return visiting(r).who }

// meet identifies the sender of a request. It believes the forwarding headers of
// the proxies that are configured, and of nobody else.
func (x *Stack) meet(r *http.Request) (*http.Request, *visitor) {
	v := &visitor{secure: r.TLS != nil}
	r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
	if r.Method == http.MethodGet || r.Method == http.MethodHead { // else a form in it would pass for parameters, and be kept on the disk
		r.Body, r.ContentLength = http.NoBody, 0
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		v.address = at.Addr().Unmap().WithZone("")
	}
	if x.proxied(v.address) {
		v.address = x.origin(r.Header.Values("X-Forwarded-For"), v.address)
		if proto := lastOf(r.Header.Values("X-Forwarded-Proto")); proto != "" {
			v.secure = strings.EqualFold(proto, "https")
		}
		if host := lastOf(r.Header.Values("X-Forwarded-Host")); isHost(host) {
			r.Host = host
		}
	}
	v.secret, v.shown, v.cookie, v.err = shownSecret(r, v.secure)
	if v.err == nil {
		v.who, v.err = x.who(r.Context(), v)
	}
	return r, v
}

func (x *Stack) proxied(a netip.Addr) bool {
	return slices.ContainsFunc(x.o.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// origin returns the last address on the way that is no configured proxy. Anybody
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

// siteOf returns the scheme and host under which the visitor reached the server.
func siteOf(r *http.Request) string {
	if visiting(r).secure {
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
