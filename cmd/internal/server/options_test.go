package server

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// misused reports whether an error is one of wrong usage that names a flag.
func misused(err error, flag string) bool {
	var exit *cli.ExitError
	return errors.As(err, &exit) && exit.Code == cli.Misused && strings.Contains(err.Error(), flag)
}

// A server that others can reach uses TLS, itself or at a proxy that is named.
func TestWhereAServerMayListen(t *testing.T) {
	for name, c := range map[string]struct {
		addr string
		o    ListenOptions
		flag string // of the error; "" is fine
	}{
		"this machine":             {"127.0.0.1:8080", ListenOptions{}, ""},
		"this machine by name":     {"localhost:8080", ListenOptions{}, ""},
		"this machine, IPv6":       {"[::1]:8080", ListenOptions{}, ""},
		"everybody":                {":8080", ListenOptions{}, "--addr"},
		"everybody, by number":     {"0.0.0.0:8080", ListenOptions{}, "--addr"},
		"everybody, over TLS":      {":8080", ListenOptions{Cert: "c", Key: "k"}, ""},
		"everybody, by a proxy":    {":8080", ListenOptions{Proxy: "10.0.0.1"}, ""},
		"no port":                  {"127.0.0.1", ListenOptions{}, "--addr"},
		"half a pair":              {"127.0.0.1:8080", ListenOptions{Cert: "c"}, "--tls-key"},
		"a proxy by name":          {":8080", ListenOptions{Proxy: "proxy.example"}, "--proxy"},
		"one proxy of two":         {":8080", ListenOptions{Proxy: "10.0.0.1, 10.0.0.300"}, "--proxy"},
		"a network that is none":   {":8080", ListenOptions{Proxy: "10.0.0.0/33"}, "--proxy"},
		"any origin":               {"127.0.0.1:8080", ListenOptions{CORS: "*"}, ""},
		"an origin":                {"127.0.0.1:8080", ListenOptions{CORS: "https://news.example"}, ""},
		"an origin with a path":    {"127.0.0.1:8080", ListenOptions{CORS: "https://news.example/x"}, "--cors"},
		"an origin and a half one": {"127.0.0.1:8080", ListenOptions{CORS: "https://news.example, news.example"}, "--cors"},
	} {
		if err := c.o.check(c.addr); (err == nil) != (c.flag == "") || err != nil && !misused(err, c.flag) {
			t.Errorf("%s: %v, want %s", name, err, c.flag)
		}
	}
	o := ListenOptions{Proxy: " 10.1.2.3/8 ,::1,, 192.0.2.7 "}
	if err := o.check(":8080"); err != nil {
		t.Fatal(err)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.0.2.7/32")}
	if !slices.Equal(o.proxies, want) {
		t.Errorf("%v", o.proxies)
	}
}

// A server trusts every client only if nobody but this machine can reach it, and only
// while there is no token and no issuer.
func TestWhoIsTrustedWithoutAToken(t *testing.T) {
	whole := func(o ListenOptions, addr string, issuer access.Issuer) (bool, error) {
		data := t.TempDir()
		if err := o.check(addr); err != nil {
			t.Fatal(err)
		}
		gate, err := o.gate(addr, data, issuer)
		if err != nil {
			return false, err
		}
		who, err := gate.Anonymous()
		return who.Can(access.Operate, ""), err
	}
	oidc := (&OIDCOptions{Issuer: "https://login.example", Audience: "summit", Roles: "groups"}).open()
	for name, c := range map[string]struct {
		o       ListenOptions
		addr    string
		issuer  access.Issuer
		trusted bool
		refused bool
	}{
		"this machine":                   {ListenOptions{}, "127.0.0.1:8080", nil, true, false},
		"this machine, behind a proxy":   {ListenOptions{Proxy: "127.0.0.1"}, "127.0.0.1:8080", nil, false, true},
		"this machine, with an issuer":   {ListenOptions{}, "127.0.0.1:8080", oidc, false, false},
		"everybody":                      {ListenOptions{Cert: "c", Key: "k"}, ":8080", nil, false, true},
		"everybody, with an issuer":      {ListenOptions{Cert: "c", Key: "k"}, ":8080", oidc, false, false},
		"everybody, and all is public":   {ListenOptions{Cert: "c", Key: "k", Public: "*"}, ":8080", nil, false, true},
		"another file that is not there": {ListenOptions{Tokens: filepath.Join(t.TempDir(), "away.json")}, "127.0.0.1:8080", nil, true, false},
	} {
		got, err := whole(c.o, c.addr, c.issuer)
		if got != c.trusted || (err != nil) != c.refused || err != nil && !misused(err, "summit token add") {
			t.Errorf("%s: trusted %v, %v", name, got, err)
		}
	}
	file := filepath.Join(t.TempDir(), TokensFile)
	if err := access.Add(file, access.Token{Name: "old", Desk: "/d", Role: access.Operator, Expires: time.Now().Add(-time.Hour)}, "secret"); err != nil {
		t.Fatal(err)
	}
	if got, err := whole(ListenOptions{Tokens: file, Cert: "c", Key: "k"}, ":8080", nil); err == nil {
		t.Errorf("a token that has expired is one: %v", got)
	}
	if got, err := whole(ListenOptions{Tokens: file}, "127.0.0.1:8080", nil); err != nil || got {
		t.Errorf("there was a token, and anybody is trusted: %v, %v", got, err)
	}
	if err := os.WriteFile(file, []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := whole(ListenOptions{Tokens: file}, "127.0.0.1:8080", nil); err == nil {
		t.Errorf("a damaged file lets in: %v", got)
	}
}

func TestLimitsAndIssuersThatMakeSense(t *testing.T) {
	for flag, o := range map[string]LimitOptions{"--rate": {Rate: "many"}, "--max-connections": {Connections: -1}, "--max-connections-per-address": {PerAddress: -1}} {
		if err := o.check(); !misused(err, flag) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for rate, bounded := range map[string]bool{"": true, RateAuto: true, rateOff: false, "5/s": true} {
		o := LimitOptions{Rate: rate}
		rates, err := o.rates()
		if errors.Join(err, o.check()) != nil || (rates != nil) != bounded {
			t.Errorf("%q: %v, %v", rate, rates, err)
		}
	}
	if c := (&LimitOptions{Connections: 1 << 30}).connections(nil, slog.New(slog.DiscardHandler)); c == nil || c.Refused() != 0 {
		t.Errorf("%v", c)
	}
	for issuer, fine := range map[string]bool{
		"": true, "https://login.example": true, "http://127.0.0.1:9000/realm": true, "http://localhost": true, "http://login.example": false, "login.example": false, "https://": false, "ftp://login.example": false,
	} {
		o := OIDCOptions{Issuer: issuer, Audience: "summit", Roles: "groups"}
		if issuer == "" {
			o = OIDCOptions{}
		}
		if err := o.check(); (err == nil) != fine || err != nil && !misused(err, "--oidc-issuer") || (o.open() != nil) != (issuer != "") {
			t.Errorf("%q: %v", issuer, err)
		}
	}
	if err := (&OIDCOptions{Audience: "summit"}).check(); !misused(err, "must be given together") {
		t.Error(err)
	}
	for from, fine := range map[string]bool{"": true, "http://replica:8080": true, "https://replica": true, t.TempDir(): true, "/nowhere/at/all": false, "replica:8080": false} {
		o := BootstrapOptions{From: from}
		if err := o.check(); (err == nil) != fine || err != nil && !misused(err, "--snapshot-from") {
			t.Errorf("%q: %v", from, err)
		}
	}
}
