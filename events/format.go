package events

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	_ "time/tzdata" // zone names mean the same on every machine

	"github.com/google/uuid"
)

func checkFormat(format, v string) error {
	switch format {
	case "slug":
		if !IsSlug(v) {
			return fmt.Errorf("must be %s, not %q", slugRule, clip(v))
		}
	case "zone":
		return checkZone(v)
	case "url":
		return checkURL(v)
	case "lang":
		return checkLang(v)
	case "icao":
		return checkICAO(v)
	case "json":
		return CheckJSONType(v)
	case "uuid":
		if _, err := uuid.Parse(v); err != nil || len(v) != 36 {
			return fmt.Errorf("must be a UUID such as 0198a9f2-7c1e-7000-8000-000000000001, not %q", clip(v))
		}
	}
	return nil
}

// zones caches the names of valid zones, of which there are some hundreds:
// looking one up reads a file.
var zones sync.Map

func checkZone(v string) error {
	if _, known := zones.Load(v); known {
		return nil
	}
	if v == "Local" || strings.ContainsAny(v, `\.`) || strings.Contains(v, "//") {
		return fmt.Errorf("%q is not an IANA time zone", clip(v))
	}
	if _, err := time.LoadLocation(v); err != nil {
		return fmt.Errorf("%q is not an IANA time zone: expected a name such as America/Anchorage", clip(v))
	}
	zones.Store(v, true)
	return nil
}

func checkURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("must be an http or https URL")
	}
	return nil
}

func checkICAO(v string) error {
	if len(v) != 4 {
		return fmt.Errorf("must be four capital letters, such as PAED")
	}
	for i := range len(v) {
		if c := v[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return fmt.Errorf("must be four capital letters, such as PAED")
		}
	}
	return nil
}
