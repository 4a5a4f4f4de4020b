package main

import (
	"flag"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// reachFlags say who can reach the server, and what of it anybody may read.
type reachFlags struct {
	public    string
	tokens    string
	cert, key string
	proxied   bool
}

func (f *reachFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.public, "public", "", "comma list of the summits that anybody may read once there are tokens; * is all")
	fs.StringVar(&f.tokens, "tokens", "", "file of the tokens; DIR/"+tokensFile+" where not given. Several replicas may read one: a change holds at once in all")
	fs.StringVar(&f.cert, "tls-cert", "", "PEM file of the certificate for HTTPS; it is read again when it is replaced")
	fs.StringVar(&f.key, "tls-key", "", "PEM file of its key")
	fs.BoolVar(&f.proxied, "behind-proxy", false, "a proxy on the way speaks TLS with clients: anybody may come, and tokens are asked for")
}

func (f *reachFlags) check(addr string) error {
	if (f.cert == "") != (f.key == "") {
		return usage("--tls-cert and --tls-key go together")
	}
	inside, err := isLoopback(addr)
	if err != nil {
		return usage("--addr %q: %v", addr, err)
	}
	if !inside && f.cert == "" && !f.proxied {
		return usage("--addr %s can be reached by others: give --tls-cert and --tls-key, or --behind-proxy where a proxy on the way speaks TLS; tokens must not be sent in the clear", addr)
	}
	return nil
}

// alone says whether this machine alone can reach an address: nobody is then
// asked for a token until there is one.
func (f *reachFlags) alone(addr string) bool {
	inside, err := isLoopback(addr)
	return err == nil && inside && !f.proxied
}

// gate opens the gate of the tokens in the data folder. A server that others
// can reach does not start without a token.
func (f *reachFlags) gate(addr, data string) (*access.Gate, error) {
	var public []string
	for id := range strings.SplitSeq(f.public, ",") {
		if id = strings.TrimSpace(id); id != "" {
			public = append(public, id)
		}
	}
	file, where := f.tokens, "--tokens "+f.tokens
	if file == "" {
		file, where = filepath.Join(data, tokensFile), "--data "+data
	}
	gate, err := access.Open(access.Options{File: file, Clock: time.Now, Public: public, Trusting: f.alone(addr)})
	if err != nil || f.alone(addr) {
		return gate, err
	}
	usable, err := gate.Any()
	if err == nil && !usable {
		err = usage("--addr %s can be reached by others, and there is no token yet: make one with: summit token add %s --name NAME --desk /desks/NAME --role operator", addr, where)
	}
	return gate, err
}

// listener speaks TLS where there is a certificate.
func (f *reachFlags) listener(l net.Listener) (net.Listener, error) {
	if f.cert == "" {
		return l, nil
	}
	pair, err := openKeyPair(f.cert, f.key)
	if err != nil {
		return nil, err
	}
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
