package main

import (
	"flag"
	"net/http"
	"net/url"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/issuer"
)

// loginFlags name an OpenID Connect issuer whose tokens are taken beside the
// server's own.
type loginFlags struct{ issuer, audience, roles string }

func (f *loginFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.issuer, "oidc-issuer", "", "URL of the OpenID Connect issuer whose tokens (JWT) are taken too")
	fs.StringVar(&f.audience, "oidc-audience", "", "what its tokens must be for (aud)")
	fs.StringVar(&f.roles, "oidc-roles", "", "claim that says what the bearer may do here, as summit:ROLE:DESK:SUMMITS, such as summit:recorder:/desks/anchorage:alaska-2025; in a claim, by a path such as realm_access.roles")
}

func (f *loginFlags) check() error {
	if f.issuer == "" && f.audience == "" && f.roles == "" {
		return nil
	}
	if f.issuer == "" || f.audience == "" || f.roles == "" {
		return usage("--oidc-issuer, --oidc-audience and --oidc-roles go together")
	}
	u, err := url.Parse(f.issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname())) {
		return usage("--oidc-issuer %q is no URL that begins with https://: its keys must not be given out in the clear", f.issuer)
	}
	return nil
}

// askFor is how long the issuer may take to answer.
const askFor = 5 * time.Second

// open gives the issuer; nil where none is named.
func (f *loginFlags) open() access.Issuer {
	if f.issuer == "" {
		return nil
	}
	return issuer.New(issuer.Options{URL: f.issuer, Audience: f.audience, Claim: f.roles, Clock: time.Now, Client: &http.Client{Timeout: askFor}})
}
