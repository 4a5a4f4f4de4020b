package main

import (
	"flag"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
)

// reachFlags say who can reach the server, and what of it anybody may read.
type reachFlags struct {
	public, tokens string
	cert, key      string
	proxy, origin  string
	proxies        []netip.Prefix
	origins        []string
}

func (f *reachFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.public, "public", "", "comma list of the summits that anybody may read once there are tokens; * is all")
	fs.StringVar(&f.tokens, "tokens", "", "file of the tokens; DIR/"+tokensFile+" where not given. Several replicas may read one: a change holds at once in all")
	fs.StringVar(&f.cert, "tls-cert", "", "PEM file of the certificate for HTTPS; it is read again when it is replaced")
	fs.StringVar(&f.key, "tls-key", "", "PEM file of its key")
	fs.StringVar(&f.proxy, "proxy", "", "comma list of the addresses or networks of proxies on the way that speak TLS with clients: what they say in X-Forwarded-For, -Proto and -Host counts, and tokens are asked for")
	fs.StringVar(&f.origin, "cors", "", "comma list of the origins whose pages may read here, and act for who has signed in, such as https://news.example.org; * lets all pages read what is public")
}

// commaList splits a comma list.
func commaList(list string) []string {
	var out []string
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// read reads the lists.
func (f *reachFlags) read() error {
	f.proxies, f.origins = nil, commaList(f.origin)
	for _, w := range commaList(f.proxy) {
		p, err := netip.ParsePrefix(w)
		if a, single := netip.ParseAddr(w); single == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return usage("--proxy %q is no address and no network such as 10.0.0.0/8", w)
		}
		f.proxies = append(f.proxies, p.Masked())
	}
	for _, o := range f.origins {
		if err := middleware.CheckOrigin(o); err != nil && o != middleware.AnyOrigin {
			return usage("--cors: %v", err)
		}
	}
	return nil
}

func (f *reachFlags) check(addr string) error {
	if err := f.read(); err != nil {
		return err
	}
	if (f.cert == "") != (f.key == "") {
		return usage("--tls-cert and --tls-key go together")
	}
	inside, err := isLoopback(addr)
	if err != nil {
		return usage("--addr %q: %v", addr, err)
	}
	if !inside && f.cert == "" && len(f.proxies) == 0 {
		return usage("--addr %s can be reached by others: give --tls-cert and --tls-key, or --proxy with the address of the proxy on the way that does; tokens must not be sent in the clear", addr)
	}
	return nil
}

// alone says whether this machine alone can reach an address: nobody is then
// asked for a token until there is one.
func (f *reachFlags) alone(addr string) bool {
	inside, err := isLoopback(addr)
	return err == nil && inside && len(f.proxies) == 0
}

// tokensFresh is for how long the file of tokens is not looked at again: less
// than it takes to start the program that asks next.
const tokensFresh = time.Millisecond

// gate opens the gate of the tokens in the data folder. A server that others
// can reach does not start without a token.
func (f *reachFlags) gate(addr, data string, issuer access.Issuer) (*access.Gate, error) {
	trusting := f.alone(addr) && issuer == nil
	file, where := f.tokens, "--tokens "+f.tokens
	if file == "" {
		file, where = filepath.Join(data, tokensFile), "--data "+data
	}
	gate, err := access.Open(access.Options{File: file, Clock: time.Now, Fresh: tokensFresh, Public: commaList(f.public), Trusting: trusting, Issuer: issuer})
	if err != nil || trusting || issuer != nil {
		return gate, err
	}
	usable, err := gate.Any()
	if err == nil && !usable {
		err = usage("--addr %s can be reached by others, and there is no token yet: make one with: summit token add %s --name NAME --desk /desks/NAME --role operator", addr, where)
	}
	return gate, err
}

// listener speaks TLS where there is a certificate.
func (f *reachFlags) listener(l net.Listener, again *reloads) (net.Listener, error) {
	if f.cert == "" {
		return l, nil
	}
	pair, err := openKeyPair(f.cert, f.key)
	if err != nil {
		return nil, err
	}
	again.add("TLS certificate", pair.reload)
	return newHandshaker(l, pair.config()), nil
}

// scheme is how clients speak to the server.
func (f *reachFlags) scheme() string {
	if f.cert == "" {
		return "http"
	}
	return "https"
}

// loopback refuses an address that others can reach.
func loopback(flagName, addr string) error {
	inside, err := isLoopback(addr)
	if err != nil {
		return usage("--%s %q: %v", flagName, addr, err)
	}
	if !inside {
		return usage("--%s %s can be reached by others: listen on 127.0.0.1 and put a proxy before it", flagName, addr)
	}
	return nil
}
