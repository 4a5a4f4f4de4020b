// Package limits bounds what clients may ask for: requests by token and by address, and
// connections in total and by address.
//
// [NewRates] limits requests and [NewConnections] limits connections. The memory they use is
// bounded, however many clients there are.
package limits

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// window is what may be asked for at once: the requests of so many seconds.
const window = 10

// remembered bounds the tokens and the addresses that are remembered; who was
// forgotten begins again.
const remembered = 1 << 16

// Rates bounds requests.
type Rates struct {
	each    rate.Limit
	quota   int
	spare   bool // this machine's own requests are not counted
	tokens  *lru.Cache[string, *rate.Limiter]
	address *lru.Cache[netip.Prefix, *rate.Limiter]
}

// ParseRate reads a rate such as 100/s or 600/m.
func ParseRate(text string) (rate.Limit, error) {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	per := map[string]float64{"s": 1, "m": 60}[unit]
	if err != nil || n < 1 || n > 1e6 || per == 0 {
		return 0, fmt.Errorf("%q is not a rate such as 100/s or 600/m", text)
	}
	return rate.Limit(float64(n) / per), nil
}

// NewRates makes the bounds. Where spare is set, the requests of this machine
// itself are not counted.
func NewRates(each rate.Limit, spare bool) (*Rates, error) {
	r := &Rates{each: each, quota: max(1, int(math.Ceil(float64(each)*window))), spare: spare}
	var err, more error
	r.tokens, err = lru.New[string, *rate.Limiter](remembered)
	r.address, more = lru.New[netip.Prefix, *rate.Limiter](remembered)
	return r, errors.Join(err, more)
}

// Client identifies a client: by its token, or by its address if it has none.
type Client struct {
	Token   string
	Address netip.Addr
}

// Verdict is the decision on one more request.
type Verdict struct {
	Allowed bool
	// Policy and State are the values of RateLimit-Policy and RateLimit
	// (draft-ietf-httpapi-ratelimit-headers), or "" if it is not counted.
	Policy, State string
	// Wait is how many seconds to wait for the next.
	Wait int
}

// of is what counts an asker, and what it counts by.
func (r *Rates) of(who Client) (string, *rate.Limiter) {
	if who.Token != "" {
		return "token", limiter(r, r.tokens, who.Token)
	}
	return "address", limiter(r, r.address, network(who.Address))
}

// Ask counts a request.
func (r *Rates) Ask(who Client, now time.Time) Verdict {
	if r.spare && who.Address.IsLoopback() || who.Token == "" && !who.Address.IsValid() {
		return Verdict{Allowed: true}
	}
	name, l := r.of(who)
	v := Verdict{Allowed: l.AllowN(now, 1), Policy: fmt.Sprintf("%q;q=%d;w=%d", name, r.quota, window)}
	left := max(0, l.TokensAt(now))
	v.State = fmt.Sprintf("%q;r=%d;t=%d", name, int(left), seconds(float64(r.quota)-left, r.each))
	if !v.Allowed {
		v.Wait = max(1, seconds(1-left, r.each))
	}
	return v
}

func seconds(n float64, each rate.Limit) int { return int(math.Ceil(n / float64(each))) }

func limiter[K comparable](r *Rates, of *lru.Cache[K, *rate.Limiter], key K) *rate.Limiter {
	if l, ok := of.Get(key); ok {
		return l
	}
	l := rate.NewLimiter(r.each, r.quota)
	if before, ok, _ := of.PeekOrAdd(key, l); ok { // somebody was quicker
		return before
	}
	return l
}

// network is what counts as one address: of IPv6 the network that one
// household gets.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil { // there is no such address
		return netip.Prefix{}
	}
	return p
}
