package server

import (
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/keys"
)

// ListenOptions define who can reach the server over HTTP, and what anybody may read.
type ListenOptions struct {
	Public, Tokens string
	Cert, Key      string
	Proxy, CORS    string

	proxies []netip.Prefix
	origins []string
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
func (f *ListenOptions) read() error {
	f.proxies, f.origins = nil, commaList(f.CORS)
	for _, w := range commaList(f.Proxy) {
		p, err := netip.ParsePrefix(w)
		if a, single := netip.ParseAddr(w); single == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return cli.Usage("--proxy %q is neither an address nor a network such as 10.0.0.0/8", w)
		}
		f.proxies = append(f.proxies, p.Masked())
	}
	for _, o := range f.origins {
		if err := middleware.CheckOrigin(o); err != nil && o != middleware.AnyOrigin {
			return cli.Usage("--cors: %v", err)
		}
	}
	return nil
}

func (f *ListenOptions) check(addr string) error {
	if err := f.read(); err != nil {
		return err
	}
	if (f.Cert == "") != (f.Key == "") {
		return cli.Usage("--tls-cert and --tls-key must be given together")
	}
	inside, err := broker.IsLoopback(addr)
	if err != nil {
		return cli.Usage("--addr %q: %v", addr, err)
	}
	if !inside && f.Cert == "" && len(f.proxies) == 0 {
		return cli.Usage("--addr %s can be reached by others: give --tls-cert and --tls-key, or --proxy with the address of a proxy that terminates TLS; tokens must not be sent in the clear", addr)
	}
	return nil
}

// alone reports whether this machine alone can reach an address: nobody is then
// asked for a token until there is one.
func (f *ListenOptions) alone(addr string) bool {
	inside, err := broker.IsLoopback(addr)
	return err == nil && inside && len(f.proxies) == 0
}

// TokensFile is where the tokens of a data folder are.
const TokensFile = "tokens.json"

// tokensFresh is for how long the file of tokens is not looked at again: less
// than it takes to start the program that asks next.
const tokensFresh = time.Millisecond

// gate opens the gate of the tokens in the data folder. A server that others
// can reach does not start without a token.
func (f *ListenOptions) gate(addr, data string, issuer access.Issuer) (*access.Gate, error) {
	trusting := f.alone(addr) && issuer == nil
	file, where := f.Tokens, "--tokens "+f.Tokens
	if file == "" {
		file, where = filepath.Join(data, TokensFile), "--data "+data
	}
	gate, err := access.Open(access.Options{File: file, Clock: time.Now, Fresh: tokensFresh, Public: commaList(f.Public), Trusting: trusting, Issuer: issuer})
	if err != nil || trusting || issuer != nil {
		return gate, err
	}
	usable, err := gate.HasTokens()
	if err == nil && !usable {
		err = cli.Usage("--addr %s can be reached by others, but there is no token yet: create one with summit token add %s --name NAME --desk /desks/NAME --role operator", addr, where)
	}
	return gate, err
}

// listener returns a listener, with TLS if there is a certificate.
func (f *ListenOptions) listener(l net.Listener, again *reloads) (net.Listener, error) {
	if f.Cert == "" {
		return l, nil
	}
	pair, err := keys.OpenCertificate(f.Cert, f.Key)
	if err != nil {
		return nil, err
	}
	again.add("TLS certificate", pair.Reload)
	return newHandshaker(l, pair.Config()), nil
}

// scheme is how clients speak to the server.
func (f *ListenOptions) scheme() string {
	if f.Cert == "" {
		return "http"
	}
	return "https"
}
