package server

import (
	"net/http"
	"net/url"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/issuer"
)

// OIDCOptions name an OpenID Connect issuer whose tokens are taken beside the
// server's own.
type OIDCOptions struct{ Issuer, Audience, Roles string }

func (f *OIDCOptions) check() error {
	if f.Issuer == "" && f.Audience == "" && f.Roles == "" {
		return nil
	}
	if f.Issuer == "" || f.Audience == "" || f.Roles == "" {
		return cli.Usage("--oidc-issuer, --oidc-audience and --oidc-roles must be given together")
	}
	u, err := url.Parse(f.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !broker.LoopbackHost(u.Hostname())) {
		return cli.Usage("--oidc-issuer %q must begin with https://: its keys must not be fetched in the clear", f.Issuer)
	}
	return nil
}

// askFor is how long the issuer may take to answer.
const askFor = 5 * time.Second

// open returns the issuer, or nil if none is configured.
func (f *OIDCOptions) open() access.Issuer {
	if f.Issuer == "" {
		return nil
	}
	return issuer.New(issuer.Options{URL: f.Issuer, Audience: f.Audience, Claim: f.Roles, Clock: time.Now, Client: &http.Client{Timeout: askFor}})
}
