package ingest

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// secretNames are the names of parameters that hold a secret.
var secretNames = regexp.MustCompile(`(?i)(api_?-?key|token|secret|passw(or)?d|signature|credential)|(^|[_.-])(key|auth|authorization|pass|pwd|sig|jwt|session|sessionid)([_.-]|$)`)

// withoutSecrets returns an address without its user, its fragment and the
// parameters that hold secrets. It names the same feed when they change.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	var kept []string
	for _, pair := range pairs(u.RawQuery) {
		name, _, valued := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && (!valued || !secretNames.MatchString(plain)) {
			kept = append(kept, pair)
		}
	}
	u.RawQuery, u.ForceQuery = strings.Join(kept, "&"), false
	return u.String()
}

// otherScheme is the same address over https instead of http, and the other way
// round: sites move from one to the other.
func otherScheme(address string) string {
	if rest, is := strings.CutPrefix(address, "https:"); is {
		return "http:" + rest
	}
	return "https:" + strings.TrimPrefix(address, "http:")
}

// Shown returns an address as people may see it, in messages and logs: without
// a user, and with no value of its query, of which anyone may be a secret.
func Shown(address string) string {
	if !strings.Contains(address, "://") {
		return address // a path
	}
	u, err := url.Parse(address)
	if err != nil {
		return "the address given"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, Opaque: u.Opaque}
	if u.RawQuery == "" {
		return shown.String()
	}
	return shown.String() + "?…"
}

// public returns a link of a feed that was read at an address without the
// secrets that the address holds: some feeds repeat them in their links.
func public(link, address string) string {
	u, err := url.Parse(link)
	from, fromErr := url.Parse(address)
	if err != nil || u.Host == "" {
		return link
	}
	var secret []string
	if fromErr == nil {
		for _, pair := range pairs(from.RawQuery) {
			if name, _, _ := strings.Cut(pair, "="); secretNames.MatchString(name) {
				secret = append(secret, pair)
			}
		}
	}
	if u.User == nil && len(secret) == 0 {
		return link
	}
	u.User = nil
	u.RawQuery = strings.Join(slices.DeleteFunc(pairs(u.RawQuery), func(pair string) bool { return slices.Contains(secret, pair) }), "&")
	return u.String()
}

func pairs(query string) []string {
	return strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == ';' })
}

// webURL is a link if it is one that an event takes, without the secrets of
// whoever read it; else "".
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || key(s) != s {
		return ""
	}
	if s = public(s, ""); utf8.RuneCountInString(s) > 2000 {
		return ""
	}
	return s
}

// hostOf is the host of an address, or "" if it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// readable is the part of a key that people know: the end of a path.
func readable(key string) string {
	u, err := url.Parse(key)
	if err != nil || u.Path == "" || u.Path == "/" {
		return key
	}
	return path.Base(u.Path)
}

// random is a value that looks like a secret: long, of letters and digits.
var random = regexp.MustCompile(`=[A-Za-z0-9_.~%+/-]{16,}`)

// shownIdentity is an identity as people may see it.
func shownIdentity(identity string) string {
	if !strings.Contains(identity, "://") {
		return identity
	}
	return random.ReplaceAllString(withoutSecrets(identity), "=…")
}
